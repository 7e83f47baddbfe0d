"""The picture with which a page opens: the finished run of a shipped scenario, stored by year.

`python -m tools.openings` makes ``openings.json.xz``. Of each scenario it holds what the page has
seen of it at the end of its run, and the range of a few further runs, so that the same pictures are
drawn of it. What was stored of a scenario that has been changed since is not shown.
"""

from __future__ import annotations

import json
import lzma
from collections import deque
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, Final

import numpy as np

from ydsim.explorer.interval import MONEY, Band
from ydsim.explorer.watch import FATES, LINKS, Watch
from ydsim.scenario.load import resolve, scenario_hash
from ydsim.scenario.read.extend import shipped
from ydsim.scenario.schema.scenario import Scenario
from ydsim.typing import Floats

FILE: Final = "openings.json.xz"


class Opening(Watch):
    """A stored run: a `Watch` that has no model; its points of time are ends of years."""

    def __init__(self, stored: Mapping[str, Any], settings: Scenario) -> None:
        self.settings, self.version = settings, str(stored["ydsim"])
        self.further = int(stored["further"])
        self._seen, self.low, self.high = (
            {name: np.array(rows, dtype=float).T for name, rows in stored[part].items()}
            for part in ("seen", "low", "high")
        )
        self._cities = {name: np.array([row], float) for name, row in stored["cities"].items()}
        self._paid = {name: np.array(paid) for name, (_, paid) in stored["money"].items()}
        self.money = {name: np.array(sums)[:, None] for name, (sums, _) in stored["money"].items()}
        for sums in self.money.values():
            sums[2] -= sums[0]  # claimed beyond what was paid
        self.curves = dict(enumerate((first, shares) for first, *shares in stored["curves"]))
        fates = np.array(stored["stages"])
        fates[0] += fates[FATES.index("shelved")]
        self.fates = deque([fates])
        sales = np.array(stored["sales"], dtype=float)
        self.sales = deque([sales / 4.0])
        n = len(next(iter(stored["cities"].values())))
        self._shape = len(sales) - 1, n
        self.links = {name: deque([np.zeros((n, n))]) for name in LINKS}
        for name, (links,) in self.links.items():
            for a, b, value in stored["links"][name]:
                links[a, b] = value / 4.0

    @property
    def years(self) -> Floats:
        """The years of the run, (T,)."""
        return np.arange(self.settings.start, self.settings.end + 1.0)

    @property
    def quarters(self) -> int:
        """Points of time that are stored."""
        return len(self.years)

    def series(self, name: str, level: str = "region") -> Floats:
        """Return an indicator by year, (T,) or (T, places); of cities the last year alone."""
        if level == "city":
            return self._cities[name]
        return self._seen[name][:, -1] if level == "region" else self._seen[name][:, :-1]

    def paid_by(self) -> dict[str, Floats]:
        """Return what each instrument pays a year."""
        return self._paid

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
        one = self._openings[side]
        return one.low[name][:, place], one.high[name][:, place]

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
