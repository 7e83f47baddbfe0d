"""Words of the figure of inequality between cities."""

MESSAGES = {
    "inequality.title": "{moves}, {years}; {share}\u00a0% of it lies between provinces",
    "inequality.moves.falls": "Inequality of {what} per resident falls from {first} to {last}",
    "inequality.moves.rises": "Inequality of {what} per resident rises from {first} to {last}",
    "inequality.moves.same": (
        "Inequality of {what} per resident stays about the same ({first}, then {last})"
    ),
    "inequality.moves.unsure": (
        "Inequality of {what} per resident shows no sure change ({first}, then {last})"
    ),
    "inequality.explanation": (
        "{what} per resident of the cities. Theil's index (cities weighted by residents) is the "
        "sum of a part within provinces and one between them; the Gini coefficient (cities alike) "
        "also has a part from the overlap of provinces. Zero: all cities alike. Theil's index "
        "changes by {change}. {how}."
    ),
    "inequality.bars": "Bars: 95\u00a0% intervals of the mean.",
    "inequality.residents": "After {year} with the residents of {year}.",
    "inequality.change": "{value}",
    "inequality.change_interval": "{value} (95\u00a0% interval {low} to {high})",
    "inequality.head.theil": "Theil's index",
    "inequality.unit.theil": "parts within and between provinces",
    "inequality.head.gini": "Gini coefficient",
    "inequality.unit.gini": "parts by Dagum",
    "inequality.part.within": "within",
    "inequality.part.between": "between",
    "inequality.part.overlap": "overlap",
}
