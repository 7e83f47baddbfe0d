"""Words of the figure of money that flows between sectors."""

MESSAGES = {
    "moneyflows.title": (
        "{payer} pay {pays}\u00a0% and {receiver} receive {receives}\u00a0% of what sectors pay "
        "one another, {year}"
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
}
