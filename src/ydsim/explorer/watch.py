"""What pictures need of runs: of a model as it steps, of a stored run, and of further runs.

The recorder sums these things up by year only. Where a page opens, nothing has been simulated: the
`Opening` of a shipped scenario is its finished run and the range of a few further ones, stored by
year in ``openings.json.xz``, which `python -m tools.openings` makes. What was stored of a scenario
that has been changed since is not shown.

Amounts of a quarter are shown at the rate of a year: the sum of the last four quarters, and before
the fourth quarter their mean times four. At the end of a year that is the figure of the year, and
the last quarter of a year stands where the year does, as official figures do.

How sure the pictures are, the range of further runs tells. A further run has draws of its own and,
where the world has an ensemble, the parameters of a member, so that it is the replicate of that
number of ``ydsim run --ensemble``. Scenarios that are compared have the same draws and the same
member in each. If n runs, with the one that is shown, and one more are alike, the range of the n
holds the other one with the chance

    (n - 1) / (n + 1)

which is .82 of 10 runs. Of a finished run a few series are kept, and its models are let go.
"""

from __future__ import annotations

import json
import lzma
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, Final, TypeAlias

import numpy as np

from ydsim.agents.generations import REGION
from ydsim.agents.projects import STAGES
from ydsim.fmt import percent
from ydsim.frozen import frozen_tree
from ydsim.measures.effects import without_rounding
from ydsim.model import Model
from ydsim.plots.flows import CAUSES
from ydsim.record.indicators import INDICATORS
from ydsim.record.yearly import GENERAL, money_of
from ydsim.scenario.load import resolve, scenario_hash
from ydsim.scenario.read.extend import shipped
from ydsim.scenario.schema.ensemble import MEMBERS, ensemble_of
from ydsim.scenario.schema.parameters import Parameters
from ydsim.scenario.schema.scenario import Scenario
from ydsim.translation import mark
from ydsim.typing import Floats

FATES: Final = ("completed", *CAUSES)
"""What becomes of projects that leave a stage; shelved ones are among those completed."""

CONTRACTS, JOINT_WORK = mark("contracts"), mark("joint inventions")
LINKS: Final = (CONTRACTS, JOINT_WORK)

LINES: Final = {
    "rd": "rd_expenditure",
    "launches": "launches",
    "adoptions": "adoptions",
    "patents": "invention_patents_granted",
    "contracts": "tech_market_contract_value_output",
    "joint": "coinventions_interprovince",
}
"""Cards of lines, each with its indicator."""

HEADLINES: Final = (
    "rd_expenditure",
    "rd_intensity_gdp",
    "launches",
    "adopted_share",
    "contract_cross_province_share",
    "value_added_secondary",
)
"""Numbers at the top of the page."""


MONEY: Final = "public_money"
"""Name of the series of what all instruments pay."""

FILE: Final = "openings.json.xz"

Band: TypeAlias = tuple[Floats, Floats]
"""Least and largest value by point of time, (T,) each."""


def yearly(values: Floats) -> Floats:
    """Return amounts of quarters (T, ...) at the rate of a year."""
    total = np.cumsum(values, axis=0)
    total[4:] = total[4:] - total[:-4].copy()
    quarters = np.minimum(np.arange(1, len(values) + 1), 4)
    return total * (4.0 / quarters).reshape(-1, *[1] * (values.ndim - 1))


