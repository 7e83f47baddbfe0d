"""Passports of technology generations as a flow."""

MESSAGES = {
    "passports.title": (
        "{percent}\u00a0% of the steps from stage to stage cross a provincial border, most often "
        "from {a} to {b}"
    ),
    "passports.title_none": "No project crosses a provincial border between research and launch",
    "passports.explanation": (
        "The projects that founded the technology generations of the region, stage by stage: width "
        "of a ribbon: projects; its colour: who did the stage at its left; strong ribbons change "
        "the province (a) or the kind of organisation (b)."
    ),
    "passports.one_replicate": "One simulated replicate (n\u00a0=\u00a01, no interval).",
    "passports.mean": "Mean of n\u00a0=\u00a0{n} replicates.",
    "passports.range": (
        "Mean of n\u00a0=\u00a0{n} replicates, in single ones {low} to {high}\u00a0% of the steps "
        "cross a border."
    ),
    "passports.provinces": "Province",
    "passports.kinds": "Kind of organisation",
    "passports.provinces_step": "{percent}\u00a0% cross",
    "passports.kinds_step": "{percent}\u00a0% change",
    "passports.unit": "per cent of {n} projects at the first and at the last stage",
    "passports.elsewhere": "elsewhere or skipped",
    "passports.nothing": "no stage of a generation has a passport",
}
