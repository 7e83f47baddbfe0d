"""The picture with which a page opens: the finished run of a shipped scenario, stored by year.

`python -m tools.openings` makes ``openings.json.xz``. Of each scenario it holds what the page has
seen of it at the end of its run, and the range of a few further runs, so that the same pictures are
drawn of it. What was stored of a scenario that has been changed since is not shown.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, Final

import numpy as np

from ydsim.explorer.interval import MONEY, Band
from ydsim.scenario.load import resolve, scenario_hash
from ydsim.scenario.read.extend import shipped
from ydsim.scenario.schema.scenario import Scenario
from ydsim.typing import Floats

FILE: Final = "openings.json.xz"


class Opening:
    """A stored run, with what pictures ask of a `Watch`; its points of time are ends of years."""

    def __init__(self, stored: Mapping[str, Any], settings: Scenario) -> None:
        self.settings, self.version = settings, str(stored["ydsim"])
        self.further = int(stored["further"])
        self._stored = stored
        self._seen, self._low, self._high = (
            {name: np.array(rows, dtype=float).T for name, rows in stored[part].items()}
            for part in ("seen", "low", "high")
        )
        self.years = np.arange(settings.start, settings.end + 1.0)
        self.span = settings.start - 0.75, float(settings.end)

    def series(self, name: str, level: str = "region") -> Floats:
        """Return an indicator by year, (T,) or (T, places); of cities the last year alone."""
        if level == "city":
            return np.array([self._stored["cities"][name]], dtype=float)
        return self._seen[name][:, -1] if level == "region" else self._seen[name][:, :-1]

    def range(self, name: str, place: int) -> Band:
        """Return the least and the largest value of the further runs by year."""
        return self._low[name][:, place], self._high[name][:, place]

    def generation_lines(self) -> list[tuple[int, Floats]]:
        """Return of some generations the first year and the shares of adopters since then."""
        return [(first, np.array(shares)) for first, *shares in self._stored["curves"]]

    def passing(self) -> tuple[Floats, Floats]:
        """Return of 100 projects those that pass and stop at each stage."""
        passed, *lost = self._stored["stages"]
        return np.array(passed), np.array(lost)

    def contract_values(self) -> Floats:
        """Return contracts of the last year by seller and buyer."""
        return np.array(self._stored["sales"], dtype=float)

    def city_links(self, name: str) -> Floats:
        """Return the links of the last year between cities."""
        n = 1 + max((b for _, b, _ in self._stored["links"][name]), default=0)
        found = np.zeros((n, n))
        for a, b, value in self._stored["links"][name]:
            found[a, b] = value
        return found

    def public_money(self) -> dict[str, Floats]:
        """Return by instrument what was paid, leaked, asked for and left in all, (4, 1)."""
        return {name: np.array(sums)[:, None] for name, (sums, _) in self._stored["money"].items()}

    def paid_by(self) -> dict[str, Floats]:
        """Return what each instrument pays a year."""
        return {name: np.array(paid) for name, (_, paid) in self._stored["money"].items()}

    def paid(self) -> Floats:
        """Return what all instruments pay a year."""
        return self.series(MONEY)


class Ranges:
    """The ranges of stored pictures, as `Further` has them of runs of the page."""

    def __init__(self, openings: Sequence[Opening]) -> None:
        self.done = openings[0].further
        self._openings = openings

    def band(self, side: int, name: str, place: int = -1) -> Band:
        """Return the range of a series of a scenario."""
        return self._openings[side].range(name, place)

    def change(self, name: str, place: int = -1) -> None:
        """Return no range of differences: runs are not stored one by one."""


@cache
def _stored() -> dict[str, Any]:
    data = resources.files(__package__).joinpath(FILE).read_bytes()
    return dict(json.loads(lzma.decompress(data)))


@cache
def opening_of(scenario: str) -> Opening | None:
    """Return the stored picture of a shipped scenario; None where there is none that fits it."""
    stored = _stored().get(scenario) if scenario in shipped() else None
    if stored is None:
        return None
    settings = resolve(scenario).scenario
    return Opening(stored, settings) if stored["hash"] == scenario_hash(settings) else None