class Watch:
    """One model and what has been seen of it, quarter by quarter."""

    def __init__(self, model: Model) -> None:
        self.model, self.settings = model, model.settings
        n, cities = model.world.n_provinces, model.world.n_cities
        self.fates = deque[Floats](maxlen=4)  # (6, stages) each
        self.sales = deque[Floats](maxlen=4)  # value of contracts, (P + 1, P + 1) each
        self.links = {name: deque[Floats](maxlen=4) for name in LINKS}  # (C, C) each
        self.curves: dict[int, tuple[int, list[float]]] = {}  # first quarter and shares of adopters
        self.money: dict[str, Floats] = {}  # paid, leaked, claimed beyond, unspent; (4, T)
        self._entries = self._offers = 0
        self._shape = n, cities

    @property
    def quarters(self) -> int:
        """Quarters that have been simulated."""
        return max(self.model.state.quarter, 0)

    @property
    def over(self) -> bool:
        """The last year has been simulated."""
        return self.quarters >= self.model.settings.quarters

    @property
    def years(self) -> Floats:
        """Where the quarters of the run stand on an axis of years, (T,); the fourth at its year."""
        return np.asarray(self.settings.start + (np.arange(self.settings.quarters) - 3.0) / 4.0)

    @property
    def span(self) -> tuple[float, float]:
        """First and last point of that axis."""
        return self.settings.start - 0.75, float(self.settings.end)

    def step(self) -> None:
        """Simulate a quarter and keep what pictures need."""
        self.model.step()
        tally = self.model.state.tally
        cities = self._shape[1]
        funnel = tally.funnel
        self.fates.append(np.stack([getattr(funnel, name).sum(axis=(1, 2)) for name in FATES]))
        self.sales.append(tally.contracts.value.copy())
        pairs = tally.contract_pairs.value[:cities, :cities]
        self.links[CONTRACTS].append(pairs + pairs.T)
        joint = tally.links.co_invention[1, :cities, :cities]
        self.links[JOINT_WORK].append(joint + joint.T)
        self._follow_generations()
        self._follow_money()

    def _follow_generations(self) -> None:
        state = self.model.state
        generations = state.generations
        live = generations.living()
        ours = live[(generations.origin[live] == REGION) & (generations.founded[live] >= 0)]
        eligible = np.diff(state.by_industry.begin)[generations.industry[ours]]
        share = generations.adopters[ours].sum(axis=1) / np.maximum(eligible, 1)
        for number, value in zip(ours.tolist(), share.tolist(), strict=True):
            _, seen = self.curves.setdefault(number, (self.quarters - 1, []))
            seen.append(value)

    def _follow_money(self) -> None:
        state, t = self.model.state, self.quarters - 1
        ledger, n = state.ledger, self._shape[0]
        new = ledger.entries[self._entries :], ledger.offers[self._offers :]
        self._entries, self._offers = len(ledger.entries), len(ledger.offers)
        for (quarter, instrument, _), amounts in money_of(*new, state.scale, n).items():
            if 0 <= quarter <= t:
                quarters = self.model.settings.quarters
                kept = self.money.setdefault(instrument, np.zeros((4, quarters)))
                kept[:, quarter] += amounts.sum(axis=1)

    # -- as pictures show it -----------------------------------------------------------------------

    def series(self, name: str, level: str = "region") -> Floats:
        """Return an indicator by quarter, (T,) or (T, places); flows at the rate of a year."""
        indicator = INDICATORS[name]
        if indicator.of is not None:
            top, bottom = (self.series(part, level) for part in indicator.of)
            with np.errstate(divide="ignore", invalid="ignore"):
                return np.asarray(top / bottom, dtype=np.float64)
        values = self.model.recorder.series(name, level)
        return yearly(values) if indicator.kind == "flow" else values

    def generation_lines(self) -> list[tuple[int, Floats]]:
        """Return of each generation its first quarter and the shares of adopters since then."""
        return [(first, np.array(seen)) for first, seen in self.curves.values()]

    def passing(self) -> tuple[Floats, Floats]:
        """Return of 100 projects that leave the first stage those that pass and stop at each.

        Shapes (stages,) and (5, stages), by `FATES` without the first, at rates of the last year.
        """
        total = sum(self.fates, np.zeros((len(FATES), len(STAGES))))
        passed = total[0] - total[FATES.index("shelved")]
        lost = total[1:]
        all_of_them = np.maximum(passed + lost.sum(axis=0), 1e-12)
        rate = passed / all_of_them
        reach = 100.0 * np.concatenate([[1.0], np.cumprod(rate)[:-1]])
        return reach * rate, reach * lost / all_of_them

    def contract_values(self) -> Floats:
        """Return contracts of the last year by seller and buyer, (P + 1, P + 1)."""
        return self._year(self.sales, self._shape[0] + 1)

    def city_links(self, name: str) -> Floats:
        """Return links of the last year between cities, both ways added, (C, C)."""
        return self._year(self.links[name], self._shape[1])

    def _year(self, quarters: deque[Floats], n: int) -> Floats:
        return sum(quarters, np.zeros((n, n))) * (4.0 / max(len(quarters), 1))

    def public_money(self) -> dict[str, Floats]:
        """Return by instrument what was paid, leaked, claimed and unspent, (4, T), a quarter.

        Policies come first, then what governments give to science and firms without them.
        """
        t = self.quarters
        names = sorted(self.money, key=lambda name: (name in GENERAL, name))
        money = {}
        for name in names:
            paid, leaked, more, unspent = self.money[name][:, :t]
            money[name] = np.stack([paid, leaked, paid + more, unspent])
        return money

    def paid_by(self) -> dict[str, Floats]:
        """Return what each instrument pays, at the rate of a year, (T,) each."""
        return {name: yearly(values[0]) for name, values in self.public_money().items()}

    def paid(self) -> Floats:
        """Return what all instruments pay, at the rate of a year, (T,)."""
        return sum(self.paid_by().values(), np.zeros(self.quarters))


