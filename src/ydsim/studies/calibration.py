r"""Calibration: which values of some parameters agree with what was published, and what is unknown.

Runs are made in waves at points of the space of the parameters. From all runs so far there is an
emulator for each target (`ydsim.studies.emulation`), and from these the posterior of draws of the
prior (`ydsim.studies.posterior`); points of the next wave are drawn where it is, widened until it
is worth `NEAR` draws for each point. The first wave is the scenario as it is and a Latin hypercube.
Members are equal draws of the posterior of the last wave, and are run to show what they give.
Targets (`ydsim.studies.validation`) count that are there to train on, are not anchored and end by
``until``; each of them counts with the error of its emulator.

Runs of all points have draws of their own, so that emulators see how far chance moves a target.
Each wave is a sweep in a folder of its own below that of the calibration; the points of one that is
there are kept.

Waves may have several scales; emulators then have one more coordinate, the logarithm of the scale,
and are asked at that of the last wave.

With ``truths`` it is tried whether intervals hold what they should, see `ydsim.studies.posterior`;
``truth_runs`` of them are run as well, since what an emulator says of itself tests no emulator.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from ydsim.engines import processors
from ydsim.errors import ResultsError, UsageError
from ydsim.results.results import Results, open_results
from ydsim.run.progress import Progress, Report
from ydsim.scenario.load import load_scenario
from ydsim.scenario.read.extend import Overrides, override_tree
from ydsim.scenario.schema.scenario import Scenario
from ydsim.store.manifest import NAME
from ydsim.studies import emulation, posterior
from ydsim.studies.emulation import Predictions
from ydsim.studies.optimise import varied
from ydsim.studies.posterior import KNOWN, PARTLY, Coverage, Draws, Figures, Identified
from ydsim.studies.study import COLUMNS, SCALE, Facts, Figure, Section, Study, extra, run_sweep
from ydsim.studies.validation import (
    BY_CITY,
    KNOWN_IN,
    LINKED,
    Target,
    load_targets,
    simulated,
)
from ydsim.translation import gettext as _t
from ydsim.typing import Floats, Ints
from ydsim.wording import suggestion

RANGES: Final[Mapping[str, str]] = {
    "parameters.invest.adjustment": "0.05:0.3",
    "parameters.explore.ideas": "0.08:0.25",
    "parameters.explore.ideas_exponent": "0.3:0.6",
    "parameters.match.reserve": "2.0:3.0",
    "parameters.match.cognitive": "1.0:3.5",
    "parameters.match.gap_search": "0.01:0.04",
    "parameters.match.attraction": "0.3:1.2",
    "parameters.match.overhead": "0:0.3",
    "parameters.explore.access": "0:0.8",
    "parameters.explore.nation": "0.45:0.65",
    "parameters.explore.far": "0.05:0.3",
    "parameters.explore.absorption": "0:1",
    "parameters.explore.recombination": "0:1",
    "parameters.border.joint_work": "0.05:0.4",
    "parameters.border.hand_over": "0.01:0.2:log",
    "parameters.border.knowledge": "0.7:1",
    "parameters.border.goods": "0.75:0.95",
    "parameters.border.exposure": "0.3:0.7",
    "parameters.border.talent": "0.3:0.7",
    "parameters.chain.project_share": "0.6:0.9",
    "parameters.chain.duration": "8.0:15.0",
    "parameters.chain.joint_quality": "0.1:0.5",
    "parameters.compete.access": "0.03:0.06",
    "parameters.compete.research_return": "0.04:0.08",
    "parameters.contracts.market": "0.25:0.8",
    "parameters.learn.rate": "0.03:0.3:log",
    "parameters.adopt.internal": "0.3:0.9",
}
"""Ranges of the parameters that are calibrated by default (assumed): those that are assumed or set
by hand and move what was published, and those that a headline hangs on, whether figures see them or
not."""

WAVES, MEMBERS, DRAWS = 3, 40, 100_000
MEMBERS_OF: Final = "members"
"""Folder of the members below that of a calibration."""
PER_PARAMETER: Final = 10
"""Runs of a wave for each parameter."""

LITTLE: Final = 0.5
"""R2 below which an emulator tells little of its target."""
TRUTHS_OF: Final = "truths"
"""Folder of the runs at known truths below that of a calibration."""
NEAR = 10
"""Equal draws for each point of the next wave that the posterior is worth at least."""
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
    truths: int  # of which it is tried whether they are found again
    truth_runs: int
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

    def distinct(self, draws: Draws, at: Ints) -> Ints:
        """Return which of some draws differ as runs have them, ascending."""
        rows = self.values(draws.points[np.sort(at)])
        return np.sort(at)[np.sort(np.unique(rows, axis=0, return_index=True)[1])]

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
            "description": f"Drawn for {self.digest}." if part in (MEMBERS_OF, TRUTHS_OF) else "",
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
    truths: int = 0,
    truth_runs: int = 0,
    seed: int | None = None,
    allow_code: bool = False,
) -> Plan:
    """Return a calibration, checked; nothing is run.

    ``vary``: ``KEY=FROM:TO`` or ``KEY=FROM:TO:log``, one for each parameter, or the key of one of
    `RANGES`; by default all of these. ``targets``: a file of targets like the packaged one; by
    default that. ``until``: year by which targets end that are fitted to, 2017 for those of the
    package. ``scales``: of the waves, the last of them goes on; by default .02. ``points``: of a
    wave, by default ten for each parameter. ``members``: points that are drawn at the end.
    ``draws`` of the prior. ``truths``: known ones of which it is tried whether intervals hold them;
    ``truth_runs``: how many of these are run.
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
        arguments.whole("truths", truths, 0, min(draws, 10_000)),
        arguments.whole("truth_runs", truth_runs, 0, min(draws, 1000)),
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
    """What all runs up to a wave say of draws."""

    draws: Draws
    predictions: Predictions
    used: tuple[Target, ...]
    """Targets that have an emulator, in the order of its columns."""
    log_likelihood: Floats
    """(n, t) of the draws by target."""

    def weights(self, leave_out: str = "", until: int | None = None) -> Floats:
        """Return the weights (n,) of the draws, their sum one.

        Without a family of targets, or by those that end by a year.
        """
        kept = np.array(
            [t.family != leave_out and (until is None or t.years[1] <= until) for t in self.used]
        )
        logs = self.log_likelihood[:, kept].sum(axis=1)
        return posterior.weighted(logs - self.draws.log_density)

    @property
    def total(self) -> Floats:
        """The log likelihood (n,) by all targets."""
        return np.asarray(self.log_likelihood.sum(axis=1))

    def coverage(
        self, plan: Plan, number: int, work: _Work | None = None, also: Floats | None = None
    ) -> Coverage:
        """Return how often known truths are held, by runs where there is work to carry out.

        ``also`` (n, e): what hangs on the parameters of each draw and is asked about like them.
        """
        rng, draws = np.random.default_rng([plan.seed, number]), self.draws
        truths = plan.distinct(draws, rng.choice(len(draws.points), number, replace=False))
        runs, figures = None, figures_of(self.used)
        if work is not None:
            work.carry_out(TRUTHS_OF, plan.scales[-1], plan.values(draws.points[truths]))
            seen = work.seen[-1][[one.name for one in self.used]].to_numpy()
            there = np.isfinite(seen).all(axis=1)
            truths, runs = truths[there], seen[there]
        return posterior.coverage(
            draws, self.predictions, figures, truths, plan.seed, runs=runs, also=also
        )


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
        """Run what a part lacks, at the points that its folder has, if any.

        Draws of the posterior have to be those that the folder has.
        """
        values = [list(row) for row in dict.fromkeys(map(tuple, values))]  # whole ones may meet
        held = self.held(part, len(values)) or values
        if part in (MEMBERS_OF, TRUTHS_OF) and not np.allclose(held, values):
            raise self.of_another(part)
        values = held
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
            raise self.of_another(part)
        table = np.array([columns[key] for key in keys], dtype=np.float64)
        return [[float(value) for value in row] for row in table.T]

    def of_another(self, part: str) -> ResultsError:
        """Return the refusal of a folder of another calibration."""
        return ResultsError(
            f"{self.folder / part} is of a calibration of other parameters, targets or numbers of "
            "points; use another folder with -o"
        )

    def coordinates(self) -> tuple[Floats, list[float]]:
        """Return all points with the coordinate of the scale, and that of the last wave."""
        points, logs = np.concatenate(self.points), np.log(self.scales)
        if np.ptp(logs) == 0.0:
            return points, []
        place = (logs - logs.min()) / np.ptp(logs)
        column = np.repeat(place, [len(each) for each in self.points])
        return np.column_stack([points, column]), [float(place[-1])]

    def fit(self, draws: Draws) -> Fitted:
        """Return what all runs so far say of draws."""
        plan, (points, beside) = self.plan, self.coordinates()
        values = pd.concat(self.seen, ignore_index=True)
        predictions = emulation.predictions_of(
            points,
            {one.name: values[one.name].to_numpy() for one in plan.counted},
            np.hstack([draws.points, np.tile(beside, (len(draws.points), 1))]),
            seed=plan.seed,
            jobs=processors() if self.options["jobs"] is None else int(self.options["jobs"]),
        )
        used = tuple(one for one in plan.counted if one.name in predictions.names)
        if not used:
            raise UsageError(
                "no target differs between the runs: other parameters, or other targets"
            )
        logs = figures_of(used).log_likelihood(predictions.mean, predictions.variance)
        return Fitted(draws, predictions, used, logs)

    def row(self, wave: int, fitted: Fitted, power: float, worth: float) -> dict[str, Any]:
        """Return the row of the last wave."""
        return {
            "wave": wave,
            "points": len(self.points[-1]),
            "scale": self.scales[-1],
            "targets": len(self.plan.counted),
            "used": len(fitted.used),
            "power": power,
            "worth": worth,
        }


