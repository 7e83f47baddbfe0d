"""Holders of inventions by kind and size: what they made, what they hold, and what is in use.

    made_h  = number of inventions of the year that h owned when they were made / s
    force_h = sum over inventions k that h holds of exp(-contracts.lapse a_k / 4) / s
    use_h   = the same over those k of which a launch came

h is a class of holders in a province: small, medium and large firms, universities, institutes;
a_k the age of k in quarters, s the scale; all in items. An invention belongs to the owner of its
project, and to the last one when the project has ended: it goes along where a project is handed
over or moves into a new firm, out of the record where it is sold to the rest of the nation, and
lapses with an owner that leaves. It is in use once a launch has come of it, and stays so (assumed).
Partners do not hold. The lapse is that of patents (`ydsim.processes.advance`), by its expectation.

Size is that of certificates (`ydsim.agents.organisations`), by sales of the quarter before when an
invention is made and of the last quarter at the end of the year. Inventions of the burn-in count.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.organisations import FIRM, reported_sales, size_class
from ydsim.agents.projects import INVENTION, NOT_YET, OUTCOMES
from ydsim.agents.state import State
from ydsim.measures.groups import rows_of, sums
from ydsim.policies.base import SIZES
from ydsim.record.yearly import DIGITS, KIND_NAMES, by_year
from ydsim.scenario.schema.parameters import Parameters
from ydsim.typing import Bools, Columns, Floats, Ints, Keys

HOLDERS: Final = (
    *((KIND_NAMES[FIRM], size) for size in SIZES),
    *((kind, "") for kind in KIND_NAMES[1:]),
)
"""Classes of holders: kind and size; science has no size."""

VALUES: Final = ("inventions", "in_force", "in_use")
"""Columns of the table: made in the year, held and in use at its end, items."""

_LAUNCHED, _SOLD = OUTCOMES.index("launched"), OUTCOMES.index("sold outside")


class HolderLog:
    """The record of holders of one run, its burn-in included.

    ``parameters`` of the run: bounds of sizes and the lapse of patents.
    """

    def __init__(self, parameters: Parameters) -> None:
        self._certify, self._lapse = parameters.certify, parameters.contracts.lapse
        self._made: dict[int, Floats] = {}  # by year, (P, H)
        # key of the holder, quarter of the invention, in use
        self._ended: list[tuple[Keys, NDArray[np.int16], Bools]] = []

    def note(self, state: State) -> None:
        """Note the inventions of a quarter and the projects that ended in it, after they have."""
        projects, now = state.projects, state.quarter
        rows = [projects.owner[projects.stage_end[:, INVENTION] == now]]
        for block in state.ended.blocks:
            when, outcome = block["stage_end"][:, INVENTION], block["outcome"]
            rows.append(block["owner"][when == now])
            kept = (when != NOT_YET) & (outcome != _SOLD)
            holder = state.organisations.key[block["owner"][kept]]
            self._ended.append((holder, when[kept], outcome[kept] == _LAUNCHED))
        if now >= 0:
            cell = self._cell(state, np.concatenate(rows).astype(np.int64))
            made = self._counted(state, cell, np.ones(len(cell)))
            self._made[now // 4] = self._made.get(now // 4, 0.0) + made

    def of_year(self, state: State) -> Floats:
        """Return `VALUES` of the year that ends, by province and class, (P, H, 3) at scale 1."""
        projects, table = state.projects, state.organisations
        rows = np.flatnonzero(projects.stage_end[:, INVENTION] != NOT_YET)
        live = (
            table.key[projects.owner[rows]],
            projects.stage_end[rows, INVENTION],
            np.zeros(len(rows), dtype=np.bool_),
        )
        holder, when, used = map(np.concatenate, zip(*self._ended, live, strict=True))
        self._ended.clear()  # a run at full scale has millions of them
        lives = np.flatnonzero(table.alive)
        cell = np.append(self._cell(state, lives), -1)[rows_of(holder, table.key[lives])]
        # holders that have left never come back: what they held is forgotten
        there = cell >= 0
        holder = holder[there]
        when = when[there]
        used = used[there]
        cell = cell[there]
        ended = int(there[: len(there) - len(rows)].sum())
        self._ended.append((holder[:ended], when[:ended], used[:ended]))
        weight = np.exp(-self._lapse * (state.quarter - when.astype(np.int64)) / 4.0)
        held, in_use = (self._counted(state, cell, w) for w in (weight, weight * used))
        made = self._made.get(state.quarter // 4, np.zeros_like(held))
        return np.stack([made, held, in_use], axis=-1)

    def _cell(self, state: State, rows: Ints) -> Ints:
        """Return province and class of organisations ``rows`` as one number, (n,)."""
        table, keys = state.organisations, self._certify
        reported = reported_sales(table.sales[rows], keys.sales_basis)
        size = size_class(reported, keys.small_sales, keys.large_sales)
        kind = table.kind[rows].astype(np.int64)
        of = np.where(kind == FIRM, size, len(SIZES) - 1 + kind)
        return table.province[rows] * len(HOLDERS) + of

    def _counted(self, state: State, cell: Ints, weight: Floats) -> Floats:
        """Return the sums of ``weight`` (n,) by province and class, (P, H), at scale 1."""
        shape = state.world.n_provinces, len(HOLDERS)
        return sums(cell, weight, shape[0] * shape[1]).reshape(shape) / state.scale


def holder_table(years: list[Floats], start: int, provinces: tuple[str, ...]) -> Columns:
    """Return one row for each year, province and class of holders."""
    values = np.round(np.array(years).reshape(-1, len(VALUES)), DIGITS)
    kinds, sizes = zip(*HOLDERS, strict=True)
    return {
        **by_year(len(years), start, province=provinces, kind=kinds),
        **by_year(len(years), start, province=provinces, size=sizes),
        **{name: values[:, k] for k, name in enumerate(VALUES)},
    }
