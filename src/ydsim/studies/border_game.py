"""The game of opening and closing: what provinces gain by it, every set of closed ones run.

Every cell of the game is the scenario with the policy ``closure`` on a subset of the provinces from
a year on, one point of a sweep; all share seed and replicates, and no government decides by itself.
The payoff of a province is its mean yearly secondary value added over the years that count.
Differences are paired by replicate, with 95 per cent t intervals, each for itself; the price of
anarchy is a ratio of means, its interval that of its linear part (`ydsim.measures.effects`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import compress
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ydsim import arguments, fmt
from ydsim.design.sweep import Sweep
from ydsim.errors import UsageError
from ydsim.measures import game
from ydsim.measures.effects import Effect, Interval, effect
from ydsim.results.results import Results, records
from ydsim.scenario.load import load_scenario
from ydsim.scenario.read.extend import Overrides, override_tree
from ydsim.scenario.read.node import merge, plain
from ydsim.studies import study
from ydsim.studies.study import Facts, Figure, Section, Study, intervals, with_interval
from ydsim.typing import Floats
from ydsim.world.loader import load_world

SCENARIO = "baseline"
SCALE, REPLICATES, HORIZON = 0.05, 10, 10
PAYOFF = "value_added_secondary"
POLICY = "closure_of_the_game"  # name of the policy that closes the provinces of a cell

REGION = "region"  # the whole, in the columns of tables


def design(
    scenario: str | Path = SCENARIO,
    overrides: Overrides | None = None,
    *,
    years: tuple[int, int] | str | None = None,
    replicates: int = REPLICATES,
    seed: int | None = None,
    allow_code: bool = False,
) -> Sweep:
    """Return the checked list of cells, the one in which all are open first.

    ``overrides``: values laid over what is played; scale .05 if none is given. ``years``: first and
    last year that count, as ``2019:2028``; borders close in the first, and runs end with the last.
    By default ten years from ``governance.start`` of the scenario on.
    """
    base = load_scenario(scenario, overrides, allow_code=allow_code)
    provinces = load_world(base.world).provinces
    if len(provinces) > game.MAX_PROVINCES:
        raise UsageError(
            f"a game of {len(provinces)} provinces has {2 ** len(provinces)} cells; at most "
            f"{game.MAX_PROVINCES} provinces can play"
        )
    start = base.governance.start
    first, last = arguments.maybe_years("years", years) or (start, start + HORIZON - 1)
    study.require_years((first, last), base.start, base.end)
    closure = {
        "policy": "closure",
        "level": base.governance.level,
        "protection": base.governance.protection,
        "start": float(first),
    }
    cells = [
        {f"policies.{POLICY}": {**closure, "target": {"provinces": names}} if names else None}
        for names in _closed(provinces)
    ]
    laid = override_tree({"governance.mode": "fixed", "end": last})
    return study.sweep_of_study(
        scenario,
        plain(merge(override_tree(overrides or {}), laid)),
        name=f"{base.name[:60]}-game",
        description=f"Every set of provinces with borders closed from {first} on.",
        design={"kind": "list", "points": cells},
        replicates=replicates,
        seed=seed,
        allow_code=allow_code,
        settings={"scale": SCALE},
    )


def read(
    results: Results | str | Path, *, years: tuple[int, int] | str | None = None
) -> BorderGame:
    """Return what runs of a game say; ``years`` are by default all from the closing of borders."""
    results = study.opened(results)
    provinces, first = _played(results)
    last = int(results.manifest["scenario"]["end"])
    window = arguments.maybe_years("years", years) or (first, last)
    study.require_years(window, first, last)
    frame = results.cube([PAYOFF], places=provinces, years=window, reduce="mean")
    replicates = study.common_replicates(results, frame)
    values = frame.loc[frame.index.isin(replicates, level="replicate"), PAYOFF].unstack("place")
    by_cell = values[list(provinces)].to_numpy().reshape(-1, len(replicates), len(provinces))
    payoff = by_cell.swapaxes(0, 1)
    return BorderGame(Facts.of(results, window, len(payoff)), provinces, first, payoff)


run = study.runner(design, read)


def _played(results: Results) -> tuple[tuple[str, ...], int]:
    """Return the provinces of a game and the year in which borders close."""
    provinces = tuple(str(name) for name in results.manifest["regions"][:-1])
    points = results.contents.points
    if points.factors == [f"policies.{POLICY}"] and len(points) == 2 ** len(provinces):
        cells = [results.scenario_at(at)["policies"].get(POLICY) for at in range(len(points))]
        closed = [[] if cell is None else cell["target"]["provinces"] for cell in cells]
        if closed == _closed(provinces):
            return provinces, int(cells[-1]["start"])
    raise study.other_runs(results, "study border-game")


suits = partial(study.accepts, _played)  # whether results are runs of `design`


def _closed(provinces: Sequence[str]) -> list[list[str]]:
    """Return the names of those that are closed in each cell."""
    return [list(compress(provinces, row)) for row in game.closed_in(len(provinces)).tolist()]


@dataclass(frozen=True, repr=False)
class BorderGame(Study):
    """What the payoffs of a game say."""

    provinces: tuple[str, ...]  # names of the P players
    first: int  # year in which borders close
    payoff: Floats  # (replicates, 2^P cells, P), 100m_rmb a year; cells as in `ydsim.measures.game`

    stem: ClassVar = "border_game"
    heading: ClassVar = "Border game: open and closed provinces"

    @property
    def mean(self) -> Floats:
        """Mean payoffs, (2^P, P)."""
        return self.payoff.mean(axis=0)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a cell and place: its difference to all open, 100m_rmb a year.

        Columns beyond the common ones: ``closed`` (who is), ``mean`` (payoff) and ``equilibrium``.
        """
        whole = np.concatenate([self.payoff, self.payoff.sum(axis=2, keepdims=True)], axis=2)
        rows = [
            {
                "outcome": PAYOFF,
                "place": place,
                **effect(whole[:, 0, p], whole[:, cell, p]).row,
                "closed": self.name_of(cell),
                "mean": float(whole[:, cell, p].mean()),
                "equilibrium": cell in self.equilibria,
            }
            for cell in range(len(self.mean))
            for p, place in enumerate((*self.provinces, REGION))
        ]
        return pd.DataFrame(rows)

    @cached_property
    def closing(self) -> pd.DataFrame:
        """One row a province and set of closed others: what it gains by closing as well.

        Beyond the common columns: ``others_closed``, ``significant`` (its interval excludes zero).
        """
        closed = game.closed_in(len(self.provinces))
        others = np.argwhere(~closed.T).tolist()
        table = pd.DataFrame([self._gain(cell, p).row for p, cell in others])
        table.insert(0, "outcome", PAYOFF)
        table.insert(1, "place", [self.provinces[p] for p, _ in others])
        return table.assign(
            others_closed=[self.name_of(cell) for _, cell in others],
            significant=(table["low"] > 0.0) | (table["high"] < 0.0),
        )

    def _gain(self, cell: int, p: int) -> Effect:
        """Return what a province gains by acting otherwise in a cell."""
        return effect(self.payoff[:, cell, p], self.payoff[:, cell ^ (1 << p), p])

    @property
    def equilibria(self) -> list[int]:
        """Cells of pure equilibria of the mean payoffs."""
        return game.equilibria(self.mean)

    @property
    def certain(self) -> list[int]:
        """Cells in which every province loses by acting otherwise, each by its interval."""
        cells, players = map(range, self.mean.shape)
        return [c for c in cells if all(self._gain(c, p).difference.high < 0.0 for p in players)]

    @property
    def dominance(self) -> pd.DataFrame:
        """By ``place`` the ``action`` that is better whatever others do, None where none is.

        ``significant`` is whether all intervals of a province say which action is better.
        """
        sure = self.closing.groupby("place", sort=False)["significant"].all().to_numpy()
        actions = np.array(game.dominant(self.mean), dtype=object)
        return pd.DataFrame({"place": self.provinces, "action": actions, "significant": sure})

    @property
    def payments(self) -> pd.DataFrame:
        """By ``place`` the least payment that keeps it open where all are: its gain of closing."""
        needed = np.maximum(game.gains(self.mean)[0], 0.0)
        return pd.DataFrame({"place": self.provinces, "needed": needed})

    @property
    def worst(self) -> str | None:
        """Who is closed in the equilibrium with the smallest total; None without equilibria."""
        cell = game.worst_equilibrium(self.mean)
        return None if cell is None else self.name_of(cell)

    @property
    def price(self) -> Interval | None:
        """Price of anarchy with its interval; None where there is no equilibrium."""
        worst = game.worst_equilibrium(self.mean)
        if worst is None:
            return None
        totals = self.payoff.sum(axis=2)
        more = effect(totals[:, worst], totals[:, game.best_cell(self.mean)], amount=True).ratio
        return Interval(1.0 + more.estimate, 1.0 + more.low, 1.0 + more.high)

    def name_of(self, cell: int) -> str:
        """Return who is closed in a cell, in words."""
        if cell == len(self.mean) - 1:
            return "all"
        return ", ".join(_closed(self.provinces)[cell]) or "none"

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Both tables, and payoffs of all runs as ``governance.table`` of a scenario reads them."""
        n, names = len(self.payoff), ["+".join(one) or "none" for one in _closed(self.provinces)]
        head = {"closed": np.repeat(names, n), "replicate": np.tile(np.arange(n), len(names))}
        values = {name: self.payoff[:, :, p].T.ravel() for p, name in enumerate(self.provinces)}
        payoffs = pd.DataFrame({**head, **values})
        return {self.stem: self.table, f"{self.stem}_closing": self.closing, "payoffs": payoffs}

    @property
    def more(self) -> dict[str, Any]:
        """Gains of closing, equilibria, dominance, price of anarchy and payments."""
        price = self.price
        return {
            "unit": "100m_rmb a year",
            "closing": records(self.closing),
            "equilibria": [self.name_of(cell) for cell in self.equilibria],
            "equilibria_by_intervals": [self.name_of(cell) for cell in self.certain],
            "dominance": records(self.dominance),
            "best": self.name_of(game.best_cell(self.mean)),
            "worst_equilibrium": self.worst,
            "price_of_anarchy": None if price is None else records(pd.DataFrame([price]))[0],
            "payments": records(self.payments),
        }

    def plot(self) -> Figure:
        """Return payoffs in every set of closed provinces, and what closing pays each of them."""
        from ydsim.plots.sensitivity import draw_game

        note = (
            f"Payoff: mean yearly secondary value added of {self.facts.span}, borders closed from "
            f"{self.first} on."
        )
        title, foot = self.title, self.facts.made_by
        return draw_game(self.table, self.closing, title=title, note=note, foot=foot)

    @property
    def paragraphs(self) -> list[str]:
        """What was played; equilibria, the best cell and the price of anarchy."""
        price = self.price
        pure, certain = (
            "; ".join(map(self.name_of, cells)) or "none"
            for cells in (self.equilibria, self.certain)
        )
        anarchy = "none" if price is None else f"{with_interval(price, sign=False)} ({self.worst})"
        how = (
            f"Each cell is the scenario with a closed border of some provinces from {self.first} "
            "on. The payoff of a province is its mean yearly secondary value added of "
            f"{self.facts.span} in 100 million RMB at current prices. Brackets hold 95 % intervals "
            "of paired differences, not adjusted for their number."
        )
        return [
            " ".join([how, *self.facts.cautions()]),
            f"Pure equilibria of the mean payoffs (closed provinces): {pure}. Significant "
            "equilibria, in which the interval of every province's loss by deviating excludes "
            f"zero: {certain}. Largest regional output with closed: "
            f"{self.name_of(game.best_cell(self.mean))}. Price of anarchy, the ratio of this "
            f"output to that of the worst equilibrium: {anarchy}.",
        ]

    @property
    def sections(self) -> list[Section]:
        """Payoffs, gains of closing, dominance, payments."""
        shown = self.table.assign(gap=intervals(self.table))
        shown = shown.pivot_table("gap", "closed", "place", sort=False, aggfunc="first")
        shown.iloc[0] = [fmt.number(mean) for mean in self.table["mean"][: shown.shape[1]]]
        gains = self.closing.assign(gain=intervals(self.closing))
        return [
            Section.of(
                "Payoffs",
                shown.reset_index(),
                "First row: mean. Other rows: difference to all open.",
            ),
            Section.of(
                "Gain of a province from closing",
                gains[["place", "others_closed", "gain", "significant"]],
            ),
            Section.of(
                "Dominance",
                self.dominance.fillna({"action": "none"}),
                "The better action whatever the others do, by the means; significant where all "
                "intervals exclude zero.",
            ),
            Section.of(
                "Transfers that keep all provinces open",
                self.payments,
                "Needed: the smallest yearly transfer that makes staying open as good as closing "
                "alone. Value added is counted as money.",
                digits=4,
            ),
        ]
