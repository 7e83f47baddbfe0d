r"""Validation: what was published to 2020 beside the same readings of runs.

A scenario is run to 2020, and each target (`ydsim.studies.targets`) is read from each replicate.
Beside the published value and range stand the median over replicates and the interval that holds 80
per cent of them. A target is met where the median lies in the range, a family where all of its
targets are; its misfit is

    sqrt(mean over its targets of d^2),   d distance of the median in tolerances

from the value, or from the range where no value is published. Targets to train on and those kept
for tests are counted apart. Anchored ones are listed and count nowhere; effects, and what runs do
not show, are named.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
import pandas as pd

from ydsim import fmt
from ydsim.design.sweep import USUAL_TABLES, Sweep
from ydsim.errors import UsageError
from ydsim.results.results import Results
from ydsim.scenario.load import load_scenario
from ydsim.scenario.read.extend import Overrides
from ydsim.studies import study
from ydsim.studies.study import Facts, Section, Study
from ydsim.studies.targets import EFFECT, Target, load_targets, simulated
from ydsim.world.loader import load_world

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SCENARIO = "baseline"
SCALE, REPLICATES = 0.05, 10
LAST: Final = 2020
TRAIN, TEST = "train", "test"
ENDS: Final = ("estimate", "low", "high")
PUBLISHED: Final = ("published", "accepted_low", "accepted_high")
FOR_DIFFUSION: Final = ("adoption_curves", "generations")
"""Tables that readings of diffusion need."""
REACH: Final = 6.0
"""Tolerances from the published value up to which the figure shows ranges."""


def design(
    scenario: str | Path = SCENARIO,
    overrides: Overrides | None = None,
    *,
    replicates: int = REPLICATES,
    seed: int | None = None,
    allow_code: bool = False,
) -> Sweep:
    """Return the checked runs, which end in 2020 or before; scale .05 if none is given."""
    base = load_scenario(scenario, overrides, allow_code=allow_code)
    _targets_of(base.world, base.start, base.end)
    return study.sweep_of_study(
        scenario,
        study.left_free(overrides or {}, ["end"]),
        name=f"{base.name[:50]}-validation",
        description="Published patterns to 2020 in runs of a scenario.",
        design={"kind": "list", "points": [{"end": min(base.end, LAST)}]},
        replicates=replicates,
        seed=seed,
        allow_code=allow_code,
        settings={"scale": SCALE},
        record={
            "cities": 1,
            "ties": True,
            "adoption": True,
            "agents": True,
            "tables": [*USUAL_TABLES, *FOR_DIFFUSION],
        },
    )


def read(results: Results | str | Path) -> Validation:
    """Return what runs of `design` say; UsageError as there."""
    results = study.opened(results)
    if len(results.contents.points) != 1 or "spec" not in results.manifest:
        raise UsageError(f"{results.name}: these are no runs of ydsim study validation")
    scenario = results.scenario_at(0)
    years = int(scenario["start"]), int(scenario["end"])
    targets = _targets_of(str(scenario["world"]), *years)
    values = simulated(results, targets)
    return Validation(Facts.of(results, years, len(values)), targets, values)


def _targets_of(world: str, first: int, last: int) -> tuple[Target, ...]:
    """Return the targets of a world; UsageError when none lies within the years of runs."""
    targets = load_targets(load_world(world))
    spans = [of.years for of in targets if of.reading != EFFECT]
    if not any(first <= begin and end <= last for begin, end in spans):
        raise UsageError(f"{first}-{last}: no target of {world} lies within these years")
    return targets


run = study.runner(design, read)


@dataclass(frozen=True, repr=False)
class Validation(Study):
    """What runs show of published patterns."""

    targets: tuple[Target, ...]
    values: pd.DataFrame
    """A row a run, a column a target."""

    stem: ClassVar = "validation"
    heading: ClassVar = "Published patterns up to 2020"

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a target that the runs show, in its unit.

        ``estimate`` is the median of replicates, ``low`` and ``high`` hold 80 per cent of them;
        beyond the common columns what it is, ``published`` value with accepted range, ``misfit`` in
        tolerances, ``met`` (the median lies in the range), and ``scored`` (not anchored).
        """
        shown = self.values.notna().any()
        return pd.DataFrame([self._row(of) for of in self.targets if shown[of.name]])

    def _row(self, of: Target) -> dict[str, Any]:
        values = self.values[of.name].dropna().to_numpy()
        low, middle, high = np.quantile(values, [0.1, 0.5, 0.9])
        first, last = of.years
        return {
            "outcome": of.name,
            "place": of.place or "region",
            "estimate": middle,
            "low": low,
            "high": high,
            "p": math.nan,
            "n": len(values),
            **{name: getattr(of, name) for name in ("words", "family", "reading", "unit")},
            "years": str(first) if first == last else f"{first}-{last % 100:02}",
            **dict(zip(PUBLISHED, (of.value, of.low, of.high), strict=True)),
            "part": TRAIN if of.train else TEST,
            "scored": not of.anchored,
            "met": bool(of.low <= middle <= of.high),
            "misfit": float(of.misfit(np.asarray(middle))),
            **{name: getattr(of, name) for name in ("tolerance", "weight", "source", "note")},
        }

    @cached_property
    def families(self) -> pd.DataFrame:
        """One row a part and family: its targets, how many are met, its misfit and weight."""
        table = self.table[self.table["scored"]]
        by = table.assign(square=table["misfit"] ** 2).groupby(["part", "family"], sort=False)
        found = by.agg(
            targets=("met", "size"),
            met=("met", "sum"),
            misfit=("square", "mean"),
            weight=("weight", "first"),
        )
        return found.assign(misfit=np.sqrt(found["misfit"])).reset_index()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Targets, and families."""
        return {self.stem: self.table, f"{self.stem}_families": self.families}

    # -- words and figure --------------------------------------------------------------------------

    @property
    def paragraphs(self) -> list[str]:
        """How much is met of what trains and of what tests, and what counts nowhere."""
        how = (
            "Published values and ranges beside the median over replicates and the interval that "
            "holds 80 % of them. A target is met where the median lies in the range."
        )
        anchored = fmt.counted(int((~self.table["scored"]).sum()), "target")
        effects = sum(of.reading == EFFECT for of in self.targets)
        others = len(self.targets) - len(self.table) - effects
        left = (
            f"Anchored, listed and counted nowhere: {anchored}. Not read from these runs: "
            f"{fmt.counted(effects, 'published effect')}, for which ydsim study literature has "
            "runs of its own"
        )
        left += f", and {fmt.counted(others, 'other target')}." if others else "."
        view = (
            "Information used: structure and parameters chosen by hand have seen figures up to "
            "2020, those of the test among them."
        )
        parts = " ".join(filter(None, map(self._counted, (TRAIN, TEST))))
        return [" ".join([how, *self.facts.cautions()]), parts, f"{left} {view}"]

    def _counted(self, part: str) -> str:
        own = self.families[self.families["part"] == part]
        if not len(own):
            return ""
        whole = int((own["met"] == own["targets"]).sum())
        mean = float(np.average(own["met"] / own["targets"], weights=own["weight"]))
        return (
            f"Of {len(own)} families of the {part} set {whole} ({fmt.percent(whole / len(own))}) "
            f"have all their targets in range; {own['met'].sum()} of {own['targets'].sum()} "
            f"targets are, {fmt.percent(mean)} by weight of families."
        )

    @property
    def sections(self) -> list[Section]:
        """Targets to train on, those of the test, families, and what is anchored."""
        scored, train = self.table["scored"], self.table["part"] == TRAIN
        note = "Misfit in tolerances: a quarter of the range unless the table of targets says."
        return [
            self._targets("Training set", self.table[scored & train]),
            self._targets("Test set", self.table[scored & ~train]),
            Section.of("Families", self.families.drop(columns="weight"), note),
            self._targets("Anchored", self.table[~scored]),
        ]

    def _targets(self, title: str, table: pd.DataFrame) -> Section:
        """Return targets in words; levels are shown in their unit and not as logs."""
        level = table["reading"] == "level"
        ends = table[[*ENDS, *PUBLISHED]]
        table = table.assign(**ends.mask(level, ends.map(math.exp)))
        unit = table["unit"].str.removeprefix("ln ").where(level, table["unit"])
        rows = [
            (
                row["words"],
                row["years"],
                fmt.interval(*(row[end] for end in ENDS)),
                _accepted(*(row[end] for end in PUBLISHED)),
                shown,
                fmt.number(row["misfit"], 2),
                "yes" if row["met"] else "**no**",
            )
            for row, shown in zip(table.to_dict("records"), unit, strict=True)
        ]
        head = ("target", "years", "simulated", "published", "unit", "misfit", "met")
        return Section(title, head, rows, (5,))

    def plot(self) -> Figure:
        """Return intervals beside ranges, in tolerances; anchored ones where all are."""
        table = self.table[self.table["scored"]] if self.table["scored"].any() else self.table
        value, low, high = (table[end] for end in PUBLISHED)
        centre = value.fillna(low.where(np.isfinite(low), high))
        scaled = table[[*ENDS, *PUBLISHED]].sub(centre, axis=0).div(table["tolerance"], axis=0)
        what = table["words"] + ", " + table["years"]
        ours = scaled.assign(outcome=table["part"], label=what, series="runs", sure=~table["met"])
        low, high = (scaled[end].clip(-REACH, REACH) for end in PUBLISHED[1:])
        theirs = ours.assign(estimate=0.0, low=low, high=high, series="published", sure=False)
        heads = {part: (f"{part} set", "tolerances") for part in table["part"].unique()}
        note = (
            "Median and 80 % of replicates over the published value, or over the end of an open "
            "range, in tolerances; filled where the median is out of range."
        )
        return self.forest(pd.concat([ours, theirs]), heads, note, columns=1)


def _accepted(value: float, low: float, high: float) -> str:
    """Say what was published: value and range, or an open range."""
    if not (math.isnan(value) or math.isinf(low) or math.isinf(high)):
        return fmt.interval(value, low, high)
    ends = [fmt.number(end, 3) for end in (low, high)]
    words = f"above {ends[0]}" if math.isinf(high) else f"below {ends[1]}"
    return words if math.isnan(value) else f"{fmt.number(value, 3)}, {words}"
