"""Which policies are the best compromises between objectives: a search over many draws.

    launches, inventions    sum over the region and all years
    coupling                coupling coordination degree of the region in the last year
    balance                 minus Theil's index between provinces of R&D per head, last year
    balance_output          the same of secondary value added per head
    public_cost             public money in the books under the names of the scenario's policies

R&D is performed in the province where it is counted; heads are the residents of the last year that
the world knows. A trial is run in cases, its replicates. It is judged by what it gains over the
scenario as it is, case by case, so that what the draws of a case do to all trials alike drops out.

A sampler of Optuna proposes trials. A batch is asked for as a whole before any of its trials is
reported, in the order in which they were asked: what is proposed depends on the seed, the batch and
what was found, never on the number of processes or on when a search was broken off. A search that
goes on asks and reports from the beginning. The runs of all trials are points of one sweep, which
grows by the batch; runs that are in the folder are not run again.
"""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd

from ydsim import arguments, fmt
from ydsim.design.factors import Context, significant, unchanged
from ydsim.design.load import load_sweep
from ydsim.design.sweep import Factor, Level, Sweep, check_points
from ydsim.errors import ResultsError, UsageError
from ydsim.measures.effects import MIN_REPLICATES, mean_of
from ydsim.measures.groups import sums
from ydsim.measures.places import theil
from ydsim.record.indicators import name_in_words
from ydsim.results.results import Results, open_results
from ydsim.run.progress import Report
from ydsim.scenario.load import scenario_hash
from ydsim.scenario.read.extend import Overrides
from ydsim.store.manifest import NAME
from ydsim.studies import study
from ydsim.studies.study import COLUMNS, Facts, Figure, Section, Study, extra, with_interval
from ydsim.typing import Bools, Floats, Ints
from ydsim.untrusted_input import one_line
from ydsim.wording import suggestion
from ydsim.world.loader import load_world
from ydsim.world.world import World

Sampler = Literal["tpe", "nsga2"]
SAMPLERS: tuple[Sampler, ...] = ("tpe", "nsga2")

TRIAL = "trial"
"""Column of the table of points beside those of the variables; the scenario as it is has -1."""

Scale = Literal["linear", "log"]

Levels: TypeAlias = tuple[Level, ...]
"""A trial: one level for each variable, in their order."""


# -- what for --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Objective:
    """One aim of a search."""

    name: str
    unit: str
    meaning: str  # as tables have it
    maximise: bool = True  # more is better

    @property
    def sign(self) -> float:
        """1 where more is better, else -1."""
        return 1.0 if self.maximise else -1.0

    @property
    def better(self) -> str:
        """Which is better, in a word."""
        return "more" if self.maximise else "less"


OBJECTIVES: Mapping[str, Objective] = {
    one.name: one
    for one in (
        Objective("launches", "items", "projects launched, all years"),
        Objective("inventions", "items", "inventions completed, all years"),
        Objective("coupling", "index", "coupling coordination degree of the region, last year"),
        Objective(
            "balance", "index", "minus Theil's index of R&D per head between provinces, last year"
        ),
        Objective(
            "balance_output",
            "index",
            "minus Theil's index of value added per head between provinces, last year",
        ),
        Objective("public_cost", "100m_rmb", "public money for policies, all years", False),
    )
}

USUAL = ("launches", "balance", "public_cost")  # objectives where none are named


def objectives_of(names: Sequence[str]) -> tuple[Objective, ...]:
    """Return objectives by name.

    UsageError when there is no such objective, one appears twice, or there is only one.
    """
    for at, name in enumerate(names):
        if name not in OBJECTIVES:
            hint = suggestion(name, list(OBJECTIVES), "objectives are")
            raise UsageError(f"--objectives: there is none called {name!r}{hint}")
        if name in names[:at]:
            raise UsageError(f"--objectives: {name} is named twice")
    if len(names) < 2:
        raise UsageError("--objectives: a trade-off needs two objectives or more, with commas")
    return tuple(OBJECTIVES[name] for name in names)


