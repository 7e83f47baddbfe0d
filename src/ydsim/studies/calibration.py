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

What emulators say of the last draws is kept beside the runs (`KEPT`). By it there is a posterior
for other figures without a run: targets that read the same of runs have their predictions there,
others get an emulator of these runs.

With ``truths`` it is tried whether intervals hold what they should, see `ydsim.studies.posterior`;
``truth_runs`` of them are run as well, since what an emulator says of itself tests no emulator.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import pandas as pd

from ydsim import arguments, fmt
from ydsim.engines import processors
from ydsim.errors import ResultsError, UsageError
from ydsim.results.results import Results, open_results
from ydsim.run.progress import Progress, Report
from ydsim.scenario.read.extend import Overrides
from ydsim.store.manifest import NAME
from ydsim.studies import emulation, posterior
from ydsim.studies.calibration_plan import MEMBERS_OF, TRUTHS_OF, Plan, design, folder_of
from ydsim.studies.emulation import Predictions
from ydsim.studies.posterior import KNOWN, PARTLY, Coverage, Draws, Figures, Identified, Kept
from ydsim.studies.study import COLUMNS, Facts, Figure, Section, Study, run_sweep
from ydsim.studies.validation import Target, simulated
from ydsim.translation import gettext as _t
from ydsim.typing import Floats, Ints

LITTLE: Final = 0.5
"""R2 below which an emulator tells little of its target."""
KEPT: Final = "posterior.npz"
"""File of the last draws and of what emulators say of them."""
NEAR = 10
"""Equal draws for each point of the next wave that the posterior is worth at least."""
_SHARES = (0.05, 0.5, 0.95)


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

    def held(self, part: str, number: int | None = None) -> list[list[float]]:
        """Return the values of the points of a part that is there, as many as are wanted."""
        folder, keys = self.folder / part, self.plan.keys
        if not (folder / NAME).exists():
            return []
        results = open_results(folder)
        spec, columns = results.manifest["spec"], results.contents.points.columns
        wanted = self.plan.sweep(part, self.plan.scales[0], [self.plan.default]).description
        held = [spec["settings"].get("columns"), spec["description"]]
        if held != [list(keys), wanted] or number not in (None, spec["size"]):
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

    def fit(self, draws: Draws, known: Predictions | None = None) -> Fitted:
        """Return what all runs so far say of draws; ``known``: what is known of some targets."""
        plan, nothing = self.plan, np.empty((len(draws.points), 0))
        predictions = known or Predictions({}, {}, (), nothing, nothing)
        lacking = [one.name for one in plan.counted if one.name not in predictions.r2]
        if lacking and self.seen:
            self.say(len(lacking))
            values, (points, beside) = pd.concat(self.seen, ignore_index=True), self.coordinates()
            found = emulation.predictions_of(
                points,
                {name: values[name].to_numpy() for name in lacking},
                np.hstack([draws.points, np.tile(beside, (len(draws.points), 1))]),
                seed=plan.seed,
                jobs=processors() if self.options["jobs"] is None else int(self.options["jobs"]),
            )
            predictions = predictions.joined(found)
        figured = {one.name: one for one in plan.counted}
        used = tuple(figured[name] for name in predictions.names)
        if not used:
            raise UsageError(
                "no target differs between the runs: other parameters, or other targets"
            )
        logs = figures_of(used).log_likelihood(predictions.mean, predictions.variance)
        return Fitted(draws, predictions, used, logs)

    def say(self, targets: int) -> None:
        """Say that emulators are fitted, which takes a while."""
        progress = self.options["progress"]
        if progress is not None:
            text = _t("wave {wave}: emulators of {targets} are fitted to {runs}")
            number = sum(map(len, self.points))
            what = {"targets": fmt.counted(targets, "target"), "runs": fmt.counted(number, "point")}
            message = text.format(wave=len(self.points), **what)
            progress(Progress(number, number, number, message=message))

    def row(self, wave: int, fitted: Fitted, power: float) -> dict[str, Any]:
        """Return the row of the last wave."""
        return {
            "wave": wave,
            "points": len(self.points[-1]) if self.points else self.plan.wave_points,
            "scale": self.plan.scales[wave - 1],
            "targets": len(self.plan.counted),
            "used": len(fitted.used),
            "power": power,
            "worth": posterior.effective(fitted.weights()),
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


def run_plan(
    plan: Plan,
    *,
    out: str | Path | None = None,
    jobs: int | None = None,
    progress: Report | None = None,
) -> Calibration:
    """Carry out a calibration, going on with what the folder holds.

    ResultsError when the folder belongs to another one, or the one whose runs are taken is not
    complete; UsageError when no target can be emulated.
    """
    folder = folder_of(plan) if out is None else arguments.folder("out", out)
    if plan.of is not None and plan.of.resolve() == folder.resolve():
        raise UsageError(f"{folder} keeps its own posterior: name another folder for this one")
    options = {"jobs": jobs, "progress": progress, "allow_code": plan.allow_code}
    work = _Work(plan, plan.of or folder, options, [], [], [])
    fitted, waves, base = _waves(work) if plan.of is None else _again(work)
    draws = fitted.draws
    chosen = plan.distinct(draws, posterior.drawn_from(fitted.weights(), plan.members, plan.seed))
    points, tried = draws.points[chosen], dict[str, Coverage]()
    if plan.of is None:
        values = plan.values(points)
        results = work.carry_out(MEMBERS_OF, plan.scales[-1], values)
        points, shown = work.points[-1], work.seen[-1]
    else:
        results = open_results(plan.of / f"wave-{len(plan.scales)}")
        predicted = pd.DataFrame(fitted.predictions.mean[chosen], columns=fitted.predictions.names)
        shown = predicted.reindex(columns=[one.name for one in plan.targets])
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
        base,
        shown,
        tried,
    )


