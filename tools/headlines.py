"""Headline effects: over seeds, over what published figures leave open, and as published.

    python -m tools.headlines > docs/headlines.md

Runs ``baseline`` and the same with each treatment, against the burn-in of the default parameters:

    seeds    the default parameters, paired replicates
    members  the parameters of each member of the ensemble, one pair each, at a smaller scale

An effect is that on a sum over the last `YEARS` years, in per cent, or on log productivity of the
last year, in hundredths. With ``--calibration``, the folder that the members are from, the page
says whether intervals of effects hold those of known truths.
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
from scipy import stats

from tools import page, pairs
from tools.collaboration import RAISED, WITHOUT, lowered
from ydsim import fmt
from ydsim.fmt import fixed, markdown_table
from ydsim.measures.effects import holm
from ydsim.results.compare import SIGNIFICANCE
from ydsim.scenario.load import load_scenario
from ydsim.scenario.schema.ensemble import MEMBERS
from ydsim.studies import calibration
from ydsim.studies.calibration_plan import design
from ydsim.typing import Floats

BASELINE: Final = "baseline"
YEARS: Final = 4
SCALES: Final = (0.03,)
TRUTHS: Final = 500
"""Scale of the calibration that the members of the package are from, and known truths."""
SMALL: Final = 1e-12
"""Size below which nothing is left of a parameter."""

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


def settings() -> dict[str, dict[str, object]]:
    """Return what is laid over the scenario in each setting."""
    return {BASELINE: {}} | {h.name: dict(h.changes) for h in HEADLINES}


def members() -> pd.DataFrame:
    """Return the members of the ensemble, a row each with a value for each parameter."""
    columns = load_scenario(BASELINE, {"ensemble": MEMBERS}).ensemble
    return pd.DataFrame({f"{s}.{k}": v for s, each in columns.items() for k, v in each.items()})


def over_members(drawn: pd.DataFrame) -> dict[str, dict[str, object]]:
    """Return the settings of all members: each treatment with the parameters of each."""
    found: dict[str, dict[str, object]] = {}
    for at, row in drawn.iterrows():
        keys: dict[str, object] = {f"parameters.{key}": value for key, value in row.items()}
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
    """Return effects by member and headline, in per cent or hundredths of a log."""
    rows = []
    for at in range(number):
        plain = values[f"{BASELINE} | {at}"]
        row = {}
        for h in HEADLINES:
            off, on = (v[h.outcome][0] for v in (plain, values[f"{h.name} | {at}"]))
            row[h.name] = 100.0 * (on - off if h.outcome == PRODUCTIVITY else on / off - 1.0)
        rows.append(row)
    return pd.DataFrame(rows)


def shares(effect: Floats, drawn: pd.DataFrame) -> dict[str, float]:
    """Return what parameters explain of the variance of an effect over the members.

    Forward selection: the parameter of the largest correlation with what those before it leave
    comes in, as long as the correlation differs from zero by Holm's p over all that are left.
    """
    left = drawn.loc[:, drawn.std() > 0.0]
    x, y = (left - left.mean()).to_numpy(), effect - effect.mean()
    whole, parts = float(y @ y), dict[str, float]()
    while whole > 0.0 and len(parts) < min(x.shape[1], len(y) - 3):
        size = np.sqrt((x**2).sum(axis=0))
        r = np.divide(x.T @ y, size * np.sqrt(y @ y), out=np.zeros(len(size)), where=size > SMALL)
        df = len(y) - 2 - len(parts)
        t = r * np.sqrt(df / np.maximum(1.0 - r**2, SMALL))
        p = holm(2.0 * stats.t.sf(np.abs(t), df))
        best = int(np.argmin(p))
        if not p[best] < SIGNIFICANCE:
            break
        parts[str(left.columns[best])] = float(r[best] ** 2 * (y @ y)) / whole
        unit = x[:, best] / size[best]
        x, y = x - np.outer(unit, unit @ x), y - unit * (unit @ y)
    return parts


def driven(
    by_member: pd.DataFrame, drawn: pd.DataFrame, places: Floats, at: Floats
) -> pd.DataFrame:
    """Return the effects that have main drivers as linear functions of these, at other points.

    ``places`` (M, d) and ``at`` (n, d): members and points in the unit cube of the parameters, in
    the order of the columns of ``drawn``.
    """
    found, names = dict[str, Floats](), [*map(str, drawn)]
    for name, effect in by_member.items():
        of = [names.index(key) for key in shares(effect.to_numpy(), drawn)]
        if of:
            x = np.column_stack([np.ones(len(places)), places[:, of]])
            fit = np.linalg.lstsq(x, effect.to_numpy(), rcond=None)[0]
            found[str(name)] = fit[0] + at[:, of] @ fit[1:]
    return pd.DataFrame(found)


def known_truths(by_member: pd.DataFrame, drawn: pd.DataFrame, folder: Path) -> str:
    """Return whether intervals of a finished calibration hold the effects at known truths."""
    plan = design(BASELINE, {"reference": "own"}, scales=SCALES)
    fitted = calibration.run_plan(plan, out=folder).fitted
    columns = [key.removeprefix("parameters.") for key in plan.keys]
    places = plan.points(drawn[columns].to_numpy().tolist())
    effects = driven(by_member, drawn[columns], places, fitted.draws.points)
    if effects.empty:
        return "No effect has main drivers."
    coverage, first = fitted.coverage(plan, TRUTHS, also=effects.to_numpy()), len(columns)
    held, narrowed = coverage.held[first:], coverage.narrowed[first:]
    distance = coverage.distance[first:-1]
    worst = int(np.argmax(distance))
    return (
        f"*Known truths*: {fmt.counted(len(effects.columns), 'effect')} with main drivers, taken "
        f"as linear functions of these, at {len(coverage.ranks)} truths whose figures emulators "
        f"gave ([calibration.md](calibration.md)). 90 % intervals hold "
        f"{fmt.percent(float(held.min()))} to {fmt.percent(float(held.max()))}; the largest "
        f"distance of ranks from uniform ones is {fixed(float(distance[worst]), 3)} "
        f"({effects.columns[worst]}), the limit {fixed(coverage.limit, 3)}. Figures narrow the "
        f"spread of these effects to {fmt.percent(float(narrowed.min()))} to "
        f"{fmt.percent(float(narrowed.max()))} of that of the draws."
    )


def as_markdown(
    values: pairs.Values,
    by_member: pd.DataFrame,
    drawn: pd.DataFrame,
    head: Sequence[str],
    truths: str,
) -> str:
    """Return the page ``docs/headlines.md``.

    ``head`` says how it was made, ``truths`` whether intervals hold the effects at known truths.
    """
    rows = []
    for h in HEADLINES:
        seeds = pairs.per_cent(values[BASELINE], values[h.name], h.outcome)
        over = by_member[h.name].to_numpy()
        low, middle, high = np.quantile(over, (0.1, 0.5, 0.9))
        part = sorted(shares(over, drawn).items(), key=lambda each: -each[1])
        named = [f"`{key}` {fixed(100.0 * value, 0)} %" for key, value in part]
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
    ranges = [
        [f"`{key}`", *(f"{end:.3g}" for end in np.quantile(values, (0.1, 0.5, 0.9)))]
        for key, values in drawn.items()
    ]
    columns = ["", "outcome", "over seeds", "over members", "main drivers", "published"]
    return page(
        "# Headline effects",
        "What the model says about its main questions, how sure the seeds are of it, what "
        "published figures leave open of it, and what studies say. Made by",
        *head,
        "Changes in per cent of the sum of the last four years, of log productivity in hundredths "
        "in the last year, against the burn-in of the default parameters.",
        pairs.INTERVALS,
        f"*Over members*: median and 80 per cent of the {len(drawn)} members of the ensemble "
        "([calibrate.md](calibrate.md)), with one pair of runs each, whose chance is in it. *Main "
        "drivers*: parameters that explain a part of the variance over the members, one after "
        "another, as long as Holm's p is below .05; the rest is chance, curvature and "
        "interactions.",
        markdown_table(columns, rows),
        *([truths] if truths else []),
        "## All outcomes",
        "Over seeds. Without universities or institutes their part of public money goes to the "
        "others and to firms, so that these rows show a shift. Without learning fewer inventions "
        "are joint, which leaves time for more of them, and more projects die waiting for a "
        "partner.",
        *pairs.outcomes_of(values[BASELINE], changes, "setting"),
        "## Parameters of the members",
        markdown_table(["parameter", "10 %", "median", "90 %"], ranges),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run everything and print the page."""
    parser = pairs.parser_of(__doc__, scenario=BASELINE, scale=0.05, end=2022, replicates=20)
    parser.add_argument("--small", type=float, default=0.03, help="scale of the members")
    parser.add_argument("--calibration", type=Path, help="folder of a finished calibration")
    options = parser.parse_args(arguments)
    folder = options.calibration
    del options.calibration  # where it is changes nothing on the page
    changes = {"reference": "defaults"}
    out = options.out
    runs = pairs.run("headlines", options, settings(), changes=changes)
    drawn = members()
    one = argparse.Namespace(**vars(options) | {"replicates": 1, "scale": options.small})
    one.out = None if out is None else Path(f"{out}-members")
    over = pairs.run("headlines-members", one, over_members(drawn), changes=changes)
    by_member = effects(measure(over, options.end), len(drawn))
    head = runs.head(pairs.command_of("headlines", options))
    truths = known_truths(by_member, drawn, folder) if folder else ""
    sys.stdout.write(as_markdown(measure(runs, options.end), by_member, drawn, head, truths))


if __name__ == "__main__":
    main()