def judged(gains: Floats, objectives: Sequence[Objective], risk: float) -> Floats:
    """Return (..., objectives) of gains (..., cases, objectives), in the sense of each.

    It is the mean over cases, made worse by ``risk`` standard deviations.
    """
    signs = np.array([one.sign for one in objectives])
    spread = gains.std(axis=-2, ddof=1) if gains.shape[-2] > 1 else 0.0
    return gains.mean(axis=-2) - signs * risk * spread


def non_dominated(values: Floats) -> Bools:
    """Return which rows of (n, m), of which more is better, no other row dominates.

    A row dominates another that it equals in all and beats in one; equal rows are all kept.
    """
    found = [not ((values >= one).all(axis=1) & (values > one).any(axis=1)).any() for one in values]
    return np.array(found, dtype=np.bool_)


def knee(values: Floats) -> int:
    """Return the row of a front (n, m) nearest to the best of each objective, all scaled 0 to 1."""
    low, high = values.min(axis=0), values.max(axis=0)
    span = np.where(high > low, high - low, 1.0)
    away = (((high - values) / span) ** 2).sum(axis=1)
    return int(np.argmin(np.round(away, 12)))


# -- what may change -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Search:
    """What is searched, what for and how."""

    sweep: Sweep  # the scenario, checked, and what makes scenarios of it
    variables: tuple[Factor, ...]
    """A range or levels each, in the order in which they were asked for."""
    objectives: tuple[Objective, ...]
    risk: float  # what trials are judged by; see `judged`
    sampler: Sampler
    """``tpe``, tree-structured Parzen estimators, for tens of trials; ``nsga2``, a genetic
    algorithm, for hundreds."""
    batch: int  # trials that are asked for at once; a generation of ``nsga2``
    replicates: int  # of each trial

    @property
    def plain(self) -> dict[str, Any]:
        """All of it as plain data: a folder belongs to one search."""
        base = self.sweep.base
        found = {
            "scenario": base.name,
            "hash": scenario_hash(base),
            "vary": [variable.plain() for variable in self.variables],
            "objectives": [one.name for one in self.objectives],
            "risk": {"deviations": self.risk},
            "sampler": self.sampler,
            "batch": self.batch,
            "replicates": self.replicates,
        }
        return dict(json.loads(json.dumps(found)))

    def points(self, trials: Sequence[Levels]) -> Sweep:
        """Return the sweep of the scenario as it is and of trials."""
        context = Context(self.sweep.bases, Path(), "")
        plain = tuple(unchanged(context, variable.key) for variable in self.variables)
        rows = [(Level(trial), *levels) for trial, levels in enumerate([plain, *trials], start=-1)]
        factors = (Factor(TRIAL), *self.variables)
        message: dict[str, Any] = {
            "name": f"{self.sweep.base.name}-optimise",
            "kind": "search",
            "size": len(rows),
            "replicates": self.replicates,
        }
        own = {"settings": self.plain, "factors": [factor.plain() for factor in factors]}
        spec, cells = self.sweep.spec | message | own, partial(zip, *rows, strict=True)
        return replace(self.sweep, **message, factors=factors, spec=spec, cells=cells)


def _as_grid(text: str) -> tuple[str, Scale | None]:
    """Return a text as ``--vary`` of a sweep has it, and the scale of a range; None of a list.

    Of a range there the two ends are listed, which `_range_of` makes a range again.

    UsageError when it has another form.
    """
    key, _, value = text.partition("=")
    ends, log = (value[:-4], True) if value.endswith(":log") else (value, False)
    colons = 0 if any(sign in value for sign in "[{") else ends.count(":")
    if not key.strip() or not value.strip() or colons > 1 or (log and not colons):
        raise UsageError(
            f"--vary {one_line(text, 60)}: expected KEY=FROM:TO, KEY=FROM:TO:log or KEY=a,b,c"
        )
    if not colons:
        return text, None
    return (f"{key}={ends}:2:log", "log") if log else (f"{key}={ends}:2", "linear")


