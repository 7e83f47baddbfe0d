"""Which runs a sweep has and which part of the store holds each.

Runs come replicate by replicate, so that a sweep stopped early is balanced, and within a
replicate in the order of the points; points of equal content share their runs. Where points
compare with different twins (`ydsim.twin`), those of one twin come together first, so that a
worker lives each twin once. A part holds consecutive runs, as many as take about `PART_SECONDS` by
a rough estimate that depends on the scenarios alone: neither the number of workers nor the speed
of the machine changes a byte.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ydsim.store.identity import part_identity, run_id
from ydsim.store.layout import RUNS, Parts
from ydsim.store.tables import require_values
from ydsim.typing import Columns, Ints, Table

if TYPE_CHECKING:
    from ydsim.scenario.schema.scenario import Scenario
    from ydsim.world.world import World

PART_SECONDS = 20.0
PART_RUNS = 500
PARTS_WANTED = 32
"""Parts of a sweep with enough runs, so that workers end at about the same time."""

_SECONDS_PER_QUARTER = 0.012
_SECONDS_PER_FIRM = 2.3e-6
_BURN_IN_QUARTERS = 20


@dataclass(frozen=True)
class Plan:
    """All runs of a sweep, in order.

    Attributes
    ----------
    hashes, replicates
        Of each run.
    parts
        Number of the part that holds it; never falling.
    """

    hashes: tuple[str, ...]
    replicates: tuple[int, ...]
    parts: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.hashes)

    @cached_property
    def runs(self) -> tuple[str, ...]:
        """The name of each run."""
        return tuple(map(run_id, self.hashes, self.replicates))

    @cached_property
    def bounds(self) -> dict[int, slice]:
        """Where the runs of each part are."""
        numbers = np.array(self.parts, dtype=np.int64)
        first = np.flatnonzero(np.diff(numbers, prepend=-1))
        last = np.flatnonzero(np.diff(numbers, append=-1)) + 1
        pairs = zip(first.tolist(), last.tolist(), strict=True)
        return {int(numbers[a]): slice(a, b) for a, b in pairs}

    @cached_property
    def identities(self) -> Parts:
        """What the receipt of each part must say."""
        return {
            number: part_identity(number, self.runs[rows]) for number, rows in self.bounds.items()
        }

    def fits(self, number: int, receipt: Mapping[str, Any]) -> bool:
        """Tell whether every run of a part is accounted for once in its receipt."""
        rows = self.bounds[number]
        named = [*(failure["run"] for failure in receipt["failed"]), *receipt["missing"]]
        whole = receipt["done"] + len(named) == rows.stop - rows.start
        return bool(whole) and set(named) <= set(self.runs[rows])

    def rows_of(self, table: str, number: int, columns: Table, path: Path) -> Ints:
        """Return the place in the plan of the run of each row of a part.

        Raises
        ------
        ResultsError
            When rows are not of the part's runs, in their order; names file and column.
        """
        import pandas as pd

        rows = self.bounds[number]
        name = "run" if "run" in columns else "replicate"
        own: Sequence[object] = (self.runs if name == "run" else self.replicates)[rows]
        place = {of: at for at, of in enumerate(own, rows.start)}
        codes, found = pd.factorize(columns[name])
        places: Ints = np.array([place.get(of, -1) for of in found.tolist()], dtype=np.int64)[codes]
        require_values(path, name, places >= 0, f"has rows of no run of part {number}")
        fine = np.diff(places) >= (table == RUNS)
        require_values(path, name, fine, "rows are not in the order of the plan")
        return places

    def require_rows(self, table: str, number: int, columns: Columns, path: Path) -> None:
        """Refuse a table of a part unless its rows are of the part's runs, in their order."""
        self.rows_of(table, number, columns, path)

    @cached_property
    def highest(self) -> dict[str, int]:
        """Highest number of a replicate by hash."""
        found: dict[str, int] = {}
        for of, replicate in zip(self.hashes, self.replicates, strict=True):
            found[of] = max(replicate, found.get(of, -1))
        return found

    def table(self) -> Columns:
        """Return the plan as the table that the store keeps."""
        return {
            "run": np.array(self.runs, dtype=object),
            "hash": np.array(self.hashes, dtype=object),
            "replicate": np.array(self.replicates, dtype=np.int64),
            "part": np.array(self.parts, dtype=np.int64),
        }


