"""The six kinds of agents, and a model whose agents are there once somebody looks.

Firms, universities and institutes are views on one row of the `Organisations` table: reading or
setting an attribute reads or sets the cell, and the table is the only place where it is kept.
Intermediaries and media are views on small tables; governments keep their own attributes.

Tens of thousands of views take longer to make than some phases and more memory than the tables, and
no rule reads them. So they are made when they are first asked for, and kept up with the tables from
then on: a run that nobody looks into has none.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar

import mesa
import numpy as np

from ydsim.agents.columns import NEVER
from ydsim.agents.organisations import FIRM, INSTITUTE, UNIVERSITY
from ydsim.errors import UsageError

if TYPE_CHECKING:
    from ydsim.agents.state import State
    from ydsim.typing import Ints


class Column:
    """A data descriptor that reads and writes one cell of the table of an agent, in its row."""

    def __init__(self, doc: str) -> None:
        self.__doc__ = doc

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, agent: Any, owner: type | None = None) -> Any:
        if agent is None:
            return self
        return getattr(agent.table, self.name)[agent.row].item()

    def __set__(self, agent: Any, value: Any) -> None:
        getattr(agent.table, self.name)[agent.row] = value


class _Numbers:
    """Counters of agents, each kept by its model."""

    def __getitem__(self, model: Any) -> Iterator[int]:
        return vars(model).setdefault("_agent_numbers", count(1))


class _Agent(mesa.Agent):  # type: ignore[misc]
    """An agent of a model that can be forgotten."""

    # Mesa 3.3 counts in a dictionary of all models that ever were and keeps each of them alive
    _ids: ClassVar[Any] = _Numbers()
    index: int

    @property
    def row(self) -> int:
        """Its place in its table."""
        return self.index


class Organisation(_Agent):
    """A view on one row of the organisation table.

    ``key`` is its identity, 64 bits, which it is drawn by; it stays when the organisation has left,
    whose other attributes can be read until its row is cleared.
    """

    born = Column("quarter of birth; negative before the first recorded one")
    researchers = Column("researchers at work this quarter, FTE")
    grants = Column("public money received this quarter, 100m_rmb")
    contract_net = Column("technology contracts sold minus bought this quarter, 100m_rmb sampled")

    def __init__(self, model: Any, row: int) -> None:
        super().__init__(model)
        self._row = row
        self.key = int(self.table.key[row])

    @property
    def row(self) -> int:
        """Its place in the table, which may change as a year begins.

        UsageError when it has left and its row has been cleared.
        """
        if not self._has_row:
            raise UsageError(
                f"the {type(self).__name__.lower()} with key {self.key} has left the model, "
                "and its row has been cleared"
            )
        return self._row

    def follow(self, row: int) -> None:
        """Move to another row."""
        self._row = row

    @property
    def table(self) -> Any:
        """The table behind the view."""
        return self.model.state.organisations

    @property
    def city(self) -> str:
        """Name of the city."""
        return self.model.state.world.city_names[int(self.table.city[self.row])]

    @property
    def province(self) -> str:
        """Name of the province."""
        return self.model.state.world.provinces[int(self.table.province[self.row])]

    @property
    def knowledge(self) -> dict[str, float]:
        """Knowledge by field, log scale relative to the mean of the burn-in."""
        fields = self.model.state.world.fields
        return dict(zip(fields, self.table.knowledge[self.row].tolist(), strict=True))

    @property
    def partners(self) -> list[int]:
        """Rows of the living organisations to which it has ties, ascending."""
        ties = self.model.state.ties
        ends = np.concatenate([ties.b[ties.a == self.row], ties.a[ties.b == self.row]])
        return sorted(ends[self.table.alive[ends]].tolist())

    @property
    def alive(self) -> bool:
        """Whether the organisation still exists."""
        return self._has_row and bool(self.table.died[self._row] == NEVER)

    @property
    def _has_row(self) -> bool:
        keys = self.table.key
        return self._row < len(keys) and int(keys[self._row]) == self.key


class Firm(Organisation):
    """A technology-active firm: one real firm drawn with inclusion probability ``scale``."""

    share = Column("share of the sampled sales of its industry in its province")
    value_added = Column("value added of the quarter, 100m_rmb")
    sales = Column("sales of the quarter on a value-added basis, services included, 100m_rmb")
    rd = Column("own R&D of the quarter, 100m_rmb")
    profit = Column("profit of the last quarter before tax, 100m_rmb")
    absorptive = Column("absorptive capacity, 1 on average")
    log_intensity = Column("log of R&D over sales")
    log_productivity = Column("log of productivity A")
    technology = Column("row of the generation in use, -1 for none")
    reported_rd = Column("R&D of the quarter as reported for certificate and taxes, 100m_rmb")

    @property
    def name(self) -> str:
        """Its name where the world lists its firms one by one, else empty."""
        listed = self.model.state.world.listed
        if listed is None:
            return ""
        position = np.flatnonzero(listed.keys == np.uint64(self.key)).tolist()
        return listed.names[position[0]] if position else ""

    @property
    def certified(self) -> bool:
        """Whether it holds a certificate of high-technology enterprises."""
        # of the books: the quarter that began last, also after its end
        return bool(self.table.certified_until[self.row] >= self.model.state.ledger.quarter)

    @property
    def industry(self) -> str:
        """Name of the industry."""
        return self.model.state.world.industries[int(self.table.industry[self.row])]

    @property
    def adopted(self) -> list[int]:
        """Rows of the living generations that the firm has adopted, ascending."""
        slots = self.model.state.slots
        held = slots.holder[int(self.table.industry[self.row])]
        return sorted(held[slots.adopted[self.row] & (held >= 0)].tolist())


class University(Organisation):
    """A regular higher-education institution."""

    @property
    def name(self) -> str:
        """Its official name."""
        return self.model.state.world.university_names[self.row]


class Institute(Organisation):
    """A public research institute."""


class Government(_Agent):
    """A government: central, provincial, municipal, or the regional coordination body.

    ``place`` is the index of its province or city, None for the other two; ``active`` is False
    for a coordination body that no scenario has formed, by ``governance.mode: coordinated``.
    """

    def __init__(
        self, model: Any, level: str, name: str, place: int | None, active: bool = True
    ) -> None:
        super().__init__(model)
        self.level = level
        self.name = name
        self.place = place
        self.active = active

    @property
    def balance(self) -> float:
        """Money on its account, in sampled 100m_rmb."""
        books = self.model.state.books
        accounts = {"central": books.central, "province": books.provinces, "city": books.cities}
        account = accounts.get(self.level, 0.0)
        return float(account if self.place is None else account[self.place])

    @property
    def stance(self) -> str:
        """``"open"`` or ``"closed"`` for a province, which may decide it; empty for all others."""
        if self.level != "province":
            return ""
        return "closed" if self.model.state.stance[self.place] else "open"

    @property
    def science_money(self) -> float:
        """R&D money of the quarter that it pays by the books, 100m_rmb at scale 1."""
        inputs, now = self.model.state.inputs, self.model.state.input_column
        central = inputs.central[:, now]
        if self.level == "central":
            return float(central.sum())
        if self.level == "province":
            return float((inputs.government[:, now] - central)[self.place])
        return 0.0


class Intermediary(_Agent):
    """A broker: brings seekers of partners and organisations within its reach together.

    ``index`` is its place in the table of brokers, which moves when their number changes; ``key``
    is what it is known by.
    """

    reach_km = Column("distance within which it brings organisations together")
    capacity = Column("introductions a quarter, scaled like the sample")
    introductions = Column("candidates that it brought together this quarter")

    def __init__(self, model: Any, index: int) -> None:
        super().__init__(model)
        self.index = index
        self.key = int(self.table.key[index])

    @property
    def table(self) -> Any:
        """The table of brokers."""
        return self.model.state.brokers

    @property
    def city(self) -> str:
        """Name of the city."""
        return self.model.state.world.city_names[int(self.table.city[self.index])]

    def serves(self, city: str) -> bool:
        """Return whether a project of a city can turn to it."""
        world = self.model.state.world
        c = world.city_names.index(city)
        home = int(self.table.city[self.index])
        return bool(world.distance_km[c, home] <= self.reach_km)


class Media(_Agent):
    """The outlet of a province, which covers launches."""

    stories = Column("stories that it can print a quarter without a policy on coverage")
    covered = Column("stories that it printed this quarter")

    def __init__(self, model: Any, index: int) -> None:
        super().__init__(model)
        self.index = index

    @property
    def table(self) -> Any:
        """The table of outlets."""
        return self.model.state.outlets

    @property
    def name(self) -> str:
        """Its province."""
        return self.model.state.world.provinces[self.index]

    def reaches(self, city: str) -> bool:
        """Return whether people of a city read it."""
        state = self.model.state
        c = state.world.city_names.index(city)
        return bool(state.world.city_province[c] == self.index)


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