# -- stored runs -----------------------------------------------------------------------------------


class Opening:
    """A stored run, with what pictures ask of a `Watch`; its points of time are ends of years."""

    def __init__(self, stored: Mapping[str, Any], settings: Scenario) -> None:
        self.settings, self.version = settings, str(stored["ydsim"])
        self.further = int(stored["further"])
        self.years = np.arange(settings.start, settings.end + 1.0)
        self.span = settings.start - 0.75, float(settings.end)
        self.quarters = len(self.years)
        self._stored = stored
        self._values, self._low, self._high = (
            {name: np.array(rows, dtype=float).T for name, rows in stored[part].items()}
            for part in ("seen", "low", "high")
        )

    def series(self, name: str, level: str = "region") -> Floats:
        """Return an indicator by year, (T,) or (T, places); of cities the last year alone."""
        if level == "city":
            return np.array([self._stored["cities"][name]], dtype=float)
        return self._values[name][:, -1] if level == "region" else self._values[name][:, :-1]

    def band(self, name: str, place: int) -> Band:
        """Return the range of a series over the stored run and the further ones."""
        return self._low[name][:, place], self._high[name][:, place]

    def generation_lines(self) -> list[tuple[int, Floats]]:
        """Return of each generation its first year and the shares of adopters since then."""
        return [(first, np.array(shares)) for first, *shares in self._stored["curves"]]

    def passing(self) -> tuple[Floats, Floats]:
        """Return what `Watch.passing` does."""
        stages = np.array(self._stored["stages"])
        return stages[0], stages[1:]

    def contract_values(self) -> Floats:
        """Return contracts of the last year by seller and buyer, (P + 1, P + 1)."""
        return np.array(self._stored["sales"], dtype=float)

    def city_links(self, name: str) -> Floats:
        """Return the strongest links of the last year, (C, C), above the diagonal."""
        cities = len(next(iter(self._stored["cities"].values())))
        links = np.zeros((cities, cities))
        for a, b, value in self._stored["links"][name]:
            links[a, b] = value
        return links

    def public_money(self) -> dict[str, Floats]:
        """Return by instrument what was paid, leaked, claimed and unspent in all, (4, 1)."""
        return {name: np.array(sums)[:, None] for name, (sums, _) in self._stored["money"].items()}

    def paid_by(self) -> dict[str, Floats]:
        """Return what each instrument pays a year."""
        return {name: np.array(paid) for name, (_, paid) in self._stored["money"].items()}

    def paid(self) -> Floats:
        """Return what all instruments pay a year."""
        return self.series(MONEY)


Run: TypeAlias = Watch | Opening
"""A run as pictures show it."""


@cache
def _stored() -> dict[str, Any]:
    data = resources.files(__package__).joinpath(FILE).read_bytes()
    return dict(json.loads(lzma.decompress(data)))


@cache
def opening_of(scenario: str) -> Opening | None:
    """Return the stored run of a shipped scenario; None where there is none that fits it."""
    stored = _stored().get(scenario) if scenario in shipped() else None
    if stored is None:
        return None
    settings = resolve(scenario).scenario
    return Opening(stored, settings) if stored["hash"] == scenario_hash(settings) else None


# -- further runs ---------------------------------------------------------------------------------