def varied(
    scenario: str | Path,
    overrides: Overrides | None,
    texts: Sequence[str],
    *,
    seed: int | None = None,
    allow_code: bool = False,
) -> tuple[Sweep, tuple[Factor, ...]]:
    """Return a scenario, checked as the base of a sweep, and what texts of ``--vary`` say of it.

    A range of a text is one of the factor; errors as of `_as_grid` and `ydsim.sweep`.
    """
    grids = [_as_grid(text) for text in texts]
    sweep = load_sweep(
        scenario,
        overrides,
        replicates=1,
        seed=seed,
        vary=[text for text, _ in grids],
        max_runs=2**63 - 1,
        allow_code=allow_code,
    )
    scales = [scale for _, scale in grids]
    return sweep, tuple(map(_range_of, sweep.factors, scales))


def _range_of(factor: Factor, scale: Scale | None) -> Factor:
    """Return the range between the two levels of a factor; a list, which has no scale, as it is."""
    if scale is None:
        return factor
    low, high = (level.value for level in factor.levels)
    assert isinstance(low, (int, float))
    assert isinstance(high, (int, float))
    whole = isinstance(low, int)
    return replace(
        factor, levels=(), low=float(low), high=float(high), log=scale == "log", whole=whole
    )


def level_of(variable: Factor, value: Any) -> Level:
    """Return the level of a variable that has a value; numbers of ranges have ten digits."""
    if not variable.is_range:
        return next(level for level in variable.levels if str(level.value) == str(value))
    shown = int(value) if variable.whole else significant(float(value))
    return Level(shown, {variable.key: shown})


def ends_of(variables: Sequence[Factor]) -> list[Levels]:
    """Return two trials: the first values of all variables, and the last."""
    spans = [
        (level_of(v, v.low), level_of(v, v.high)) if v.is_range else (v.levels[0], v.levels[-1])
        for v in variables
    ]
    return list(zip(*spans, strict=True))


# -- asking and telling ----------------------------------------------------------------------------


def search(
    result: Search, evaluate: Callable[[Sequence[Levels], int], Floats], trials: int
) -> list[Levels]:
    """Return the trials of a search, a level for each variable.

    ``evaluate``: called with all trials so far and the number of the first new one; returns what
    the new ones gain over the scenario as it is, (new trials, cases, objectives). ``trials``: their
    number; a longer search begins with the trials of a shorter one. UsageError when Optuna is not
    installed; ResultsError when an objective is not a number.
    """
    objectives, batch, seed = result.objectives, result.batch, result.sweep.base.seed
    optuna = extra("optuna", "Optuna", "a search of policies")
    with _quiet(optuna):
        make = optuna.samplers
        study = optuna.create_study(
            directions=["maximize" if one.maximise else "minimize" for one in objectives],
            sampler=make.NSGAIISampler(population_size=max(batch, 2), seed=seed)
            if result.sampler == "nsga2"
            else make.TPESampler(n_startup_trials=max(2 * batch, 10), seed=seed),
        )
    done: list[Levels] = []
    while len(done) < trials:
        with _quiet(optuna):
            asked = [study.ask() for _ in range(min(batch, trials - len(done)))]
            done += [tuple(_suggested(trial, v) for v in result.variables) for trial in asked]
        scores = judged(evaluate(done, asked[0].number), objectives, result.risk)
        for trial, score in zip(asked, scores.tolist(), strict=True):
            for value, one in zip(score, objectives, strict=True):
                if not math.isfinite(value):
                    what = f"trial {trial.number}: {one.name}"
                    raise ResultsError(f"{what} is not a number; leave it out")
            study.tell(trial, score)
    return done


