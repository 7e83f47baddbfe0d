"""Words of the figure of capacities and frictions."""

from __future__ import annotations

MESSAGES: dict[str, str] = {
    "bottleneck.both": "{outcome} gain most from {stage}; of frictions, from {friction}",
    "bottleneck.one": "{outcome} gain most from {first}",
    "bottleneck.two": "{outcome} gain most from {first} or {second}",
    "bottleneck.many": "{outcome} gain most from {first} or {number} more, not told apart",
    "bottleneck.includes_zero": "No capacity can be told to raise {outcome}",
    "bottleneck.undefined": "Not positive at every point: {outcome} has no elasticity",
    "bottleneck.untold": "One replicate: what holds {outcome} back cannot be told",
    "bottleneck.explanation": (
        "Per cent of the outcome, {first}-{last}, for one per cent more capacity, each moved "
        "{step} % up and down alone. Whiskers: {whiskers}. Filled: told from zero. Order of rows: "
        "by the first outcome, stages of the chain above, frictions below."
    ),
    "bottleneck.interval": "95 % intervals, n = {n} replicates of the same draws, pooled error",
    "bottleneck.no_interval": "none, one replicate",
    "bottleneck.stages": "stages of the chain",
    "bottleneck.frictions": "frictions",
    "bottleneck.unit": "elasticity",
}
