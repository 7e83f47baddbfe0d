"""Words of the figure of groups alone and together."""

from __future__ import annotations

MESSAGES: dict[str, str] = {
    "resonance.more": "Together more than the sum: {outcomes}",
    "resonance.less": "Together less than the sum: {outcomes}",
    "resonance.both": "Together more than the sum: {more}; less: {less}",
    "resonance.null": "No resonance shown: all together differ from the sum by no more than chance",
    "resonance.untold": "One replicate: whether groups resonate cannot be told",
    "resonance.explanation": (
        "{groups} groups of policies on and off in {cells}. Bars: part of a group in the effect of "
        "all, by Shapley's rule; rings: effect of the group alone. Below the line the sum of all "
        "rings and of all bars. Whiskers: {whiskers}. Per cent of the outcome with no group on."
    ),
    "resonance.interval": "95 % intervals, n = {n} replicates of the same draws",
    "resonance.one": "none, one replicate",
    "resonance.run": "all combinations",
    "resonance.half": "half of all combinations, where no three groups are taken to interact",
    "resonance.unit": "S = {s}; difference {excess} %",
    "resonance.undefined": "S undefined; difference {excess} %",
    "resonance.sum": "sum of each alone",
    "resonance.all": "all together",
    "resonance.key_part": "part in the effect of all",
    "resonance.key_alone": "group alone",
}
