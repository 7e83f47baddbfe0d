"""What lines and bands are, and what was not recorded."""

MESSAGES = {
    "ensemble.one_replicate": "Lines: one simulated replicate (n\u00a0=\u00a01, no interval).",
    "ensemble.range": "Lines: simulated mean; bands: range of n\u00a0=\u00a0{n} replicates.",
    "ensemble.central": (
        "Lines: simulated mean; bands: central {percent}\u00a0% of n\u00a0=\u00a0{n} replicates."
    ),
    "ensemble.no_series": "no series was recorded",
    "ensemble.not_recorded": "{names} were not recorded",
    "ensemble.table_not_recorded": "the table {table} was not recorded",
    "ensemble.table_empty": "the table {table} is empty",
    "ensemble.table_lacks": "the table {table} lacks {names}",
}
