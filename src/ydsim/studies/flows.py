r"""Flows: who works with whom and knows from where, simulated beside counted.

A scenario is run to 2020 and its links between cities are read as papers read patents: the same
estimator on the same pairs. The gravity equation, by Poisson pseudo-maximum likelihood
(`ydsim.studies.estimators.fit_poisson`; Santos Silva and Tenreyro 2006, doi 10.1162/rest.88.4.641),

    E[y_cd] = exp(a_c + b_d + g same_cd + e ln km_cd)         cities c != d of the region

Symbols: y links from c to d in the years that are counted; a, b effects of cities; same 1 inside
a province; km great circle between seats, or hours by rail at the end of 2013 in its place. A
border between provinces holds back exp(g) times. Of both simulated figures of a link, realised and
expected, the expected one is read: draws only blur it. Links without a direction count both ways.

Shares of links by where they lead, of all that begin in a place (``share``) or of those that stay
in the region (``inside``): the own city, the rest of the province, the other provinces of the
region, the rest of the nation.

    stay       own city and province                              of all links of a place
    between    links of one province                              of links between cities
    per_pair   ln (links per pair of cities of one province / links per pair of two provinces)
    hub        links of the place                                 of ends of links between cities
    contrast   g of joint inventions less g of knowledge

Of ``value``, money of technology contracts, ``sold_over_bought`` is what a province sells over what
it buys. An estimate is the mean over replicates with its 95 per cent interval. It is *inside*
where the interval lies in that of the counted figure, 1.96 standard errors about it or the range of
the table, *outside* where the two have nothing in common, *undecided* otherwise. Where what is
counted is not what the model has, the *concept differs*, and both are shown.

What was counted stands in ``flows.csv``, its sources in ``counted/``: citations between energy
patents, recurring pairs of inventors, licences of universities, contracts, places of graduates.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
import pandas as pd

from ydsim import fmt
from ydsim.design.sweep import Sweep
from ydsim.errors import ResultsError, UsageError
from ydsim.measures.effects import Interval, interval
from ydsim.measures.groups import quotient
from ydsim.packaged import rows_of
from ydsim.record.measures import YRD
from ydsim.record.yearly import OUTSIDE, UNDIRECTED
from ydsim.results.results import Results
from ydsim.scenario.load import load_scenario
from ydsim.scenario.read.extend import Overrides
from ydsim.studies import study
from ydsim.studies.estimators import Fit, fit_poisson
from ydsim.studies.literature import INSIDE, NOT_RUN, OPEN, verdict
from ydsim.studies.literature import OUTSIDE as MISSED
from ydsim.studies.study import COLUMNS, Facts, Section, Study
from ydsim.translation import gettext as _t
from ydsim.typing import Floats, Ints
from ydsim.world.loader import load_world
from ydsim.world.world import World

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SCENARIO, SCALE, REPLICATES, LAST = "baseline", 0.05, 10, 2020
HOURS_OF: Final = 2013
"""Year at whose end hours by rail are those of the counted estimate."""

DIFFERS: Final = "concept differs"
PLACES: Final = ("city", "province", "region", "nation")
"""Where links lead, from near to far."""

VALUE: Final = "contract value"
CONTRAST: Final = ("co-invention", "knowledge")
SHOWN: Final = ("knowledge", "co-invention", "co-publication", "patent transfer")
SHOWN_MORE: Final = ("university licence", "contract", VALUE, "talent", "graduate")
COUNTED_YEARS: Final = (2011, 2016)
"""Years of the counted citations and teams."""


def design(
    scenario: str | Path = SCENARIO,
    overrides: Overrides | None = None,
    *,
    replicates: int = REPLICATES,
    seed: int | None = None,
    allow_code: bool = False,
) -> Sweep:
    """Return the checked runs, which end in 2020 or before; scale .05 if none is given."""
    base = load_scenario(scenario, overrides, allow_code=allow_code)
    if base.world != YRD:
        raise UsageError(f"{base.name}: flows were counted in the Yangtze River Delta alone")
    return study.sweep_of_study(
        scenario,
        study.left_free(overrides or {}, ["end"]),
        name=f"{base.name[:50]}-flows",
        description="Links between cities to 2020, to be held against counted ones.",
        design={"kind": "list", "points": [{"end": min(base.end, LAST)}]},
        replicates=replicates,
        seed=seed,
        allow_code=allow_code,
        settings={"scale": SCALE},
        record={"ties": True, "tables": ["contracts"]},
    )


def read(results: Results | str | Path) -> Flows:
    """Return what the links of runs of `design` show; UsageError as there."""
    results = study.opened(results)
    there = "spec" in results.manifest and {"ties", "contracts"} <= {*results.tables}
    scenario = results.scenario_at(0)
    if not there or scenario["world"] != YRD:
        raise study.other_runs(results, "study flows")
    years = int(scenario["start"]), int(scenario["end"])
    links = links_of(results)
    return Flows(Facts.of(results, years, len(links.runs)), links)


run = study.runner(design, read)


# -- links ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Links:
    """Yearly links between places by run."""

    world: World
    cities: dict[str, Floats]
    """(runs, years, C + 1, C + 1) by channel, from row to column; the nation is the last place."""
    value: Floats
    """(runs, years, P + 1, P + 1): value of contracts by province of seller and buyer, 100m_rmb."""
    years: range

    @property
    def runs(self) -> range:
        """Runs, counted from 0."""
        return range(len(self.value))

    def over(self, channel: str, first: int, last: int) -> Floats:
        """Return links of some years, (runs, n, n); none where they were not simulated."""
        every = self.value if channel == VALUE else self.cities.get(channel)
        if every is None or first < self.years[0] or last > self.years[-1]:
            return np.empty((0, 0, 0))
        at = self.years.index(first)
        return np.asarray(every[:, at : at + last - first + 1].sum(axis=1))


def links_of(results: Results, point: int = 0, channels: Sequence[str] | None = None) -> Links:
    """Return the links of all runs of a point, those without a direction both ways.

    ``channels``: some of them; all by default. ResultsError for a place that is not of the world.
    """
    scenario = results.scenario_at(point)
    world = load_world(str(scenario["world"]))
    years = range(int(scenario["start"]), int(scenario["end"]) + 1)
    ties, contracts = (
        table[table["point"] == point] for table in map(results.table, ("ties", "contracts"))
    )
    if channels is not None:
        ties = ties[ties["channel"].isin(channels)]
    runs = sorted({*contracts["replicate"]})
    rows = {
        str(channel): _array(own, ("from_city", "to_city"), runs, years, world.city_names)
        for channel, own in ties.rename(columns={"expected": "amount"}).groupby("channel")
    }
    for channel in (each for each in UNDIRECTED if each in rows):
        inside = np.tril(rows[channel], -1) + np.triu(rows[channel], 1)
        rows[channel] = rows[channel] + inside.swapaxes(-1, -2)
    money = contracts.rename(columns={"value": "amount"})
    value = _array(money, ("seller", "buyer"), runs, years, world.provinces)
    return Links(world, rows, value, years)


def _array(
    table: pd.DataFrame,
    ends: tuple[str, str],
    runs: list[int],
    years: range,
    places: tuple[str, ...],
) -> Floats:
    """Return amounts (runs, years, n + 1, n + 1) by places, then the rest of the nation."""
    axes: list[tuple[Any, str]] = [(runs, "replicate"), (years, "year")]
    axes += [([*places, OUTSIDE], end) for end in ends]
    at = [pd.Index(values).get_indexer(pd.Index(table[name])) for values, name in axes]
    if min((each.min(initial=0) for each in at), default=0) < 0:
        raise ResultsError(_t("links of a run, year or place that these results do not have"))
    amounts = np.zeros([len(values) for values, _ in axes])
    np.add.at(amounts, tuple(at), table["amount"].to_numpy(dtype=np.float64))
    return amounts


# -- what was counted ------------------------------------------------------------------------------


@cache
def counted_matrix(what: str) -> pd.DataFrame:
    """Return counted links between the 41 cities, from row to column.

    ``"citations"``: between invention applications with an energy key word, 2011-16, by citing and
    cited city, without those that share an inventor. ``"citations_all"``: with them. ``"teams"``:
    pairs of inventors that file together from both cities, both ways.
    """
    if what == "teams":
        rows = pd.DataFrame(rows_of("ydsim.studies", "counted/inventor_pairs.csv"))
        ends, column = ["city_a", "city_b"], "recurring_inventor_pairs"
    else:
        rows = pd.DataFrame(rows_of("ydsim.studies", "counted/citations_cities.csv"))
        ends = ["citing_city", "cited_city"]
        column = "citations_all" if what == "citations_all" else "citations_no_shared_inventor"
    names = list(load_world().city_names)
    matrix = rows.astype({column: float}).pivot(index=ends[0], columns=ends[1], values=column)
    matrix = matrix.reindex(index=names, columns=names).fillna(0.0)
    return matrix + matrix.T if what == "teams" else matrix


# -- readings -------------------------------------------------------------------------------------


def gravity(links: Floats, world: World, *, hours: bool = False) -> Fit:
    """Return coefficients ``same_province`` and ``ln_km`` (or ``ln_hours``) of links (C, C).

    Pairs of one city are left out. NaN where the links tell nothing of one.
    """
    origin, target = np.nonzero(~np.eye(world.n_cities, dtype=np.bool_))
    far, name = world.distance_km, "ln_km"
    if hours:
        assert world.rail_hours is not None
        assert world.rail_years is not None
        far, name = world.rail_hours[list(world.rail_years).index(HOURS_OF)], "ln_hours"
    table = {
        "links": links[origin, target],
        "same_province": (world.city_province[origin] == world.city_province[target]) * 1.0,
        name: np.log(far[origin, target]),
        "origin": origin,
        "target": target,
    }
    try:
        return fit_poisson(table, "links", ["same_province", name], effects=["origin", "target"])
    except (ValueError, ArithmeticError):  # there are no links, or too few
        return pd.Series(np.nan, ["same_province", name])


def destinations(links: Floats, home: Ints, place: int | None = None) -> Floats:
    """Return links by `PLACES`, (4,), of all places or of one home.

    ``links``: (n + 1, n + 1), the nation last; ``home``: (n,) province of each place.
    """
    n = len(home)
    rows = np.arange(n) if place is None else np.flatnonzero(home == place)
    inside, same = links[rows, :n], home[rows][:, None] == home
    own = links[rows, rows].sum()
    near = inside[same].sum()
    return np.array([own, near - own, inside.sum() - near, links[rows, n].sum()])


def _read(kind: str, links: Floats, world: World, place: str) -> float:
    """Return one reading of the links of one run; NaN where there are none."""
    what, _, part = kind.partition(".")
    home, at = world.city_province, world.provinces.index(place) if place else None
    if what == "value":
        home = np.arange(world.n_provinces)
    n = len(home)
    inside = links[:n, :n]
    if what.startswith("gravity"):
        return float(gravity(inside, world, hours=what.endswith("hours"))[part])
    if part == "sold_over_bought":
        return _ratio(links[at].sum(), links[:, at].sum())
    leads = destinations(links, home, at)
    if what == "inside":
        leads[-1] = 0.0
    if what in ("share", "inside", "value"):
        return _ratio(leads[PLACES.index(part)], leads.sum())
    if what == "stay":
        return _ratio(leads[:2].sum(), leads.sum())
    same, apart = home[:, None] == home, ~np.eye(n, dtype=np.bool_)
    near, far = inside[same & apart], inside[~same]
    if what == "between":
        return _ratio(near.sum(), near.sum() + far.sum())
    if what == "per_pair":
        ratio = _ratio(near.mean(), far.mean())
        return math.log(ratio) if ratio > 0.0 else math.nan
    return float(_ends(inside)[home == at].sum())


def _ratio(above: float, below: float) -> float:
    return float(above / below) if below > 0.0 else math.nan


def simulated(links: Links, row: dict[str, str]) -> Floats:
    """Return a reading of `flows.csv` in the runs that show it."""
    years = int(row["first"]), int(row["last"])
    if row["reading"] == "contrast":
        both = [
            simulated(links, {**row, "channel": channel, "reading": "gravity.same_province"})
            for channel in CONTRAST
        ]
        return both[0] - both[1] if len(both[0]) == len(both[1]) else np.empty(0)
    every = links.over(row["channel"], *years)
    values = [_read(row["reading"], each, links.world, row["place"]) for each in every]
    return np.array([value for value in values if math.isfinite(value)])


def borders(results: Results, point: int) -> Section:
    """Return what borders and distance do to knowledge and joint inventions, for a report.

    Empty where links or the years of the counted ones were not simulated, or not in the region.
    """
    scenario, nothing = results.scenario_at(point), Section("")
    whole = int(scenario["start"]) <= COUNTED_YEARS[0] and COUNTED_YEARS[1] <= int(scenario["end"])
    there = {"ties", "contracts"} <= {*results.tables} and not results.left
    if scenario["world"] != YRD or not whole or not there:
        return nothing
    every = {row["name"]: row for row in rows_of("ydsim.studies", "flows.csv")}
    links, rows = links_of(results, point, CONTRAST), []
    for name in (
        "citations.same_province",
        "citations.ln_km",
        "teams.same_province",
        "teams.ln_km",
    ):
        values, row = simulated(links, every[name]), every[name]
        if not len(values):
            continue
        _, mean, low, high = interval(values)
        counted, error = float(row["counted"]), 1.96 * float(row["error"])
        rows.append(
            [
                _t(row["channel"]),
                _t("same province, log points") if "province" in name else _t("ln km, elasticity"),
                fmt.interval(mean, low, high),
                fmt.interval(counted, counted - error, counted + error),
            ]
        )
    return Section(
        _t("Links between cities: what a border and distance hold back"),
        (_t("links"), _t("of"), _t("simulated"), _t("counted")),
        rows,
        (2, 3),
        _t(
            "Coefficients by one estimator of simulated and counted pairs of cities, 2011-16: "
            "citations between energy patents, and pairs of inventors (docs/flows.md)."
        ),
    )


# -- what they show -------------------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class Flows(Study):
    """What runs show of counted flows."""

    links: Links

    stem: ClassVar = "flows"
    heading: ClassVar = "Links between cities, simulated and counted"

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a reading of `flows.csv`.

        ``estimate`` is the mean over replicates, ``low`` and ``high`` its interval; beyond the
        common columns ``words``, ``channel``, ``reading``, ``years``, ``counted`` with
        ``counted_low`` and ``counted_high``, ``verdict``, ``source`` and ``note``.
        """
        return pd.DataFrame([self._row(row) for row in rows_of("ydsim.studies", "flows.csv")])

    def _row(self, row: dict[str, str]) -> dict[str, Any]:
        values = simulated(self.links, row)
        n, mean, *ends = interval(values) if len(values) else (0, math.nan, math.nan, math.nan)
        found = Interval(mean, *(math.nan if end is None else end for end in ends))
        counted, error, low, high = (
            float(row[name] or "nan") for name in ("counted", "error", "low", "high")
        )
        if not math.isnan(error):
            low, high = counted - 1.96 * error, counted + 1.96 * error
        judged = verdict(found, low, high)
        return {
            "outcome": row["name"],
            "place": row["place"] or "region",
            "estimate": found.estimate,
            "low": found.low,
            "high": found.high,
            "p": math.nan,
            "n": n,
            "words": row["words"],
            "channel": row["channel"],
            "reading": row["reading"],
            "years": study.span((int(row["first"]), int(row["last"]))),
            "counted": counted,
            "counted_low": low,
            "counted_high": high,
            "verdict": judged if row["same"] == "yes" or judged == NOT_RUN else DIFFERS,
            "source": row["source"],
            "note": row["note"],
        }

    @cached_property
    def by_year(self) -> pd.DataFrame:
        """Shares of links by where they lead: a row for each year, channel and destination.

        ``share`` is the mean over replicates, ``low`` and ``high`` its interval.
        """
        rows = []
        for channel in (*SHOWN, *SHOWN_MORE):
            home = self.links.world.city_province
            if channel == VALUE:
                home = np.arange(self.links.world.n_provinces)
            for year in self.links.years:
                leads = [destinations(each, home) for each in self.links.over(channel, year, year)]
                shares = [each / each.sum() for each in leads if each.sum() > 0.0]
                for at, where in enumerate(PLACES) if shares else ():
                    n, mean, low, high = interval(np.array([each[at] for each in shares]))
                    rows.append((year, channel, where, mean, low, high, n))
        columns = ["year", "channel", "destination", "share", "low", "high", "n"]
        return pd.DataFrame(rows, columns=columns)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Readings, and shares by year."""
        return {self.stem: self.table, f"{self.stem}_years": self.by_year}

    # -- words -------------------------------------------------------------------------------------

    @property
    def paragraphs(self) -> list[str]:
        """Where runs agree with what was counted, and how to read it."""
        counts = self.table["verdict"].value_counts()
        judged = [name for name in VERDICTS if name in counts and name != DIFFERS]
        head = fmt.listed([f"{counts[name]} are {name}" for name in judged])
        parts = [f"Of {len(self.table)} readings {head}."]
        if DIFFERS in counts:
            parts.append(f"In {counts[DIFFERS]} the concept differs.")
        borders = [self._of(f"{name}.same_province") for name in ("citations", "teams")]
        if all(row["n"] for row in borders):
            held = [
                f"{what} {fmt.number(math.exp(row['estimate']), 2)} times (counted "
                f"{fmt.number(math.exp(row['counted']), 2)})"
                for what, row in zip(("knowledge", "joint inventions"), borders, strict=True)
            ]
            parts.append(f"A border between provinces holds back {fmt.listed(held)}.")
        view = (
            "Nothing is tuned to these figures. What was counted are energy patents, and citations "
            "are mostly made by examiners: they say what is near more than what was learnt."
        )
        return [" ".join(parts), " ".join([view, *self.facts.cautions()])]

    def _of(self, name: str) -> Any:
        return self.table.set_index("outcome").loc[name]

    @property
    def sections(self) -> list[Section]:
        """Coefficients, shares, and how shares change."""
        laws = self.table["reading"].str.startswith(("gravity", "contrast"))
        first, last = self.links.years[0], self.links.years[-1]
        keys = zip(*(self.by_year[key] for key in ("channel", "destination", "year")), strict=True)
        shares = dict(zip(keys, self.by_year["share"], strict=True))
        years = [
            (name, *(f"{fmt.percent(shares[name, to, first], 1)} to "
                     f"{fmt.percent(shares[name, to, last], 1)}" for to in PLACES))
            for name in (*SHOWN, *SHOWN_MORE)
            if (name, PLACES[0], last) in shares and (name, PLACES[0], first) in shares
        ]  # fmt: skip
        return [
            self._section("Gravity", self.table[laws], _OF_LAWS),
            self._section("Where links lead", self.table[~laws], _OF_SHARES),
            Section(
                f"Shares of simulated links, {first} to {last}",
                ("channel", "own city", "rest of the province", "rest of the region", "nation"),
                years,
                (1, 2, 3, 4),
                "Contract value is known by province: what stays in one counts as own city.",
            ),
            Section("Sources", ("source", "what", "licence", "where"), self._sources()),
        ]

    def _sources(self) -> list[tuple[str, ...]]:
        """Return the sources of counted figures, with what may be done with them."""
        names = ("source_id", "original_publisher", "licence", "address")
        return [
            tuple(row[name] or "-" for name in names)
            for row in rows_of("ydsim.studies", "counted/sources.csv")
            if row["source_id"] in {*self.table["source"]}
        ]

    def _section(self, title: str, table: pd.DataFrame, note: str) -> Section:
        rows = [
            (
                row["words"],
                row["years"],
                fmt.interval(row["estimate"], row["low"], row["high"]) if row["n"] else "-",
                _counted(row["counted"], row["counted_low"], row["counted_high"]),
                row["verdict"],
                row["source"],
            )
            for row in table.to_dict("records")
        ]
        head = ("reading", "years", "simulated", "counted", "verdict", "source")
        return Section(title, head, rows, (), note)

    # -- figures -----------------------------------------------------------------------------------

    @property
    def figures(self) -> dict[str, Figure]:
        """Coefficients; flows between provinces; pairs and hubs."""
        return {
            self.stem: self.plot(),
            f"{self.stem}_provinces": self.plot_provinces(),
            f"{self.stem}_pairs": self.plot_pairs(),
        }

    def plot(self) -> Figure:
        """Return the forest of coefficients, simulated and counted."""
        laws = self.table[self.table["reading"].str.startswith("gravity.")]
        heads = {
            "same_province": ("Same province", "log points"),
            "ln_km": ("Distance", "elasticity to km"),
        }
        base = laws.assign(outcome=laws["reading"].str.partition(".")[2], label=laws["channel"])
        base = base[["outcome", "label", "estimate", "low", "high", "counted", "counted_low",
                     "counted_high"]]  # fmt: skip
        known = base[base["counted"].notna()].drop(columns=["estimate", "low", "high"])
        known = known.rename(columns=lambda name: _ENDS.get(name, name))
        table = pd.concat([base.assign(series="simulated"), known.assign(series="counted")])
        note = (
            "Poisson pseudo-maximum likelihood with effects of both cities, pairs of 41 cities; "
            "bars: 95 % over replicates, or 1.96 standard errors of what was counted."
        )
        return self.forest(table, heads, note, columns=2)

    def plot_provinces(self) -> Figure:
        """Return matrices of provinces: knowledge and joint inventions, simulated and counted."""
        from ydsim.plots.flows import draw_shares

        world, panels = self.links.world, {}
        for title, channel, counted in (
            ("Knowledge", "knowledge", "citations"),
            ("Joint inventions", "co-invention", "teams"),
        ):
            pairs = {"simulated": self.links.over(channel, *COUNTED_YEARS).mean(axis=0)[:-1, :-1]}
            pairs["counted"] = counted_matrix(counted).to_numpy()
            for series, links in pairs.items():
                between = np.where(np.eye(world.n_cities, dtype=np.bool_), 0.0, links)
                panels[f"{title}, {series}"] = _by_province(between, world)
        note = (
            "Part of a row that leads to the column, between different cities of the region, "
            f"{COUNTED_YEARS[0]}-{COUNTED_YEARS[1]}. Counted: citations between energy patents, "
            "pairs of inventors."
        )
        return draw_shares(panels, title=self.title, note=note, foot=self.facts.made_by)

    def plot_pairs(self) -> Figure:
        """Return cities and pairs with most counted joint inventions, beside the simulated."""
        counted = counted_matrix("teams").to_numpy()
        runs = self.links.over("co-invention", *COUNTED_YEARS)[:, :-1, :-1]
        names = np.array(self.links.world.city_names, dtype=object)
        a, b = np.triu_indices(len(names), 1)
        pairs = [each[a, b] / each[a, b].sum() for each in (counted, *runs)]
        hubs = [_ends(each) for each in (counted, *runs)]
        table = pd.concat(
            [
                _most("city", names, hubs[0], np.array(hubs[1:])),
                _most("pair", names[a] + " \u2013 " + names[b], pairs[0], np.array(pairs[1:])),
            ]
        )
        heads = {
            "city": ("Cities with most counted links", "% of ends of links"),
            "pair": ("Pairs with most counted links", "% of links between cities"),
        }
        note = (
            "Joint inventions between cities of the region; counted are pairs of inventors that "
            f"file together, {COUNTED_YEARS[0]}-{COUNTED_YEARS[1]}, simulated expected links."
        )
        return self.forest(table, heads, note, columns=2)


MAX_ROWS: Final = 12
VERDICTS: Final = (INSIDE, MISSED, OPEN, DIFFERS, NOT_RUN)
_ENDS: Final = {"counted": "estimate", "counted_low": "low", "counted_high": "high"}

_OF_LAWS = (
    "Coefficients of links between different cities, with effects of both. Same province: log "
    "points; ln km and ln hours: elasticities. Counted: estimate with 1.96 standard errors, or a "
    "sign."
)
_OF_SHARES = (
    "Shares of links, but for links per pair (a log) and sold over bought (a ratio). Ranges of "
    "counted shares are assumed where a source has no error: the column note of flows.csv says so."
)


def _counted(value: float, low: float, high: float) -> str:
    """Say what was counted: a figure with its range, or an open range."""
    if not math.isnan(value):
        return fmt.interval(value, low, high)
    if math.isinf(high):
        return f"above {fmt.number(low, 2)}"
    return f"below {fmt.number(high, 2)}" if math.isinf(low) else "-"


def _most(outcome: str, labels: Any, counted: Floats, runs: Floats) -> pd.DataFrame:
    """Return marks, in per cent, of what was counted most, and of the same in runs (runs, n)."""
    order = np.argsort(-counted, kind="stable")[:MAX_ROWS]
    ours = [dict(zip(COLUMNS[2:5], interval(100.0 * runs[:, at])[1:], strict=True)) for at in order]
    theirs = pd.DataFrame({"estimate": 100.0 * counted[order], "low": np.nan, "high": np.nan})
    tables = {"simulated": pd.DataFrame(ours, dtype=float), "counted": theirs}
    return pd.concat(
        table.assign(series=series, outcome=outcome, label=labels[order], sure=True)
        for series, table in tables.items()
    )


def _ends(links: Floats) -> Floats:
    """Return the part of each city in the ends of links between cities, (C,)."""
    between = links - np.diag(np.diag(links))
    both = between.sum(axis=0) + between.sum(axis=1)
    return quotient(both, both.sum(), np.nan)


def _by_province(links: Floats, world: World) -> pd.DataFrame:
    """Return shares of each row of links (C, C) by province, in per cent."""
    member = np.eye(world.n_provinces)[world.city_province]
    sums = np.einsum("cp,cd,dq->pq", member, links, member)
    shares = 100.0 * sums / sums.sum(axis=1, keepdims=True)
    return pd.DataFrame(shares, world.provinces, world.provinces)
