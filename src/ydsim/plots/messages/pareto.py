"""Figures of a search of policies."""

MESSAGES = {
    "pareto.title.one": "Trial {trial} is best in every objective",
    "pareto.title.two": "From end to end of the front: {high} of {first}, {cost} of {second}",
    "pareto.title.many": "{front} of {trials} trials are compromises that no other beats",
    "pareto.about": "Gains over the scenario {scenario} as it is: {trials} trials by "
    "{sampler}, {cases} cases each, judged by the {risk}. Arrows: the better side. ",
    "pareto.whiskers": "Whiskers: as wide as the 95 % interval of a mean gain. ",
    "pareto.axis": "change in {name}, {unit} {arrow}",
    "pareto.trials": "other trials",
    "pareto.front": "front",
    "pareto.knee": "knee, trial {trial}",
    "pareto.base": "scenario as it is",
    "pareto.same": "{name} is the same in all trials",
    "pareto.footer": "scenario {scenario} \u00b7 {cases} cases \u00b7 seed {seed} \u00b7 "
    "scale {scale:g} \u00b7 hash {hash} \u00b7 ydsim {version}",
}
