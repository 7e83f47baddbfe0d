"""One scenario under several settings, each over the same replicates, and what they differ in.

Runs are those of an ordinary sweep, by default in ``results/tools-NAME``; where one broke off, the
same command goes on with it. A variable has a value for each run; settings are compared in pairs
of replicates (`ydsim.measures.effects`).
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tools.sense import observed_curves
from ydsim.design.load import sweep_of
from ydsim.errors import ResultsError
from ydsim.fmt import fixed, markdown_table, number
from ydsim.measures.diffusion import half_time
from ydsim.measures.effects import Interval, effect
from ydsim.results.results import Results
from ydsim.run.progress import show_progress
from ydsim.studies.study import Facts, run_sweep
from ydsim.typing import Floats

Values = Mapping[str, Mapping[str, Floats]]
"""Values over replicates by setting and variable."""

INTERVALS = (
    "In brackets the 95 per cent interval (t distribution, paired by replicate); **null** where it "
    "holds zero: these replicates show no effect. Intervals are taken one by one: of twenty "
    "without any effect one misses zero by chance."
)
"""What a page says of the cells that `marked` makes."""

HEADLESS = ("jobs", "out")
"""Options that change nothing on a page."""


def parser_of(
    doc: str | None, *, scenario: str, scale: float | None, end: int, replicates: int
) -> argparse.ArgumentParser:
    """Return the parser of what all commands on settings take, with their defaults.

    ``doc`` is the docstring of the module; ``scale`` is None where it has scales of its own.
    """
    parser = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    parser.add_argument("--scenario", default=scenario)
    if scale is not None:
        parser.add_argument("--scale", type=float, default=scale)
    parser.add_argument("--end", type=int, default=end)
    parser.add_argument("--replicates", type=_at_least_three, default=replicates)
    parser.add_argument("--jobs", type=int, help="processes; by default one a processor")
    parser.add_argument("--out", type=Path, help="results folder, gone on with after a break")
    return parser


def _at_least_three(text: str) -> int:
    number = int(text)
    if number < 3:
        raise argparse.ArgumentTypeError("an interval needs three replicates")
    return number


def command_of(name: str, options: argparse.Namespace) -> str:
    """Return the command that makes a page, as its head shows it."""
    words = [f"python -m tools.{name}"]
    for key, value in vars(options).items():
        if value is True:
            words.append(f"--{key}")
        elif value is not False and key not in HEADLESS:
            values = value if isinstance(value, list) else [value]
            words += [f"--{key}", *(f"{v:g}" if isinstance(v, float) else str(v) for v in values)]
    return " ".join(words)


def run(
    name: str,
    options: argparse.Namespace,
    settings: Mapping[str, Mapping[str, Any]],
    *,
    changes: Mapping[str, object] | None = None,
    ties: bool = False,
    adoption: bool = False,
    cities: bool = False,
    tables: Sequence[str] = (),
) -> Runs:
    """Run every setting, or go on with it.

    ``settings`` are keys laid over the scenario, ``changes`` those of all settings beside scale and
    end; ``ties``, ``adoption``, ``cities`` and ``tables`` are recorded beside the series of
    provinces.
    """
    same = {"end": options.end, **(changes or {})}
    if "scale" in options:
        same = {"scale": options.scale, **same}
    choices = {f"setting {n}": {"set": {**keys}} for n, keys in enumerate(settings.values())}
    content = {
        "name": f"tools-{name}",
        "base": options.scenario,
        "set": same,
        "design": {
            "kind": "grid",
            "factors": {"setting": {"choices": choices}},
        },
        "replicates": options.replicates,
        "record": {
            "ties": ties,
            "adoption": adoption,
            "cities": int(cities),
            "tables": list(tables),
        },
    }
    with show_progress(quiet=False) as progress:
        results = run_sweep(sweep_of(content), options.out, options.jobs, progress=progress.report)
    return Runs(results, tuple(settings))


@dataclass(frozen=True)
class Runs:
    """Finished runs of a sweep with a point for each setting, whose names are in this order.

    A variable of theirs is a series by run, in the order of the plan. `ResultsError` is raised when
    a run failed.
    """

    results: Results
    settings: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.results.failures or self.results.left:
            raise ResultsError(f"not all runs of {self.results.path} are finished")

    @property
    def plan(self) -> pd.DataFrame:
        """Setting and replicate of each run."""
        contents = self.results.contents
        setting = [self.settings[contents.points.rows[of][0]] for of in contents.plan.hashes]
        return pd.DataFrame({"setting": setting, "replicate": list(contents.plan.replicates)})

    def head(self, command: str) -> list[str]:
        """Return the paragraphs of a page that say how it was made."""
        replicates, scenario = len(self.results.replicates), self.results.manifest["scenario"]
        years = int(scenario["start"]), int(scenario["end"])
        return [
            f"    {command}",
            f"{replicates} replicates of each setting, paired: the same seed and replicate. "
            f"Made of: {Facts.of(self.results, years, replicates).made_by}.",
        ]

    def rows(self, table: str, columns: Sequence[str], keep: str = "") -> pd.DataFrame:
        """Return rows of a recorded table by run; ``keep`` says which, as for `DataFrame.query`."""
        parts = []
        for at, found in self.results.parts(table, columns):
            frame = pd.DataFrame(found, columns=list(columns)).set_index(pd.Index(at, name="run"))
            parts.append(frame.query(keep) if keep else frame)
        return pd.concat(parts)

    def sums(
        self, table: str, by: Sequence[str], values: Sequence[str], keep: str = "year > 0"
    ) -> pd.DataFrame:
        """Return sums of a recorded table by run and ``by``, part by part."""
        parts = []
        columns = [*by, *values, "year"]
        for at, found in self.results.parts(table, columns):
            frame = pd.DataFrame(found, columns=columns).set_index(pd.Index(at, name="run"))
            parts.append(frame.query(keep).groupby(["run", *by])[list(values)].sum())
        return pd.concat(parts).reset_index(list(by))

    def number(self, table: str, column: str, value: str, first: int = 0) -> pd.Series[float]:
        """Return how many rows of a recorded table have a value, by run."""
        total = pd.Series(0.0, index=self.plan.index)
        for at, found in self.results.parts(table, [column, "year"]):
            year = found["year"].astype(np.int64)
            kept = at[(found[column] == value) & (year >= first)]
            total += np.bincount(kept, minlength=len(total))
        return total

    def series(self, names: Sequence[str], level: str = "region", first: int = 0) -> pd.DataFrame:
        """Return quarterly values of the region, or of provinces, from a year on."""
        columns = ["level", "region", "year", *names]
        return self.rows("series", columns, f"level == '{level}' and year >= {first}")

    def contracts(self, values: Sequence[str], first: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return what the region sells, and what of it goes to its other provinces, by run."""
        sold = self.sums("contracts", ["seller", "buyer"], values, f"year >= {first}")
        sold = sold.query("seller != 'outside'")
        across = sold.query("buyer != 'outside' and buyer != seller")
        return sold[list(values)].groupby("run").sum(), across[list(values)].groupby("run").sum()

    def half_times(self, least: float) -> pd.Series[float]:
        """Return the median half-time in years of the generations observed well, NaN without any.

        ``least`` is how many firms of the region must have adopted one.
        """
        start = self.results.scenario.start
        born = self.rows("generations", ["generation", "founded_year"])
        curves = self.rows("adoption_curves", ["generation", "adopters"])
        median = {}
        for run, one in curves.groupby("run"):
            halves = [half_time(*of) for of in observed_curves(one, born.loc[[run]], start, least)]
            median[run] = float(np.median(halves)) if halves else np.nan
        return pd.Series(median)

    def by_setting(self, variables: Mapping[str, pd.Series[float]]) -> dict[str, dict[str, Floats]]:
        """Return the values of variables by setting, in the order of replicates.

        A variable is zero in runs of which it has no value at all.
        """
        plan = self.plan
        every = {name: of.reindex(plan.index, fill_value=0.0) for name, of in variables.items()}
        frame = plan.assign(**every).sort_values("replicate", kind="stable")
        return {
            str(setting): {name: of[name].to_numpy(np.float64) for name in variables}
            for setting, of in frame.groupby("setting", sort=False)
        }