def _waves(work: _Work) -> tuple[Fitted, list[dict[str, Any]], pd.Series[float]]:
    """Make the waves; return what all runs say of the last draws, a row a wave, and the base.

    The base is what the scenario as it is shows of each target.
    """
    plan, rows = work.plan, list[dict[str, Any]]()
    values, wanted = plan.first(), NEAR * plan.wave_points
    draws = posterior.prior_draws(plan.draws, len(plan.ranges), plan.seed)
    for wave, scale in enumerate(plan.scales, start=1):
        work.carry_out(f"wave-{wave}", scale, values)
        fitted = work.fit(draws)
        weights, power = posterior.tempered(draws, fitted.total, min(wanted, plan.draws / 4))
        rows.append(work.row(wave, fitted, power))
        if wave < len(plan.scales):
            near = draws.points[posterior.drawn_from(weights, wanted, plan.seed + wave)]
            values = plan.values(near[emulation.spread_out(near, plan.wave_points)])
            draws = posterior.draws_near(draws.points, weights, plan.draws, plan.seed + wave)
    readings, base = plan.readings, work.seen[0].iloc[0]
    said = fitted.predictions.by({readings[name]: name for name in fitted.predictions.r2})
    default = {reading: float(base[name]) for name, reading in readings.items()}
    Kept(plan.space, draws, said, default).write(work.folder / KEPT)
    return fitted, rows, base


def _again(work: _Work) -> tuple[Fitted, list[dict[str, Any]], pd.Series[float]]:
    """Return the same by what another calibration left.

    Its runs are read where a target reads of them what none did that it was fitted to.
    """
    plan = work.plan
    kept = Kept.read(work.folder / KEPT)
    if kept.space != plan.space or kept.draws.points.shape[1] != len(plan.ranges):
        raise work.of_another(KEPT)
    base = pd.Series({name: kept.default.get(of, math.nan) for name, of in plan.readings.items()})
    known = kept.predictions.by({one.name: plan.readings[one.name] for one in plan.counted})
    if len(known.r2) < len(plan.counted) or not {*plan.readings.values()} <= {*kept.default}:
        for wave, scale in enumerate(plan.scales, start=1):
            if not (values := work.held(f"wave-{wave}")):
                raise work.of_another(f"wave-{wave}")
            work.carry_out(f"wave-{wave}", scale, values)
        base = work.seen[0].iloc[0]
    fitted = work.fit(kept.draws, known)
    return fitted, [work.row(len(plan.scales), fitted, 1.0)], base


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

        ``default`` and ``members`` (their mean) are what runs show, where members are not run what
        emulators say of them; the same with ``_away`` how far that is from what was published, in
        tolerances.
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
            f"{len(self.fitted.draws.points):,} draws are "
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
        note = "`away`: in tolerances."
        if self.plan.of is not None:
            note += " Members: by emulators, none was run."
        return [
            Section.of("Parameters", self.table[own].rename(columns=names)),
            Section.of("Targets", counted[seen], note),
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
