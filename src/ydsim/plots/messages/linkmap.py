"""Words of the map of links between cities."""

MESSAGES = {
    "linkmap.title": "{share}\u00a0% of {what} between cities cross provinces, {years}",
    "linkmap.explanation": (
        "Curves: the {n} strongest of {pairs} pairs of cities, {a}–{b} first, with {share}\u00a0% "
        "of {what} between cities{counted}. Across provinces less inside them, over all: {e_i}. "
        "{how}."
    ),
    "linkmap.nothing": "{what} join no two cities in {years}",
    "linkmap.number": ", as the model expects them at scale 1 (probabilities of agreeing, summed)",
    "linkmap.money": ", by value at scale 1",
    "linkmap.key.link": "Link",
    "linkmap.key.between": "between cities of",
    "linkmap.key.one": "one province",
    "linkmap.key.two": "two provinces",
    "linkmap.key.area": "area: links with other cities",
}
