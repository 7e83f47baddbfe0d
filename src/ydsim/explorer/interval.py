"""How sure the pictures are: further runs beside those that are shown, and the range of them.

A further run has draws of its own and, where the world has an ensemble, the parameters of a member,
so that it is the replicate of that number of ``ydsim run --ensemble``. Scenarios that are compared
have the same draws and the same member in each. If n runs, with the one that is shown, and one
more are alike, the range of the n holds the other one with the chance

    (n - 1) / (n + 1)

which is .82 of 10 runs. Of a finished run a few series are kept, and its models are let go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np

from ydsim.explorer.watch import HEADLINES, LINES, MONEY, Band, Opening, Watch
from ydsim.fmt import percent
from ydsim.frozen import frozen_tree
from ydsim.measures.effects import without_rounding
from ydsim.model import Model
from ydsim.record.indicators import INDICATORS
from ydsim.scenario.schema.ensemble import MEMBERS, ensemble_of
from ydsim.scenario.schema.parameters import Parameters
from ydsim.scenario.schema.scenario import Scenario
from ydsim.typing import Floats

RUNS: Final = (4, 9, 19)
"""Further runs that a page may have."""

Seen: TypeAlias = Mapping[str, Floats]
"""Series of a run by name: provinces, where it is recorded for them, and the region last."""


class Further:
    """Further runs of the scenarios of a page, a quarter at a time, one run after another."""

    def __init__(self, scenarios: tuple[Scenario, ...], number: int) -> None:
        self.asked, self.number = scenarios, number
        self.runs: list[tuple[Seen, ...]] = []  # that are done; a part for each scenario
        self._scenarios = tuple(map(with_members, scenarios))
        self.members = self._scenarios[0].members
        self._watches: tuple[Watch, ...] = ()

    @property
    def replicates(self) -> list[int]:
        """Numbers of the runs as replicates, spread over the members; none is that of the page."""
        if self.members < 2 * self.number:
            return list(range(1, self.number + 1))
        return [(2 * k + 1) * self.members // (2 * self.number) for k in range(self.number)]

    @property
    def done(self) -> int:
        """Number of runs that are done."""
        return len(self.runs)

    @property
    def over(self) -> bool:
        """All runs are done."""
        return self.done == self.number

    def step(self, begin: Callable[[Scenario, int], Model]) -> bool:
        """Simulate a quarter, or what lies before the first; return whether a run is done by it.

        ``begin`` returns a model at its first quarter, of a scenario and a replicate.
        """
        if not self._watches:
            number = self.replicates[len(self.runs)]
            self._watches = tuple(Watch(begin(one, number)) for one in self._scenarios)
            return False
        for watch in self._watches:
            if not watch.over:
                watch.step()
        if not all(watch.over for watch in self._watches):
            return False
        self.runs.append(tuple(map(seen_of, self._watches)))
        self._watches = ()
        return True

    def band(self, side: int, name: str, place: int = -1) -> Band | None:
        """Return the range of a series of a scenario over the runs; None of fewer than two."""
        return _range([run[side][name][:, place] for run in self.runs])

    def change(self, name: str, place: int = -1) -> Band | None:
        """Return the range of how much more the second scenario has than the first, run by run."""
        changes = []
        for one, other, *_ in self.runs:
            a, b = one[name][:, place], other[name][:, place]
            changes.append(without_rounding(a, b) - a)
        return _range(changes)


class StoredRanges:
    """The ranges of stored runs, as `Further` has them of runs of the page."""

    def __init__(self, openings: Sequence[Opening]) -> None:
        self.done = openings[0].further
        self._openings = openings

    def band(self, side: int, name: str, place: int = -1) -> Band:
        """Return the range of a series of a scenario."""
        return self._openings[side].band(name, place)

    def change(self, name: str, place: int = -1) -> None:
        """Return no range of differences: runs are not stored one by one."""


def with_members(scenario: Scenario) -> Scenario:
    """Return a scenario with the members of its world, unless it has an ensemble or there is none.

    A parameter that the scenario sets keeps its value in all runs.
    """
    if scenario.ensemble:
        return scenario
    try:
        columns = ensemble_of(MEMBERS, scenario.world, scenario.known_in)
    except ValueError:
        return scenario
    values, defaults = scenario.parameters.model_dump(), Parameters().model_dump()
    free = {
        section: {k: v for k, v in each.items() if values[section][k] == defaults[section][k]}
        for section, each in columns.items()
    }
    kept = frozen_tree({section: each for section, each in free.items() if each})
    return scenario.model_copy(update={"ensemble": kept})


def seen_of(watch: Watch) -> Seen:
    """Return the series of a run that are kept."""
    kept = {MONEY: watch.paid()[:, None]}
    for name in dict.fromkeys((*LINES.values(), *HEADLINES)):
        parts = [watch.series(name)[:, None]]
        if "province" in INDICATORS[name].levels:
            parts.insert(0, watch.series(name, "province"))
        kept[name] = np.hstack(parts)
    return kept


def chance(runs: int) -> str:
    """Return the chance with which the range of so many runs holds another one, in per cent."""
    return percent((runs - 1) / (runs + 1))


def _range(runs: list[Floats]) -> Band | None:
    if len(runs) < 2:
        return None
    return np.min(runs, axis=0), np.max(runs, axis=0)
