"""Words of the figure of payoffs of opening and closing."""

MESSAGES = {
    "payoffs.closing": "Whatever the others do, closing pays for {names}",
    "payoffs.opening": "Whatever the others do, opening pays for {names}",
    "payoffs.both": "Whatever the others do, closing pays for {closing}, opening for {opening}",
    "payoffs.depends": "Whether closing pays depends on what the others do",
    "payoffs.everyone": "every province",
    "payoffs.unit": "per cent of its output with all open",
    "payoffs.open": "itself open",
    "payoffs.closed": "itself closed",
    "payoffs.axis": "other provinces that are closed",
    "payoffs.explanation": (
        "Mean yearly secondary value added of {years}, by how many other provinces are closed from "
        "{first} on, against all open; {spread}. Lines: mean of the cells."
    ),
    "payoffs.bars": (
        "bars: 95\u00a0% intervals of paired differences, n\u00a0=\u00a0{n} replicates"
    ),
    "payoffs.payoff": (
        "Payoff: mean yearly secondary value added of {years}, borders closed from {first} on."
    ),
    "payoffs.unsure": "{title}, by the means: not all of it is beyond chance",
}
