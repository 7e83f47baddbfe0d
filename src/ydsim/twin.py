"""Twin: the same world and parameters without policies, the zero that a run compares with.

A rule that compares with the mean of the present run would delete what all of it gain together:
knowledge that rises everywhere would rise nowhere. So means are those of the same quarter of a
twin, a run of the same world, parameters, years and seed in which all policies and shocks are off,
nobody governs, all actors are there and inputs after the data go on by their central path. The twin
compares with itself.

The twin of the default parameters is stored for the packaged region
(`ydsim.stored_zero`). Any other is lived when it is asked for, a quarter at a time, and kept while
the process lives: all runs of one parametrisation share it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from ydsim.agents.means import Means
from ydsim.agents.state import State
from ydsim.errors import ScenarioError
from ydsim.heap import let_go
from ydsim.scenario.load import scenario_hash
from ydsim.scenario.schema.parameters import ActorParameters
from ydsim.scenario.schema.scenario import Record, Scenario
from ydsim.stored_zero import StoredZero, load_zero
from ydsim.world.base_run import BaseRun
from ydsim.world.world import World, same

LARGEST_SCALE = 0.05
"""A twin is lived at the scale of its run, at most at this one: from here on means are nearly free
of scale. In smaller samples the quality of founders is lower."""
MOST_KEPT = 4


class Zero(Protocol):
    """Path of means that a run compares with."""

    said: str

    def at(self, quarter: int) -> Means:
        """Return the means of a recorded quarter."""
        ...


class Lived(Protocol):
    """What a twin is: a model of which the means of each quarter are read."""

    def step(self) -> None:
        """Live one quarter."""
        ...

    @property
    def state(self) -> State:
        """Its state, in which the means of the last quarter are."""
        ...


class Twin:
    """A zero that is lived on demand.

    What stops a quarter in its middle, as a limit of time or an interrupt does, is raised; the twin
    then begins again when it is asked again.

    Parameters
    ----------
    make
        Makes the model at the end of its burn-in; called when the first quarter is asked for.
    quarters
        Length of its run, after which the model is let go.
    said
        One line for the notes of a run.
    """

    def __init__(self, make: Callable[[], Lived], quarters: int, said: str) -> None:
        self.said = said
        self._make = make
        self._quarters = quarters
        self._model: Lived | None = None
        self._path: list[Means] = []

    def at(self, quarter: int) -> Means:
        """Return the means of a recorded quarter, living up to it where it was not yet."""
        try:
            while len(self._path) <= quarter:
                if self._model is None:
                    self._model = self._make()
                self._model.step()
                self._path.append(self._model.state.means.copy())
        except BaseException:
            self._model, self._path = None, []
            raise
        if self._model is not None and len(self._path) == self._quarters:
            let_go(self._model)
            self._model = None
        return self._path[quarter]


def twin_settings(settings: Scenario) -> Scenario:
    """Return the scenario of the twin of a run."""
    inputs = settings.parameters.inputs.model_copy(update={"uncertainty": 0.0})
    changed = {"actors": ActorParameters(), "inputs": inputs}
    parameters = settings.parameters.model_copy(update=changed)
    return Scenario(
        name="twin",
        world=settings.world,
        start=settings.start,
        end=settings.end,
        scale=min(settings.scale, LARGEST_SCALE),
        seed=settings.seed,
        record=Record(adoption_events=False, cities=False, ties=False, agents=False),
        parameters=parameters,
        policies={},
    )


def zero_remark(zero: Zero | None) -> list[str]:
    """Return a line where a twin was run for this run."""
    return [zero.said] if zero is not None and zero.said else []


_KEPT: list[tuple[str, World, BaseRun, Twin]] = []
"""Twins by scenario, world and base run, oldest first."""


def zero_of(settings: Scenario, world: World, base: BaseRun, make: Callable[..., Lived]) -> Zero:
    """Return the zero of a run: stored where there is one, else a twin.

    Parameters
    ----------
    settings, world, base
        Of the run.
    make
        Makes the model of a twin from its scenario, ``world`` and ``base``.
    """
    plain = twin_settings(settings)
    stored = load_zero(world)
    if stored is not None and stored.suits(plain, ignore_parameters=settings.zero == "stored"):
        return StoredZero(stored)
    if settings.zero == "stored":
        years = "has none"
        if stored is not None:
            last = stored.first_year + stored.quarters // 4 - 1
            years = f"has one that begins in {stored.first_year} and ends in {last}"
        raise ScenarioError(
            f"zero: no stored zero for world {world.name!r} from {settings.start} to "
            f"{settings.end}; it {years}; leave zero at own"
        )
    name = scenario_hash(plain)
    for known in _KEPT:
        if known[0] == name and same(known[1], world) and same(known[2], base):
            return known[3]
    said = (
        "a reference run without policies was made for these parameters "
        f"(scale {plain.scale:g}, seed {plain.seed})"
    )
    twin = Twin(partial(make, plain, world=world, base=base), plain.quarters, said)
    _KEPT.append((name, world, base, twin))
    del _KEPT[:-MOST_KEPT]
    return twin