@contextmanager
def _quiet(optuna: Any) -> Iterator[None]:
    """Keep the remarks and warnings of Optuna to itself."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        optuna.logging.set_verbosity(before)


def _suggested(trial: Any, variable: Factor) -> Level:
    """Return the level of a variable that a trial of Optuna proposes."""
    key = variable.key
    if not variable.is_range:
        return variable.levels[int(trial.suggest_categorical(key, range(len(variable.levels))))]
    low, high = variable.low, variable.high
    if variable.whole:
        return level_of(variable, trial.suggest_int(key, int(low), int(high), log=variable.log))
    return level_of(variable, trial.suggest_float(key, low, high, log=variable.log))


TRIALS = 40  # settings that a search tries by default

RESAMPLES = 500
SEED = 20110101  # of the resampling of cases

_SUMS = ("launches", "inventions")
_PER_HEAD = {"balance": "rd_expenditure", "balance_output": "value_added_secondary"}


# -- what runs gave --------------------------------------------------------------------------------


def _measured(
    results: Results, names: Sequence[str], points: Sequence[int], replicates: int, world: World
) -> Floats:
    """Return objectives of runs, (points, replicates, objectives), from recorded tables."""
    run = ["point", "replicate"]
    needed = [_PER_HEAD.get(name, name) for name in names if name != "public_cost"]
    yearly = results.cube(needed, points=points)
    wanted = pd.MultiIndex.from_product([points, range(replicates)], names=run)
    if gone := int((~wanted.isin(yearly.groupby(level=run).size().index)).sum()):
        raise ResultsError(f"{results.path}: {fmt.counted(gone, 'run')} of the search are missing")
    *provinces, region = map(str, results.manifest["regions"])
    last = yearly.groupby(level=[*run, "place"]).nth(-1).droplevel("year")
    people = residents(world)
    found = pd.DataFrame(index=wanted)
    for name in names:
        if name in _SUMS:
            own = yearly[name].drop(region, level="place").groupby(level=run)
            found[name] = own.agg(lambda values: values.sum(skipna=False))
        elif name in _PER_HEAD:
            wide = last[_PER_HEAD[name]].unstack("place")[provinces]
            found[name] = wide.apply(lambda row: -between(row.to_numpy(), people), axis=1)
        elif name == "public_cost":
            found[name] = public_cost(results, points).reindex(wanted, fill_value=0.0)
        else:
            found[name] = last[name].xs(region, level="place")
    return found.to_numpy(float).reshape(len(points), replicates, len(names))


def residents(world: World) -> Floats:
    """Return the residents of each province in the last year that is known of each city, (P,)."""
    latest = pd.DataFrame(world.city_population).ffill(axis=1).iloc[:, -1].fillna(0.0)
    return sums(world.city_province, latest.to_numpy(), world.n_provinces)


def between(values: Floats, people: Floats) -> float:
    """Return Theil's index of values per head between provinces; those without people left out."""
    some = people > 0.0
    n = int(some.sum())
    return theil(values[some] / people[some], np.arange(n), n, people[some]).total


def public_cost(results: Results, points: Sequence[int]) -> pd.Series[float]:
    """Return the public money under the names of the policies of points, by point and replicate.

    Runs in which nothing was paid have none.
    """
    own = [(point, name) for point in points for name in results.scenario_at(point)["policies"]]
    recorded = "policy_costs" in results.manifest["tables"]
    columns = ["point", "replicate", "instrument", "amount"]
    paid = pd.DataFrame(results.raw("policy_costs") if recorded else {}, columns=columns)
    mine = pd.MultiIndex.from_frame(paid[["point", "instrument"]]).isin(own)
    return paid[mine].groupby(["point", "replicate"])["amount"].sum()