EMPTY = Plan((), (), ())


def plan_of(table: Columns) -> Plan:
    """Return the plan that `Plan.table` made."""
    return Plan(
        tuple(table["hash"].tolist()),
        tuple(table["replicate"].tolist()),
        tuple(table["part"].tolist()),
    )


def check_plan(plan: Plan, hashes: Container[str], path: Path) -> None:
    """Refuse a plan that `extended` cannot have made for points of these hashes.

    Raises
    ------
    ResultsError
        Names file and column.
    """
    replicates, parts = np.array(plan.replicates), np.array(plan.parts)
    require_values(path, "run", len(plan) > 0, "names no run")
    known = all(of in hashes for of in plan.hashes)
    require_values(path, "hash", known, "a run is of no point of the design")
    fine = (replicates >= 0) & (replicates < len(plan))
    require_values(path, "replicate", fine, "must count from 0")
    fine = (parts >= 0) & (np.diff(parts, prepend=0) >= 0)
    require_values(path, "part", fine, "must not fall")
    require_values(path, "run", len(set(plan.runs)) == len(plan), "names a run twice")


def extended(
    before: Plan,
    wanted: Mapping[str, int],
    costs: Mapping[str, float],
    twins: Mapping[str, str],
    chunk: int | None = None,
) -> Plan:
    """Return ``before`` and, behind it, what it lacks of ``wanted``.

    Parameters
    ----------
    wanted
        Number of replicates by hash, in the order of the points.
    costs
        Estimated seconds of a run by hash.
    twins
        What the twin of a run depends on, by hash.
    chunk
        Most runs of a part, instead of the estimate.
    """
    have = set(before.runs)
    groups: dict[str, list[str]] = {}
    for of in wanted:
        groups.setdefault(twins[of], []).append(of)
    new = [
        [
            (of, replicate)
            for replicate in range(max(wanted[of] for of in group))
            for of in group
            if replicate < wanted[of] and run_id(of, replicate) not in have
        ]
        for group in groups.values()
    ]
    if not any(new):
        return before
    hashes, replicates = zip(*chain.from_iterable(new), strict=True)
    first = before.parts[-1] + 1 if before.parts else 0
    parts = _parts([[costs[of] for of, _ in group] for group in new], chunk)
    return Plan(
        (*before.hashes, *hashes),
        (*before.replicates, *replicates),
        (*before.parts, *(first + part for part in parts)),
    )


def _parts(groups: Sequence[Sequence[float]], chunk: int | None) -> Iterator[int]:
    """Yield the number of the part of each run, from 0, from costs by group of one twin.

    A part that cannot hold all of the next group ends, unless no part could hold it.
    """
    most = chunk or min(PART_RUNS, -(-sum(map(len, groups)) // PARTS_WANTED))
    seconds = np.inf if chunk else PART_SECONDS
    part, runs, spent = 0, 0, 0.0
    for costs in groups:
        fits = len(costs) <= most and sum(costs) <= seconds
        for block in [costs] if fits else [[cost] for cost in costs]:
            if runs and (runs + len(block) > most or spent + sum(block) > seconds):
                part, runs, spent = part + 1, 0, 0.0
            runs, spent = runs + len(block), spent + sum(block)
            yield from [part] * len(block)


def cost_of(scenario: Scenario, world: World) -> float:
    """Return a rough number of seconds for one run on one core of a machine of 2026.

    Only its proportions matter: for the size of parts and the time left.
    """
    firms = scenario.scale * float(world.firms.sum())
    quarters = scenario.quarters + _BURN_IN_QUARTERS
    return quarters * (_SECONDS_PER_QUARTER + _SECONDS_PER_FIRM * firms)


def total(costs: Mapping[str, float], hashes: Iterable[str]) -> float:
    """Return the sum of the costs of runs."""
    return float(sum(costs[of] for of in hashes))
