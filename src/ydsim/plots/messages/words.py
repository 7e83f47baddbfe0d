"""Words that several figures share."""

MESSAGES = {
    "words.one_replicate": "One replicate (n\u00a0=\u00a01, no interval)",
    "words.mean_of": "Mean of n\u00a0=\u00a0{n} replicates",
    "words.more": "and {n} more",
}
