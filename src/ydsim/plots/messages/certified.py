"""Certified high-technology enterprises by province."""

MESSAGES = {
    "certified.name": "the number of certified firms",
    "certified.remark": "Official stocks are derived from recognitions of three years.",
}
