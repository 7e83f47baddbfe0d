"""Words of the figure of the channels of a policy."""

from __future__ import annotations

MESSAGES: dict[str, str] = {
    "decomposition.more": "All channels of {policy} do more than the sum of each: {outcomes}",
    "decomposition.less": "All channels of {policy} do less than the sum of each: {outcomes}",
    "decomposition.both": "All channels of {policy} do more than the sum: {more}; less: {less}",
    "decomposition.adds_up": "The effect of {policy} on {outcome} is mostly that of {part}",
    "decomposition.includes_zero": "No channel of {policy} can be told from chance",
    "decomposition.one": "One replicate: what the channels of {policy} do cannot be told",
    "decomposition.explanation": (
        "{policy} in {scenario}, {place}, {first}-{last}. Bars: change by each channel alone, "
        "against the run without the policy; below the line all together, the sum of each alone, "
        "and their difference. Whiskers: {whiskers}. Filled: beyond zero when all {tests} tests "
        "are counted (Holm); pale: may be chance. Whiskers that reach an edge go on."
    ),
    "decomposition.interval": "95 % intervals, n = {n} replicates of the same draws",
    "decomposition.one_replicate": "none, one replicate",
    "decomposition.region": "the region",
    "decomposition.per_cent": "change in per cent",
    "decomposition.points": "change in percentage points",
    "decomposition.other": "change in {unit}",
    "decomposition.goods": "goods",
    "decomposition.exposure": "exposure",
    "decomposition.joint_work": "joint work",
    "decomposition.hand_over": "hand-overs",
    "decomposition.talent": "researchers",
    "decomposition.knowledge": "knowledge",
    "decomposition.rivalry": "rivalry",
    "decomposition.cost": "running cost",
    "decomposition.together": "all together",
    "decomposition.sum": "sum of each",
    "decomposition.interaction": "interaction",
}
