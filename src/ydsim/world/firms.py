"""The firms of a world that lists them one by one, in ``firms.csv``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ydsim.translation import gettext as _t
from ydsim.typing import Floats, Ints, Keys
from ydsim.wording import suggestion
from ydsim.world.columns import Cells, Names
from ydsim.world.csvfolder import Folder, Sheet
from ydsim.world.places import Places, text_keys

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
        return by_province / by_province.sum(axis=1, keepdims=True)


def read_firms(
    folder: Folder, places: Places, industries: Names, fields: Sequence[str]
) -> ListedFirms | None:
    """Return the firms of ``firms.csv`` in the order of the file, None without that file."""
    if not folder.has("firms.csv"):
        return None
    sheet = folder.read(
        "firms.csv", {"admin_code": places.by_code, "industry": industries}, each=fields
    )
    _check_columns(sheet)
    sheet.once("name")
    if not sheet.broken:
        for p, province in enumerate(places.provinces):
            if not (places.province[sheet["admin_code"]] == p).any():
                sheet.fault(_t("lists no firm in province '{province}'").format(province=province))
        for name, j in industries.known.items():
            if not (sheet["industry"] == j).any():
                sheet.fault(_t("lists no firm of the industry '{industry}'").format(industry=name))
    for name in ("profiles.csv", "clusters.csv"):
        if folder.has(name):
            message = _t("has no use beside firms.csv, which says it all; take it out")
            folder.fault(name, message)
    knowledge = np.array([sheet[f"{_KNOWLEDGE}{field}"] for field in fields]).T
    return ListedFirms(
        names=tuple(sheet["name"].tolist()),
        keys=text_keys("firm", sheet["name"].tolist()),
        city=sheet["admin_code"],
        industry=sheet["industry"],
        size=sheet["size"],
        productivity=np.nan_to_num(sheet["productivity"], nan=1.0),
        knowledge=np.nan_to_num(knowledge.reshape(len(sheet), len(fields))),
    )


def _check_columns(sheet: Sheet) -> None:
    """Note columns that are almost those that may be absent."""
    optional = [n for n, form in sheet.forms.items() if isinstance(form, Cells) and not form.needed]
    for column in sheet.header:
        hint = suggestion(column, optional)
        if column not in sheet.forms and (hint or column.startswith(_KNOWLEDGE)):
            message = _t("column '{name}' is none of a list of firms{hint}")
            sheet.lose(message.format(name=column, hint=hint), 1)
