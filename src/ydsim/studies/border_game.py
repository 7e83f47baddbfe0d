"""The game of opening and closing: what provinces gain by it, every set of closed ones run.

Every cell of the game is the scenario with the policy ``closure`` on a subset of the provinces from
a year on, one point of a sweep; all share seed and replicates, and no government decides by itself.
The payoff of a province is its mean yearly secondary value added over the years that count.
Differences are paired by replicate, with 95 per cent t intervals, each for itself; the price of
anarchy is a ratio of means, its interval that of its linear part (`ydsim.measures.effects`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass
from functools import cached_property
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ydsim import arguments, fmt
from ydsim.errors import InputError, ResultsError, UsageError
from ydsim.measures import game
from ydsim.measures.effects import Effect, Interval, effect
from ydsim.outside import one_line
from ydsim.results.results import Results, open_results
from ydsim.results.text import records
from ydsim.scenario.load import load_scenario
from ydsim.scenario.read.node import merge, plain
from ydsim.scenario.read.override import override_tree
from ydsim.store.files import read_bytes, sha256
from ydsim.store.layout import find_folder
from ydsim.store.manifest import NAME as MANIFEST
from ydsim.store.manifest import unseal
from ydsim.studies.study import (
    Facts,
    Section,
    Study,
    accepts,
    parse_years,
    require_years,
    runner,
    sweep_of_study,
    values_of,
)
from ydsim.typing import Floats
from ydsim.world.loader import load_world
from ydsim.world.payoffs import read_payoffs_of_runs

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from ydsim.design.sweep import Sweep
    from ydsim.scenario.read.override import Overrides

SCENARIO = "baseline"
SCALE, REPLICATES, HORIZON = 0.05, 10, 10
PAYOFF = "value_added_secondary"
POLICY = "closure_of_the_game"
"""Name of the policy that closes the provinces of a cell."""

REGION = "region"
"""The whole, in the columns of tables."""


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

    Parameters
    ----------
    scenario, overrides
        What is played, and values laid over it; scale .05 if none is given.
    years
        First and last year that count, as ``2019:2028``; borders close in the first, and runs end
        with the last. By default ten years from ``governance.start`` of the scenario on.
    replicates
        Of every cell.
    seed, allow_code
        As for `ydsim.sweep`.

    Raises
    ------
    UsageError
        When the years do not lie in the run or there are too many provinces.
    InputError, ScenarioError
        When the scenario is not what it should be.
    """
    base = load_scenario(scenario, overrides, allow_code=allow_code)
    provinces = load_world(base.world).provinces
    if len(provinces) > game.MOST:
        raise UsageError(
            f"a game of {len(provinces)} provinces has {2 ** len(provinces)} cells; at most "
            f"{game.MOST} provinces can play"
        )
    start = base.governance.start
    first, last = parse_years(years) or (start, start + HORIZON - 1)
    require_years((first, last), base.start, base.end)
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
    return sweep_of_study(
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
    """Return what the finished runs of a game say.

    Parameters
    ----------
    results
        Runs of `design`, or their folder; also a folder that `ydsim game` of version 0.6 wrote.
    years
        First and last year that count, by default all from the one in which borders close.

    Raises
    ------
    UsageError
        When these are no runs of a game, or years do not lie in them.
    ResultsError
        When no replicate is finished in every cell, or a file is missing or damaged.
    """
    if not isinstance(results, Results):
        folder = find_folder(arguments.folder("results", results, "the folder of a game"))
        if not (folder / MANIFEST).exists():
            return _of_version_6(folder)
        results = open_results(folder)
    provinces, first = _played(results)
    window = parse_years(years) or (first, int(results.manifest["scenario"]["end"]))
    require_years(window, first, int(results.manifest["scenario"]["end"]))
    values = values_of(results, [PAYOFF], window)
    payoff = values.of_provinces(PAYOFF).mean(axis=-1).swapaxes(0, 1)
    return BorderGame(Facts.of(results, window, len(payoff)), provinces, first, payoff)


run = runner(design, read)


def suits(results: Results) -> bool:
    """Tell whether results are runs of a game."""
    return accepts(_played, results)


def draw(results: Results) -> Figure:
    """Return the matrix of the runs of a game; errors as of `read`."""
    return read(results).plot()


def draw_payoffs(results: Results) -> Figure:
    """Return the payoffs of the runs of a game; errors as of `read`."""
    return read(results).plot_payoffs()


def _played(results: Results) -> tuple[tuple[str, ...], int]:
    """Return the provinces of a game and the year in which borders close."""
    provinces = tuple(str(name) for name in results.manifest["regions"][:-1])
    points = results.contents.points
    if points.factors == [f"policies.{POLICY}"] and len(points) == 2 ** len(provinces):
        cells = [results.scenario_at(at)["policies"].get(POLICY) for at in range(len(points))]
        closed = [[] if cell is None else cell["target"]["provinces"] for cell in cells]
        if closed == _closed(provinces):
            return provinces, int(cells[-1]["start"])
    raise UsageError(f"{results.name}: these are no runs of the game of opening and closing")


def _closed(provinces: Sequence[str]) -> list[list[str]]:
    """Return the names of those that are closed in each cell."""
    return [list(compress(provinces, row)) for row in game.closed_in(len(provinces)).tolist()]


@dataclass(frozen=True, repr=False)
class BorderGame(Study):
    """What the payoffs of a game say.

    Attributes
    ----------
    provinces
        Names of the P players.
    first
        Year in which borders close.
    payoff
        (replicates, 2^P cells, P), 100m_rmb a year; cells as in `ydsim.measures.game`.
    """

    provinces: tuple[str, ...]
    first: int
    payoff: Floats

    stem = "border_game"

    @property
    def mean(self) -> Floats:
        """Mean payoffs, (2^P, P)."""
        found: Floats = self.payoff.mean(axis=0)
        return found

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a cell and place: its difference to all open, 100m_rmb a year.

        Columns beyond the common ones: ``closed`` (who is), ``mean`` (payoff) and ``equilibrium``.
        """
        import pandas as pd

        whole = np.concatenate([self.payoff, self.payoff.sum(axis=2, keepdims=True)], axis=2)
        rows = [
            {
                **_row(place, effect(whole[:, 0, p], whole[:, cell, p])),
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

        Columns beyond the common ones: ``others_closed`` and ``significant`` (its interval
        excludes zero).
        """
        import pandas as pd

        closed = game.closed_in(len(self.provinces))
        rows = [
            {**_row(self.provinces[p], self._gain(cell, p)), "others_closed": self.name_of(cell)}
            for p, cell in np.argwhere(~closed.T).tolist()
        ]
        table = pd.DataFrame(rows)
        return table.assign(significant=(table["low"] > 0.0) | (table["high"] < 0.0))

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
        import pandas as pd

        sure = self.closing.groupby("place", sort=False)["significant"].all().to_numpy()
        actions = np.array(game.dominant(self.mean), dtype=object)
        return pd.DataFrame({"place": self.provinces, "action": actions, "significant": sure})

    @property
    def payments(self) -> pd.DataFrame:
        """By ``place`` what makes all open an equilibrium, as `ydsim.measures.game.payments`."""
        import pandas as pd

        due = game.payments(self.mean)
        columns = {"needed": due.needed, "levy": due.levy, "surplus": due.surplus}
        return pd.DataFrame({"place": self.provinces, **columns})

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
        more = effect(totals[:, worst], totals[:, game.best_cell(self.mean)]).ratio
        return Interval(1.0 + more.estimate, 1.0 + more.low, 1.0 + more.high)

    def name_of(self, cell: int) -> str:
        """Return who is closed in a cell, in words."""
        if cell == len(self.mean) - 1:
            return "all"
        return ", ".join(_closed(self.provinces)[cell]) or "none"

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Both tables, and payoffs of all runs as ``governance.table`` of a scenario reads them."""
        import pandas as pd

        n, names = len(self.payoff), ["+".join(one) or "none" for one in _closed(self.provinces)]
        head = {"closed": np.repeat(names, n), "replicate": np.tile(np.arange(n), len(names))}
        values = {name: self.payoff[:, :, p].T.ravel() for p, name in enumerate(self.provinces)}
        payoffs = pd.DataFrame({**head, **values})
        return {self.stem: self.table, f"{self.stem}_closing": self.closing, "payoffs": payoffs}

    @property
    def more(self) -> dict[str, Any]:
        """Gains of closing, equilibria, dominance, price of anarchy and payments."""
        import pandas as pd

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
            "payments_suffice": game.payments(self.mean).suffices,
        }

    def plot(self) -> Figure:
        """Return the matrix: who gains in every set of closed provinces, and where it rests."""
        from ydsim.plots.border_game import draw_game_matrix

        return draw_game_matrix(self.table, self.facts.years, self.first, self.facts.made_by)

    def plot_payoffs(self) -> Figure:
        """Return what opening and closing pays each province, by how many others are closed."""
        from ydsim.plots.border_game import draw_payoffs

        years, made = self.facts.years, self.facts.made_by
        return draw_payoffs(self.table, self.closing, years, self.first, made)

    @property
    def figures(self) -> dict[str, Figure]:
        """The matrix and the payoffs."""
        return {self.stem: self.plot(), "payoffs": self.plot_payoffs()}

    @property
    def title(self) -> str:
        """Heading of the page."""
        return f"Opening and closing: {self.facts.base}"

    @property
    def text(self) -> str:
        """The page."""
        return self.page

    @property
    def paragraphs(self) -> list[str]:
        """What was played; equilibria, the best cell and the price of anarchy."""
        (first, last), price = self.facts.years, self.price
        how = "One replicate: there are no intervals, and nothing can be distinguished."
        if self.facts.replicates > 1:
            how = (
                f"{self.facts.replicates} replicates, the same in all cells; brackets hold 95 % "
                "intervals of paired differences, each for itself and not for all at once."
            )
        pure, certain = (
            "; ".join(map(self.name_of, cells)) for cells in (self.equilibria, self.certain)
        )
        anarchy = "none, as there is no pure equilibrium."
        if price is not None:
            anarchy = (
                f"{fmt.interval(*astuple(price))}, best regional output over that of the worst "
                f"equilibrium ({self.worst})."
            )
        return [
            f"Each cell is the scenario with a closed border of some provinces from {self.first} "
            "on. The payoff of a province is its mean yearly secondary value added of "
            f"{first}-{last} in 100 million RMB at current prices. {how}",
            f"Pure equilibria of the mean payoffs (closed provinces): {pure or 'there is none'}. "
            "Equilibria in which every province loses by acting otherwise, each by an interval: "
            f"{certain or 'none can be distinguished'}. Largest regional output with closed: "
            f"{self.name_of(game.best_cell(self.mean))}. Price of anarchy: {anarchy}",
        ]

    @property
    def sections(self) -> list[Section]:
        """Payoffs, gains of closing, dominance, payments."""
        places, closing = (*self.provinces, REGION), self.closing
        shown = [_shown(rows) for _, rows in self.table.groupby("closed", sort=False)]
        shown[0] = [fmt.number(mean) for mean in self.table["mean"][: len(places)]]
        order = np.where(closing["estimate"] > 0.0, "closed > open", "open > closed")
        order = np.where(closing["significant"], order, "not distinguished")
        gains = [closing["place"], closing["others_closed"], _shown(closing), order.tolist()]
        return [
            Section(
                "Payoffs",
                ("closed", *places),
                [[self.name_of(cell), *row] for cell, row in enumerate(shown)],
                range(1, len(places) + 1),
                "First row: mean. Other rows: difference to all open.",
            ),
            Section(
                "What a province gains by closing",
                ("province", "others closed", "gain of closing", "order"),
                list(zip(*gains, strict=True)),
                (2,),
            ),
            Section("Dominance", note="\n".join(self._dominance_in_words())),
            self._payments_in_words(),
        ]

    def _dominance_in_words(self) -> list[str]:
        how = (" (by the means; not distinguished everywhere)", " (all intervals exclude zero)")
        return [
            f"- {name}: {action or 'no action'} is better whatever the others do"
            f"{how[sure] if action else ''}."
            for name, action, sure in self.dominance.itertuples(index=False)
        ]

    def _payments_in_words(self) -> Section:
        title, due = "Payments that keep all open", game.payments(self.mean)
        if not due.needed.any():
            what = "by the mean payoffs nobody gains by closing where all others are open"
            return Section(title, note=f"None needed: {what}.")
        against = self.worst or "all, as there is no equilibrium"
        rows = [
            (name, fmt.number(needed), gain, fmt.number(levy), fmt.number(surplus, sign=True))
            for name, gain, needed, levy, surplus in zip(
                self.provinces,
                _shown(self.closing[self.closing["others_closed"] == "none"]),
                *(each.tolist() for each in (due.needed, due.levy, due.surplus)),
                strict=True,
            )
        ]
        enough = "suffices" if due.suffices else "does not suffice"
        note = (
            "Least payment a year on condition of staying open, the gain of closing alone; and who "
            "pays for it, in advance and whatever it does then, in proportion to what openness is "
            f"worth more than the worst equilibrium (closed: {against}). Value added is counted as "
            f"money. Together {fmt.number(due.needed.sum())} are due and openness is worth "
            f"{fmt.number(due.surplus.sum(), sign=True)} more: this {enough} for everybody to have "
            "as much as in that equilibrium."
        )
        head = ("province", "least payment", "gain of closing alone", "pays", "openness worth more")
        return Section(title, head, rows, range(1, 5), note)


def _row(place: str, found: Effect) -> dict[str, Any]:
    """Return the common columns of a row."""
    gap = asdict(found.difference)
    return {"outcome": PAYOFF, "place": place, **gap, "p": found.p, "n": found.n}


def _shown(table: pd.DataFrame) -> list[str]:
    """Return the differences of a table with their intervals, in words."""
    gaps = table[["estimate", "low", "high"]].itertuples(index=False)
    return [fmt.interval(*gap, sign=True) for gap in gaps]


def _of_version_6(folder: Path) -> BorderGame:
    """Return the game that `ydsim game` of version 0.6 wrote: a sealed file and its payoffs."""
    about, table = folder / "game.json", folder / "payoffs.csv"
    if not about.exists():
        what = f"{table.name} does not say what made it" if table.exists() else "it has no game"
        raise ResultsError(f"{folder}: {what}, there is no {MANIFEST} and no {about.name}")
    made = unseal(read_bytes(about), about)
    try:
        n, first, horizon = (int(made[key]) for key in ("replicates", "first", "horizon"))
        name, version, digest = (one_line(made[key], 60) for key in ("name", "ydsim", "hash"))
        facts = (
            f"scenario {name} \u00b7 {fmt.counted(n, 'replicate')} \u00b7 seed {made['seed']:d} "
            f"\u00b7 scale {made['scenario']['scale']:g} \u00b7 hash {digest[:10]} \u00b7 "
            f"ydsim {version}"
        )
        provinces = tuple(str(province) for province in made["provinces"])
        if not 1 <= len(provinces) <= game.MOST:
            raise ValueError
    except (AttributeError, KeyError, TypeError, ValueError):
        raise ResultsError(f"{about}: is not what `ydsim game` wrote") from None
    if sha256(read_bytes(table)) != made.get("payoffs"):
        raise ResultsError(f"{table}: is not the table that {about.name} is about")
    try:
        payoff = read_payoffs_of_runs(table, provinces)
    except InputError as error:
        raise ResultsError(str(error)) from None
    if len(payoff) != n:
        raise ResultsError(f"{table}: has {len(payoff)} replicates, not {n}")
    years, shown = (first, first + horizon - 1), tuple(one_line(p, 40) for p in provinces)
    return BorderGame(
        Facts(f"{name}-game", name, facts, folder, years, n, 0, 2 ** len(provinces)),
        shown,
        first,
        payoff,
    )
