"""Several scenarios on one axis: refusals, and names that tell them apart."""

MESSAGES = {
    "scenarios.none": "{figure}: give results to draw",
    "scenarios.places": "{a} and {b} have other provinces: they do not fit on one axis",
    "scenarios.one_year": "{figure} over time needs two years, there is only {year}",
    "scenarios.no_year": "{figure}: no year is common to all of these results",
    "scenarios.seed": "{name}, seed {seed}",
    "scenarios.number": "{name} #{number}",
}
