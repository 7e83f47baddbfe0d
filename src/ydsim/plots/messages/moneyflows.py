"""Words of the figure of money that flows between sectors."""

MESSAGES = {
    "moneyflows.title": (
        "Of payments between sectors in {year}, {pays}\u00a0% come from {payer} and "
        "{receives}\u00a0% go to {receiver}"
    ),
    "moneyflows.explanation": (
        "Payments between sectors in the year, 100 million RMB, current prices, at scale 1: "
        "{amount}. The colour is that of the payer. Left out: {left_out} that households and "
        "product markets pay or receive (wages, profits, general taxes and spending). {how}."
    ),
    "moneyflows.total": "{total} in all",
    "moneyflows.total_interval": "{total} in all (95\u00a0% interval {low} to {high})",
    "moneyflows.head.payer": "who pays",
    "moneyflows.head.receiver": "who receives",
    "moneyflows.head.province": "where",
    "moneyflows.sector.firms": "firms",
    "moneyflows.sector.universities": "universities",
    "moneyflows.sector.institutes": "institutes",
    "moneyflows.sector.central": "central government",
    "moneyflows.sector.provinces": "provinces",
    "moneyflows.sector.cities": "cities",
    "moneyflows.sector.intermediaries": "intermediaries",
    "moneyflows.sector.media": "media",
    "moneyflows.sector.outside": "rest of the nation",
    "moneyflows.sentence.central": "the central government",
    "moneyflows.sentence.outside": "the rest of the nation",
}
