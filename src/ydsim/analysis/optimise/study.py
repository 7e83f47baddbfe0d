"""A search of policies from the scenario to the front, with every run kept.

What is found in a run is added to ``runs.jsonl`` of the folder as soon as it is there. The folder
belongs to one search, described in ``study.json``; more trials may be added to it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ydsim.analysis.optimise.front import growth, knee, non_dominated
from ydsim.analysis.optimise.objectives import Objective, measure
from ydsim.analysis.optimise.search import Risk, SamplerName, Trial, search
from ydsim.analysis.optimise.space import Space, Values, hash_of
from ydsim.analysis.paired import Job, code_digest, run_jobs
from ydsim.errors import ResultsError
from ydsim.run.replicate import ReplicateFailedError
from ydsim.store.files import (
    make_folder,
    read_bytes,
    refuse_irregular,
    require_own,
    write_atomic,
)
from ydsim.typing import Bools, Floats, Ints

RUNS, STUDY = "runs.jsonl", "study.json"
RESAMPLES = 500
SEED = 20110101
"""Of the resampling of cases."""


@dataclass(frozen=True)
class Study:
    """A search that is done.

    Attributes
    ----------
    space, objectives, risk, sampler, replicates, batch
        What was searched, what for and how.
    trials
        In the order in which they were asked for.
    base
        (cases, objectives) of the scenario as it is. Trials are judged by what they gain over it,
        case by case, so that what the draws of a case do to all of them alike drops out.
    """

    space: Space
    objectives: tuple[Objective, ...]
    risk: Risk
    sampler: SamplerName
    replicates: int
    batch: int
    trials: tuple[Trial, ...]
    base: Floats

    @property
    def scores(self) -> Floats:
        """(trials, objectives) as judged."""
        return np.array([trial.score for trial in self.trials])

    @property
    def signs(self) -> Floats:
        """(objectives,) 1 where more is better, else -1."""
        return np.array([1.0 if one.maximise else -1.0 for one in self.objectives])

    @property
    def front(self) -> Ints:
        """Numbers of the trials that no other dominates, by the first objective, best first."""
        good = self.scores * self.signs
        at = np.flatnonzero(non_dominated(good))
        _, first = np.unique(self.scores[at], axis=0, return_index=True)
        at = at[np.sort(first)]  # equal trials, of whole or listed values, once
        return at[np.argsort(-good[at, 0], kind="stable")]

    @property
    def knee(self) -> int:
        """Number of the trial on the front nearest to the best of each objective."""
        return int(self.front[knee((self.scores * self.signs)[self.front])])

    @property
    def growth(self) -> Floats:
        """(trials,) share of the box of all scores that the first trials dominate."""
        return growth(self.scores * self.signs)

    def staying(self) -> Floats:
        """Return how often each trial is on the front when cases are drawn again, (trials,).

        NaN for a single case. Cases are the same for all trials, and drawn together.
        """
        found = np.array([trial.found for trial in self.trials])
        cases = found.shape[1]
        if cases < 2:
            return np.full(len(found), np.nan)
        rng = np.random.Generator(np.random.Philox(key=SEED))
        times = np.zeros(len(found))
        for _ in range(RESAMPLES):
            drawn = rng.integers(cases, size=cases)
            scores = [self.risk.score(one[drawn], self.objectives) for one in found]
            on: Bools = non_dominated(np.array(scores) * self.signs)
            times += on
        return times / RESAMPLES


def run_study(
    space: Space,
    objectives: tuple[Objective, ...],
    folder: Path,
    *,
    trials: int,
    replicates: int,
    batch: int = 8,
    sampler: SamplerName = "tpe",
    risk: Risk | None = None,
    jobs: int = 1,
    allow_code: bool = False,
    quiet: bool = False,
) -> Study:
    """Search, going on with what the folder holds.

    Raises
    ------
    ResultsError
        When the folder belongs to another search, or a run fails.
    """
    judge = risk or Risk()
    make_folder(folder, parents=True)
    refuse_irregular(folder / RUNS)
    _claim(folder, _described(space, objectives, judge, sampler, replicates, batch))

    def runs(settings: Sequence[Values | None]) -> list[Floats]:
        todo = [
            Job("", scenario, (), replicate, allow_code=allow_code)
            for values in settings
            for scenario in space.scenarios(values)
            for replicate in range(replicates)
        ]
        try:
            found = run_jobs(measure, todo, workers=jobs, keep=folder / RUNS, quiet=quiet)
        except ReplicateFailedError as failed:
            raise ResultsError(f"a run of the search failed: {failed}") from failed
        table = np.array([[one[o.name] for o in objectives] for one in found])
        return list(table.reshape(len(settings), -1, len(objectives)))

    (base,) = runs([None])

    def evaluate(settings: Sequence[Values]) -> list[Floats]:
        return [found - base for found in runs(list(settings))]

    done = search(
        space.variables,
        objectives,
        evaluate,
        trials=trials,
        batch=batch,
        sampler=sampler,
        seed=space.sweep.base.seed,
        risk=judge,
    )
    return Study(space, objectives, judge, sampler, replicates, batch, tuple(done), base)


def _described(
    space: Space,
    objectives: Sequence[Objective],
    risk: Risk,
    sampler: str,
    replicates: int,
    batch: int,
) -> dict[str, Any]:
    return {
        "scenario": space.sweep.base.name,
        "hash": hash_of(space),
        "code": code_digest(),
        "vary": [variable.factor.plain() for variable in space.variables],
        "objectives": [one.name for one in objectives],
        "inputs": [draw.plain() for draw in space.inputs],
        "risk": str(risk),
        "sampler": sampler,
        "replicates": replicates,
        "batch": batch,
    }


def _claim(folder: Path, wanted: dict[str, Any]) -> None:
    """Refuse a folder of another search; write what this one is into a new one."""
    path = folder / STUDY
    refuse_irregular(path)
    text = json.dumps(wanted, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    if not path.exists():
        require_own(folder, RUNS, "a search")
        write_atomic(path, text.encode("utf-8"))
        return
    try:
        found = json.loads(read_bytes(path))
    except ValueError:
        raise ResultsError(f"{path}: is damaged; remove it or use another folder with -o") from None
    plain = json.loads(text)
    held = found if isinstance(found, dict) else {}
    differing = [key for key in plain if held.get(key) != plain[key]]
    if differing:
        raise ResultsError(
            f"{folder} holds another search: other {', '.join(differing)}; nothing was changed, "
            "use another folder with -o"
        )
