"""Headline effects: over seeds, over the priors that they hang on, and as published.

    python -m tools.headlines > docs/headlines.md

Runs ``baseline`` and the same with each treatment, against the burn-in of the default parameters:

    seeds   the default parameters, paired replicates
    priors  points of a Latin hypercube over `PRIORS`, one pair each, at a smaller scale

An effect is that on a sum over the last `YEARS` years, in per cent, or on log productivity of the
last year, in hundredths.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from scipy.stats import qmc

from tools import page, pairs
from tools.collaboration import RAISED, WITHOUT, lowered
from ydsim.fmt import fixed, markdown_table
from ydsim.typing import Floats

BASELINE: Final = "baseline"
YEARS: Final = 4
DISTINCT: Final = 3.0
"""Standard errors from which on a parameter counts."""

PRODUCTIVITY: Final = "log productivity"

OUTCOMES: Final = {
    "launches": "launches",
    "inventions": "inventions",
    "R&D of firms": "rd_funds_enterprise",
    "licences of universities": "university_licences",
    "adoptions": "adoptions",
    PRODUCTIVITY: "productivity_log",
}
"""Indicators of the region by outcome."""


@dataclass(frozen=True)
class Headline:
    """One effect: what is changed, what it moves, and what studies say of its size."""

    name: str
    changes: Mapping[str, object]
    outcome: str
    published: str = "not published"


def _without(actor: str) -> dict[str, object]:
    return {f"parameters.actors.{actor}": False}


HEADLINES: Final = (
    Headline("no joint projects", WITHOUT["joint projects"], "launches"),
    Headline("no learning", WITHOUT["learning"], "inventions"),
    Headline("no work across provinces", WITHOUT["work across provinces"], "inventions"),
    Headline(
        f"joint work passes borders, {RAISED['joint_work']}",
        lowered("joint_work"),
        "inventions",
        "collaboration.md: additional share .2-.6, spillover 1.2-2",
    ),
    Headline(
        f"knowledge passes borders, {RAISED['knowledge']}", lowered("knowledge"), "inventions"
    ),
    Headline(
        "both pass borders",
        lowered("joint_work", "knowledge"),
        PRODUCTIVITY,
        "+.1 to +.75 after 5-10 years (effects of inventions on productivity, c17)",
    ),
    Headline(
        f"goods pass borders, {RAISED['goods']}",
        lowered("goods"),
        PRODUCTIVITY,
        "+.9 for a standard deviation (South China Journal of Economics 2015(4): 27)",
    ),
    Headline("no universities", _without("universities"), "inventions"),
    Headline("no institutes", _without("institutes"), "inventions"),
    Headline(
        "no institutes, their money to firms",
        {**_without("institutes"), "parameters.fund.institute_share": 0.0},
        "inventions",
    ),
    Headline("no intermediaries", _without("intermediaries"), "licences of universities"),
    Headline("no media", _without("media"), "adoptions"),
    Headline(
        "grants to firms",
        {"policies.rd_grants": {}},
        "R&D of firms",
        "positive: firms add to it (Bronzini and Iachini 2014; Howell 2017)",
    ),
    Headline("all provinces close", {"policies.closure": {}}, "inventions"),
)

PRIORS: Final = {
    "match.reserve": (2.1, 3.1),
    "match.overhead": (0.0, 0.3),
    "match.attraction": (0.3, 1.2),
    "match.cognitive": (1.0, 4.0),
    "match.far": (0.33, 0.4),
    "chain.capability_size": (0.8, 1.9),
    "chain.joint_quality": (0.1, 0.5),
    "explore.access": (0.0, 0.8),
    "explore.nation": (0.45, 0.65),
    "explore.far": (0.05, 0.3),
    "explore.absorption": (0.0, 1.0),
    "explore.recombination": (0.0, 1.0),
    "compete.access": (0.03, 0.06),
    "compete.research_return": (0.04, 0.08),
    "compete.private_return": (0.05, 0.15),
    "generations.launch_elasticity": (0.0, 1.0),
    "invest.expected_return": (0.1, 0.3),
    "talent.entry_elasticity": (1.0, 2.3),
    "learn.rate": (0.05, 0.2),
    "border.joint_work": (0.05, 0.28),
    "border.knowledge": (0.7, 1.0),
    "border.goods": (0.75, 0.95),
}
"""Ranges over which a parameter is drawn, even: those of its source, else half to twice."""


def settings() -> dict[str, dict[str, object]]:
    """Return what is laid over the scenario in each setting."""
    return {BASELINE: {}} | {h.name: dict(h.changes) for h in HEADLINES}


def points(number: int) -> pd.DataFrame:
    """Return so many points of a Latin hypercube, a row each with a value for each parameter."""
    low, high = np.array(list(PRIORS.values())).T
    unit = qmc.LatinHypercube(len(PRIORS), seed=1).random(number)
    drawn = low + (high - low) * unit
    return pd.DataFrame(drawn.round(4), columns=list(PRIORS))


def over_points(drawn: pd.DataFrame) -> dict[str, dict[str, object]]:
    """Return the settings of all points: each treatment with the parameters of each."""
    found: dict[str, dict[str, object]] = {}
    for at, row in drawn.iterrows():
        keys = {f"parameters.{key}": float(value) for key, value in row.items()}
        for name, changes in settings().items():
            found[f"{name} | {at}"] = keys | changes
    return found


def measure(runs: pairs.Runs, end: int) -> pairs.Values:
    """Return outcomes of the last years by setting."""
    series = runs.series(list(OUTCOMES.values()), first=end - YEARS + 1)
    total = series.groupby("run")[list(OUTCOMES.values())].sum()
    last = series[series["year"] == end].groupby("run")["productivity_log"].mean()
    total["productivity_log"] = last
    return runs.by_setting({name: total[of] for name, of in OUTCOMES.items()})


def effects(values: pairs.Values, number: int) -> pd.DataFrame:
    """Return effects by point and headline, in per cent or hundredths of a log."""
    rows = []
    for at in range(number):
        plain = values[f"{BASELINE} | {at}"]
        row = {}
        for h in HEADLINES:
            off, on = (v[h.outcome][0] for v in (plain, values[f"{h.name} | {at}"]))
            row[h.name] = 100.0 * (on - off if h.outcome == PRODUCTIVITY else on / off - 1.0)
        rows.append(row)
    return pd.DataFrame(rows)


def shares(effect: Floats, drawn: pd.DataFrame) -> pd.Series[float]:
    """Return the share of each parameter in the variance of an effect over the points.

    Relative weights of a linear regression on all parameters (Johnson 2000, doi
    10.1207/S15327906MBR3501_1): what the uncorrelated variables nearest to the parameters explain,
    given back to these. Zero where the coefficient is not `DISTINCT` standard errors from zero.
    """
    n, k = drawn.shape
    spread = float(effect.std())
    if spread == 0.0:
        return pd.Series(0.0, index=drawn.columns)
    x = ((drawn - drawn.mean()) / drawn.std(ddof=0)).to_numpy() / np.sqrt(n)
    y = (effect - effect.mean()) / spread / np.sqrt(n)
    left, size, right = np.linalg.svd(x, full_matrices=False)
    weight = ((right.T * size) @ right) ** 2 @ ((left @ right).T @ y) ** 2
    inverse = np.linalg.inv(x.T @ x)
    slope = inverse @ x.T @ y
    error = np.sqrt(((y - x @ slope) ** 2).sum() / (n - k - 1) * np.diag(inverse))
    return pd.Series(np.where(np.abs(slope) >= DISTINCT * error, weight, 0.0), index=drawn.columns)


def as_markdown(
    values: pairs.Values, by_point: pd.DataFrame, drawn: pd.DataFrame, head: Sequence[str]
) -> str:
    """Return the page ``docs/headlines.md``, of which ``head`` says how it was made."""
    rows = []
    for h in HEADLINES:
        seeds = pairs.per_cent(values[BASELINE], values[h.name], h.outcome)
        over = by_point[h.name].to_numpy()
        low, middle, high = np.quantile(over, (0.05, 0.5, 0.95))
        part = shares(over, drawn).sort_values(ascending=False)
        named = [
            f"`{key}` {fixed(100.0 * value, 0)} %" for key, value in part.items() if value > 0.0
        ]
        ends = (fixed(v, 1, sign=True) for v in (middle, low, high))
        cell = "{} [{}, {}]".format(*ends)
        outcome = f"{h.outcome}, hundredths" if h.outcome == PRODUCTIVITY else h.outcome
        rows.append(
            [h.name, outcome, pairs.marked(seeds), cell, ", ".join(named) or "none", h.published]
        )
    changes = {
        h.name: {of: pairs.per_cent(values[BASELINE], values[h.name], of) for of in OUTCOMES}
        for h in HEADLINES
    }
    ranges = [[f"`{key}`", f"{low:g} to {high:g}"] for key, (low, high) in PRIORS.items()]
    columns = ["", "outcome", "over seeds", "over priors", "main drivers", "published"]
    return page(
        "# Headline effects",
        "What the model says about its main questions, how sure the seeds are of it, how sure the "
        "priors of its parameters are, and what studies say. Made by",
        *head,
        "Changes in per cent of the sum of the last four years, of log productivity in hundredths "
        "in the last year, against the burn-in of the default parameters.",
        pairs.INTERVALS,
        "*Over priors*: median and 5 to 95 per cent of the points, at each of which all parameters "
        "below are drawn at once, with one pair of runs, whose chance is in it. *Main drivers*: "
        "parameters whose coefficient in a linear regression on all of them is three standard "
        "errors or more from zero, with their shares of the variance over the points (relative "
        "weights, Johnson 2000); the rest is chance, curvature and interactions.",
        markdown_table(columns, rows),
        "## All outcomes",
        "Over seeds. Without universities or institutes their part of public money goes to the "
        "others and to firms, so that these rows show a shift. Without learning fewer inventions "
        "are joint, which leaves time for more of them, and more projects die waiting for a "
        "partner.",
        *pairs.outcomes_of(values[BASELINE], changes, "setting"),
        "## Ranges of the parameters",
        markdown_table(["parameter", "drawn from"], ranges),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run everything and print the page."""
    parser = pairs.parser_of(__doc__, scenario=BASELINE, scale=0.05, end=2022, replicates=20)
    parser.add_argument("--points", type=int, default=60, help="points of the priors")
    parser.add_argument("--small", type=float, default=0.03, help="scale of the points")
    options = parser.parse_args(arguments)
    changes = {"reference": "defaults"}
    out = options.out
    runs = pairs.run("headlines", options, settings(), changes=changes)
    drawn = points(options.points)
    one = argparse.Namespace(**vars(options) | {"replicates": 1, "scale": options.small})
    one.out = None if out is None else Path(f"{out}-priors")
    priors = pairs.run("headlines-priors", one, over_points(drawn), changes=changes)
    by_point = effects(measure(priors, options.end), len(drawn))
    head = runs.head(pairs.command_of("headlines", options))
    sys.stdout.write(as_markdown(measure(runs, options.end), by_point, drawn, head))


if __name__ == "__main__":
    main()
