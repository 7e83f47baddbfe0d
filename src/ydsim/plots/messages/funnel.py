"""The funnel: from research to launch."""

MESSAGES = {
    "funnel.name": "the funnel",
    "funnel.title": (
        "At the rates of {years}, {launched} of 100 projects that leave applied research are "
        "launched; the valley of death takes {lost}\u00a0% of the inventions that enter it"
    ),
    "funnel.title_two": (
        "Of 100 projects that leave applied research {n} are launched in {a}, {m} in {b}"
    ),
    "funnel.title_several": (
        "Of 100 projects that leave applied research {n} ({lowest}) to {m} ({highest}) are launched"
    ),
    "funnel.explanation": (
        "Projects that leave a stage, completed or lost, by kind of the organisation that began "
        "them (a\u2013c) and by partnership (d, e), yearly mean of {years}. The title multiplies "
        "the shares that go on at all stages; bars count what left in these years, while some "
        "projects are still under way."
    ),
    "funnel.scenarios": (
        "Projects of all organisations at the rates of {years}, the share of what leaves a stage "
        "that goes on, multiplied from stage to stage. Shaded: the valley of death, between "
        "invention and launch."
    ),
    "funnel.marks": "Marks: mean, lines: spread of n\u00a0=\u00a0{n} replicates.",
    "funnel.marks_one": "Marks: one simulated replicate (n\u00a0=\u00a01, no interval).",
    "funnel.ends": (
        "In brackets: projects that leave applied research in a year. At the bars: per cent that "
        "go on (a\u2013c), per cent lost and number of projects that leave the stage in a year "
        "(d, e)."
    ),
    "funnel.go_on": "go on (launch: launched)",
    "funnel.lost": "lost",
    "funnel.valley": "valley of death: between invention and launch",
    "funnel.per_hundred": "per 100 that leave applied research",
    "funnel.lead": "{lead} ({n} a year)",
    "funnel.losses": "lost, per cent of the projects that leave the stage",
    "funnel.percent": "{percent}\u00a0%",
    "funnel.of": "{percent}\u00a0% of {n}",
    "funnel.none": "none",
    "funnel.reach": "Projects that complete the stage",
    "funnel.reach_unit": "of 100 that leave applied research",
    "funnel.loses": "Projects lost",
    "funnel.loses_unit": "per cent of those that leave the stage",
}
