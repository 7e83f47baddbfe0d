"""Words that several figures share."""

MESSAGES = {
    "words.and_list": "{before} and {last}",
    "words.one_replicate": "One replicate (n\u00a0=\u00a01, no interval)",
    "words.mean_of": "Mean of n\u00a0=\u00a0{n} replicates",
    "words.more": "and {n} more",
}
