"""All tables of a results folder in one DuckDB file, to share or to ask in SQL."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ydsim.errors import ResourceError
from ydsim.results.derived.tables import DERIVED
from ydsim.store.files import TEMPORARY, refusal, refuse_device

if TYPE_CHECKING:
    from ydsim.results.results import Results


CLOSED: dict[str, str | bool] = {"enable_external_access": False, "lock_configuration": True}
"""Settings of a connection that reaches no file but its own, and cannot be opened again."""


def quoted(name: str) -> str:
    """Return a name as SQL, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def to_duckdb(results: Results, path: Path) -> list[str]:
    """Write tables into a new file at ``path`` and return their names.

    Yearly and quarterly tables are tidy, as in `Results.table`; the others as recorded. Tables that
    are made from recorded ones are left out. A table ``units`` holds unit and meaning of every
    indicator. The file is there as a whole or not at all.

    Raises
    ------
    ResourceError
        When the system refuses, or what is there is no file.
    ResultsError
        When a file of the results is damaged or missing.
    """
    import duckdb
    import pandas as pd

    refuse_device(path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}{TEMPORARY}")
    written = []
    try:
        with duckdb.connect(str(temporary), config=CLOSED) as connection:
            for name in results.tables:
                if name in DERIVED:
                    continue
                columns: dict[str, Any] = dict(results.columns(name))
                if columns:
                    connection.register("_columns", pd.DataFrame(columns))
                    connection.execute(f"CREATE TABLE {quoted(name)} AS SELECT * FROM _columns")
                    connection.unregister("_columns")
                    written.append(name)
            connection.register("_units", _units(results))
            connection.execute("CREATE TABLE units AS SELECT * FROM _units")
        os.replace(temporary, path)
    except duckdb.Error as error:
        said = " ".join(str(error).split())
        raise ResourceError(f"cannot write {path}: {said}") from error
    except OSError as error:
        raise refusal("write", path, error) from error
    finally:
        for leftover in (temporary, temporary.with_name(temporary.name + ".wal")):
            with suppress(OSError):
                leftover.unlink()
    return [*written, "units"]


def _units(results: Results) -> Any:
    import pandas as pd

    cards = results.manifest["indicators"]
    return pd.DataFrame(
        {
            "indicator": list(cards),
            "unit": [card["unit"] for card in cards.values()],
            "kind": [card["kind"] for card in cards.values()],
            "meaning": [card["meaning"] for card in cards.values()],
        }
    )
