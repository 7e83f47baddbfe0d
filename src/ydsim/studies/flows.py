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
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import product
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import pandas as pd

from ydsim import fmt
from ydsim.errors import ResultsError, UsageError
from ydsim.measures.effects import Interval, columns_of, interval
from ydsim.measures.groups import quotient
from ydsim.packaged import rows_of
from ydsim.record.measures import YRD
from ydsim.record.yearly import OUTSIDE, UNDIRECTED
from ydsim.results.results import Results
from ydsim.scenario.schema.scenario import Scenario
from ydsim.studies import study
from ydsim.studies.estimators import Fit, fit_poisson
from ydsim.studies.literature import INSIDE, NOT_RUN, OPEN, verdict
from ydsim.studies.literature import OUTSIDE as MISSED
from ydsim.studies.study import COLUMNS, Facts, Figure, Section, Study
from ydsim.translation import gettext as _t
from ydsim.typing import Floats, Ints
from ydsim.world.loader import load_world
from ydsim.world.world import World

FILE: Final = ("ydsim.studies", "flows.csv")
TIES: Final = ("year", "channel", "from_city", "to_city", "expected")
MONEY: Final = ("year", "seller", "buyer", "value")
HOURS_OF: Final = 2013
"""Year at whose end hours by rail are those of the counted estimate."""

DIFFERS: Final = "concept differs"
PLACES: Final = ("city", "province", "region", "nation")
"""Where links lead, from near to far."""

VALUE: Final = "contract value"
CONTRAST: Final = ("co-invention", "knowledge")
SHOWN: Final = ("knowledge", "co-invention", "co-publication", "patent transfer",
                "university licence", "contract", VALUE, "talent", "graduate")  # fmt: skip
COUNTED: Final = columns_of("counted")
COUNTED_YEARS: Final = (2011, 2016)
"""Years of the counted citations and teams."""


def _require_counted(base: Scenario) -> None:
    if base.world != YRD:
        raise UsageError(f"{base.name}: flows were counted in the Yangtze River Delta alone")


