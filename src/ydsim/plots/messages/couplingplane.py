"""Words of the plane of coupling and development."""

MESSAGES = {
    "couplingplane.title": (
        "Coordination of technology and industry in {year}: {best} {high}, {worst} {low}; {gap}"
    ),
    "couplingplane.gap.narrows": "the gap narrows since {since}",
    "couplingplane.gap.widens": "the gap widens since {since}",
    "couplingplane.gap.stays": "the gap is as in {since}",
    "couplingplane.gap.unsure": "no sure change of the gap since {since}",
    "couplingplane.plain": "Coordination of technology and industry, {years}",
    "couplingplane.explanation": (
        "Paths of provinces over the years. Right: the scores of technology and industry are more "
        "equal (C, modified form); up: they are higher (T, 1: the best official value of "
        "2011\u20132020). Grey lines: equal coordination D, the root of C times T. {how}."
    ),
    "couplingplane.official": "Dotted: official figures.",
    "couplingplane.x": "coupling C, modified form (1: both scores equal)",
    "couplingplane.y": "development T (mean of both scores)",
    "couplingplane.level": "D = {level}",
    "couplingplane.date": "{year} {name}",
    "couplingplane.table": "Coordination D, {year}",
    "couplingplane.range": "{value} ({low} to {high})",
    "couplingplane.class.0": "extreme disorder",
    "couplingplane.class.1": "serious disorder",
    "couplingplane.class.2": "moderate disorder",
    "couplingplane.class.3": "mild disorder",
    "couplingplane.class.4": "verge of disorder",
    "couplingplane.class.5": "barely coordinated",
    "couplingplane.class.6": "primary coordination",
    "couplingplane.class.7": "intermediate coordination",
    "couplingplane.class.8": "good coordination",
    "couplingplane.class.9": "high-quality coordination",
    "couplingplane.key.first": "hollow sign: first year",
    "couplingplane.key.last": "filled sign: last year",
    "couplingplane.key.official": "dotted: official figures",
}
