"""A search: what may change, what it is for, and how a sampler of Optuna proposes trials.

A batch is asked for as a whole before any of its trials is reported. They are reported in the order
in which they were asked: what is proposed depends on the seed, the batch and what was found, never
on the number of processes or on when a search was broken off. A search that goes on asks and
reports from the beginning.
"""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np

from ydsim.design.factors import Context, significant, unchanged
from ydsim.design.load import load_sweep
from ydsim.design.sweep import Factor, Level, Sweep
from ydsim.errors import ResultsError, UsageError
from ydsim.scenario.load import scenario_hash
from ydsim.scenario.read.extend import Overrides
from ydsim.studies.study import extra
from ydsim.typing import Bools, Floats
from ydsim.untrusted_input import one_line
from ydsim.wording import suggestion

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