def ends_of(target: Target) -> tuple[float, float]:
    """Return the number that is published twice, or the range where there is none."""
    alone = math.isnan(target.value)
    return (target.low, target.high) if alone else (target.value, target.value)


def weights_of(targets: Sequence[Target]) -> Floats:
    """Return weights of targets, those of a family summing to its weight."""
    return posterior.family_weights([t.family for t in targets], [t.weight for t in targets])


def figures_of(targets: Sequence[Target]) -> Figures:
    """Return the figures of targets, with the errors that the likelihood has."""
    low, high = np.array([ends_of(one) for one in targets], dtype=np.float64).T
    tolerance = np.array([one.tolerance for one in targets])
    return Figures(low, high, tolerance / np.sqrt(weights_of(targets)))


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
    draws = posterior.prior_draws(plan.draws, len(plan.ranges), plan.seed)
    wanted = NEAR * plan.wave_points
    for wave, scale in enumerate(plan.scales, start=1):
        work.carry_out(f"wave-{wave}", scale, values)
        if progress is not None:
            text = _t("wave {wave}: emulators of {targets} are fitted to {runs}")
            count, number = len(plan.counted), sum(map(len, work.points))
            what = {"targets": fmt.counted(count, "target"), "runs": fmt.counted(number, "point")}
            progress(Progress(number, number, number, message=text.format(wave=wave, **what)))
        fitted = work.fit(draws)
        weights, power = posterior.tempered(draws, fitted.total, min(wanted, plan.draws / 4))
        worth = posterior.effective(fitted.weights())
        waves.append(work.row(wave, fitted, power, worth))
        if wave < len(plan.scales):
            near = draws.points[posterior.drawn_from(weights, wanted, plan.seed + wave)]
            values = plan.values(near[emulation.spread_out(near, plan.wave_points)])
            draws = posterior.draws_near(draws.points, weights, plan.draws, plan.seed + wave)
    chosen = plan.distinct(draws, posterior.drawn_from(fitted.weights(), plan.members, plan.seed))
    results = work.carry_out(MEMBERS_OF, scale, plan.values(draws.points[chosen]))
    points, shown = work.points[-1], work.seen[-1]
    tried = dict[str, Coverage]()
    if plan.truths:
        tried["emulators"] = fitted.coverage(plan, plan.truths)
    if plan.truth_runs:
        tried["runs"] = fitted.coverage(plan, plan.truth_runs, work)
    years = plan.base.start, int(results.scenario_at(0)["end"])
    facts = Facts.of(results, years, plan.replicates)
    return Calibration(
        facts,
        plan,
        fitted,
        pd.DataFrame(waves),
        chosen,
        points,
        work.seen[0].iloc[0],
        shown,
        tried,
    )


