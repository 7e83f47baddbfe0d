"""The run of ten firms with what was before and after the steps that are followed by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from ydsim.agents.organisations import FIRM
from ydsim.model import Model
from ydsim.policies.environment import passing
from ydsim.processes.cover import awareness
from ydsim.typing import Floats, Ints


@dataclass(frozen=True)
class Decision:
    """What a firm knew when it set its R&D, and what it set; money in 100m_rmb a quarter."""

    gains: float
    mean_share: float
    log_effect: float
    log_before: float
    sales: float
    value_added: float
    age: float
    cash: float
    grants: float
    grants_spent: float
    rd_before: float
    user_cost: float
    attention: float
    wage: float
    log_after: float
    rd: float
    researchers: float


@dataclass(frozen=True)
class Pressure:
    """What raised the hazard of one generation in a quarter, and the adoptions that followed.

    Attributes
    ----------
    gain, outside
        Its gain and the share of adopters in the rest of the nation.
    adopters, firms
        (C,) adopters and firms of its industry.
    awareness
        (C,) what media add.
    rise, hazard
        (C,) rise of H by the model, and H after it.
    """

    gain: float
    outside: float
    adopters: Floats
    firms: Floats
    awareness: Floats
    rise: Floats
    hazard: Floats


@dataclass(frozen=True)
class Step:
    """A live project at the end of a quarter."""

    owner: int
    stage: int
    done: float
    waits: bool
    members: tuple[int, ...]


class Watched(Model):
    """A model that keeps what happens to firms, projects and generations, quarter by quarter.

    Attributes
    ----------
    decisions
        By quarter and row of a firm.
    pressures
        By quarter and row of a generation.
    adopted
        Generation, firm and channel of all adoptions, by quarter.
    projects
        Live projects at the end of a quarter, by quarter and key.
    launched
        Launches of the quarter, one mapping each.
    """

    decisions: dict[int, dict[int, Decision]]
    pressures: dict[int, dict[int, Pressure]]
    adopted: dict[int, tuple[Ints, Ints, Ints]]
    projects: dict[int, dict[int, Step]]
    launched: dict[int, list[dict[str, Any]]]

    def __init__(self, scenario: str) -> None:
        self.decisions, self.pressures, self.adopted = {}, {}, {}
        self.projects, self.launched = {}, {}
        super().__init__(scenario)

    def label(self, row: int) -> str:
        """Return how an organisation is called."""
        name = getattr(self.views[row], "name", "")
        return str(name or f"institute in {self.views[row].city}")

    def row_of(self, name: str) -> int:
        """Return the row of an organisation by how it is called."""
        return next(row for row in self.views if self.label(row) == name)

    def when(self, quarter: int) -> str:
        """Return a quarter in words; those before the run are negative."""
        return f"{self.settings.start + quarter // 4} Q{quarter % 4 + 1}"

    def step(self) -> None:
        """Live one quarter and keep what is left of it."""
        quarter = self.state.quarter
        super().step()
        table = self.state.projects
        self.projects[quarter] = {
            int(table.key[i]): Step(
                int(table.owner[i]),
                int(table.stage[i]),
                float(table.done[i]),
                bool(table.waits[i]),
                tuple(int(m) for m in table.members[i] if m != -1),
            )
            for i in range(len(table))
        }
        launches, events = self.state.launches, self.state.adoptions
        self.launched[quarter] = [
            {name: getattr(launches, name)[i].tolist() for name in vars(launches)}
            for i in range(len(launches))
        ]
        self.adopted[quarter] = (events.generation, events.firm, events.channel.astype(np.int64))

    def _invest(self) -> None:
        state, table = self.state, self.state.organisations
        firms = np.flatnonzero(table.alive & (table.kind == FIRM))
        before = {
            name: getattr(table, name)[firms].copy()
            for name in ("log_intensity", "log_effect", "sales", "value_added", "cash", "grants",
                         "grants_spent", "rd")
        }  # fmt: skip
        gains = table.recent_gain[firms].astype(np.float64).sum(axis=1)
        super()._invest()
        if state.quarter < 0:
            return
        city, now = table.city[firms], state.input_column
        wage = state.inputs.wage[table.province[firms], now] * state.talent.cost[city]
        self.decisions[state.quarter] = {
            int(row): Decision(
                gains=float(gains[i]),
                mean_share=cast("float", self.reference.innovative_share),
                log_effect=float(before["log_effect"][i]),
                log_before=float(before["log_intensity"][i]),
                sales=float(before["sales"][i]),
                value_added=float(before["value_added"][i]),
                age=float((state.quarter - table.born[row]) / 4.0),
                cash=float(before["cash"][i]),
                grants=float(before["grants"][i]),
                grants_spent=float(before["grants_spent"][i]),
                rd_before=float(before["rd"][i]),
                user_cost=float(self.environment.user_cost[city[i]]),
                attention=float(state.attention[city[i], table.industry[row]]),
                wage=float(wage[i]),
                log_after=float(table.log_intensity[row]),
                rd=float(table.rd[row]),
                researchers=float(table.researchers[row]),
            )
            for i, row in enumerate(firms)
        }

    def _adopt(self) -> None:
        state = self.state
        live = state.generations.living()
        adopters = state.generations.adopters[live].copy()
        outside = state.generations.outside_share[live].copy()
        super()._adopt()
        if state.quarter < 0:
            return
        generations, table, firms = state.generations, state.organisations, state.firms
        aware = awareness(state.attention, self.parameters.media)
        self.pressures[state.quarter] = {}
        for i, g in enumerate(live.tolist()):
            j = int(generations.industry[g])
            mine = firms[table.industry[firms] == j]
            self.pressures[state.quarter][g] = Pressure(
                gain=float(generations.gain[g]),
                outside=float(outside[i]),
                adopters=adopters[i],
                firms=np.bincount(table.city[mine], minlength=self.world.n_cities).astype(float),
                awareness=aware[:, j].copy(),
                rise=generations.rise[g].copy(),
                hazard=generations.hazard[g].copy(),
            )

    def kernels(self) -> tuple[Floats, Floats]:
        """Return weights of adopters in other cities, (C, C): that reach, and all."""
        hours, keys = self.environment.travel_hours, self.parameters.adopt
        plain = np.exp(-hours / keys.decay_h) * (1.0 - np.eye(self.world.n_cities))
        passes = passing(self.environment, "exposure", self.world.city_province)
        return plain * passes, plain