design = study.to_2020(
    "flows",
    "Links between cities to 2020, to be held against counted ones.",
    _require_counted,
    {"ties": True, "tables": ["contracts"]},
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
    return Flows(Facts.of(results, years, len(links.value)), links)


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
    _laws: dict[tuple[str, int, int, bool], pd.DataFrame] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def home(self, channel: str) -> Ints:
        """Return the province of each place of a channel, (n,)."""
        w = self.world
        return np.arange(w.n_provinces) if channel == VALUE else w.city_province

    def over(self, channel: str, first: int, last: int) -> Floats:
        """Return links of some years, (runs, n, n); none where they were not simulated."""
        every = self.value if channel == VALUE else self.cities.get(channel)
        if every is None or first < self.years[0] or last > self.years[-1]:
            return np.empty((0, 0, 0))
        at = self.years.index(first)
        return np.asarray(every[:, at : at + last - first + 1].sum(axis=1))

    def laws(self, channel: str, first: int, last: int, *, hours: bool = False) -> pd.DataFrame:
        """Return coefficients of `gravity` by run, fitted once; none where not simulated."""
        key = channel, first, last, hours
        if key not in self._laws:
            inside = self.over(channel, first, last)[:, :-1, :-1]
            fits = (gravity(each, self.world, hours=hours) for each in inside)
            self._laws[key] = pd.DataFrame(fits)
        return self._laws[key]


def links_of(results: Results, point: int = 0) -> Links:
    """Return the links of all runs of a point, those without a direction both ways.

    ResultsError for a place that is not of the world.
    """
    scenario = results.scenario_at(point)
    years = range(int(scenario["start"]), int(scenario["end"]) + 1)
    ties, contracts = (
        table[table["point"] == point] for table in map(results.table, ("ties", "contracts"))
    )
    axes = {"replicate": sorted({*contracts["replicate"]}), "year": years}
    return _links(load_world(str(scenario["world"])), axes, ties, contracts)


def _links(
    world: World,
    axes: Mapping[str, Sequence[Any]],
    ties: pd.DataFrame,
    contracts: pd.DataFrame | None,
) -> Links:
    """Return links of runs from rows of both tables; ``axes`` tells runs and years apart."""
    cities = {**axes} | dict.fromkeys(("from_city", "to_city"), (*world.city_names, OUTSIDE))
    rows = {str(of): _array(own, "expected", cities) for of, own in ties.groupby("channel")}
    for channel in (each for each in UNDIRECTED if each in rows):
        inside = np.tril(rows[channel], -1) + np.triu(rows[channel], 1)
        rows[channel] = rows[channel] + inside.swapaxes(-1, -2)
    provinces = {**axes} | dict.fromkeys(("seller", "buyer"), (*world.provinces, OUTSIDE))
    *_, years = axes.values()
    nothing = np.empty((0, len(years), world.n_provinces + 1, world.n_provinces + 1))
    value = nothing if contracts is None else _array(contracts, "value", provinces)
    return Links(world, rows, value, range(years[0], years[-1] + 1))


def _array(table: pd.DataFrame, amount: str, axes: Mapping[str, Sequence[Any]]) -> Floats:
    """Return sums of a column by others, an axis each, with the values that these may have."""
    at = [pd.Index(values).get_indexer(pd.Index(table[name])) for name, values in axes.items()]
    if min(each.min(initial=0) for each in at) < 0:
        raise ResultsError(_t("links of a run, year or place that these results do not have"))
    amounts = np.zeros([*map(len, axes.values())])
    np.add.at(amounts, tuple(at), table[amount].to_numpy(dtype=np.float64))
    return amounts


# -- what was counted ------------------------------------------------------------------------------


_MATRICES: Final = {
    "citations": ("citations_cities", "citing_city", "cited_city", "citations_no_shared_inventor"),
    "teams": ("inventor_pairs", "city_a", "city_b", "recurring_inventor_pairs"),
}


@cache
def counted_matrix(what: str) -> pd.DataFrame:
    """Return counted links between the 41 cities, from row to column.

    ``"citations"``: between invention applications with an energy key word, 2011-16, by citing and
    cited city, without those that share an inventor. ``"teams"``: pairs of inventors that file
    together from both cities, both ways.
    """
    file, origin, target, column = _MATRICES[what]
    rows = pd.DataFrame(rows_of("ydsim.studies", f"counted/{file}.csv")).astype({column: float})
    names = list(load_world().city_names)
    matrix = rows.pivot(index=origin, columns=target, values=column)
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


def _read(kind: str, links: Floats, home: Ints, place: int | None) -> float:
    """Return one reading of the links of one run; NaN where there are none."""
    what, _, part = kind.partition(".")
    n = len(home)
    inside, same = links[:n, :n], home[:, None] == home
    near, far = inside[same & ~np.eye(n, dtype=np.bool_)], inside[~same]
    leads = destinations(links, home, place)
    if what == "hub":
        return float(_ends(inside)[home == place].sum())
    if what == "per_pair":
        ratio = float(quotient(near.mean(), far.mean(), np.nan))
        return math.log(ratio) if ratio > 0.0 else math.nan
    if part == "sold_over_bought":
        above, below = links[place].sum(), links[:, place].sum()
    elif what == "between":
        above, below = near.sum(), near.sum() + far.sum()
    elif what == "stay":
        above, below = leads[:2].sum(), leads.sum()
    else:
        above, below = leads[PLACES.index(part)], leads[: 3 if what == "inside" else 4].sum()
    return float(quotient(above, below, np.nan))


def simulated(links: Links, row: dict[str, str]) -> Floats:
    """Return a reading of `flows.csv` in the runs that show it."""
    if row["reading"] == "contrast":
        both = [
            simulated(links, {**row, "channel": channel, "reading": "gravity.same_province"})
            for channel in CONTRAST
        ]
        return both[0] - both[1] if len(both[0]) == len(both[1]) else np.empty(0)
    what, _, part = row["reading"].partition(".")
    of = row["channel"], int(row["first"]), int(row["last"])
    if what.startswith("gravity"):
        laws = links.laws(*of, hours=what.endswith("hours"))
        values = laws[part].tolist() if len(laws) else []
    else:
        home, names = links.home(row["channel"]), links.world.provinces
        place = names.index(row["place"]) if row["place"] else None
        values = [_read(row["reading"], each, home, place) for each in links.over(*of)]
    return np.array([value for value in values if math.isfinite(value)])


def readings(results: Results, names: Collection[str]) -> pd.DataFrame:
    """Return some readings of `flows.csv` in all finished runs; NaN where one is not simulated.

    Index: place of the run in the plan; a column a name. Runs need the table of ties, and that of
    contracts for their value.
    """
    world, wanted = load_world(), [row for row in rows_of(*FILE) if row["name"] in names]
    contracts = dict(_parts(results, "contracts", MONEY))
    found = {}
    for run, ties in _parts(results, "ties", TIES):
        axes = {"run": [run], "year": sorted({*ties["year"]})}
        links = _links(world, axes, ties, contracts.get(run))
        shown = {row["name"]: simulated(links, row) for row in wanted}
        found[run] = {name: float(v[0]) if len(v) else math.nan for name, v in shown.items()}
    return pd.DataFrame.from_dict(found, orient="index", columns=[row["name"] for row in wanted])


def _parts(
    results: Results, table: str, names: Sequence[str]
) -> Iterator[tuple[int, pd.DataFrame]]:
    """Yield rows of a table by run, as far as it is there."""
    parts = results.parts(table, names) if table in results.tables else ()
    for at, columns in parts:
        rows = pd.DataFrame({name: columns[name] for name in names}).assign(run=at)
        yield from ((int(str(run)), own) for run, own in rows.groupby("run"))


def _row(links: Links, row: dict[str, str]) -> dict[str, Any]:
    n, *ends = interval(simulated(links, row))
    mean = Interval(*ends)
    counted, error, low, high = (
        float(row[name] or "nan") for name in ("counted", "error", "low", "high")
    )
    if not math.isnan(error):
        low, high = counted - 1.96 * error, counted + 1.96 * error
    judged = verdict(mean, low, high)
    return {
        "outcome": row["name"],
        "place": row["place"] or "region",
        **mean.columns(),
        "p": math.nan,
        "n": n,
        **{name: row[name] for name in ("words", "channel", "reading")},
        "years": study.span((int(row["first"]), int(row["last"]))),
        **Interval(counted, low, high).columns("counted"),
        "verdict": judged if row["same"] == "yes" or judged == NOT_RUN else DIFFERS,
        "source": row["source"],
        "note": row["note"],
    }


def borders(results: Results, point: int) -> Section:
    """Return what borders and distance do to knowledge and joint inventions, for a report.

    Empty where links or the years of the counted ones were not simulated, or not in the region.
    """
    scenario = results.scenario_at(point)
    whole = int(scenario["start"]) <= COUNTED_YEARS[0] and COUNTED_YEARS[1] <= int(scenario["end"])
    there = {"ties", "contracts"} <= {*results.tables} and not results.left
    if scenario["world"] != YRD or not whole or not there:
        return Section("")
    links, laws = links_of(results, point), ("same_province", "ln_km")
    shown = [f"{of}.{law}" for of in ("citations", "teams") for law in laws]
    every = {row["name"]: row for row in rows_of(*FILE)}
    rows = [
        [
            _t(row["channel"]),
            _t("same province, log points") if "province" in name else _t("ln km, elasticity"),
            fmt.interval(*(row[end] for end in COLUMNS[2:5])),
            fmt.interval(*(row[end] for end in COUNTED)),
        ]
        for name in shown
        if (row := _row(links, every[name]))["n"]
    ]
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
        rows = rows_of(*FILE)
        return pd.DataFrame([_row(self.links, row) for row in rows])

    @cached_property
    def by_year(self) -> pd.DataFrame:
        """Shares of links by where they lead: a row for each year, channel and destination.

        ``share`` is the mean over replicates, ``low`` and ``high`` its interval.
        """
        rows = []
        for channel, year in product(SHOWN, self.links.years):
            every = self.links.over(channel, year, year)
            leads = [destinations(each, self.links.home(channel)) for each in every]
            shares = np.array([each / each.sum() for each in leads if each.sum() > 0.0])
            for where, values in zip(PLACES, shares.T, strict=False):
                n, *ends = interval(values)
                rows.append((year, channel, where, *ends, n))
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
        head = fmt.listed([f"{counts[name]} {name}" for name in judged])
        other = f"; in {counts[DIFFERS]} the concept differs" if DIFFERS in counts else ""
        parts = [f"Of {len(self.table)} readings: {head}{other}."]
        names = {"citations": "knowledge", "teams": "joint inventions"}
        rows = self.table.set_index("outcome").loc[[f"{name}.same_province" for name in names]]
        if rows["n"].all():
            held = [
                f"{what} {fmt.number(math.exp(estimate), 2)} times (counted "
                f"{fmt.number(math.exp(counted), 2)})"
                for what, estimate, counted in zip(
                    names.values(), rows["estimate"], rows["counted"], strict=True
                )
            ]
            parts.append(f"A border between provinces holds back {fmt.listed(held)}.")
        view = (
            "Borders and reach were set with some of these figures in view (docs/calibration.md). "
            "What was counted are energy patents, and citations are mostly made by examiners: they "
            "say what is near more than what was learnt."
        )
        return [" ".join(parts), " ".join([view, *self.facts.cautions()])]

    @property
    def sections(self) -> list[Section]:
        """Coefficients, shares, and how shares change."""
        laws = self.table["reading"].str.startswith(("gravity", "contrast"))
        sources = pd.DataFrame(rows_of("ydsim.studies", "counted/sources.csv")).replace("", "-")
        sources = sources[sources["source_id"].isin(self.table["source"])]
        span = self.links.years[0], self.links.years[-1]
        shares = self.by_year.assign(share=self.by_year["share"].map(lambda x: fmt.percent(x, 1)))
        first, last = (
            dict([*shares[shares["year"] == year].groupby("channel", sort=False)["share"]])
            for year in span
        )
        years = [
            (name, *map("{} to {}".format, first[name], last[name]))
            for name in first
            if name in last
        ]
        return [
            self._section("Gravity", self.table[laws], _OF_LAWS),
            self._section("Where links lead", self.table[~laws], _OF_SHARES),
            Section(
                "Shares of simulated links, {} to {}".format(*span),
                ("channel", "own city", "rest of the province", "rest of the region", "nation"),
                years,
                (1, 2, 3, 4),
                "Contract value is known by province: what stays in one counts as own city.",
            ),
            Section.of("Sources", sources.rename(columns=_OF_SOURCES)[[*_OF_SOURCES.values()]]),
        ]

    def _section(self, title: str, table: pd.DataFrame, note: str) -> Section:
        rows = [
            (
                row["words"],
                row["years"],
                fmt.interval(*(row[end] for end in COLUMNS[2:5])),
                study.accepted(*(row[end] for end in COUNTED), digits=2),
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
        laws = laws.assign(outcome=laws["reading"].str.partition(".")[2], label=laws["channel"])
        known = laws[laws["counted"].notna()].assign(series="counted")
        known[[*COLUMNS[2:5]]] = known[[*COUNTED]]
        table = pd.concat([laws.assign(series="simulated"), known])
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
_OF_SOURCES: Final = {"source_id": "source", "original_publisher": "what", "licence": "licence",
                      "address": "where"}  # fmt: skip

_OF_LAWS = (
    "Coefficients of links between different cities, with effects of both. Same province: log "
    "points; ln km and ln hours: elasticities. Counted: estimate with 1.96 standard errors, or a "
    "sign."
)
_OF_SHARES = (
    "Shares of links, but for links per pair (a log) and sold over bought (a ratio). Ranges of "
    "counted shares are assumed where a source has no error: the column note of flows.csv says so."
)


def _most(outcome: str, labels: Any, counted: Floats, runs: Floats) -> pd.DataFrame:
    """Return marks, in per cent, of what was counted most, and of the same in runs (runs, n)."""
    order = np.argsort(-counted, kind="stable")[:MAX_ROWS]
    ours = [interval(100.0 * runs[:, at])[1:] for at in order]
    theirs = [(100.0 * value, np.nan, np.nan) for value in counted[order]]
    tables = {"simulated": ours, "counted": theirs}
    return pd.concat(
        pd.DataFrame(rows, columns=COLUMNS[2:5]).assign(
            series=series, outcome=outcome, label=labels[order], sure=True
        )
        for series, rows in tables.items()
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
