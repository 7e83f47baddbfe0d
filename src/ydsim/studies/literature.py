"""Estimators of published studies on the panels of runs of one sweep, beside what studies found.

The sweep has points of the same draws: the scenario alone (quiet), with each shock of `SHOCKS`,
with consortia where it has none, and without its policy `membership` (apart). With b_r the reading
of replicate r, p_r its placebo and c_r what is counted in the two runs (`ydsim.studies.readings`):

    found   = mean b_r,   placebo = mean p_r,   in pairs = mean (b_r - p_r),   counted = mean c_r
    bias    = found - counted
    ratio   = mean a_r / mean c_r,   in pairs of a_r and c_r less those of the placebo

    reading                b_r in           p_r in
    shocks                 with the shock   quiet, with who is treated in the run with it
    membership             quiet            apart
    research of firms      quiet            quiet, with fields and partners drawn at random
    joint projects         quiet            quiet, with joint projects drawn at random

Intervals are those of a mean over replicates, of a ratio Fieller's. Where few cities or provinces
are treated, what is found has that of randomisation, with `DRAWS` draws for each replicate in the
quiet run, b_k the mean over replicates of the k-th; its power is the share of replicates in which
one run alone would reject zero (`ydsim.studies.estimators`). A placebo is to hold zero; what
is found in pairs leaves out what both runs have of chance, and so tells smaller effects. An
interval [L, U] is compared with the accepted range [low, high] of ``published.csv``:

    inside           low <= L and U <= high
    outside          U < low or L > high
    undecided        otherwise

Of many placebos some exclude zero by chance: they hold zero where Holm's p over all of them is
above .05.

Ranges are the published ones; where a study shows no standard error they are
assumed. Foreign sizes say more on ratios, signs and lags than on levels.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import Any, ClassVar, Final, NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from ydsim import fmt
from ydsim.design.sweep import Sweep
from ydsim.errors import NothingToDrawError, UsageError
from ydsim.measures import effects
from ydsim.packaged import rows_of
from ydsim.policies.borders import Membership
from ydsim.policies.money import InnovationConsortia
from ydsim.results.derived import runs_of
from ydsim.results.results import Results
from ydsim.scenario.read.extend import Overrides
from ydsim.studies import readings, study
from ydsim.studies.estimators import randomised
from ydsim.studies.panels import EFFORT, OF_FIRMS, PARTNERS, Run
from ydsim.studies.readings import Design, Value
from ydsim.studies.study import COLUMNS, SCALE, Facts, Figure, Section, Study
from ydsim.typing import Floats
from ydsim.world.loader import load_world

SCENARIO: Final = "membership_replay"
END: Final = 2022
REPLICATES: Final = 20
AFTER: Final = 3  # years of the run before the shocks

DRAWS: Final = 99  # treatments drawn again for each replicate

_GRANTS: Final = {"kind": "grants", "share": 0.2, "years": 9, "rate": 0.1}

SHOCKS: Final[tuple[dict[str, Any], ...]] = (
    {"name": readings.PART, "kind": "delete_ties", "share": 0.25},
    {"name": readings.LOTTERY, "kind": "vouchers", "years": 2, "share": 0.25},
    {"name": readings.RAIL, "kind": "travel_time", "share": 0.2, "factor": 0.5},
    {"name": readings.GRANTS, "unit": "city", **_GRANTS},
    {"name": readings.DEMAND, "kind": "demand", "share": 0.25, "years": 9, "rise": 0.2},
    {"name": readings.PROTECTION, "kind": "protection", "share": 0.5, "years": 9},
    {"name": readings.FIRM_GRANTS, "unit": "firm", **_GRANTS},
)
"""What strikes, each in a run of its own, so that what is counted is its own (assumed shares)."""

CONSORTIA: Final[dict[str, Any]] = {"number": 60, "size": 20}
"""As many and as large as there may be, since few are left at a small scale."""

POINTS: Final = (
    readings.QUIET, *(str(one["name"]) for one in SHOCKS), readings.CONSORTIA, readings.APART,
)  # fmt: skip
"""Points of the sweep; the last is missing without a policy `membership`."""

UNPAIRED: Final = ("I11", "I12", "I14")
"""Studies whose placebo is drawn at random in the same run, and is no pair."""

_OF_QUIET = (readings.QUIET,)
_OF_FIRMS = (
    *_OF_QUIET, readings.DEMAND, readings.PROTECTION, readings.FIRM_GRANTS, readings.CONSORTIA,
)  # fmt: skip

READ: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "projects": ((*_OF_QUIET, readings.PART, readings.LOTTERY), (
        "project", "born_year", "year", "field", "quality_born", "quality", "invention_kind",
        "invention_holder", "launch_kind", "launch_holder", *PARTNERS,
    )),
    "ties": ((*_OF_QUIET, readings.RAIL), (
        "channel", "year", "from_city", "to_city", "realised", "expected",
    )),
    "agents": ((*_OF_QUIET, readings.LOTTERY), ("key", "log_productivity", "city", "industry")),
    "shocks": (POINTS, ("shock", "key", "other", "place", "other_place", "treated", "year")),
    "firms": (_OF_FIRMS, ("firm", "year", "industry", "province", "alive", *OF_FIRMS)),
    "firm_ties": (_OF_QUIET, ("firm", "other", "year", "strength")),
}  # fmt: skip
"""Points and columns that are read of tables, some of which have millions of rows; of firms of the
scenario alone fields of effort too."""

INSIDE, OUTSIDE, OPEN, NOT_RUN = "inside", "outside", "undecided", "not computed"
ALONE: Final = "no range"  # verdict of a row that only explains others

Runs: TypeAlias = dict[tuple[str, int], pd.DataFrame]  # rows of a table by point and replicate


@cache
def published() -> pd.DataFrame:
    """Return what studies have found, one row a number, in the order in which they are shown.

    Columns ``study`` (number of the target), ``source`` (whose numbers), ``outcome`` (name of the
    row), ``meaning`` (what is estimated, its unit and how), ``published`` (in words),
    ``accepted_low, accepted_high`` (NaN where the range is open), ``why_not`` (why it is not run;
    empty where it is), ``miss`` (what in the model is behind a miss).
    """
    table = pd.DataFrame(rows_of("ydsim.studies", "published.csv"))
    ends = ["accepted_low", "accepted_high"]
    return table.assign(**{name: pd.to_numeric(table[name], errors="coerce") for name in ends})


def design(
    scenario: str | Path = SCENARIO,
    overrides: Overrides | None = None,
    *,
    replicates: int = REPLICATES,
    seed: int | None = None,
    allow_code: bool = False,
) -> Sweep:
    """Return the checked runs; the end is 2022 unless ``overrides`` say otherwise."""

    def sweep(points: Sequence[Mapping[str, Any]], name: str) -> Sweep:
        return study.sweep_of_study(
            scenario,
            overrides,
            name=f"{name[:60]}-effects",
            description="Estimators of published studies on simulated panels.",
            design={"kind": "list", "points": list(points)},
            replicates=replicates,
            seed=seed,
            allow_code=allow_code,
            settings={"scale": SCALE, "end": END},
            record={
                "series": 1,
                "cities": 1,
                "ties": True,
                "agents": True,
                "tables": ["projects", "firms", "firm_ties", "shocks"],
            },
        )

    base = sweep([{"shocks": []}], "base").base
    if base.shocks:
        raise UsageError(f"{base.name}: has shocks of its own, and those of the estimators come in")
    year = base.start + AFTER
    if base.end <= year:
        raise UsageError(f"{base.name}: shocks strike in {year}, and the run ends in {base.end}")
    # of another shock for consortia, since equal points are refused where the scenario has its own
    quiet, same = ({"shocks": [{**one, "share": 0.0, "year": year}]} for one in SHOCKS[:2])
    points: list[dict[str, Any]] = [quiet, *({"shocks": [{**one, "year": year}]} for one in SHOCKS)]
    own = any(isinstance(one, InnovationConsortia) for one in base.policies.values())
    clubs: dict[str, Any] = {"policies.consortia": {**CONSORTIA, "start": year}}
    points.append(same if own else {**same, **clubs})
    members = [name for name, one in base.policies.items() if isinstance(one, Membership)]
    if members:
        points.append({**quiet, **{f"policies.{name}.strength": 0.0 for name in members}})
    return sweep(points, base.name)


def read(results: Results | str | Path) -> Effects:
    """Return what the runs of `design` show."""
    results = study.opened(results)
    _require_design(results)
    cities = results.cube(["inventions"], by="city")
    replicates = study.common_replicates(results, cities).tolist()
    tables = {name: _of_runs(results, name) for name in READ}
    tables["cities"] = {
        (POINTS[point], r): rows
        for (point, r), rows in runs_of(cities.reset_index().rename(columns={"place": "city"}))
    }
    scenario = results.manifest["scenario"]
    world = load_world(str(scenario["world"]))
    years = int(scenario["start"]), int(scenario["end"])

    def run_of(point: str, r: int, treated: str) -> Run:
        of: dict[str, Any] = {name: runs.get((point, r)) for name, runs in tables.items()}
        of["shocks"] = tables["shocks"][treated, r]
        return Run(world, first=years[0], last=years[1], joined=_joined(tables["firms"], r), **of)

    values: dict[str, list[Seen]] = {}
    lost: dict[str, None] = {}
    there = POINTS[: len(results.contents.points)]
    for r, design_ in product(replicates, readings.DESIGNS):
        if design_.other in there:
            runs = [run_of(point, r, design_.point) for point in (design_.point, design_.other)]
            seen, why = _seen(design_, r, *runs)
            lost |= dict.fromkeys(why)
            for name, value in seen.items():
                values.setdefault(name, []).append(value)
    place = str(results.manifest["regions"][-1])
    rows = [
        _row_of(target, place, values.get(target["outcome"], []), list(lost))
        for target in published().to_dict("records")
    ]
    return Effects(Facts.of(results, years, len(replicates)), with_placebos(pd.DataFrame(rows)))


run = study.runner(design, read)


class Seen(NamedTuple):
    """What one replicate has of a row; None where there is none."""

    found: Value | None
    placebo: Value | None = None
    counted: Value | None = None
    """What is found with the shock, and without it; what is counted in the two runs."""
    again: Floats | None = None  # (K,) what is found without it for treated units drawn again


def _seen(of: Design, r: int, run: Run, other: Run) -> tuple[dict[str, Seen], list[str]]:
    """Return what a design shows by row, and why it shows nothing."""
    found, why = readings.read(partial(of.reading, run))
    placebo, _ = readings.read(partial(of.placebo or of.reading, other))
    counted, _ = readings.read(partial(of.counting, run, other)) if of.counting else ({}, [])
    rows = {
        name: Seen(found.get(name), placebo.get(name), counted.get(name))
        for name in {**found, **counted}
    }
    if of.few in found:
        again = readings.drawn_again(other, of, r, DRAWS)
        rows[of.few] = rows[of.few]._replace(again=again)
    return rows, why


def _require_design(results: Results) -> None:
    texts = [str(text) for text in results.contents.points.columns.get("shocks", [])]
    named = zip(texts[1:], SHOCKS, strict=False)
    if not len(POINTS) - 1 <= len(texts) <= len(POINTS) or not all(
        f'"{shock["name"]}"' in text for text, shock in named
    ):
        raise study.other_runs(results, "study literature")


def _of_runs(results: Results, name: str) -> Runs:
    """Return the rows of a table by point and replicate, with the columns that panels read."""
    wanted, names = READ[name]
    plan, points, found = results.contents.plan, results.contents.points, {}
    for rows, columns in results.parts(name):
        efforts = [one for one in columns if one.startswith(EFFORT)]
        of_run: Any = pd.DataFrame({one: columns[one] for one in (*names, *efforts)}).groupby(rows)
        for row, frame in of_run:
            for point in points.rows[plan.hashes[row]]:
                kept = names if POINTS[point] != readings.QUIET else frame.columns
                if POINTS[point] in wanted:
                    found[POINTS[point], plan.replicates[row]] = frame[list(kept)]
    return found


def _joined(firms: Runs, r: int) -> pd.DataFrame:
    """Return who is a member at random: nobody where the scenario has consortia of its own."""
    by_lot = bool((firms[readings.QUIET, r]["consortia"] == 0).all())
    members = firms[readings.CONSORTIA, r][["firm", "year", "consortia"]]
    return members[(members["consortia"] > 0) & by_lot]


def _row_of(
    target: Mapping[Hashable, Any], place: str, values: Sequence[Seen], lost: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the row of the table of a target from what each replicate shows."""
    values = [] if target["why_not"] else values
    found, n = _mean([one.found for one in values])
    both = [one for one in values if _mean([one.found])[1]] or values
    counted, m = _mean([one.counted for one in both])
    why_not = target["why_not"] or "; ".join(lost) or "the scenario has no policy of this kind"
    there = values if n else []
    ratio = any(isinstance(one.found, tuple) for one in there)
    placebo, with_placebo = _mean([] if ratio else [one.placebo for one in there])
    unpaired = target["study"] in UNPAIRED
    gaps = [
        np.subtract(one.found, one.placebo)
        for one in there
        if not unpaired and one.found is not None and one.placebo is not None
    ]
    pair, pairs = _mean(gaps)
    found, p, power = _by_draws(found, there)
    accepted = target["accepted_low"], target["accepted_high"]
    return {
        "outcome": target["outcome"],
        "place": place,
        **found.columns(),
        "p": p,
        "n": n or m,
        **{name: target[name] for name in ("study", "meaning", "published")},
        "accepted_low": accepted[0],
        "accepted_high": accepted[1],
        "verdict": verdict(found if n else counted, *accepted),
        **counted.columns("counted"),
        "bias": found.estimate - counted.estimate,
        "power": power,
        **placebo.columns("placebo"),
        "placebo_p": _p_of(placebo, with_placebo),
        **pair.columns("pair"),
        "pair_verdict": verdict(pair, *accepted) if pairs else "",
        "why_not": "" if n or m else why_not,
    }