def per_cent(plain: Mapping[str, Floats], changed: Mapping[str, Floats], name: str) -> Interval:
    """Return what changes in a variable, in per cent of its plain mean.

    Logs change in hundredths, which is about per cent of their level; a variable that is zero
    without change has no per cent (NaN).
    """
    logs = name.startswith("log ")
    found = effect(plain[name], changed[name], amount=not logs)
    return (found.difference if logs else found.ratio).times(100.0)


def marked(gap: Interval) -> str:
    """Return an interval as a cell, with two decimals; **null** holds zero."""
    if np.isnan(gap.estimate):
        return "-"
    one, low, high = (fixed(v, 2, sign=True) for v in (gap.estimate, gap.low, gap.high))
    return f"{one} [{low}, {high}]" + " **null**" * gap.includes_zero


def figure(values: Floats) -> str:
    """Return a mean as text: whole from a thousand on, else with five digits."""
    return number(float(values.mean()), 5)


def outcomes_of(
    plain: Mapping[str, Floats], changes: Mapping[str, Mapping[str, Interval]], what: str
) -> list[str]:
    """Return a table of changes by setting and outcome, and which settings change nothing."""
    known = {
        setting: [gap.includes_zero for gap in of.values() if not np.isnan(gap.estimate)]
        for setting, of in changes.items()
    }
    idle = [setting for setting, zero in known.items() if all(zero)]
    names = list(next(iter(changes.values())))
    cells = [["*as it is*", *(figure(plain[name]) for name in names)]]
    cells += [[setting, *map(marked, of.values())] for setting, of in changes.items()]
    return [
        "\n".join(markdown_table([what, *names], cells)),
        f"{sum(map(sum, known.values()))} of {sum(map(len, known.values()))} intervals hold zero. "
        f"No outcome differs in: {', '.join(idle) or 'none'}.",
    ]
