"""Words of the figure of firms that adopt earlier or later because of a policy."""

MESSAGES = {
    "adoption_gains.title": (
        "With {policy}, {earlier:,} firms adopt earlier on the whole and {later:,} later"
    ),
    "adoption_gains.explanation": (
        "Firms whose adoptions differ with and without the policy, under the same draws, by the "
        "quarters that they gain over all generations; replicates together."
    ),
    "adoption_gains.axis": "quarters gained",
    "adoption_gains.firms": "firms of the sample",
}
