"""What bars and whiskers are."""

MESSAGES = {
    "bars.one_replicate": "Bars: one simulated replicate (n\u00a0=\u00a01, no interval).",
    "bars.range": "Bars: simulated mean; whiskers: range of n\u00a0=\u00a0{n} replicates.",
    "bars.central": (
        "Bars: simulated mean; whiskers: central {percent}\u00a0% of n\u00a0=\u00a0{n} replicates."
    ),
}
