"""Adoption curves."""

MESSAGES = {
    "adoption.name": "adoption curves",
    "adoption.unit": "adopters, per cent of the firms that can use the technology",
    "adoption.age": "years since founding",
    "adoption.half": "half of the firms",
    "adoption.t50": "t50 {years} y",
    "adoption.half_time": "t50 {years} y; {share}\u00a0% reach half",
    "adoption.reach_half": "{share}\u00a0% reach half",
    "adoption.end": "{name} {share}\u00a0%",
    "adoption.key_median": "median generation",
    "adoption.key_quartiles": "middle half of the generations",
    "adoption.key_half": "t50: the median reaches half of the firms",
    "adoption.key_outside": "founded outside: median",
    "adoption.title_half": (
        "Half of the firms that can use a typical technology have adopted it after {years} "
        "in {fast}, after {longer} in {slow}"
    ),
    "adoption.title_half_same": (
        "Half of the firms that can use a typical technology have adopted it after {years}, in "
        "all provinces alike"
    ),
    "adoption.title_same": (
        "In its first {age} a typical technology is adopted by {share}\u00a0% of the firms "
        "that can use it, in all provinces alike"
    ),
    "adoption.title_one": (
        "In its first {age} a typical technology is adopted by {share}\u00a0% of the firms "
        "that can use it"
    ),
    "adoption.title_alike": (
        "In its first {age} a typical technology is adopted by {share}\u00a0% of the firms "
        "that can use it, in all scenarios alike"
    ),
    "adoption.title_range": (
        "In its first {age} a typical technology is adopted by {low}\u00a0% ({lagging}) "
        "to {high}\u00a0% ({leading}) of the firms that can use it"
    ),
    "adoption.title_two": (
        "In its first {age} a typical technology is adopted by {share_a}\u00a0% of the firms "
        "that can use it in {a}, {share_b}\u00a0% in {b}"
    ),
    "adoption.first_year": "year",
    "adoption.one_year": "{n} year",
    "adoption.years": "{n} years",
    "adoption.title_none": "No technology of the region was followed long enough to see it spread",
    "adoption.explanation": (
        "The {n} technology generations founded in the region in {years}; firms of its industry "
        "can use a generation. Above: medians of the provinces, and in grey the middle half of the "
        "generations in the whole region; below: the same of each province."
    ),
    "adoption.scenarios": (
        "The {n} technology generations that each scenario founded in the region in {years}; firms "
        "of its industry can use a generation. Above the whole region, below its provinces."
    ),
    "adoption.one_replicate": "One simulated replicate (n\u00a0=\u00a01, no interval).",
    "adoption.replicates": "Generations of all replicates together (n\u00a0=\u00a0{replicates}).",
    "adoption.retired": (
        "A retired generation, adopted by nearly all or too old, counts with its last value."
    ),
    "adoption.no_bands": "With more than {most} scenarios no bands are drawn.",
}
