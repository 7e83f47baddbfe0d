r"""Calibration: which values of some parameters agree with what was published, and what is unknown.

History matching in waves: runs at points of the space of the parameters, an emulator a target from
all runs so far (`ydsim.studies.emulation`), the next wave in the space that they do not rule out.
The first wave is the scenario as it is and a Latin hypercube. Draws of the prior, uniform in the
ranges, are weighted by the emulators of the last wave; members are drawn from them and run, with

    weight_i ~ exp(-(misfit_i - misfit'_i) / 2)

where misfit_i is that of the runs of a member and misfit'_i what emulators said, by which it was
drawn. Targets (`ydsim.studies.validation`) count that are there to train on, are not anchored, end
by ``until`` and have an emulator with R2 of at least `LEAST_R2`; a family has one weight. Where
only a range is published, implausibility is that of its nearer end, and zero inside.

Runs of all points have draws of their own, so that emulators see how far chance moves a target.
Each wave is a sweep in a folder of its own below that of the calibration; the points of one that is
there are kept.

Waves may have several scales; emulators then have one more coordinate, the logarithm of the scale,
and are asked at that of the last wave.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import pandas as pd

from ydsim import arguments, fmt
from ydsim.design.factors import cell_at, share_of_range
from ydsim.design.load import sweep_of
from ydsim.design.sweep import Factor, Sweep, value_of
from ydsim.errors import ResultsError, UsageError
from ydsim.results.results import Results, open_results
from ydsim.run.progress import Report
from ydsim.scenario.load import load_scenario
from ydsim.scenario.read.extend import Overrides, override_tree
from ydsim.scenario.schema.scenario import Scenario
from ydsim.store.manifest import NAME
from ydsim.studies import emulation
from ydsim.studies.emulation import CUTOFF, KNOWN, LEAST_R2, PARTLY, Emulator, Identified, Plausible
from ydsim.studies.optimise import varied
from ydsim.studies.study import COLUMNS, SCALE, Facts, Figure, Section, Study, extra, run_sweep
from ydsim.studies.validation import (
    BY_CITY,
    KNOWN_IN,
    LINKED,
    Target,
    load_targets,
    simulated,
)
from ydsim.typing import Floats
from ydsim.wording import suggestion

RANGES: Final[Mapping[str, str]] = {
    "parameters.invest.adjustment": "0.05:0.3",
    "parameters.explore.ideas": "0.08:0.25",
    "parameters.explore.ideas_exponent": "0.3:0.6",
    "parameters.match.reserve": "2.0:3.0",
    "parameters.match.cognitive": "1.0:3.5",
    "parameters.match.gap_search": "0.01:0.04",
    "parameters.explore.access": "0:0.8",
    "parameters.explore.far": "0.05:0.3",
    "parameters.explore.absorption": "0:1",
    "parameters.border.joint_work": "0.05:0.4",
    "parameters.border.hand_over": "0.01:0.2:log",
    "parameters.border.knowledge": "0.7:1",
    "parameters.chain.project_share": "0.6:0.9",
    "parameters.chain.duration": "8.0:15.0",
    "parameters.contracts.market": "0.25:0.8",
    "parameters.learn.rate": "0.03:0.3:log",
    "parameters.adopt.internal": "0.3:0.9",
}
"""Ranges of the parameters that are calibrated by default (assumed): those that are assumed or set
by hand and move what was published."""

WAVES, MEMBERS, DRAWS = 3, 40, 100_000
MEMBERS_OF: Final = "members"
"""Folder of the members below that of a calibration."""
PER_PARAMETER: Final = 12
"""Runs of a wave for each parameter."""

_WIDER: Final = (CUTOFF, 4.0, 6.0, 10.0, math.inf)
"""Cutoffs of which the first is taken that leaves enough draws."""
_CANDIDATES = 10  # draws for each point of a wave, of which the most spread ones are taken
_SHARES = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Plan:
    """What is calibrated, to what and how."""

    scenario: str | Path
    overrides: Overrides | None
    base: Scenario
    ranges: tuple[Factor, ...]
    targets: tuple[Target, ...]
    counted: tuple[Target, ...]
    """Those that are fitted to, if their emulators are good enough."""
    scales: tuple[float, ...]
    """Share of organisations that is simulated, by wave; members have the last one."""
    wave_points: int
    members: int
    replicates: int  # of each point
    draws: int  # of the prior
    seed: int
    allow_code: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the parameters."""
        return tuple(factor.key for factor in self.ranges)

    @property
    def default(self) -> list[float]:
        """The values of the scenario as it is."""
        paths = [key.split(".") for key in self.keys]
        found: list[Any] = [reduce(getattr, path, self.base) for path in paths]
        return [float(value) for value in found]

    @property
    def digest(self) -> str:
        """A short text that differs where members of another calibration would be drawn."""
        known = self.counted, self.ranges, self.scales, self.wave_points, self.draws, self.seed
        return sha256(repr(known).encode()).hexdigest()[:16]

    def values(self, points: Floats) -> list[list[float]]:
        """Return values of parameters at points of the unit cube, as runs have them."""
        return [
            [float(value_of(cell_at(f, float(u)))) for f, u in zip(self.ranges, row, strict=True)]
            for row in points
        ]

    def points(self, values: Sequence[Sequence[float]]) -> Floats:
        """Return the points of the unit cube of values."""
        table = np.array(values, dtype=np.float64)
        each = [share_of_range(f.plain(), table[:, j]) for j, f in enumerate(self.ranges)]
        return np.column_stack(each)

    def first(self) -> list[list[float]]:
        """Return the values of the first wave: the scenario as it is and a hypercube."""
        cube = emulation.hypercube(self.wave_points - 1, len(self.ranges), self.seed)
        return [self.default, *self.values(cube)]

    def sweep(self, part: str, scale: float, values: Sequence[Sequence[float]]) -> Sweep:
        """Return the checked sweep of a wave, or of the members."""
        last = max(self.base.start + 1, *(one.years[1] for one in self.targets))
        read = [name for one in self.targets for name in (one.indicator, one.over)]
        linked = any(name.startswith(LINKED) for name in read)
        cities = linked or any(name.startswith(BY_CITY) for name in read)
        whole = [int if factor.whole else float for factor in self.ranges]
        rows = [[kind(v) for v, kind in zip(row, whole, strict=True)] for row in values]
        content = {
            "name": f"{self.base.name[:50]}-calibration-{part}",
            "description": f"Drawn for {self.digest}." if part == MEMBERS_OF else "",
            "base": str(self.scenario),
            "set": {"scale": scale, "end": min(last, self.base.end)},
            "design": {
                "kind": "list",
                "points": [dict(zip(self.keys, row, strict=True)) for row in rows],
            },
            "replicates": self.replicates,
            "random": "independent",
            "record": {"cities": int(cities), "ties": linked},
        }
        return sweep_of(content, self.overrides, seed=self.seed, allow_code=self.allow_code)


