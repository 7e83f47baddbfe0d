"""The shocks of a run: when each strikes, what is in force, and who was treated."""

from __future__ import annotations

from ydsim.agents.search import Search
from ydsim.agents.state import State
from ydsim.noise import NoiseSource
from ydsim.policies.base import Places
from ydsim.policies.environment import PolicyEnvironment
from ydsim.scenario.schema.scenario import Scenario
from ydsim.shocks.kinds import RULES, Effect, hide_barred, introduce
from ydsim.shocks.lottery import Assignment, Scene, lotteries
from ydsim.typing import Floats


class Shocks:
    """The shocks of one run.

    Parameters
    ----------
    settings
        The scenario, which lists them.
    places
        Names of the world.
    noise
        Of the run.

    Attributes
    ----------
    assignments
        Who was drawn from and who was treated, so far.
    """

    def __init__(self, settings: Scenario, places: Places, noise: NoiseSource) -> None:
        self._places = places
        self._certify = settings.parameters.certify
        self._start = settings.start
        drawn = lotteries(settings.shocks, noise.phase("shocks", 0))
        self._shocks = list(zip(settings.shocks, drawn, strict=True))
        self._effects: list[Effect] = []
        self.assignments: list[Assignment] = []

    def strike(self, state: State, environment: PolicyEnvironment) -> PolicyEnvironment:
        """Let the shocks of the quarter strike; return the environment with what is in force."""
        scene = Scene(state, self._places, self._certify, self._start)
        self._effects = [one for one in self._effects if one.until > state.quarter]
        for shock, lottery in self._shocks:
            if shock.first(self._start) == state.quarter:
                drawn, effect = RULES[shock.kind](scene, shock, lottery)
                self.assignments.append(drawn)
                if effect is not None and drawn.treated.any():
                    self._effects.append(effect)
        for effect in self._effects:
            environment = effect.laid_over(environment)
        return environment

    def introduce(self, state: State, search: Search) -> None:
        """Change whom seekers see: pairs that meet, and pairs that were parted."""
        for effect in self._effects:
            if effect.met is not None:
                introduce(effect.met, state, search)
        hide_barred(state, search)

    def shifted(self, shift: Floats) -> Floats:
        """Return the shift of the log weight of goods, (C,) or by industry too, (J, C)."""
        for effect in self._effects:
            if effect.rise is not None:
                shift = shift + effect.rise
        return shift