# -- what is found ---------------------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class Calibration(Study):
    """What a calibration found."""

    plan: Plan
    fitted: Fitted  # by all waves
    waves: pd.DataFrame
    """One row a wave: ``wave, points, scale, targets`` (that count), ``used`` (those that have an
    emulator), ``power`` of the likelihood by which the next wave is drawn, and ``worth``, the equal
    draws to which the posterior is worth."""
    chosen: Ints  # which of the draws are members
    points: Floats  # of the members, in the unit cube
    base: pd.Series[float]  # what the scenario as it is shows of each target
    shown: pd.DataFrame  # what members show of each target
    tried: dict[str, Coverage]
    """How often known truths are held, by what gave their figures: emulators, runs."""

    stem: ClassVar = "calibration"
    heading: ClassVar = "Calibration"

    @cached_property
    def known(self) -> Identified:
        """What is known of the parameters."""
        return posterior.identified(self.fitted.draws.points, self.weights)

    @cached_property
    def weights(self) -> Floats:
        """Weights of the draws, their sum one: the posterior."""
        return self.fitted.weights()

    @cached_property
    def values(self) -> pd.DataFrame:
        """The values of the members, a column a parameter."""
        return pd.DataFrame(self.plan.values(self.points), columns=list(self.plan.keys))

    @cached_property
    def central(self) -> int:
        """The member in the middle of all."""
        return posterior.central(self.points)

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
        plan, ranges = self.plan, self.plan.ranges
        shares = posterior.quantiles(self.fitted.draws.points, self.weights, _SHARES)
        head = pd.DataFrame(np.transpose(plan.values(shares)), columns=["low", "estimate", "high"])
        head = head.assign(outcome=plan.keys, place=self.facts.base, p=math.nan)
        head["n"] = round(posterior.effective(self.weights))
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

        ``default`` and ``members`` (their mean) are what runs show, the same with ``_away`` how far
        that is from what was published, in tolerances.
        """
        shown = {"default": self.base, "members": self.shown.mean(skipna=False)}
        rows = []
        for one in self.plan.targets:
            row = {"target": one.name, "family": one.family, "unit": one.unit, "value": one.value}
            row |= {"low": one.low, "high": one.high, "tolerance": one.tolerance}
            predictions = self.fitted.predictions
            row["r2"] = predictions.r2.get(one.name, math.nan)
            row["noise"] = math.sqrt(predictions.noise.get(one.name, math.nan))
            row["used"] = one.name in predictions.names
            row["why_not"] = self._why_not(one)
            row |= {name: float(of[one.name]) for name, of in shown.items()}
            for name, of in shown.items():
                row[f"{name}_away"] = float(one.misfit(np.array(of[one.name])))
            rows.append(row)
        return pd.DataFrame(rows)

    def _why_not(self, one: Target) -> str:
        """Return why a target was not used, empty for one that was."""
        if one not in self.plan.counted:
            return "anchored" if one.anchored else "later" if one.train else "for tests"
        return (
            ""
            if one.name in self.fitted.predictions.names
            else "not in the runs, or the same in all"
        )

    @cached_property
    def families(self) -> pd.DataFrame:
        """One row a family of targets and a parameter: what the family adds.

        ``ratio``: posterior over prior variance, ``without`` the same without the family.
        """
        points = self.fitted.draws.points
        rows = []
        for family in dict.fromkeys(one.family for one in self.fitted.used):
            without = posterior.ratios_of(points, self.fitted.weights(leave_out=family))
            number = sum(one.family == family for one in self.fitted.used)
            rows += [
                {"family": family, "targets": number, "parameter": key, "ratio": a, "without": b}
                for key, a, b in zip(self.plan.keys, self.known.ratio, without, strict=True)
            ]
        return pd.DataFrame(rows)

    @cached_property
    def coverage(self) -> pd.DataFrame:
        """One row a parameter and what gave the figures of known truths.

        ``truths``; ``held``: share of them inside the middle 90 per cent of their posteriors;
        ``distance`` of their ranks from uniform ones, and its ``limit``; ``narrowed``: standard
        deviation of the posterior over that of the draws, the mean over truths.
        """
        names = [*self.plan.keys, "likelihood"]
        parts = []
        for of, coverage in self.tried.items():
            own = pd.DataFrame({"figures": of, "parameter": names, "truths": len(coverage.ranks)})
            own["held"] = [*coverage.held, math.nan]
            own["distance"], own["limit"] = coverage.distance, coverage.limit
            own["narrowed"] = [*coverage.narrowed, math.nan]
            parts.append(own)
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()

    @property
    def directions(self) -> pd.DataFrame:
        """One row a direction, the best known first: ``ratio`` of variances, then loadings."""
        names = [key.removeprefix("parameters.") for key in self.plan.keys]
        loadings = pd.DataFrame(self.known.directions, columns=names)
        loadings.insert(0, "ratio", self.known.ratios)
        return loadings.rename_axis("direction").reset_index()

    @property
    def members(self) -> pd.DataFrame:
        """One row a member: ``member, weight, central``, then its values by key.

        Before these ``weight_YEAR``, weights by the targets that end by a year alone.
        """
        n, drawn_by = len(self.chosen), self.weights[self.chosen]
        head = pd.DataFrame({"weight": np.full(n, 1.0 / n)})
        head["central"] = head.index == self.central
        for year in sorted({t.years[1] for t in self.fitted.used}):
            by = self.fitted.weights(until=year)[self.chosen] / drawn_by
            head[f"weight_{year}"] = by / by.sum()
        return head.join(self.values).rename_axis("member").reset_index()

    @property
    def paragraphs(self) -> list[str]:
        """How sure the posterior is, what is known, which members there are, what was tried."""
        return [self._space(), self._known(), self._members(), self._little(), *self._held()]

    def _space(self) -> str:
        last = self.waves.iloc[-1]
        worth = float(last["worth"])
        text = (
            f"{int(last['used'])} of {fmt.counted(int(last['targets']), 'target')} have an "
            f"emulator over {fmt.counted(len(self.plan.keys), 'parameter')}. "
            f"{self.plan.draws:,} draws are "
            f"worth {fmt.number(worth, 2)} independent ones of the posterior."
        )
        if worth < NEAR * len(self.chosen):
            text += " That is few for so many members: more draws, or one more wave."
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
        row = self.values.iloc[self.central]
        values = ", ".join(f"{key} {fmt.number(value)}" for key, value in row.items())
        return (
            f"{fmt.counted(len(self.chosen), 'member')}, all equally likely. The most central is "
            f"member {self.central}: {values}."
        )

    def _little(self) -> str:
        table = self.targets
        weak = table[table["used"] & (table["r2"] < LITTLE)]["target"]
        return f"Tell little, R2 below {LITTLE}: {fmt.listed(weak)}." if len(weak) else ""

    def _held(self) -> list[str]:
        """Return whether known truths are held, a paragraph for each source of their figures."""
        paragraphs = []
        for of, coverage in self.tried.items():
            *distance, likelihood = coverage.distance
            worst, held = int(np.argmax(distance)), coverage.held
            paragraphs.append(
                f"Of {fmt.counted(len(coverage.ranks), 'known truth')}, with figures by {of}, the "
                f"90 % intervals hold {fmt.percent(float(held.min()))} to "
                f"{fmt.percent(float(held.max()))}. The largest distance of a parameter's ranks "
                f"from uniform ones is {fmt.number(distance[worst], 2)} "
                f"({self.plan.keys[worst]}), that of the likelihood's "
                f"{fmt.number(likelihood, 2)}; where all is well both stay below "
                f"{fmt.number(coverage.limit, 2)} in 95 of 100 cases."
            )
        return paragraphs

    @property
    def sections(self) -> list[Section]:
        """Parameters, targets that count, and waves."""
        names = {"outcome": "parameter", "estimate": "median"}
        own = ["outcome", "from", "to", "default", "estimate", "low", "high", "ratio", "state"]
        counted = self.targets[self.targets["target"].isin([t.name for t in self.plan.counted])]
        adds = self.families.assign(adds=self.families["without"] - self.families["ratio"])
        most = adds.loc[adds.groupby("family", sort=False)["adds"].idxmax()].drop(columns="adds")
        seen = ["target", "value", "tolerance", "r2", "used", "default_away", "members_away"]
        return [
            Section.of("Parameters", self.table[own].rename(columns=names)),
            Section.of("Targets", counted[seen], "`away`: in tolerances."),
            Section.of(
                "Families", most, "The parameter of which a family tells most, with and without it."
            ),
            Section.of("Waves", self.waves),
            *([Section.of("Known truths", self.coverage)] if self.tried else []),
        ]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables, and the members."""
        more = ["targets", "waves", "directions", "members", "families"]
        more += ["coverage"] if self.tried else []
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

    @property
    def figures(self) -> dict[str, Figure]:
        """The posterior, and the ranks of known truths by what gave their figures."""
        found = {self.stem: self.plot()}
        return found | {f"ranks_{of}": self.plot_ranks(of) for of in self.tried}

    def plot_ranks(self, of: str) -> Figure:
        """Return ranks of known truths whose figures are from ``of``: emulators or runs."""
        from ydsim.plots.sensitivity import draw_ranks

        coverage = self.tried[of]
        names = [*self.plan.keys, "likelihood"]
        note = (
            f"{fmt.counted(len(coverage.ranks), 'known truth')}, figures by {of}. A line: one "
            "parameter; dashed: the likelihood. Where intervals hold what they say lines of "
            "parameters stay between the grey ones, all at once, in 95 of 100 cases. Slopes: a "
            "posterior that is too narrow has its lines above at the left and below at the right."
        )
        return draw_ranks(
            pd.DataFrame(coverage.ranks, columns=names),
            coverage.limit,
            title=f"{self.title}: ranks of known truths",
            note=note,
            foot=self.facts.made_by,
        )

    def plot(self) -> Figure:
        """Return the posterior of each parameter against its prior."""
        from ydsim.plots.sensitivity import draw_marginals

        draws = pd.DataFrame(self.fitted.draws.points, columns=list(self.plan.keys))
        place = self.plan.points([self.plan.default])[0]
        return draw_marginals(
            self.table.assign(place=place),
            draws,
            self.weights,
            self.points,
            title=self.title,
            foot=self.facts.made_by,
        )
