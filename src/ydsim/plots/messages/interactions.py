"""Words of the figure of groups alone and together."""

from __future__ import annotations

MESSAGES: dict[str, str] = {
    "interactions.more": "Together more than the sum: {outcomes}",
    "interactions.less": "Together less than the sum: {outcomes}",
    "interactions.both": "Together more than the sum: {more}; less: {less}",
    "interactions.null": (
        "No resonance shown: all together differ from the sum by no more than chance"
    ),
    "interactions.untold": "One replicate: whether groups resonate cannot be told",
    "interactions.explanation": (
        "{groups} groups of policies on and off in {cells}. Bars: part of a group in the effect of "
        "all, by Shapley's rule; rings: effect of the group alone. Below the line the sum of all "
        "rings and of all bars. Whiskers: {whiskers}. Per cent of the outcome with no group on."
    ),
    "interactions.interval": "95 % intervals, n = {n} replicates of the same draws",
    "interactions.one": "none, one replicate",
    "interactions.run": "all combinations",
    "interactions.half": "half of all combinations, where no three groups are taken to interact",
    "interactions.unit": "S = {s}; difference {excess} %",
    "interactions.undefined": "S undefined; difference {excess} %",
    "interactions.sum": "sum of each alone",
    "interactions.all": "all together",
    "interactions.key_part": "part in the effect of all",
    "interactions.key_alone": "group alone",
}
