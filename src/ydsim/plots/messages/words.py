"""Words that several figures share."""

MESSAGES = {
    "words.and_list": "{before} and {last}",
    "words.one_replicate": "One replicate (n = 1, no interval)",
    "words.mean_of": "Mean of n = {n} replicates",
    "words.more": "and {n} more",
}
