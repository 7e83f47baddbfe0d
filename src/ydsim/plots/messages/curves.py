"""What is said when there are no adoption curves."""

MESSAGES = {
    "curves.none": "no generation was founded early enough to be followed",
}
