"""The store of a call without a folder: receipts that carry the tables of their parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ydsim.errors import ResultsError
from ydsim.store.columns import concatenate
from ydsim.store.layout import Identity, RowCheck, part_path
from ydsim.typing import Columns, Table


class MemoryStore:
    """Writes and reads as `ydsim.store.layout.Store` does, and keeps nothing itself.

    Parameters
    ----------
    official
        The table of official figures.
    """

    folder: Final = None

    def __init__(self, official: Columns | None = None) -> None:
        self._official = official or {}

    def write_part(
        self,
        number: int,
        identity: Identity,
        tables: Mapping[str, Table],
        content: Mapping[str, Any],
    ) -> dict[str, Any]:
        """Return the receipt of a part with its tables."""
        files = {part_path(table, number): "" for table in sorted(tables)}
        for table in tables.values():
            for column in table.values() if isinstance(table, dict) else ():
                column.setflags(write=False)
        return {**content, **identity, "files": files, "tables": dict(tables)}

    def read_table(
        self, receipts: Mapping[int, Mapping[str, Any]], table: str, check: RowCheck | None = None
    ) -> Columns:
        """Return the rows of a table over all parts that have any, in their order, unchecked."""
        return concatenate([columns for _, columns in self.read_parts(receipts, table)])

    def read_parts(
        self,
        receipts: Mapping[int, Mapping[str, Any]],
        table: str,
        check: RowCheck | None = None,
        names: Sequence[str] | None = None,
    ) -> Iterator[tuple[int, Table]]:
        """Yield number and rows of a table of each part that has any, in their order, unchecked."""
        for number, receipt in receipts.items():
            if not receipt["files"]:
                continue
            if table not in receipt["tables"]:
                raise ResultsError(f"part {number} has no table {table}")
            yield number, receipt["tables"][table]

    def read_fixed(self, manifest: Mapping[str, Any], path: str, table: str) -> Columns:
        """Return the official figures, the one table that does not depend on runs."""
        return {name: column.copy() for name, column in self._official.items()}
