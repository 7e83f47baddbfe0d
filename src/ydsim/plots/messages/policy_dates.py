"""Dates of policies over axes of years."""

MESSAGES = {
    "policy_dates.item": "{name} {year}",
    "policy_dates.end": "end of {name}",
    "policy_dates.governance": "borders: {mode}",
    "policy_dates.listed": (
        "Dotted lines: policies begin ({items}); the value of a year stands in its middle."
    ),
    "policy_dates.more": "{n} more",
    "policy_dates.named": "Dotted lines: policies begin; the value of a year stands in its middle.",
    "policy_dates.nameless": (
        "Dotted lines: policies begin; {n} dates have no room for a name; the value of a year "
        "stands in its middle."
    ),
    "policy_dates.in_force": "Policies in force at the end of {year}: {names}.",
    "policy_dates.none_in_force": "No policy is in force at the end of {year}.",
}