def _by_draws(
    found: effects.Interval, values: Sequence[Seen]
) -> tuple[effects.Interval, float, float]:
    """Return what is found with its interval by treatments drawn again, its p, and its power."""
    drawn = [
        (one.found, one.again)
        for one in values
        if one.again is not None and isinstance(one.found, float) and math.isfinite(one.found)
    ]
    if not drawn:
        return found, math.nan, math.nan
    again = np.stack([own for _, own in drawn])
    again = again[:, np.isfinite(again).all(axis=0)]
    p, low, high = randomised(found.estimate, again.mean(axis=0))
    alone = [randomised(b, own)[0] for (b, _), own in zip(drawn, again, strict=True)]
    power = float(np.mean(np.array(alone) <= 1.0 - effects.CONFIDENCE))
    return effects.Interval(found.estimate, low, high), p, power


def _mean(values: Sequence[Any]) -> tuple[effects.Interval, int]:
    """Return the mean over replicates, of ratios that of their parts, and how many have one."""
    parts = np.array([one for one in values if one is not None and np.isfinite(one).all()])
    n = len(parts)
    if n == 0:
        return effects.NO_INTERVAL, 0
    return effects.mean_of(parts) if parts.ndim == 1 else effects.fieller(
        parts[:, 0], parts[:, 1]
    ), n