# -- what is asked for -----------------------------------------------------------------------------


def design(
    scenario: str | Path,
    overrides: Overrides | None = None,
    *,
    vary: Sequence[str] = (),
    targets: str | Path | None = None,
    until: int | None = None,
    waves: int = WAVES,
    scales: Sequence[float] = (),
    points: int | None = None,
    members: int = MEMBERS,
    replicates: int = 1,
    draws: int = DRAWS,
    seed: int | None = None,
    allow_code: bool = False,
) -> Plan:
    """Return a calibration, checked; nothing is run.

    ``vary``: ``KEY=FROM:TO`` or ``KEY=FROM:TO:log``, one for each parameter, or the key of one of
    `RANGES`; by default all of these. ``targets``: a file of targets like the packaged one; by
    default that. ``until``: year by which targets end that are fitted to, 2017 for those of the
    package. ``scales``: of the waves, the last of them goes on; by default .02. ``points``: of a
    wave, by default twelve for each parameter. ``members``: points that are drawn at the end.
    ``draws`` of the prior.
    """
    extra("sklearn.gaussian_process", "scikit-learn", "a calibration")
    base = load_scenario(scenario, overrides, allow_code=allow_code)
    ranges = _ranges(scenario, overrides, vary, allow_code)
    waves = arguments.whole("waves", waves, 1, 20)
    sizes = [arguments.number("scales", each, "numbers above 0") for each in scales] or [SCALE]
    if len(sizes) > waves:
        raise arguments.refuse("scales", f"at most one for each of {waves} waves", scales)
    if scales and "scale" in override_tree(overrides or {}).value:
        raise UsageError("scales of waves are given, and the scale is set for all of them too")
    every = load_targets(base.world, targets)
    until = (KNOWN_IN if targets is None else base.end) if until is None else until
    counted = tuple(t for t in every if t.train and not t.anchored and t.years[1] <= until)
    if not counted:
        raise UsageError(
            f"none of {fmt.counted(len(every), 'target')} is there to train on, not anchored and "
            f"known in {until}"
        )
    plan = Plan(
        scenario,
        overrides,
        base,
        ranges,
        every,
        counted,
        tuple(sizes + sizes[-1:] * (waves - len(sizes))),
        arguments.whole("points", points or PER_PARAMETER * len(ranges), 8, 100_000),
        arguments.whole("members", members, 2, 10_000),
        arguments.whole("replicates", replicates, 1, 1000),
        arguments.whole("draws", draws, 1000, 10_000_000),
        base.seed if seed is None else seed,
        allow_code,
    )
    plan.sweep("wave-1", plan.scales[0], plan.first()[:2])
    return plan