# -- the study -------------------------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class Optimisation(Study):
    """A search that is done."""

    objectives: tuple[Objective, ...]
    risk: float  # what trials were judged by; see `ydsim.studies.optimise.judged`
    search: Mapping[str, Any]  # what was searched and how, as plain data (`Search.plain`)
    variables: pd.DataFrame
    """One row a trial, in the order in which they were asked for, a column a variable."""
    gains: Floats  # (trials, cases, objectives) over the scenario as it is
    base: Floats  # (cases, objectives) of the scenario as it is
    place: str  # of what all this is

    stem = "optimise"

    @cached_property
    def scores(self) -> Floats:
        """(trials, objectives) as judged."""
        return judged(self.gains, self.objectives, self.risk)

    @property
    def _good(self) -> Floats:
        """Scores of which more is better."""
        return self.scores * np.array([one.sign for one in self.objectives])

    @cached_property
    def front(self) -> Ints:
        """Numbers of the trials that no other dominates, by the first objective, best first."""
        at = np.flatnonzero(non_dominated(self._good))
        _, first = np.unique(self.scores[at], axis=0, return_index=True)
        at = at[np.sort(first)]  # equal trials, of whole or listed values, once
        return at[np.argsort(-self._good[at, 0], kind="stable")]

    @property
    def knee(self) -> int:
        """Number of the trial on the front nearest to the best of each objective."""
        return int(self.front[knee(self._good[self.front])])

    @cached_property
    def stays(self) -> Floats:
        """How often each trial is on the front when cases are drawn again, (trials,).

        NaN for a single case. Cases are the same for all trials, and drawn together.
        """
        trials, cases, _ = self.gains.shape
        if cases < 2:
            return np.full(trials, np.nan)
        signs = [one.sign for one in self.objectives]
        rng = np.random.Generator(np.random.Philox(key=SEED))
        times = np.zeros(trials)
        for _ in range(RESAMPLES):
            drawn = rng.integers(cases, size=cases)
            times += non_dominated(judged(self.gains[:, drawn], self.objectives, self.risk) * signs)
        return times / RESAMPLES

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a trial and objective.

        ``estimate`` is the mean gain over the scenario as it is, ``n`` counts cases. Then come
        ``unit``, ``better`` (more or less), ``trial``, its variables, ``score`` (as judged),
        ``level`` (mean of the trial itself), ``on_front``, ``knee`` and ``stays`` (how often it is
        on the front when cases are drawn again).
        """
        trials, cases, number = self.gains.shape
        trial, aim = np.divmod(np.arange(trials * number), number)
        aims = pd.DataFrame(
            [(one.name, self.place, one.unit, one.better) for one in self.objectives],
            columns=["outcome", "place", "unit", "better"],
        )
        found = pd.DataFrame([mean_of(self.gains[t, :, j]) for t, j in np.ndindex(trials, number)])
        head = aims.iloc[aim].reset_index(drop=True).join(found.assign(p=np.nan, n=cases))
        head = head[[*COLUMNS, "unit", "better"]].assign(trial=trial)
        return head.join(self.variables, on="trial").assign(
            score=self.scores.ravel(),
            level=(self.gains + self.base).mean(axis=1).ravel(),
            on_front=np.isin(trial, self.front),
            knee=trial == self.knee,
            stays=self.stays[trial],
        )

    @property
    def title(self) -> str:
        """The question."""
        names = fmt.listed(name_in_words(one.name) for one in self.objectives)
        return f"Best trade-offs between {names}"

    @property
    def headline(self) -> str:
        """The outcome of the search in a sentence, without its full stop."""
        n = len(self.front)
        if n == 1:
            return f"Trial {self.front[0]} is best in every objective: there is no trade-off"
        trials = fmt.counted(len(self.gains), "trial")
        return f"{n} of {trials} are on the Pareto front"

    @property
    def paragraphs(self) -> list[str]:
        """The finding, the knee, and how the search was done."""
        at = self.variables.iloc[self.knee]
        values = ", ".join(f"{key} {_cell(value)}" for key, value in at.items())
        knee = self.table[self.table["knee"]].itertuples()
        lines = [
            f"- {row.outcome}: {with_interval(row)} on {fmt.number(base)} {row.unit}"
            for row, base in zip(knee, self.base.mean(axis=0).tolist(), strict=True)
        ]
        return [
            f"{self.headline}.",
            "The knee, nearest to the best of each objective on the front, is trial "
            f"{self.knee}: {values}.\nChange from the unchanged scenario, in paired cases:",
            "\n".join(lines),
            self._how(),
            "The front, in the order of the first objective: mean gains over the unchanged "
            "scenario with their 95 per cent intervals. `stays`: how often a trial is on the "
            "front when cases are resampled. Scores and levels are in optimise.csv.",
        ]

    @property
    def judged_by(self) -> str:
        """What a trial is judged by, in words."""
        times = f"{self.risk:g} standard deviation" + "s" * (self.risk != 1.0)
        return "mean gain" + f" minus {times}" * (self.risk > 0.0)

    def _how(self) -> str:
        search = self.search
        return (
            f"{fmt.counted(len(self.gains), 'trial')} by {search['sampler']} in batches of "
            f"{search['batch']}; {fmt.counted(len(self.base), 'replicate')} each, the same draws "
            "for all. "
            f"Judged by the {self.judged_by}."
            + " Fewer than three cases: no interval."
            * (len(self.base) < MIN_REPLICATES)
        )

    @property
    def sections(self) -> list[Section]:
        """The front as a table that a page has room for."""
        gains = [with_interval(row) for row in self.table.itertuples()]
        number = len(self.objectives)
        rows = [
            [
                f"{at} (knee)" if at == self.knee else str(at),
                *(_cell(value) for value in self.variables.iloc[at]),
                *gains[number * at : number * (at + 1)],
                fmt.percent(self.stays[at], 3),
            ]
            for at in self.front.tolist()
        ]
        note = "\n".join(
            f"- {one.name}: {one.meaning}, {one.unit}; {one.better} is better"
            for one in self.objectives
        )
        head = ["trial", *self.variables, *(one.name for one in self.objectives), "stays"]
        return [Section("The front", head, rows, note=note)]

    @property
    def more(self) -> dict[str, Any]:
        """What was searched, the scenario as it is, and the finding in short."""
        base = self.base.mean(axis=0).tolist()
        return {
            "search": dict(self.search),
            "trials": len(self.gains),
            "cases": len(self.base),
            "judged_by": self.judged_by,
            "headline": self.headline,
            "front": self.front.tolist(),
            "knee": self.knee,
            "base": {one.name: value for one, value in zip(self.objectives, base, strict=True)},
        }

    def plot(self) -> Figure:
        """Return the front over each pair of objectives."""
        from ydsim.plots.sensitivity import draw_pareto

        note = (
            f"Gains over the scenario {self.search['scenario']} as it is. {self._how()} Front: "
            "trials that no other beats in all objectives; knee: the one nearest to the best of "
            "each."
        )
        return draw_pareto(self.table, title=self.title, note=note, foot=self.facts.made_by)

    @property
    def figures(self) -> dict[str, Figure]:
        """The figure."""
        return {"pareto": self.plot()}


def _cell(value: Any) -> str:
    return fmt.number(value) if isinstance(value, float) else str(value)


def design(
    scenario: str | Path,
    overrides: Overrides | None = None,
    *,
    vary: Sequence[str],
    objectives: Sequence[str] = USUAL,
    replicates: int = 4,
    risk: float = 1.0,
    sampler: Sampler = "tpe",
    batch: int = 8,
    seed: int | None = None,
    allow_code: bool = False,
) -> Search:
    """Return a search, checked; nothing is run. Its `Search.points` are the sweep of trials.

    ``vary``: what may change: ``KEY=FROM:TO``, ``KEY=FROM:TO:log`` or ``KEY=a,b,c``, one each.
    ``objectives``: two or more of `OBJECTIVES`. ``risk``: standard deviations over cases by which
    the mean gain in an objective is made worse. ``sampler``, ``batch``: as of `Search`.
    """
    aims = objectives_of(arguments.texts("objectives", objectives))
    expected = "a number of standard deviations, 0 or more"
    if arguments.number("risk", risk, expected) < 0.0:
        raise arguments.refuse("risk", expected, risk)
    arguments.one_of("sampler", sampler, SAMPLERS)
    texts = arguments.texts("vary", vary)
    if not texts:
        raise UsageError("--vary: say what the search may change: --vary KEY=FROM:TO")
    sweep, variables = varied(scenario, overrides, texts, seed=seed, allow_code=allow_code)
    batch = arguments.whole("batch", batch, 1)
    replicates = arguments.whole("replicates", replicates, 1)
    found = Search(sweep, variables, aims, float(risk), sampler, batch, replicates)
    check_points(found.points(ends_of(variables)))
    return found


def read(
    results: Results | str | Path, *, trials: int | None = None, world: str | Path | None = None
) -> Optimisation:
    """Return what a search found, from its folder.

    ``trials``: only so many, the first ones. ``world``: where a world of your own is now.
    """
    results = study.opened(results)
    spec, scenario = results.manifest["spec"], results.manifest["scenario"]
    if spec["kind"] != "search":
        raise UsageError(f"{results.path}: a design of kind {spec['kind']} is no search")
    search = spec["settings"]
    variables = _variables_of(results)
    if trials is not None:
        variables = variables.head(arguments.whole("trials", trials, 1))
    replicates, points = search["replicates"], range(len(variables) + 1)
    where = load_world(scenario["world"] if world is None else world)
    base, *found = _measured(results, search["objectives"], points, replicates, where)
    return Optimisation(
        Facts.of(results, (scenario["start"], scenario["end"]), replicates),
        objectives_of(search["objectives"]),
        search["risk"]["deviations"],
        search,
        variables,
        np.array(found) - base,
        base,
        str(results.manifest["regions"][-1]),
    )


def _variables_of(results: Results) -> pd.DataFrame:
    """Return the variables of the trials in a folder; numbers may be text in its points."""
    search, columns = results.manifest["spec"]["settings"], results.contents.points.columns
    where, labels = results.path or results.name, [one["label"] for one in search["vary"]]
    if not columns.keys() >= set(labels):
        raise ResultsError(f"{where}: manifest.json: spec.settings: is not of the points")
    frame = pd.DataFrame({label: columns[label][1:] for label in labels})
    ranges = [one for one in search["vary"] if "levels" not in one]
    try:
        return frame.astype({one["label"]: int if one["whole"] else float for one in ranges})
    except ValueError as error:
        raise ResultsError(f"{where}: design: a range of the search lacks numbers") from error


def run(
    scenario: str | Path,
    overrides: Overrides | None = None,
    *,
    allow_code: bool = False,
    trials: int = TRIALS,
    out: str | Path | None = None,
    jobs: int | None = None,
    progress: Report | None = None,
    **searched: Any,
) -> Optimisation:
    """Search policies over several objectives: `run_search` of the `design` that is asked for."""
    plan = design(scenario, overrides, allow_code=allow_code, **searched)
    return run_search(
        plan, trials=trials, out=out, jobs=jobs, allow_code=allow_code, progress=progress
    )


def run_search(
    found: Search,
    *,
    trials: int = TRIALS,
    out: str | Path | None = None,
    jobs: int | None = None,
    allow_code: bool = False,
    progress: Report | None = None,
) -> Optimisation:
    """Carry out a search, going on with what the folder holds.

    ``trials`` settings are tried; more may be added to a finished search. ResultsError when the
    folder belongs to something else, or a run fails.
    """
    trials = arguments.whole("trials", trials, 2)
    path = study.folder_of(found.points([])) if out is None else arguments.folder("out", out)
    world = found.sweep.base.world
    names, held = [one.name for one in found.objectives], _held(found, path)

    def gains(rows: Sequence[Levels], first: int) -> Floats:
        asked, there = ([[level.value for level in row] for row in each] for each in (rows, held))
        if any(one != other for one, other in zip(asked, there, strict=False)):
            raise ResultsError(
                f"{path} holds other trials than are proposed now (with another version of "
                "Optuna?); nothing was changed, use another folder with -o"
            )
        points = found.points([*rows, *held[len(rows) :]])
        results = study.run_sweep(points, path, jobs, progress=progress, allow_code=allow_code)
        if results.failures:
            failed = "{run}: {exception}: {message}".format(**results.failures[0])
            raise ResultsError(f"a run of the search failed: {failed}")
        numbers = [0, *range(first + 1, len(rows) + 1)]
        base, *values = _measured(results, names, numbers, found.replicates, load_world(world))
        return np.array(values) - base

    search(found, gains, trials)
    return read(path, trials=trials, world=world)


def _held(search: Search, path: Path) -> list[Levels]:
    """Return the trials that a folder holds; refuse one that belongs to something else."""
    if not (path / NAME).exists():
        return []
    results = open_results(path)
    settings, wanted = results.manifest["spec"].get("settings", {}), search.plain
    differing = [key for key in wanted if settings.get(key) != wanted[key]]
    if differing:
        raise ResultsError(
            f"{path} holds another search: other {', '.join(differing)}; nothing was changed, use "
            "another folder with -o"
        )
    return [
        tuple(level_of(v, value) for v, value in zip(search.variables, row, strict=True))
        for row in _variables_of(results).itertuples(index=False, name=None)
    ]