def _p_of(placebo: effects.Interval, n: int) -> float:
    """Return the p of zero of a mean over replicates; NaN where there is no interval."""
    error = (placebo.high - placebo.low) / (2.0 * effects.quantile(n))
    return math.nan if math.isnan(error) else effects.p_value(placebo.estimate, error, n)


def with_placebos(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of effects with ``placebo_holds_zero``: Holm's p is above .05, or none."""
    p = effects.holm(table["placebo_p"])
    held = np.where(p > 1.0 - effects.CONFIDENCE, "yes", "no")
    return table.assign(
        placebo_p=p,
        placebo_holds_zero=np.where(
            np.isfinite(p), held, np.where(table["placebo"].notna(), "-", "")
        ),
    )


def verdict(found: effects.Interval, least: float, most: float) -> str:
    """Return what an estimate says of an accepted range, whose open ends are NaN."""
    if math.isnan(found.estimate):
        return NOT_RUN
    if math.isnan(least) and math.isnan(most):
        return ALONE
    if found.high < least or found.low > most:
        return OUTSIDE
    part = math.isnan(found.low) or found.low < least or found.high > most
    return OPEN if part else INSIDE


@dataclass(frozen=True, repr=False)
class Effects(Study):
    """What all estimators find."""

    table: pd.DataFrame
    """A row for each of `published`: found (``estimate, low, high``), ``counted``, ``placebo`` and
    ``pair``, each with its ends, ``bias``, ``p`` and ``power`` where few units are treated, ``n``
    (replicates that count), ``verdict`` (of what is found; of what is counted where nothing else
    is), ``pair_verdict``, ``placebo_p`` by Holm, ``placebo_holds_zero`` and ``why_not``. NaN where
    there is none."""

    stem: ClassVar[str] = "effects"

    @property
    def title(self) -> str:
        """Heading of the page."""
        return "Published effects in simulated panels"

    @property
    def paragraphs(self) -> list[str]:
        """What was found, and what to keep in mind."""
        head = (
            f"{self.facts.base}, {self.facts.span}, "
            f"{fmt.counted(self.facts.replicates, 'replicate')} of the same draws: "
            f"{fmt.counted(len(self._run), 'row')} of {len(self.table)} could be run."
        )
        told = [
            f"{message.capitalize()} ({len(rows)}): "
            + "; ".join(f"{row['outcome']} ({row['study']}) {_judged(row)}" for row in rows)
            + "."
            for message in (INSIDE, OUTSIDE, OPEN)
            if (rows := self._where("verdict", message))
        ]
        return [head, *told, " ".join(self._cautions())]

    @property
    def text(self) -> str:
        """Paragraphs and table as plain text."""
        with self._speaking():
            return f"{self.paragraph}\n\n{self.sections[0].plain}"

    @property
    def sections(self) -> list[Section]:
        """The table, what rows are, misses, and what is not run."""
        sources = published().set_index("outcome")["source"]
        meanings = [
            [f"`{row['outcome']}`", row["meaning"], sources[row["outcome"]]] for row in self._run
        ]
        return [
            Section("Found and published", HEAD, self._cells(), note=_READING),
            Section("Few treated units", _FEW_HEAD, self._few(), note=_FEW),
            Section("What the rows are", ["row", "what is estimated", "study"], meanings),
            Section("Misses", note="\n".join(self._misses())),
            Section("Not run", note="\n".join(self._not_run())),
        ]

    def plot(self) -> Figure:
        """Return the figure: what is found and what is counted, of rows that are no ratio."""
        drawn = self.table[self.table["counted"].notna() & self.table["placebo"].notna()]
        if drawn.empty:
            raise NothingToDrawError(f"{self.facts.name}: nothing is both found and counted")
        series = {"": "found", "pair": "found in pairs", "counted": "counted"}
        table = pd.concat(
            drawn[["outcome", *effects.columns_of(name)]]
            .set_axis(["label", *COLUMNS[2:5]], axis=1)
            .assign(series=message)
            for name, message in series.items()
        )
        return self.forest(
            table.assign(outcome="effect"),
            {"effect": ("Effect of the shock", "log or share")},
            f"Bars: {self.facts.bars}; of few treated units those of randomisation.",
        )

    @property
    def figures(self) -> dict[str, Figure]:
        """The figure, where there is something to draw."""
        try:
            return super().figures
        except NothingToDrawError:
            return {}

    @property
    def _run(self) -> list[dict[Hashable, Any]]:
        return self._where("verdict", INSIDE, OUTSIDE, OPEN, ALONE)

    def _where(self, name: str, *values: str) -> list[dict[Hashable, Any]]:
        return self.table[self.table[name].isin(values)].to_dict("records")

    def _cautions(self) -> Iterator[str]:
        if off := self._where("placebo_holds_zero", "no"):
            names = fmt.listed([f"{row['outcome']} {_said(row, 'placebo')}" for row in off])
            yield (
                f"The placebo does not hold zero of {names}: there the estimator alone is no guide."
            )
        if effects.ENOUGH_REPLICATES <= self.facts.replicates < REPLICATES:
            yield f"{self.facts.replicates} replicates leave wide intervals; 20 or more are meant."
        yield from self.facts.cautions()

    def _cells(self) -> list[list[str]]:
        return [
            [
                row["study"],
                f"`{row['outcome']}`",
                row["published"],
                study.accepted(math.nan, row["accepted_low"], row["accepted_high"]),
                _said(row),
                row["verdict"],
                _said(row, "counted"),
                fmt.number(row["bias"]) if not math.isnan(row["bias"]) else "-",
                _said(row, "placebo") + " (not zero)" * (row["placebo_holds_zero"] == "no"),
                _said(row, "pair"),
                row["pair_verdict"] if row["pair_verdict"] != ALONE else "",
            ]
            for row in self._run
        ]

    def _few(self) -> list[list[str]]:
        return [
            [f"`{row['outcome']}`", _said(row), fmt.number(row["p"]), fmt.number(row["power"])]
            for row in self._run
            if not math.isnan(row["p"])
        ]

    def _misses(self) -> Iterator[str]:
        why = published().set_index("outcome")["miss"]
        missed = [row for row in self._run if OUTSIDE in (row["verdict"], row["pair_verdict"])]
        if not missed:
            yield "None is known."
        for row in missed:
            found = _judged(row) if row["verdict"] == OUTSIDE else f"in pairs {_said(row, 'pair')}"
            yield (
                f"- {row['study']} `{row['outcome']}`: found {found}, accepted "
                f"{study.accepted(math.nan, row['accepted_low'], row['accepted_high'])}. "
                f"{why[row['outcome']]}"
            ).rstrip()

    def _not_run(self) -> Iterator[str]:
        for row in self._where("verdict", NOT_RUN):
            yield (
                f"- {row['study']} `{row['outcome']}` ({row['meaning']}; published "
                f"{row['published']}): {row['why_not']}."
            )


HEAD: Final = (
    "", "row", "published", "accepted", "found", "verdict", "counted", "bias", "placebo",
    "in pairs", "verdict in pairs",
)  # fmt: skip

_FEW_HEAD: Final = ("row", "found", "p", "power of one run")


def _said(row: Mapping[Hashable, Any], name: str = "") -> str:
    """Return a mean of a row with its interval; "-" where there is none."""
    estimate, low, high = (row[key] for key in effects.columns_of(name))
    lone = not math.isnan(estimate) and (math.isnan(low) or math.isnan(high))
    return fmt.interval(estimate, low, high) + " (no interval)" * lone


def _judged(row: Mapping[Hashable, Any]) -> str:
    """Return what a _verdict is on: what is found, or what is counted where nothing else is."""
    counted = math.isnan(row["estimate"])
    return f"counted {_said(row, 'counted')}" if counted else _said(row)


_READING = """\
In brackets 95 % intervals of the mean over replicates. *Inside* and *outside*: the whole interval
is in the accepted range, or beyond it; *undecided*: it is partly in. *Counted*: what the
same shock does to the units that it treats, from runs of the same draws with it and without, which
no study sees; *bias*: found less counted. *Placebo*: the
estimator in the run without the shock, with the units that the shock draws; for joint projects,
joint projects drawn at random; for stocks of research, fields of effort and partners drawn at
random; for members of the committee, the run in which nobody enters. It is to hold zero, by
Holm's p over all placebos. *In pairs*: found less placebo, replicate by replicate with the same
draws: what both have of chance is gone, so that smaller effects are seen."""

_FEW = """\
A single fit with few treated cities or provinces has errors that are too small. Interval and p are
of one test by randomisation: the estimator where there is no shock, with treated units drawn again;
p, twice the share of the smaller tail, is at most .05 where the interval excludes zero, and nowhere
else. *Power of one run*: in which share of replicates one region with one draw, as a study has,
tells the effect from zero at 5 %."""
