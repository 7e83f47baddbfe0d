"""Who was treated, and who was not: a row for each unit from which a shock was drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ydsim.scenario.schema.sections.shocks import Shock, Unit
from ydsim.typing import Bools, Columns, Keys

Names = NDArray[Any]
"""Texts, (n,)."""


@dataclass(frozen=True)
class Assignment:
    """The units of one shock at one date.

    Attributes
    ----------
    shock, unit, quarter
        What was drawn, and when.
    key, other
        (n,) identities of the units, or of both ends of a pair; 0 where there is no second. Of an
        organisation that loses a partner the second one is that partner.
    place, other_place
        (n,) names of the city or province in which each is, and of the second, of a market its
        industry; empty for none.
    treated
        (n,) the others are controls.
    """

    shock: Shock
    unit: Unit
    quarter: int
    key: Keys
    other: Keys
    place: Names
    other_place: Names
    treated: Bools


def assignment(
    shock: Shock,
    quarter: int,
    treated: Bools,
    *,
    key: Keys | None = None,
    other: Keys | None = None,
    place: Names | None = None,
    other_place: Names | None = None,
) -> Assignment:
    """Return the units of a shock; 0 and empty for what they do not have."""
    n = len(treated)
    nobody, nowhere = np.zeros(n, dtype=np.uint64), np.full(n, "", dtype=np.object_)
    return Assignment(
        shock,
        shock.unit_drawn,
        quarter,
        nobody if key is None else key,
        nobody if other is None else other,
        nowhere if place is None else place,
        nowhere if other_place is None else other_place,
        treated,
    )


def named(names: Sequence[str], index: NDArray[Any]) -> Names:
    """Return the name at each index."""
    found: Names = np.array(names, dtype=np.object_)[index]
    return found


def shock_table(assignments: Sequence[Assignment], start: int) -> Columns:
    """Return one row for each unit of each shock, in the order in which they were drawn."""
    n = np.array([len(one.treated) for one in assignments], dtype=np.int64)
    quarter = np.repeat(np.array([one.quarter for one in assignments], dtype=np.int64), n)

    def text(words: list[str]) -> Names:
        return np.repeat(np.array(words, dtype=np.object_), n)

    def column(name: str, kind: type) -> NDArray[Any]:
        return np.concatenate([np.empty(0, kind), *(getattr(one, name) for one in assignments)])

    return {
        "shock": text([one.shock.name for one in assignments]),
        "kind": text([one.shock.kind for one in assignments]),
        "arms": text([one.shock.arms for one in assignments]),
        "unit": text([one.unit for one in assignments]),
        "key": column("key", np.uint64),
        "other": column("other", np.uint64),
        "place": column("place", np.object_),
        "other_place": column("other_place", np.object_),
        "treated": column("treated", np.bool_),
        "year": start + quarter // 4,
        "quarter": 1 + quarter % 4,
    }
