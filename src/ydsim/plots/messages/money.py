"""Who pays whom."""

MESSAGES = {
    "money.title": (
        "Of the money that changes hands in {year}, {share}\u00a0% is paid by {payer}; "
        "the largest flow is {flow} ({amount})"
    ),
    "money.explanation": (
        "Money that changes hands in the year, 100 million RMB at current prices, by sector. "
        "Economy: households, product markets and everything else outside the model; outside: the "
        "rest of the nation in technology trade."
    ),
    "money.payer.economy": "the rest of the economy",
    "money.payer.central": "the central government",
    "money.payer.outside": "the rest of the nation",
    "money.all": "All payments",
    "money.matrix": "row pays column, 100 million RMB a year",
    "money.largest": "The {n} largest flows",
    "money.unit": "100 million RMB a year",
    "money.small": "< 0.1",
    "money.flow": "{payer} \u2192 {receiver}: {purpose}",
    "money.nothing": "the ledger holds no payment of the last year",
}
