"""What runs say of the targets: one row each, and all of them as a table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ydsim.analysis.estimators.estimate import Estimate
from ydsim.analysis.literature.targets import Target

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Row:
    """What the runs say of one target.

    Attributes
    ----------
    target
        What is estimated.
    found, placebo, pair
        Means over replicates; None where there is none.
    why_not
        Why nothing was found; empty where something was.
    """

    target: Target
    found: Estimate | None
    placebo: Estimate | None
    pair: Estimate | None
    why_not: str

    @property
    def verdict(self) -> str:
        """What `found` says of the accepted range."""
        return self.target.verdict(self.found)

    @property
    def pair_verdict(self) -> str:
        """What `pair` says of it; empty where there is no pair."""
        return "" if self.pair is None else self.target.verdict(self.pair)


@dataclass(frozen=True)
class Finding:
    """What all targets were found to be.

    Attributes
    ----------
    name, base
        Of the sweep, and of the scenario that it changes.
    made_by
        Scenario, points, replicates, seed, scale, hash and version, in one line.
    path
        The results folder; None in memory.
    scale, years
        Share of organisations that are simulated; first and last year.
    replicates, left_out
        How many replicates count, and how many are unfinished.
    rows
        In the order of the targets.
    """

    name: str
    base: str
    made_by: str
    path: Path | None
    scale: float
    years: tuple[int, int]
    replicates: int
    left_out: int
    rows: tuple[Row, ...]

    @property
    def table(self) -> pd.DataFrame:
        """One row a target.

        Columns ``study, row, meaning, published, accepted_low, accepted_high``, then ``found``,
        ``placebo`` and ``pair`` each with ``_low`` and ``_high``, ``n`` (replicates), ``verdict``,
        ``pair_verdict``, ``placebo_holds_zero`` and ``why_not``. NaN where there is none.
        """
        import pandas as pd

        return pd.DataFrame([_plain(row) for row in self.rows])


def _plain(row: Row) -> dict[str, Any]:
    target, placebo = row.target, row.placebo
    return {
        "study": target.study,
        "row": target.name,
        "meaning": target.meaning,
        "published": target.published,
        "accepted_low": _finite(target.low),
        "accepted_high": _finite(target.high),
        **_ends("found", row.found),
        "n": 0 if row.found is None else row.found.n,
        "verdict": row.verdict,
        **_ends("placebo", placebo),
        "placebo_holds_zero": "" if placebo is None else holds_zero(placebo),
        **_ends("pair", row.pair),
        "pair_verdict": row.pair_verdict,
        "why_not": row.why_not,
    }


def holds_zero(placebo: Estimate) -> str:
    """Return whether an interval holds zero, in a word; "-" where there is no interval."""
    if np.isnan(placebo.low) or np.isnan(placebo.high):
        return "-"
    return "yes" if placebo.holds(0.0) else "no"


def _ends(name: str, one: Estimate | None) -> dict[str, float]:
    nothing = float("nan")
    ends = (nothing,) * 3 if one is None else (one.estimate, one.low, one.high)
    return dict(zip((name, f"{name}_low", f"{name}_high"), ends, strict=True))


def _finite(value: float) -> float:
    return value if np.isfinite(value) else float("nan")
