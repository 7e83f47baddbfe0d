"""A model whose agents are there once somebody looks.

Agents are views on rows of tables, which no rule reads. Tens of thousands of them take longer to
make than some phases and more memory than the tables, so they are made when they are first asked
for, and kept up with the tables from then on: a run that nobody looks into has none.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from ydsim.agents.mesa_agents import (
    Firm,
    Government,
    Institute,
    Intermediary,
    Media,
    Organisation,
    University,
)
from ydsim.agents.organisations import FIRM, INSTITUTE, UNIVERSITY

if TYPE_CHECKING:
    from ydsim.agents.state import State
    from ydsim.typing import Ints

KIND_CLASS: dict[int, type[Organisation]] = {
    FIRM: Firm,
    UNIVERSITY: University,
    INSTITUTE: Institute,
}


class SeenModel(mesa.Model):  # type: ignore[misc]
    """A Mesa model with a `State`, the agents of which are made when they are first asked for."""

    state: State
    _views: dict[int, Organisation] | None = None
    """None as long as nobody has asked."""

    @property
    def agents(self) -> Any:
        """All agents: the living organisations and then the others, when first asked for."""
        self._look()
        return super().agents

    @property
    def agents_by_type(self) -> Any:
        """The agents of each kind."""
        self._look()
        return super().agents_by_type

    @property
    def agent_types(self) -> Any:
        """The kinds of agents."""
        self._look()
        return super().agent_types

    def remove_all_agents(self) -> None:
        """Remove all agents; the organisations live on in their table."""
        self._look()
        super().remove_all_agents()

    @property
    def views(self) -> dict[int, Organisation]:
        """The agents of organisations by row."""
        return self._look()

    def _look(self) -> dict[int, Organisation]:
        if self._views is None:
            self._views = {}  # what asks while they are made begins nothing again
            self._views = _create_agents(self)
        return self._views

    def renew_organisations(self, gone: Ints, new: Ints) -> None:
        """Follow the table: remove the agents of rows that are ``gone``, create those of new ones.

        Does nothing before anybody has asked for agents.
        """
        if self._views:
            for row in gone.tolist():
                self._views.pop(row).remove()
            self._views.update(_create_views(self, new))

    def follow_rows(self, new: Ints) -> None:
        """Let the agents of organisations follow to the ``new`` row of each row."""
        if self._views:
            self._views = {int(new[row]): agent for row, agent in self._views.items()}
            for row, agent in self._views.items():
                agent.follow(row)

    def renew_intermediaries(self) -> None:
        """Remove the agents of brokers that are gone, and create those of new ones."""
        if not self._views:
            return
        index = {key: position for position, key in enumerate(self.state.brokers.key.tolist())}
        for broker in list(self.agents_by_type.get(Intermediary, ())):
            position = index.pop(broker.key, None)
            if position is None:
                broker.remove()
            else:
                broker.index = position
        for position in index.values():
            Intermediary(self, position)


def _create_agents(model: Any) -> dict[int, Organisation]:
    """Create all agents of a model and return the views by row."""
    state, world = model.state, model.state.world
    views = _create_views(model, np.flatnonzero(state.organisations.alive))
    Government(model, "central", "central government", None)
    for p, name in enumerate(world.provinces):
        Government(model, "province", name, p)
    for c, name in enumerate(world.city_names):
        Government(model, "city", name, c)
    formed = model.settings.governance.mode == "coordinated"
    Government(model, "body", "regional coordination body", None, active=formed)
    for broker in range(len(state.brokers.city)):
        Intermediary(model, broker)
    for outlet in range(len(state.outlets.key)):
        Media(model, outlet)
    return views


def _create_views(model: SeenModel, rows: Ints) -> dict[int, Organisation]:
    """Create the agents of new rows and return them by row."""
    kinds = model.state.organisations.kind[rows].tolist()
    # thousands of objects at once set off collections of garbage that find none
    collects = gc.isenabled()
    gc.disable()
    try:
        return {
            row: KIND_CLASS[kind](model, row)
            for row, kind in zip(rows.tolist(), kinds, strict=True)
        }
    finally:
        if collects:
            gc.enable()