def _ranges(
    scenario: str | Path, overrides: Overrides | None, vary: Sequence[str], allow_code: bool
) -> tuple[Factor, ...]:
    """Return the ranges of what is calibrated."""
    texts = []
    for text in arguments.texts("vary", vary) or list(RANGES):
        if "=" not in text:
            key = text if text.startswith("parameters.") else f"parameters.{text}"
            if key not in RANGES:
                hint = suggestion(key, list(RANGES), "those that have one are")
                raise UsageError(f"--vary {text}: has no usual range, write KEY=FROM:TO{hint}")
            text = f"{key}={RANGES[key]}"
        texts.append(text)
    _, ranges = varied(scenario, overrides, texts, allow_code=allow_code)
    for text, factor in zip(texts, ranges, strict=True):
        if not factor.is_range:
            raise UsageError(f"--vary {text}: a calibration needs a range, KEY=FROM:TO")
    return ranges


# -- waves -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fitted:
    """What all runs up to a wave say."""

    emulators: dict[str, Emulator]
    """By name of the targets that count."""
    used: list[Target]
    """Those whose emulators are good enough."""
    beside: list[float]
    """The coordinate of the scale, if waves have several."""
    space: Plausible
    cutoff: float

    def misfit(self, of: Mapping[str, tuple[Floats, Floats]]) -> Floats:
        """Return the misfit (n,) from mean and variance by target; infinite for NaN."""
        away = [emulation.implausible(*of[t.name], ends_of(t), t.tolerance) for t in self.used]
        found = (weights_of(self.used)[:, None] * np.array(away) ** 2).sum(axis=0)
        return np.where(np.isnan(found), np.inf, found)

    def predicted(self, points: Floats) -> Floats:
        """Return the misfit (n,) that emulators predict of points."""
        full = np.hstack([points, np.tile(self.beside, (len(points), 1))])
        return self.misfit({t.name: self.emulators[t.name].at(full) for t in self.used})

    def seen(self, runs: pd.DataFrame, until: int | None = None) -> Floats:
        """Return the misfit (n,) of runs, by targets that end by a year."""
        if until is not None:
            early = [t for t in self.used if t.years[1] <= until]
            return replace(self, used=early).seen(runs)
        noise = {t.name: np.full(len(runs), self.emulators[t.name].noise) for t in self.used}
        found = self.misfit({name: (runs[name].to_numpy(), noise[name]) for name in noise})
        if not np.isfinite(found).any():
            raise ResultsError(f"no run of the {MEMBERS_OF} has a value of every target")
        return found


