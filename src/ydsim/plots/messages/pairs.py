"""Words of the matrix of pairs of cities."""

MESSAGES = {
    "pairs.title": (
        "{city}\u00a0% of {what} are within a city, {province}\u00a0% between cities of one "
        "province, {across}\u00a0% between provinces, {years}"
    ),
    "pairs.explanation": (
        "Each cell: {what} of a pair of cities, {unit}, at scale 1; on the diagonal inside a city. "
        "Cities by province, those with most links first. Pairs below the scale have its palest "
        "colour. {how}."
    ),
    "pairs.e_i": "Between cities, across provinces less inside them, over all: {e_i}.",
    "pairs.key.none": "none",
    "pairs.key.block": "one province",
}
