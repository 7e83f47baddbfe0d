"""Founders: how many foundings are due to each cell, and which launches found."""

from __future__ import annotations

from typing import Final

import numpy as np

from ydsim.typing import Floats, Ints, Keys

MOST_WAITING: Final = 2.0
"""Foundings that wait in a cell without a launch; what is due beyond that is missed."""


def due(foundings: float, mix: Floats) -> Floats:
    """Return the foundings of a quarter that are due to each cell, by its share of the mix."""
    total = float(mix.sum())
    share: Floats = foundings * mix / total if total > 0.0 else np.zeros_like(mix)
    return share


def due_cells(account: Floats, launched: Ints) -> Ints:
    """Return the cell of each founding, positions in ``account`` raveled, ascending.

    ``launched`` are the launches of each cell; a cell founds as often as it has whole ones on its
    account and launches.
    """
    whole = np.minimum(np.floor(account).astype(np.int64), launched).ravel()
    return np.repeat(np.arange(account.size), np.maximum(whole, 0))


def drawn_founders(
    quality: Floats, industry: Ints, field: Ints, key: Keys, cells: Ints, n_fields: int, u: Floats
) -> tuple[Ints, Ints]:
    """Return positions of the launches that found, and of their foundings in ``cells``.

    A founding takes the launch of its cell that covers the part ``u`` of cumulative quality along
    quality. A launch that is drawn twice founds once.
    """
    order = np.lexsort((key, quality, field, industry))
    edges = np.concatenate([[0.0], np.cumsum(quality[order])])
    place = (industry * n_fields + field)[order]
    begin, end = np.searchsorted(place, cells), np.searchsorted(place, cells, side="right")
    some = np.flatnonzero(end > begin)
    begin, end = begin[some], end[some]
    target = edges[begin] + u[some] * (edges[end] - edges[begin])
    hit = np.clip(np.searchsorted(edges, target, side="right") - 1, begin, end - 1)
    slot = np.sort(np.unique(hit, return_index=True)[1], kind="stable")
    return order[hit[slot]], some[slot]