@dataclass
class _Work:
    """A calibration at work: runs so far."""

    plan: Plan
    folder: Path
    options: Mapping[str, Any]  # of `run_sweep`
    points: list[Floats]
    seen: list[pd.DataFrame]
    scales: list[float]

    def carry_out(self, part: str, scale: float, values: list[list[float]]) -> Results:
        """Run what a part lacks, at the points that its folder has, if any."""
        values = [list(row) for row in dict.fromkeys(map(tuple, values))]  # whole ones may meet
        values = self.held(part, len(values)) or values
        sweep = self.plan.sweep(part, scale, values)
        results = run_sweep(sweep, self.folder / part, **self.options)
        frame = simulated(results, self.plan.targets).groupby(level="point").mean()
        self.seen.append(frame.reindex(range(len(values))))
        self.points.append(self.plan.points(values))
        self.scales.append(sweep.base.scale)
        return results

    def held(self, part: str, number: int) -> list[list[float]]:
        """Return the values of the points of a part that is there."""
        folder, keys = self.folder / part, self.plan.keys
        if not (folder / NAME).exists():
            return []
        results = open_results(folder)
        spec, columns = results.manifest["spec"], results.contents.points.columns
        wanted = self.plan.sweep(part, self.plan.scales[0], [self.plan.default]).description
        held = [spec["settings"].get("columns"), spec["size"], spec["description"]]
        if held != [list(keys), number, wanted]:
            raise ResultsError(
                f"{folder} is of a calibration of other parameters, targets or numbers of points; "
                "use another folder with -o"
            )
        table = np.array([columns[key] for key in keys], dtype=np.float64)
        return [[float(value) for value in row] for row in table.T]

    def coordinates(self) -> tuple[Floats, list[float]]:
        """Return all points with the coordinate of the scale, and that of the last wave."""
        points, logs = np.concatenate(self.points), np.log(self.scales)
        if np.ptp(logs) == 0.0:
            return points, []
        place = (logs - logs.min()) / np.ptp(logs)
        column = np.repeat(place, [len(each) for each in self.points])
        return np.column_stack([points, column]), [float(place[-1])]

    def fit(self, wave: int) -> Fitted:
        """Return emulators of all runs so far and the space that they do not rule out."""
        plan, (points, beside) = self.plan, self.coordinates()
        values = pd.concat(self.seen, ignore_index=True)
        emulators = {
            one.name: emulation.emulate(points, values[one.name].to_numpy(), plan.seed)
            for one in plan.counted
        }
        used = [one for one in plan.counted if emulators[one.name].used]
        if not used:
            best = max((e.r2 for e in emulators.values() if not math.isnan(e.r2)), default=math.nan)
            raise UsageError(
                f"no target has an emulator with R2 of {LEAST_R2} or more (best {best:.2f}): more "
                "points or replicates, a larger scale, or other parameters"
            )
        for cutoff in _WIDER:
            space = emulation.plausible(
                [emulators[one.name] for one in used],
                [ends_of(one) for one in used],
                [one.tolerance for one in used],
                weights_of(used),
                d=len(plan.ranges),
                draws=plan.draws,
                seed=plan.seed + wave,
                cutoff=cutoff,
                beside=beside,
            )
            if len(space.points) >= max(plan.wave_points, plan.members):
                break
        return Fitted(emulators, used, beside, space, cutoff)

    def row(self, wave: int, fitted: Fitted) -> dict[str, Any]:
        """Return the row of the last wave."""
        return {
            "wave": wave,
            "points": len(self.points[-1]),
            "scale": self.scales[-1],
            "targets": len(fitted.emulators),
            "used": len(fitted.used),
            "cutoff": fitted.cutoff,
            "share": fitted.space.share,
            "worth": emulation.effective(fitted.space.weights),
        }


