"""Lines over time."""

MESSAGES = {
    "lines.name": "lines",
    "lines.known": "known",
    "lines.no_indicator": "there is no indicator {name!r} in these results{near}",
    "lines.no_region": "there is no region {name!r} in these results{near}",
    "lines.not_recorded": "{name} was not recorded",
    "lines.unit": "{name}, {unit}",
    "lines.unit_of": "{name}, {unit}, {place}",
    "lines.whole": "whole region",
    "lines.points": "Points: official figures.",
    "lines.official_end": "official data end",
    "lines.means": "Lines: simulated means of n\u00a0=\u00a0{n} replicates; bands: their spread.",
    "lines.no_bands": (
        "Lines: simulated means of n\u00a0=\u00a0{n} replicates; with more than {most} scenarios "
        "no bands are drawn."
    ),
    "lines.what_of": "{what}, {place}",
    "lines.title_change": "{what}: {change} from {first} to {last}",
    "lines.title_level": "{what}: {begin} in {first}, {end} in {last}",
    "lines.leader": "; {leader} has {share}\u00a0%",
    "lines.highest": "; highest in {leader}, {value}",
    "lines.title_two": "{what} in {last}: {value_a} in {a}, {value_b} in {b}",
    "lines.title_several": "{what} in {last}: from {low} ({lowest}) to {high} ({highest})",
    "lines.title_alike": "{what} in {last}: {value} in all scenarios alike",
    "lines.title_unknown": "{what}: no value in {last}",
}
