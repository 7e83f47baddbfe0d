"""Fields, industries, relevance, industry profiles and lead clusters of a world folder."""

from __future__ import annotations

import numpy as np

from ydsim.fmt import number
from ydsim.typing import Bools, Floats
from ydsim.world.csvfolder import Folder
from ydsim.world.places import Places, require_all

_SUM_TOLERANCE = 1e-6


def read_fields(folder: Folder) -> tuple[str, ...]:
    """Return the technology fields in the order of ``fields.csv``."""
    sheet = folder.read("fields.csv", "field")
    names: dict[str, int] = {}
    for row in sheet:
        name = row.text("field")
        if name in names:
            row.fault("field", f"'{name}' appears twice")
        names[name] = row.line
    return tuple(names)


def read_industries(
    folder: Folder,
) -> tuple[tuple[str, ...], Floats, Floats, Bools | None]:
    """Return the industries, their shares, R&D weights and marks of high technology, (J,) each.

    Shares sum to one; without the column ``high_technology`` there are no marks.
    """
    sheet = folder.read("industries.csv", "industry", "share", "rd_weight")
    shares: dict[str, float] = {}
    weights: dict[str, float] = {}
    marks: list[int] = []
    for row in sheet:
        name = row.text("industry")
        if name in shares:
            row.fault("industry", f"'{name}' appears twice")
        shares[name] = row.number("share", above=0.0)
        weights[name] = row.number("rd_weight", above=0.0, high=100.0)
        if row.optional("high_technology"):
            marks.append(row.integer("high_technology", high=1))
    share = np.array(list(shares.values()), dtype=np.float64)
    if not sheet.broken and abs(share.sum() - 1.0) > _SUM_TOLERANCE:
        sheet.fault(f"share: sums to {number(share.sum(), 6)}, not to 1")
    weight = np.array(list(weights.values()), dtype=np.float64)
    if not sheet.broken and len(marks) not in (0, len(shares)):
        sheet.fault("high_technology: is empty in some rows")
    marked = np.array(marks, dtype=np.int64) > 0
    return tuple(shares), share / share.sum(), weight, marked if len(marks) else None


def read_shares(
    folder: Folder,
    name: str,
    key: str,
    rows: tuple[str, ...],
    columns: tuple[str, ...],
    files: tuple[str, str],
) -> Floats:
    """Return a matrix of shares (rows, columns) of the file ``name`` whose rows sum to one.

    The column ``key`` names the row; ``files`` are those that list the rows and the columns, which
    must be there, each once.
    """
    whole = files[1] not in folder.incomplete
    sheet = folder.read(name, key, *columns)
    matrix = np.full((len(rows), len(columns)), np.nan)
    index = {row: i for i, row in enumerate(rows)}
    seen: dict[int, object] = {}
    for row in sheet:
        i = row.one_of(key, index, f"{key} of {files[0]}", files[0])
        values = [row.number(column, low=0.0, high=1.0) for column in columns]
        total = float(np.sum(values))
        if i in seen:
            row.fault(key, f"'{rows[i]}' appears twice")
        if whole and abs(total - 1.0) > _SUM_TOLERANCE:
            row.fault(
                key, f"'{row.optional(key)}' has shares that sum to {number(total, 6)}, not to 1"
            )
        if i >= 0:
            seen[i] = True
            matrix[i] = np.array(values) / total if total > 0.0 else np.nan
    require_all(sheet, seen, rows, key)
    return matrix


def read_clusters(
    folder: Folder, places: Places, industries: tuple[str, ...]
) -> tuple[tuple[int, int, float], ...]:
    """Return lead clusters as (city, industry, factor), sorted; none without ``clusters.csv``."""
    sheet = folder.read("clusters.csv", "admin_code", "industry", "factor", optional=True)
    cities, names = places.index, {name: j for j, name in enumerate(industries)}
    found: dict[tuple[int, int], float] = {}
    for row in sheet:
        city = row.one_of("admin_code", cities, "city code of cities.csv", "cities.csv")
        industry = row.one_of("industry", names, "industry of industries.csv", "industries.csv")
        factor = row.number("factor", above=0.0, high=100.0)
        if (city, industry) in found and city >= 0 and industry >= 0:
            row.fault("industry", f"'{industries[industry]}' appears twice for its city")
        found[city, industry] = factor
    return tuple((c, j, f) for (c, j), f in sorted(found.items()))
