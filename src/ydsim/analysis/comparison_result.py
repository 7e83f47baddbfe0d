"""What a comparison found: rows of effects, money by pair, and all of it as tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ydsim.analysis import public_money
from ydsim.analysis.alternatives import Side
from ydsim.analysis.outcomes import By, Outcome
from ydsim.analysis.policy_changes import Change
from ydsim.measures.effects import Effect, Interval
from ydsim.typing import Ints

if TYPE_CHECKING:
    import pandas as pd

LEVEL = 0.05


@dataclass(frozen=True)
class Row:
    """One effect.

    Attributes
    ----------
    other
        Name of the setting that is compared with the base.
    outcome
        In what.
    place, level
        Where; ``region``, ``province``, ``city``, ``kind`` or ``field``.
    effect
        In the unit of tables.
    p_holm, q
        The p of no difference by Holm, and by Benjamini and Hochberg; NaN without a test.
    """

    other: str
    outcome: Outcome
    place: str
    level: str
    effect: Effect
    p_holm: float = float("nan")
    q: float = float("nan")

    @property
    def per_cent(self) -> Interval:
        """The change in per cent of the base; NaN of shares, and where the base is not positive."""
        if self.outcome.said == "log":
            return self.effect.difference.in_per_cent
        if self.outcome.said == "points" or not self.effect.plain > 0.0:
            return Interval(float("nan"), float("nan"), float("nan"))
        return self.effect.ratio.times(100.0)

    @property
    def change(self) -> Interval:
        """The change as it is said: points of shares, per cent of all else."""
        return self.effect.difference if self.outcome.said == "points" else self.per_cent

    @property
    def significant(self) -> bool:
        """The effect is beyond zero when all tests are counted."""
        return bool(self.p_holm < LEVEL)

    @property
    def rises(self) -> bool:
        """The setting has more than the base."""
        return self.effect.difference.estimate > 0.0


@dataclass(frozen=True)
class Pair:
    """One setting beside the base.

    Attributes
    ----------
    other
        The setting.
    replicates
        That both have finished.
    changes
        What it differs in.
    costs, per_result, take_up
        Public money; empty where it was not recorded.
    """

    other: Side
    replicates: Ints
    changes: list[Change]
    costs: list[public_money.Cost]
    per_result: list[public_money.PerResult]
    take_up: list[public_money.TakeUp]


class Compared:
    """What a comparison found.

    Attributes
    ----------
    base
        The setting that others are held against.
    pairs
        The others, in their order.
    by, outcomes
        Level and outcomes of the table.
    years, why_years
        First and last year that are looked at, and why these.
    rows
        All effects.
    notes
        What the reader must know, one line each.
    """

    def __init__(
        self,
        base: Side,
        pairs: list[Pair],
        by: By,
        outcomes: tuple[Outcome, ...],
        years: tuple[int, int],
        why_years: str,
        rows: list[Row],
        notes: list[str],
    ) -> None:
        self.base = base
        self.pairs = pairs
        self.by = by
        self.outcomes = outcomes
        self.years = years
        self.why_years = why_years
        self.rows = rows
        self.notes = notes

    @property
    def others(self) -> list[Side]:
        """The settings that are compared with the base."""
        return [pair.other for pair in self.pairs]

    @property
    def tests(self) -> int:
        """Number of tests over which Holm and false discovery correct."""
        return sum(not np.isnan(row.effect.p) for row in self.rows)

    @property
    def replicates(self) -> int:
        """Fewest pairs of any setting."""
        return min(len(pair.replicates) for pair in self.pairs)

    @property
    def most_replicates(self) -> int:
        """Replicates of the setting that has most; of one there is no interval at all."""
        return max(len(pair.replicates) for pair in self.pairs)

    @property
    def facts(self) -> dict[str, Any]:
        """What made it: seed, scale, first and last year, world, its digest, version, hash."""
        plain, results = self.base.scenario, [side.results for side in (self.base, *self.others)]
        hashes = dict.fromkeys(str(one.manifest["hash"])[:10] for one in results if one is not None)
        return {
            "seed": plain["seed"],
            "scale": plain["scale"],
            "start": plain["start"],
            "end": plain["end"],
            "world": plain["world"],
            "digest": self.base.world[:12],
            "version": self.base.version,
            "hash": ", ".join(hashes),
        }

    @property
    def nothing_differs(self) -> bool:
        """Every value of every setting equals that of the base."""
        return all(row.effect.difference.estimate == 0.0 for row in self.rows)

    def of(self, other: str, outcome: str) -> list[Row]:
        """Return the rows of a setting and an outcome."""
        return [row for row in self.rows if row.other == other and row.outcome.name == outcome]

    @cached_property
    def effects(self) -> pd.DataFrame:
        """One row an effect; columns are those of ``effects.csv`` (docs/compare.md)."""
        import pandas as pd

        return pd.DataFrame([_plain(self.base.name, row) for row in self.rows])

    @property
    def winners(self) -> pd.DataFrame:
        """Rows of places that gain beyond zero by Holm."""
        return self.effects[self.effects["significant"] & (self.effects["effect"] > 0.0)]

    @property
    def losers(self) -> pd.DataFrame:
        """Rows of places that lose beyond zero by Holm."""
        return self.effects[self.effects["significant"] & (self.effects["effect"] < 0.0)]

    @cached_property
    def cost(self) -> pd.DataFrame:
        """Public money a year by setting, policy and place, 100 million yuan."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "policy": pair.other.name,
                    "instrument": one.instrument,
                    "place": one.place,
                    "base_mean": one.effect.plain,
                    "policy_mean": one.effect.changed,
                    **_ends("effect", one.effect.difference),
                    "leaked_share": one.leaked,
                }
                for pair in self.pairs
                for one in pair.costs
            ]
        )

    @cached_property
    def cost_per_result(self) -> pd.DataFrame:
        """Public money for one more result in the region, 100 million yuan."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "policy": pair.other.name,
                    "outcome": one.outcome.name,
                    "unit": f"100m_rmb for each of {one.outcome.unit}",
                    **_ends("cost", one.cost),
                    "why_not": one.why,
                }
                for pair in self.pairs
                for one in pair.per_result
            ]
        )

    @cached_property
    def take_up(self) -> pd.DataFrame:
        """Money spent and offered a year by setting and policy, 100 million yuan."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "policy": pair.other.name,
                    "instrument": one.instrument,
                    "spent": one.spent,
                    "offered": one.offered,
                    **_ends("share", one.share),
                    "why_not": one.why,
                }
                for pair in self.pairs
                for one in pair.take_up
            ]
        )


def _ends(name: str, interval: Interval) -> dict[str, float]:
    return {name: interval.estimate, f"{name}_low": interval.low, f"{name}_high": interval.high}


def _plain(base: str, row: Row) -> dict[str, Any]:
    found = row.effect
    return {
        "base": base,
        "policy": row.other,
        "outcome": row.outcome.name,
        "label": row.outcome.label,
        "kind": row.outcome.kind,
        "unit": row.outcome.shown_unit,
        "level": row.level,
        "place": row.place,
        "prior": row.outcome.prior,
        "n": found.n,
        "base_mean": found.plain,
        "policy_mean": found.changed,
        **_ends("effect", found.difference),
        **_ends("per_cent", row.per_cent),
        "p": found.p,
        "p_holm": row.p_holm,
        "q_fdr": row.q,
        "significant": row.significant,
        "variance_removed": found.removed,
    }
