"""The firms of a world that lists them one by one, in ``firms.csv``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ydsim.typing import Floats, Ints, Keys
from ydsim.wording import suggestion
from ydsim.world.csvfolder import Folder, Sheet
from ydsim.world.places import Places, text_keys

_NEEDED = ("name", "admin_code", "industry", "size")
_KNOWLEDGE = "knowledge "


@dataclass(frozen=True)
class ListedFirms:
    """All firms of a world, N of them, as they are when a run begins its burn-in."""

    names: tuple[str, ...]
    keys: Keys  # shape (N,), identity for draws, a hash of the name
    # Shape (N,), indices.
    city: Ints
    industry: Ints
    size: Floats  # shape (N,), value added relative to the other firms of the province
    productivity: Floats  # shape (N,), A relative to the mean firm of the nation; it lasts
    knowledge: Floats  # shape (N, F), log scale; differences between organisations count

    def profile(self, city_province: Ints, n_provinces: int, n_industries: int) -> Floats:
        """Return the share of each industry in a province's value added, (P, J)."""
        cell = city_province[self.city] * n_industries + self.industry
        total = np.bincount(cell, weights=self.size, minlength=n_provinces * n_industries)
        by_province = total.reshape(n_provinces, n_industries)
        share: Floats = by_province / by_province.sum(axis=1, keepdims=True)
        return share


def read_firms(
    folder: Folder, places: Places, industries: tuple[str, ...], fields: tuple[str, ...]
) -> ListedFirms | None:
    """Return the firms of ``firms.csv`` in the order of the file, None without that file."""
    if not (folder.root / "firms.csv").exists():
        return None
    sheet = folder.read("firms.csv", *_NEEDED)
    _check_columns(sheet, fields)
    cities, known = places.index, {name: j for j, name in enumerate(industries)}
    found: dict[str, tuple[int, int, float, float, list[float]]] = {}
    for row in sheet:
        name = row.text("name")
        if name in found:
            row.fault("name", f"'{name}' appears twice")
        productivity = _or(row.number("productivity", low=0.01, high=100.0, gap=True), 1.0)
        columns = [f"{_KNOWLEDGE}{field}" for field in fields]
        found[name] = (
            row.one_of("admin_code", cities, "city code of cities.csv", "cities.csv"),
            row.one_of("industry", known, "industry of industries.csv", "industries.csv"),
            row.number("size", above=0.0, high=1e9),
            productivity,
            [_or(row.number(c, low=-5.0, high=5.0, gap=True), 0.0) for c in columns],
        )
    rows = list(found.values())
    city = np.array([row[0] for row in rows], dtype=np.int64)
    if not sheet.broken:
        for p, province in enumerate(places.provinces):
            if not (places.province[city] == p).any():
                sheet.fault(f"lists no firm in province '{province}'")
        for j, name in enumerate(industries):
            if all(row[1] != j for row in rows):
                sheet.fault(f"lists no firm of the industry '{name}'")
    for name in ("profiles.csv", "clusters.csv"):
        if (folder.root / name).exists():
            folder.fault(name, "has no use beside firms.csv, which says it all; take it out")
    return ListedFirms(
        names=tuple(found),
        keys=text_keys("firm", list(found)),
        city=city,
        industry=np.array([row[1] for row in rows], dtype=np.int64),
        size=np.array([row[2] for row in rows], dtype=np.float64),
        productivity=np.array([row[3] for row in rows], dtype=np.float64),
        knowledge=np.array([row[4] for row in rows], dtype=np.float64).reshape(-1, len(fields)),
    )


def _or(number: float, default: float) -> float:
    return default if np.isnan(number) else number


def _check_columns(sheet: Sheet, fields: tuple[str, ...]) -> None:
    """Note columns that are almost those that may be absent."""
    optional = ("productivity", *(f"{_KNOWLEDGE}{field}" for field in fields))
    for column in sheet.columns:
        if column in _NEEDED or column in optional:
            continue
        hint = suggestion(column, optional)
        if hint or column.startswith(_KNOWLEDGE):
            sheet.lose(f"column '{column}' is none of a list of firms{hint}", 1)
