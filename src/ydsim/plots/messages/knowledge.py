"""Knowledge of the provinces by field."""

MESSAGES = {
    "knowledge.name": "knowledge",
    "knowledge.title": (
        "{leader} knows most in {leads} of {n} fields in {last}; the gap between the first and the "
        "last province is {end}, after {begin} in {first} (logarithms)"
    ),
    "knowledge.title_one": "Knowledge rises by {change} (logarithms) from {first} to {last}",
    "knowledge.explanation": (
        "Knowledge is a logarithm; zero is the mean organisation of the field at the same time in "
        "a run without policies. Shown is the mean of the organisations of a province at the end "
        "of the year, weighted by researchers. The gap is the mean over fields."
    ),
}
