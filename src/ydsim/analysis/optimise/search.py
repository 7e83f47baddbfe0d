"""Ask and tell: a sampler of Optuna proposes trials by the batch, and learns what they gave.

A batch is asked for as a whole before any of its trials is reported. They are reported in the order
in which they were asked: what is proposed depends on the seed, the batch and what was
found, never on the number of processes or on when a search was broken off. A search that goes on
asks and reports from the beginning; runs that are kept are not run again.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ydsim.analysis.extras import extra
from ydsim.analysis.optimise.objectives import Objective
from ydsim.analysis.optimise.space import Values, Variable
from ydsim.errors import ResultsError
from ydsim.typing import Floats

SamplerName = Literal["tpe", "nsga2"]

Evaluate = Callable[[Sequence[Values]], Sequence[Floats]]
"""Returns what trials gain over the scenario as it is, (cases, objectives) each.

A case is a replicate under one draw of inputs."""


@dataclass(frozen=True)
class Risk:
    """How a spread over cases counts.

    Attributes
    ----------
    deviations
        Standard deviations by which the mean gain in an objective is made worse.
    quantile
        Instead, the quantile that is taken from the bad end; None for the mean.
    """

    deviations: float = 1.0
    quantile: float | None = None

    def score(self, gains: Floats, objectives: Sequence[Objective]) -> Floats:
        """Return (objectives,) of gains (cases, objectives), in the sense of each objective."""
        signs = np.array([1.0 if one.maximise else -1.0 for one in objectives])
        good = gains * signs
        if self.quantile is not None:
            worst: Floats = np.quantile(good, self.quantile, axis=0)
            result: Floats = worst * signs
            return result
        spread = good.std(axis=0, ddof=1) if len(good) > 1 else np.zeros(len(signs))
        score: Floats = (good.mean(axis=0) - self.deviations * spread) * signs
        return score

    def __str__(self) -> str:
        if self.quantile is not None:
            return f"{100.0 * self.quantile:g} % quantile of gains from the bad end"
        if self.deviations == 0.0:
            return "mean gain"
        return f"mean gain made worse by {self.deviations:g} standard deviation" + (
            "s" if self.deviations != 1.0 else ""
        )


@dataclass(frozen=True)
class Trial:
    """A trial that is done.

    Attributes
    ----------
    number
        From 0.
    values
        What each variable was, by key.
    found
        (cases, objectives) of gains over the scenario as it is.
    score
        (objectives,) as the search judged it.
    """

    number: int
    values: Values
    found: Floats
    score: Floats


def search(
    variables: Sequence[Variable],
    objectives: Sequence[Objective],
    evaluate: Evaluate,
    *,
    trials: int,
    batch: int = 8,
    sampler: SamplerName = "tpe",
    seed: int = 0,
    risk: Risk | None = None,
) -> list[Trial]:
    """Return the trials of a search.

    Parameters
    ----------
    variables, objectives
        What may change, and what for.
    evaluate
        Called with the trials of a batch.
    trials
        Their number; a longer search begins with the trials of a shorter one.
    batch
        Trials that are asked for at once; a generation of ``nsga2``.
    sampler
        ``tpe``, tree-structured Parzen estimators, for tens of trials; ``nsga2``, a genetic
        algorithm, for hundreds.
    seed
        Of the sampler.
    risk
        How a spread over cases counts.

    Raises
    ------
    UsageError
        When Optuna is not installed.
    ResultsError
        When an objective is not a number.
    """
    optuna = extra("optuna", "Optuna", "a search of policies")
    judge = risk or Risk()
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    done: list[Trial] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            study = optuna.create_study(
                directions=["maximize" if one.maximise else "minimize" for one in objectives],
                sampler=_sampler(optuna, sampler, seed, batch),
            )
        while len(done) < trials:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                asked = [study.ask() for _ in range(min(batch, trials - len(done)))]
                values = [{v.key: _suggest(trial, v) for v in variables} for trial in asked]
            given = evaluate(values)
            for trial, chosen, found in zip(asked, values, given, strict=True):
                score = judge.score(found, objectives)
                _refuse_nan(score, objectives, trial.number)
                study.tell(trial, score.tolist())
                done.append(Trial(trial.number, chosen, found, score))
    finally:
        optuna.logging.set_verbosity(before)
    return done


def _sampler(optuna: Any, name: SamplerName, seed: int, batch: int) -> Any:
    if name == "nsga2":
        return optuna.samplers.NSGAIISampler(population_size=max(batch, 2), seed=seed)
    return optuna.samplers.TPESampler(n_startup_trials=max(2 * batch, 10), seed=seed)


def _suggest(trial: Any, variable: Variable) -> Any:
    factor = variable.factor
    if not factor.is_range:
        return trial.suggest_categorical(variable.key, list(range(len(factor.levels))))
    if factor.whole:
        return trial.suggest_int(variable.key, int(factor.low), int(factor.high), log=factor.log)
    value = trial.suggest_float(variable.key, factor.low, factor.high, log=factor.log)
    return variable.shown(value)


def _refuse_nan(score: Floats, objectives: Sequence[Objective], number: int) -> None:
    for value, one in zip(score.tolist(), objectives, strict=True):
        if not np.isfinite(value):
            raise ResultsError(f"trial {number}: {one.name} is not a number; leave it out")
