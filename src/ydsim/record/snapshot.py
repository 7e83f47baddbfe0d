"""Organisations at the end of a run, and knowledge by province and field at the end of a year.

Knowledge of province p in field f is the mean over its organisations, weighted by their
researchers, universities and institutes times s; effort is their researchers at work in the
field, firms divided by s.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ydsim.agents.organisations import FIRM, UNIVERSITY
from ydsim.agents.rows import rows_now
from ydsim.agents.state import State
from ydsim.measures.groups import row_sums
from ydsim.measures.order import rows_of
from ydsim.record.observe import living_ties
from ydsim.record.yearly import DIGITS, KIND_NAMES
from ydsim.typing import Columns, Floats, Ints

NO_NAME: Final = ""
UNKNOWN: Final = -1


def agent_table(state: State, start: int, quarter: int) -> Columns:
    """Return one row for each living organisation at the end of ``quarter``, counted from 0.

    Counts and money that universities and institutes share with the sample are divided by s.
    """
    table, world = state.organisations, state.world
    rows = np.flatnonzero(table.alive)
    firm = table.kind[rows] == FIRM
    at_one = 1.0 / state.sample_exposure[rows]
    born = np.where(firm, start + table.born[rows] // 4, UNKNOWN)
    partners = np.bincount(np.concatenate(living_ties(state)), minlength=len(table))
    industries = np.array([*world.industries, NO_NAME], dtype=np.object_)
    inventions = row_sums(table.inventions, rows)
    values: dict[str, Floats] = {
        "researchers": table.researchers[rows],
        "rd": table.rd[rows] + table.grants_spent[rows],
        "sales": table.sales[rows],
        "value_added": table.value_added[rows],
        "cash": table.cash[rows],
        "log_productivity": table.log_productivity[rows],
    }
    others: dict[str, Floats] = {
        "partners": partners[rows] * at_one,
        "reputation": table.reputation[rows],
        "inventions_3y": inventions * at_one,
        "contract_net": table.contract_net[rows] * at_one,
    }
    return {
        "kind": np.array(KIND_NAMES, dtype=np.object_)[table.kind[rows]],
        "key": table.key[rows],
        "name": _names(state, rows),
        "city": np.array(world.city_names, dtype=np.object_)[table.city[rows]],
        "province": np.array(world.provinces, dtype=np.object_)[table.province[rows]],
        "industry": industries[table.industry[rows]],
        "born_year": born.astype(np.int32),
        **{name: np.round(column, DIGITS) for name, column in values.items()},
        "technology": table.technology[rows].astype(np.int32),
        "certified": table.certified_until[rows] >= quarter,
        **{name: np.round(column, DIGITS) for name, column in others.items()},
    }


def _names(state: State, rows: Ints) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """Return the names of universities and of listed firms, empty for the others."""
    table, world = state.organisations, state.world
    names = np.full(len(rows), NO_NAME, dtype=np.object_)
    known = {UNIVERSITY: (world.university_keys, world.university_names)}
    if world.listed is not None:
        known[FIRM] = (world.listed.keys, world.listed.names)
    for kind, (keys, called) in known.items():
        mine = np.flatnonzero(table.kind[rows] == kind)
        position = rows_of(table.key[rows[mine]], keys)  # no firm that came later is listed
        names[mine] = np.array([*called, NO_NAME], dtype=np.object_)[position]
    return names


def province_knowledge(state: State) -> tuple[Floats, Floats]:
    """Return knowledge and effort by province and field, (P, F) each."""
    table, n = state.organisations, state.world.n_provinces
    knowledge, effort = (np.zeros((n, len(state.world.fields))) for _ in range(2))
    weight = table.researchers * state.sample_exposure
    row = rows_now(state)[state.active]
    at_work, province = weight[row], table.province[row]
    for p in range(n):
        mine = np.flatnonzero((table.province == p) & (weight > 0.0))
        total = max(float(weight[mine].sum()), 1e-300)
        knowledge[p] = np.einsum("nf,n->f", table.knowledge[mine], weight[mine]) / total
        effort[p] = np.einsum("fn,n->f", state.field_share, at_work * (province == p))
    return knowledge, effort / state.scale


def knowledge_table(
    listed: list[tuple[Floats, Floats]],
    start: int,
    provinces: tuple[str, ...],
    fields: tuple[str, ...],
) -> Columns:
    """Return one row for each year, province and field."""
    shape = (len(listed), len(provinces), len(fields))
    year, province, field = (i.ravel() for i in np.indices(shape))
    knowledge, effort = np.array(listed).reshape(-1, 2, *shape[1:]).swapaxes(0, 1).reshape(2, -1)
    return {
        "year": (start + year).astype(np.int32),
        "province": np.array(provinces, dtype=np.object_)[province],
        "field": np.array(fields, dtype=np.object_)[field],
        "knowledge": np.round(knowledge, DIGITS),
        "effort": np.round(effort, DIGITS),
    }