def ends_of(target: Target) -> tuple[float, float]:
    """Return the number that is published twice, or the range where there is none."""
    alone = math.isnan(target.value)
    return (target.low, target.high) if alone else (target.value, target.value)


def weights_of(targets: Sequence[Target]) -> Floats:
    """Return weights of targets, those of a family summing to its weight."""
    return emulation.family_weights([t.family for t in targets], [t.weight for t in targets])


def run(scenario: str | Path, overrides: Overrides | None = None, **asked: Any) -> Calibration:
    """Calibrate a scenario: `run_plan` of the `design` that is asked for, with options of both."""
    how = {name: asked.pop(name) for name in ("out", "jobs", "progress") if name in asked}
    return run_plan(design(scenario, overrides, **asked), **how)


def folder_of(plan: Plan) -> Path:
    """Return the usual folder of a calibration."""
    from ydsim.store.layout import folder_name

    return Path("results") / folder_name(f"{plan.base.name[:50]}-calibration")


def run_plan(
    plan: Plan,
    *,
    out: str | Path | None = None,
    jobs: int | None = None,
    progress: Report | None = None,
) -> Calibration:
    """Carry out a calibration, going on with what the folder holds.

    ResultsError when the folder belongs to another one; UsageError when no target can be emulated.
    """
    folder = folder_of(plan) if out is None else arguments.folder("out", out)
    options = {"jobs": jobs, "progress": progress, "allow_code": plan.allow_code}
    work = _Work(plan, folder, options, [], [], [])
    values, waves = plan.first(), list[dict[str, Any]]()
    for wave, scale in enumerate(plan.scales, start=1):
        work.carry_out(f"wave-{wave}", scale, values)
        fitted = work.fit(wave)
        waves.append(work.row(wave, fitted))
        near = fitted.space.points[: _CANDIDATES * plan.wave_points]
        values = plan.values(near[emulation.spread_out(near, plan.wave_points)])
    space, rng = fitted.space, np.random.default_rng(plan.seed)
    n = min(plan.members, int((space.weights > 0.0).sum()))
    chosen = rng.choice(len(space.points), n, replace=False, p=space.weights)
    results = work.carry_out(MEMBERS_OF, scale, plan.values(space.points[chosen]))
    years = plan.base.start, int(results.scenario_at(0)["end"])
    facts, points, shown = Facts.of(results, years, plan.replicates), work.points[-1], work.seen[-1]
    base = work.seen[0].iloc[0]
    return Calibration(facts, plan, fitted, pd.DataFrame(waves), points, base, shown)