RUNS: Final = (4, 9, 19)
"""Further runs that a page may have."""

Seen: TypeAlias = Mapping[str, Floats]
"""Series of a run by name: provinces, where it is recorded for them, and the region last."""


class Further:
    """Further runs of the scenarios of a page, a quarter at a time, one run after another."""

    def __init__(self, scenarios: tuple[Scenario, ...], number: int) -> None:
        self.asked, self.number = scenarios, number
        self.runs: list[tuple[Seen, ...]] = []  # that are done; a part for each scenario
        self._scenarios = tuple(map(with_members, scenarios))
        self.members = self._scenarios[0].members
        self._watches: tuple[Watch, ...] = ()

    @property
    def replicates(self) -> list[int]:
        """Numbers of the runs as replicates, spread over the members; none is that of the page."""
        if self.members < 2 * self.number:
            return list(range(1, self.number + 1))
        return [(2 * k + 1) * self.members // (2 * self.number) for k in range(self.number)]

    @property
    def done(self) -> int:
        """Number of runs that are done."""
        return len(self.runs)

    @property
    def over(self) -> bool:
        """All runs are done."""
        return self.done == self.number

    def step(self, begin: Callable[[Scenario, int], Model]) -> bool:
        """Simulate a quarter, or what lies before the first; return whether a run is done by it.

        ``begin`` returns a model at its first quarter, of a scenario and a replicate.
        """
        if not self._watches:
            number = self.replicates[len(self.runs)]
            self._watches = tuple(Watch(begin(one, number)) for one in self._scenarios)
            return False
        for watch in self._watches:
            if not watch.over:
                watch.step()
        if not all(watch.over for watch in self._watches):
            return False
        self.runs.append(tuple(map(seen_of, self._watches)))
        self._watches = ()
        return True

    def band(self, side: int, name: str, place: int = -1) -> Band | None:
        """Return the range of a series of a scenario over the runs; None of fewer than two."""
        return _range([run[side][name][:, place] for run in self.runs])

    def change(self, name: str, place: int = -1) -> Band | None:
        """Return the range of how much more the second scenario has than the first, run by run."""
        changes = []
        for one, other, *_ in self.runs:
            a, b = one[name][:, place], other[name][:, place]
            changes.append(without_rounding(a, b) - a)
        return _range(changes)


class StoredRanges:
    """The ranges of stored runs, as `Further` has them of runs of the page."""

    def __init__(self, openings: Sequence[Opening]) -> None:
        self.done = openings[0].further
        self._openings = openings

    def band(self, side: int, name: str, place: int = -1) -> Band:
        """Return the range of a series of a scenario."""
        return self._openings[side].band(name, place)

    def change(self, name: str, place: int = -1) -> None:
        """Return no range of differences: runs are not stored one by one."""


def with_members(scenario: Scenario) -> Scenario:
    """Return a scenario with the members of its world, unless it has an ensemble or there is none.

    A parameter that the scenario sets keeps its value in all runs.
    """
    if scenario.ensemble:
        return scenario
    try:
        columns = ensemble_of(MEMBERS, scenario.world, scenario.known_in)
    except ValueError:
        return scenario
    values, defaults = scenario.parameters.model_dump(), Parameters().model_dump()
    free = {
        section: {k: v for k, v in each.items() if values[section][k] == defaults[section][k]}
        for section, each in columns.items()
    }
    kept = frozen_tree({section: each for section, each in free.items() if each})
    return scenario.model_copy(update={"ensemble": kept})


def seen_of(watch: Watch) -> Seen:
    """Return the series of a run that are kept."""
    kept = {MONEY: watch.paid()[:, None]}
    for name in dict.fromkeys((*LINES.values(), *HEADLINES)):
        parts = [watch.series(name)[:, None]]
        if "province" in INDICATORS[name].levels:
            parts.insert(0, watch.series(name, "province"))
        kept[name] = np.hstack(parts)
    return kept


def chance(runs: int) -> str:
    """Return the chance with which the range of so many runs holds another one, in per cent."""
    return percent((runs - 1) / (runs + 1))


def _range(runs: list[Floats]) -> Band | None:
    if len(runs) < 2:
        return None
    return np.min(runs, axis=0), np.max(runs, axis=0)
