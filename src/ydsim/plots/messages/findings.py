"""Parts of titles: changes over time, and differences of scenarios."""

MESSAGES = {
    "findings.fold_verb": "grows {times}-fold",
    "findings.fold_plain": "up {times}-fold",
    "findings.grows_verb": "grows by {percent}\u00a0%",
    "findings.grows_plain": "up {percent}\u00a0%",
    "findings.falls_verb": "falls by {percent}\u00a0%",
    "findings.falls_plain": "down {percent}\u00a0%",
    "findings.same_verb": "stays the same",
    "findings.same_plain": "unchanged",
    "findings.from_to_verb": "goes from {first} to {last}",
    "findings.from_to_plain": "from {first} to {last}",
    "findings.as_percent": "{value}\u00a0%",
    "findings.unpaired": "other seeds or scales, so not tested",
    "findings.no_pairs": "no replicate in common",
    "findings.same_one": "the same in one replicate",
    "findings.no_difference": "no difference beyond chance",
    "findings.interval": (
        "The difference is held against its 95\u00a0% interval over n\u00a0=\u00a0{n} pairs of "
        "replicates."
    ),
    "findings.one": "{value} in one replicate",
}