# -- what is found ---------------------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class Calibration(Study):
    """What a calibration found."""

    plan: Plan
    fitted: Fitted  # by all waves
    waves: pd.DataFrame
    """One row a wave: ``wave, points, scale, targets`` (that count), ``used, cutoff, share`` (of
    the space, not ruled out) and ``worth``, the equal draws to which the weights are worth."""
    points: Floats  # of the members, in the unit cube
    base: pd.Series[float]  # what the scenario as it is shows of each target
    shown: pd.DataFrame  # what members show of each target

    stem: ClassVar = "calibration"
    heading: ClassVar = "Calibration"

    @cached_property
    def known(self) -> Identified:
        """What is known of the parameters."""
        return emulation.identified(self.fitted.space.points, self.fitted.space.weights)

    @cached_property
    def values(self) -> pd.DataFrame:
        """The values of the members, a column a parameter."""
        return pd.DataFrame(self.plan.values(self.points), columns=list(self.plan.keys))

    @cached_property
    def misfit(self) -> Floats:
        """Misfit of the members by their runs."""
        return self.fitted.seen(self.shown)

    @cached_property
    def weights(self) -> Floats:
        """Weights of the members, their sum one."""
        return self.weights_of(self.misfit)

    def weights_of(self, misfit: Floats) -> Floats:
        """Return weights of the members by their misfit, which may be that of some targets."""
        return emulation.weighted(misfit - self._drawn_by)

    @cached_property
    def _drawn_by(self) -> Floats:
        return self.fitted.predicted(self.points)

    @cached_property
    def central(self) -> int:
        """The member in the middle of all."""
        return emulation.central(self.points, self.weights)

    def state(self, at: int) -> str:
        """Return what is known of a parameter, in a word or two."""
        if any(at in ridge for ridge in self.known.ridges):
            return "on a ridge"
        seen = self.known.seen[at]
        return "known" if seen >= 1.0 - PARTLY else "partly known" if seen > PARTLY else "not seen"

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a parameter: median of the posterior and its 5 and 95 per cent quantiles.

        ``n``: the equal draws to which the weights are worth. Then ``from, to, log`` of the prior,
        ``default`` and ``central``, the values of the scenario as it is and of the central member,
        ``ratio`` of posterior to prior variance, ``seen`` (share in known directions) and
        ``state``.
        """
        space, plan, ranges = self.fitted.space, self.plan, self.plan.ranges
        shares = emulation.quantiles(space.points, space.weights, _SHARES)
        head = pd.DataFrame(np.transpose(plan.values(shares)), columns=["low", "estimate", "high"])
        head = head.assign(outcome=plan.keys, place=self.facts.base, p=math.nan)
        head["n"] = round(emulation.effective(space.weights))
        ends = {"from": [f.low for f in ranges], "to": [f.high for f in ranges]}
        return head[[*COLUMNS]].assign(
            **ends,
            log=[f.log for f in ranges],
            default=plan.default,
            central=self.values.iloc[self.central].tolist(),
            ratio=self.known.ratio,
            seen=self.known.seen,
            state=[self.state(at) for at in range(len(ranges))],
        )

    @cached_property
    def targets(self) -> pd.DataFrame:
        """One row a target: what was published, how well it is emulated, and what runs show.

        ``default`` and ``members`` (their weighted mean) are what runs show, the same with
        ``_away`` how far that is from what was published, in tolerances.
        """
        shown = {
            "default": self.base,
            "members": self.shown.mul(self.weights, axis=0).sum(skipna=False),
        }
        rows = []
        for one in self.plan.targets:
            emulator = self.fitted.emulators.get(one.name, Emulator(math.nan, math.nan))
            row = {"target": one.name, "family": one.family, "unit": one.unit, "value": one.value}
            row |= {"low": one.low, "high": one.high, "tolerance": one.tolerance}
            row |= {"r2": emulator.r2, "noise": math.sqrt(emulator.noise), "used": emulator.used}
            row["why_not"] = self._why_not(one, emulator)
            row |= {name: float(of[one.name]) for name, of in shown.items()}
            for name, of in shown.items():
                row[f"{name}_away"] = float(one.misfit(np.array(of[one.name])))
            rows.append(row)
        return pd.DataFrame(rows)

    def _why_not(self, one: Target, emulator: Emulator) -> str:
        """Return why a target was not used, empty for one that was."""
        if one.name not in self.fitted.emulators:
            return "anchored" if one.anchored else "later" if one.train else "for tests"
        if math.isnan(emulator.r2):
            return "not in the runs, or the same in all"
        return "" if emulator.used else f"R2 below {LEAST_R2}"

    @property
    def directions(self) -> pd.DataFrame:
        """One row a direction, the best known first: ``ratio`` of variances, then loadings."""
        names = [key.removeprefix("parameters.") for key in self.plan.keys]
        loadings = pd.DataFrame(self.known.directions, columns=names)
        loadings.insert(0, "ratio", self.known.ratios)
        return loadings.rename_axis("direction").reset_index()

    @property
    def members(self) -> pd.DataFrame:
        """One row a member: ``member, weight, misfit, central``, then its values by key.

        Before these ``weight_YEAR``, weights by the targets that end by a year alone.
        """
        head = pd.DataFrame({"weight": self.weights, "misfit": self.misfit})
        head["central"] = head.index == self.central
        for year in sorted({t.years[1] for t in self.fitted.used}):
            head[f"weight_{year}"] = self.weights_of(self.fitted.seen(self.shown, year))
        return head.join(self.values).rename_axis("member").reset_index()

    @property
    def paragraphs(self) -> list[str]:
        """How much of the space is left, what is known, and which members there are."""
        return [self._space(), self._known(), self._members(), self._unused()]

    def _space(self) -> str:
        last = self.waves.iloc[-1]
        text = (
            f"{int(last['used'])} of {fmt.counted(int(last['targets']), 'target')} have an "
            f"emulator that is good enough; they leave {fmt.percent(float(last['share']))} of the "
            f"space of {fmt.counted(len(self.plan.keys), 'parameter')}."
        )
        if last["cutoff"] > CUTOFF:
            text += (
                f" Within {CUTOFF:g} standard deviations of all targets too little is left: "
                f"{fmt.number(float(last['cutoff']))} were allowed. The model cannot meet all of "
                "them at once."
            )
        return text

    def _known(self) -> str:
        known, names = int((self.known.ratios < KNOWN).sum()), [*map(str, self.directions)][2:]
        states = self.table["state"].to_numpy()
        parts = [f"{known} of {fmt.counted(len(names), 'direction')} are known."]
        for state in ("known", "partly known", "not seen"):
            if (states == state).any():
                which = [n for n, s in zip(names, states, strict=True) if s == state]
                parts.append(f"{state.capitalize()}: {fmt.listed(which)}.")
        for ridge in self.known.ridges:
            on = fmt.listed(names[at] for at in ridge)
            parts.append(f"A ridge, of which the combination alone is known: {on}.")
        return " ".join(parts)

    def _members(self) -> str:
        worth = fmt.number(emulation.effective(self.weights), 2)
        row = self.values.iloc[self.central]
        values = ", ".join(f"{key} {fmt.number(value)}" for key, value in row.items())
        return (
            f"{fmt.counted(len(self.weights), 'member')}, worth {worth} equal ones by their runs. "
            f"The most central is member {self.central}: {values}."
        )

    def _unused(self) -> str:
        table = self.targets
        weak = table[table["r2"].notna() & ~table["used"]]["target"]
        return f"Not used, R2 below {LEAST_R2}: {fmt.listed(weak)}." if len(weak) else ""

    @property
    def sections(self) -> list[Section]:
        """Parameters, targets that count, and waves."""
        names = {"outcome": "parameter", "estimate": "median"}
        own = ["outcome", "from", "to", "default", "estimate", "low", "high", "ratio", "state"]
        counted = self.targets[self.targets["target"].isin(self.fitted.emulators)]
        seen = ["target", "value", "tolerance", "r2", "used", "default_away", "members_away"]
        return [
            Section.of("Parameters", self.table[own].rename(columns=names)),
            Section.of("Targets", counted[seen], "`away`: in tolerances."),
            Section.of("Waves", self.waves),
        ]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables, and the members."""
        more = ("targets", "waves", "directions", "members")
        return {self.stem: self.table} | {name: getattr(self, name) for name in more}

    @property
    def more(self) -> dict[str, Any]:
        """The central member, and the ridges by name."""
        names = [*map(str, self.directions)][2:]
        ridges = [[names[at] for at in ridge] for ridge in self.known.ridges]
        return {
            "central": self.central,
            "ridges": ridges,
            "known": int((self.known.ratios < KNOWN).sum()),
        }

    def plot(self) -> Figure:
        """Return the posterior of each parameter against its prior."""
        from ydsim.plots.sensitivity import draw_marginals

        space = self.fitted.space
        draws = pd.DataFrame(space.points, columns=list(self.plan.keys))
        place = self.plan.points([self.plan.default])[0]
        return draw_marginals(
            self.table.assign(place=place),
            draws,
            space.weights,
            self.points,
            title=self.title,
            foot=self.facts.made_by,
        )
