"""Governments of a run: what they believe, when they decide, and what then holds."""

from __future__ import annotations

from ydsim.agents.state import State
from ydsim.errors import InputError
from ydsim.measures.game import MOST
from ydsim.policies.environment import PolicyEnvironment
from ydsim.processes.compete import believed_output
from ydsim.processes.govern import adapt, decides, govern, governed, protections
from ydsim.scenario.schema.scenario import Scenario
from ydsim.typing import Floats
from ydsim.world.payoffs import read_payoffs
from ydsim.world.world import World


class Governments:
    """The governments of one run, under one mode of governance.

    Parameters
    ----------
    settings, world
        Of the run; a table of payoffs is read here.
    """

    def __init__(self, settings: Scenario, world: World) -> None:
        self._keys = settings.governance
        self._compete = settings.parameters.compete
        self._first_year = settings.start
        self._alone: list[int] = []
        self._table: Floats | None = None
        if self._keys.mode in ("fixed", "adaptive"):
            return
        if world.n_provinces > MOST:
            raise InputError(
                f"governance.mode: {self._keys.mode} is possible with at most {MOST} provinces, "
                f"the world {world.name!r} has {world.n_provinces}"
            )
        if self._keys.beliefs == "table":
            self._table = read_payoffs(self._keys.table, world.provinces)

    def act(self, state: State, environment: PolicyEnvironment, shift: Floats) -> PolicyEnvironment:
        """Decide where a decision is due, and return what then holds beside the policies.

        ``shift`` (C,) is the fitted shift of market shares of the quarter.
        """
        keys = self._keys
        if keys.mode == "fixed":
            return environment
        if decides(state.quarter, self._first_year, keys):
            if keys.mode == "adaptive":
                adapt(state, environment, keys)
            elif govern(state, self.beliefs(state, environment, shift), keys):
                self._alone.append(self._first_year + state.quarter // 4)
        return governed(environment, state, keys)

    def beliefs(self, state: State, environment: PolicyEnvironment, shift: Floats) -> Floats:
        """Return output a year of provinces in each cell of closed ones, (2^P, P), as believed."""
        if self._table is not None:
            return self._table
        return believed_output(
            state,
            environment,
            self._compete,
            state.nation.relative,
            shift,
            protections(state.world.n_provinces, self._keys),
        )

    @property
    def notes(self) -> list[str]:
        """Remarks for a reader of the results."""
        if not self._alone:
            return []
        years = ", ".join(map(str, self._alone))
        return [f"coordination would have paid less than it costs in {years}: all decided alone"]
