"""Six kinds of actors, each with its policies on or off: effects, interactions, resonance.

The cells are those of the shipped sweep ``actor_groups``.

    python -m ydsim.pages.factorial --workers 2            half of the cells, 2^(6-1)
    python -m ydsim.pages.factorial --full --workers 2     all 64 cells, and resonance

With y_c the outcome of cell c of n and x_ck = +1 where group k is on, -1 where it is off:

    effect of k         = 2 / n sum_c x_ck y_c                  on less off, mean over the others
    interaction of k, l = 2 / n sum_c x_ck x_cl y_c
    S                   = (Y_all - Y_0 - sum_k (Y_k - Y_0)) / sum_k (Y_k - Y_0)
    S_log               = ln Y_all - ln Y_0 - sum_k (ln Y_k - ln Y_0)

Y_0 is the outcome with no group on, Y_k with group k alone. S above zero says that together the
groups achieve more than the sum of what each achieves alone (linkage resonance); S_log above zero
that they multiply by more than the product. The half fraction takes the cells of which an even
number of groups is off (defining relation I = ABCDEF, resolution VI): effects are clear of
interactions of four and fewer groups, interactions of two of three and fewer. Every cell has the
same replicates; intervals are over replicates (t distribution), of S by bootstrap over replicates.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from ydsim.analysis.paired import (
    Found,
    Job,
    Sums,
    by_setting,
    figure,
    options_of,
    run_jobs,
    version_line,
)
from ydsim.design.load import load_sweep
from ydsim.design.points import points
from ydsim.design.sweep import Sweep
from ydsim.measures.effects import Interval, difference
from ydsim.model import Model
from ydsim.typing import Bools, Floats

SWEEP: Final = "actor_groups"
"""The shipped sweep whose groups, base and cells these are."""

START: Final = 2019

OUTCOMES: Final = (
    "launches",
    "R&D of firms",
    "co-inventions between provinces",
    "value of contracts between provinces",
    "log productivity, last year",
)

RESAMPLES: Final = 2000


def measure(model: Model, sums: Sums) -> Found:
    """Return outcomes from the start of the policies on."""
    n, first = model.world.n_provinces, max(0, 4 * (START - model.settings.start))
    series, inside = model.recorder.series, sums.contracts["value"][:n, :n]

    def total(name: str) -> float:
        return float(series(name)[first:].sum())

    return {
        "launches": total("launches"),
        "R&D of firms": total("rd_funds_enterprise"),
        "co-inventions between provinces": total("coinventions_interprovince"),
        "value of contracts between provinces": float(inside.sum() - np.trace(inside)),
        "log productivity, last year": float(series("productivity_log")[-4:].mean()),
    }


def design_of(changes: Mapping[str, object], *, full: bool) -> Sweep:
    """Return the sweep, with all cells or with the half that its file asks for."""
    sweep = load_sweep(SWEEP, changes)
    if not full:
        return sweep
    levels = [factor.levels for factor in sweep.factors]
    return replace(sweep, size=2 ** len(levels), rows=lambda: itertools.product(*levels))


def cells(sweep: Sweep) -> Bools:
    """Return which groups are on in each cell, (n, groups), none first and all last."""
    return np.array([[bool(level.value) for level in row] for row in sweep.rows()])


def label(on: Iterable[object]) -> str:
    """Return the name of a cell, such as ``010011``."""
    return "".join(str(int(bool(x))) for x in on)


def jobs(sweep: Sweep, replicates: int) -> list[Job]:
    """Return the runs, replicate after replicate."""
    since = 4 * max(0, START - sweep.base.start)
    every = [(label(point.values.values()), point.scenario) for point in points(sweep)]
    return [
        Job(cell, scenario, (), r, since=since)
        for r in range(replicates)
        for cell, scenario in every
    ]


def contrast(signs: Floats, y: Floats) -> Floats:
    """Return 2 / n sum_c sign_c y_c by replicate; ``y`` is (n, replicates)."""
    effect: Floats = 2.0 / len(y) * np.einsum("c,cr->r", signs, y)
    return effect


def resonance(y: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    """Return numerator and denominator of S by replicate, from outcomes by cell."""
    n = len(next(iter(y)))
    none, every = y["0" * n], y["1" * n]
    alone = [y["".join("1" if i == k else "0" for i in range(n))] - none for k in range(n)]
    single: Floats = np.sum(alone, axis=0)
    return every - none - single, single


def bootstrap(over: Floats, under: Floats, seed: int = 0) -> Interval:
    """Return the ratio of means with its percentile interval over resampled replicates."""
    draw = np.random.Generator(np.random.Philox(seed))
    at = draw.integers(0, len(over), (RESAMPLES, len(over)))
    ratios = over[at].mean(axis=1) / under[at].mean(axis=1)
    low, high = np.quantile(ratios, [0.025, 0.975])
    return Interval(float(over.mean() / under.mean()), float(low), float(high))


def as_markdown(values: Mapping[str, Mapping[str, Floats]], sweep: Sweep, command: str) -> str:
    """Return the page of the command."""
    design, groups = cells(sweep), [factor.label for factor in sweep.factors]
    full = len(design) == 2 ** len(groups)
    signs = np.where(design, 1.0, -1.0)
    replicates = len(values[label(design[0])][OUTCOMES[0]])
    part = "all" if full else "half of the"
    lines = [
        "# Six kinds of actors, on and off",
        "",
        f"    {command}",
        "",
        f"Sweep `{sweep.name}`, {len(design)} cells ({part} combinations), {replicates} "
        f"replicates each, sums from {START} on.",
        version_line(sweep.base),
        "",
        "Effects in per cent of the mean over all cells (of log productivity in hundredths), with",
        "95 per cent intervals over replicates; **null** where the interval holds zero.",
        "",
        "| effect | " + " | ".join(OUTCOMES) + " |",
        "| --- |" + " --- |" * len(OUTCOMES),
    ]
    y = {name: np.array([values[label(on)][name] for on in design]) for name in OUTCOMES}
    terms = [(group, signs[:, k]) for k, group in enumerate(groups)]
    terms += [
        (f"{a} x {b}", signs[:, i] * signs[:, j])
        for (i, a), (j, b) in itertools.combinations(enumerate(groups), 2)
    ]
    for name, sign in terms:
        cells_ = [_effect(sign, y[outcome], outcome) for outcome in OUTCOMES]
        lines.append(f"| {name} | " + " | ".join(cells_) + " |")
    if full:
        lines += ["", *_resonance_table(values)]
    return "\n".join(lines) + "\n"


def _effect(sign: Floats, y: Floats, outcome: str) -> str:
    effect = contrast(sign, y)
    unit = 100.0 if outcome.startswith("log") else 100.0 / float(y.mean())
    return _cell(difference(np.zeros(len(effect)), effect).times(unit))


def _resonance_table(values: Mapping[str, Mapping[str, Floats]]) -> list[str]:
    lines = [
        "| outcome | none | all | sum of single effects | S [95 %] | S_log [95 %] |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    n = len(next(iter(values)))
    for outcome in OUTCOMES:
        y = {cell: found[outcome] for cell, found in values.items()}
        over, under = resonance(y)
        raw = _cell(bootstrap(over, under), "+.3f")
        log = "-"
        if min(float(v.min()) for v in y.values()) > 0.0:
            logs = {cell: np.log(v) for cell, v in y.items()}
            more, _ = resonance(logs)
            log = _cell(difference(np.zeros(len(more)), more), "+.4f")
        none, every = float(y["0" * n].mean()), float(y["1" * n].mean())
        lines.append(
            f"| {outcome} | {figure(none)} | {figure(every)} | {figure(float(under.mean()))} | "
            f"{raw} | {log} |"
        )
    return lines


def _cell(gap: Interval, form: str = "+.2f") -> str:
    text = f"{gap.gap:{form}} [{gap.low:{form}}, {gap.high:{form}}]"
    return f"{text} **null**" if gap.null else text


def main(arguments: Sequence[str] | None = None) -> None:
    """Run everything and print the page."""
    parser = options_of(__doc__, scale=0.02, end=2030, replicates=5)
    parser.add_argument("--full", action="store_true", help="all 64 cells")
    options = parser.parse_args(arguments)
    if options.end < START:
        parser.error(f"--end {options.end}: policies start in {START}; take {START} or later")
    sweep = design_of({"scale": options.scale, "end": options.end}, full=options.full)
    todo = jobs(sweep, options.replicates)
    found = run_jobs(measure, todo, workers=options.workers, keep=options.keep)
    command = (
        f"python -m ydsim.pages.factorial{' --full' * options.full} --scale {options.scale:g} "
        f"--end {options.end} --replicates {options.replicates}"
    )
    sys.stdout.write(as_markdown(by_setting(todo, found), sweep, command))


if __name__ == "__main__":
    main()
