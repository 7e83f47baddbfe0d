"""Small results made by formula, for tests of figures."""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ydsim.agents.projects import STAGES
from ydsim.frozen import plain_tree
from ydsim.plots.flows import CAUSES
from ydsim.record.indicators import RECORDED
from ydsim.record.yearly import KIND_NAMES, PARTNERSHIP
from ydsim.results.results import Results
from ydsim.run.api import sweep_of_one
from ydsim.run.replicate import RunContext
from ydsim.run.sweep import prepare
from ydsim.scenario.load import load_scenario, plain_scenario
from ydsim.scenario.schema.scenario import Scenario
from ydsim.store.contents import manifest_of, state_of
from ydsim.store.layout import MemoryStore
from ydsim.typing import Columns
from ydsim.world.loader import load_world

FOUR = ("Shanghai", "Jiangsu", "Zhejiang", "Anhui")
WORLD = load_world("synthetic")
OFFICIAL = (
    "rd_expenditure",
    "value_added_secondary",
    "tech_market_contract_value_output",
    "invention_patents_granted",
    "hitech_enterprises_valid_stock_derived",
)
FIELDS = ("optics", "a field with a rather long name", "chips")
LINKS = ("co-invention", "contract", "supply")
FLOWS = (
    ("firms", "economy", "research wages"),
    ("economy", "firms", "profit before research"),
    ("firms", "economy", "paid to owners"),
    ("provinces", "firms", "grants"),
    ("media", "economy", "never paid"),
)
PER_YEAR = 2
"""Generations founded in each quarter: one in the region, one outside."""


class Span(NamedTuple):
    """The years of a run."""

    start: int
    end: int

    @property
    def quarters(self):
        return 4 * (self.end - self.start + 1)


def plain(name, place, replicate, quarters):
    """Return values that differ by indicator, place, replicate and quarter."""
    if name == "firms":
        return np.full(len(quarters), 1000.0 * (place + 1))
    return (1.0 + len(name) + place) * (1.0 + 0.1 * quarters) * (1.0 + 0.1 * replicate)


def make_results(
    *,
    provinces=FOUR,
    start=2018,
    end=2023,
    replicates=3,
    value=plain,
    official_until=2020,
    leave_out=(),
    world="synthetic",
    name="made",
    change=lambda _, table: table,
):
    """Return results with tables of every kind that the figures read.

    ``value`` gives an indicator of (name, place, replicate, quarters from 0), one for each quarter.
    ``change`` may put another table in the place of each of `YEARLY`, by its name.
    """
    scenario = Scenario(name=name, world="synthetic", start=start, end=end, replicates=replicates)
    span = Span(start, end)
    contents = prepare(sweep_of_one(scenario), 1, RunContext())
    parts: dict[str, list[Columns]] = {
        "series": [_series(provinces, span, r, value) for r in range(replicates)],
        "city_series": [_cities(span, r, value) for r in range(replicates)],
        "generations": [_generations(span, r) for r in range(replicates)],
        "adoption_curves": [_curves(provinces, span, r) for r in range(replicates)],
    }
    for table in YEARLY:
        made = [_yearly(table, provinces, span, r) for r in range(replicates)]
        copies = [{name: column.copy() for name, column in each.items()} for each in made]
        parts[table] = [change(table, each) for each in copies]
    parts = {table: part for table, part in parts.items() if table not in leave_out}
    store = MemoryStore(official(provinces, start - 3, official_until))
    content = {"done": 1, "failed": [], "missing": [], "notes": []}
    receipts = {
        r: store.write_part(r, {table: part[r] for table, part in parts.items()}, content)
        for r in range(replicates)
    }
    manifest = manifest_of(contents, {}, state_of(receipts, {}, complete=True))
    manifest["regions"] = [*provinces, "yrd"]
    manifest["scenario"]["world"] = world
    return changeable(Results(store, contents, manifest, receipts))


def changeable(results):
    """Return results whose points, manifest and receipts tests may change."""
    for column in results.contents.points.columns.values():
        column.setflags(write=True)
    results.manifest = plain_tree(results.manifest)
    results.receipts = plain_tree(results.receipts)
    return results


def packaged(made):
    """Give results the settings of the packaged region."""
    known = plain_scenario(load_scenario("baseline"))
    made.manifest["scenario"] |= {key: known[key] for key in ("world", "policies", "governance")}
    return made


def official(provinces, first, last):
    """Return official figures: 100 times the place's number, plus the year's."""
    rows = [
        (name, year, indicator, 100.0 * (p + 1) + year - 2000)
        for indicator in OFFICIAL
        for p, name in enumerate(provinces)
        for year in range(first, last + 1)
    ]
    region, year, indicator, value = zip(*rows, strict=True) if rows else ((), (), (), ())
    return {
        "region": np.array(region, dtype=object),
        "year": np.array(year, dtype=np.int64),
        "indicator": np.array(indicator, dtype=object),
        "value": np.array(value, dtype=np.float64),
        "unit": np.array(["100m_rmb"] * len(region), dtype=object),
    }


def _keys(replicate, n):
    return {"point": np.zeros(n, dtype=np.int64), "replicate": np.full(n, replicate)}


def _frozen(table):
    """Return a table that many results may share: nobody can write into it."""
    for column in table.values():
        column.setflags(write=False)
    return table


@lru_cache(maxsize=64)
def _yearly(table, provinces, span, r):
    return _frozen(YEARLY[table](provinces, span, r))


@lru_cache(maxsize=64)
def _wide(names, column, level, span, r, value):
    t = np.arange(span.quarters)
    n = len(names) * len(t)
    table: Columns = {
        **_keys(r, n),
        column: np.repeat(np.array(names, dtype=object), len(t)),
        "year": np.tile(span.start + t // 4, len(names)),
        "quarter": np.tile(1 + t % 4, len(names)),
    }
    for name, indicator in RECORDED.items():
        if level in indicator.levels:
            table[name] = np.concatenate(
                [value(name, place, r, t.astype(float)) for place in range(len(names))]
            )
    return _frozen(table)


def _series(provinces, span, r, value):
    table = dict(_wide((*provinces, "yrd"), "region", "region", span, r, value))
    table["level"] = np.where(table["region"] == "yrd", "region", "province").astype(object)
    return table


def _cities(span, r, value):
    table = dict(_wide(WORLD.city_names, "city", "city", span, r, value))
    home = np.array(WORLD.provinces, dtype=object)[WORLD.city_province]
    table["province"] = np.repeat(home, span.quarters)
    return table


def _generations(span, r):
    t = np.repeat(np.arange(span.quarters), PER_YEAR)
    return {
        **_keys(r, len(t)),
        "generation": np.arange(len(t)),
        "origin": np.tile(np.array(["region", "outside"], dtype=object), span.quarters),
        "field": np.resize(np.array(FIELDS, dtype=object), len(t)),
        "founded_year": span.start + t // 4,
        "founded_quarter": 1 + t % 4,
    }


def _curves(provinces, span, r):
    """Return curves that grow by 10 firms a quarter and province; generation 0 lives 2 quarters.

    Of the firms that can use a generation, 200 are in the first province, 400 in the second ...
    """
    rows: list[tuple[int, int, int]] = []
    for g in range(PER_YEAR * span.quarters):
        founded = g // PER_YEAR
        last = founded + 2 if g == 0 else span.quarters
        rows += [(g, t, t - founded) for t in range(founded, last)]
    g, t, age = np.array(rows).T
    table: Columns = {
        **_keys(r, len(g)),
        "generation": g,
        "year": span.start + t // 4,
        "quarter": 1 + t % 4,
        "adopters": 10.0 * (age + 1) * len(provinces),
    }
    for name in provinces:
        table[f"adopters_{name}"] = 10.0 * (age + 1)
        table[f"eligible_{name}"] = np.full(len(g), 200.0 * (1 + provinces.index(name)))
    table["eligible"] = np.sum([table[f"eligible_{name}"] for name in provinces], axis=0)
    return table


def rows(span, replicate, **labels):
    """Return one row for each year and label, and as ``at`` the number of each label, from 0."""
    years = np.arange(span.start, span.end + 1)
    places = np.indices((len(years), *(len(names) for names in labels.values())))
    flat = [place.ravel() for place in places]
    named = {
        name: np.array(words, dtype=object)[at]
        for (name, words), at in zip(labels.items(), flat[1:], strict=True)
    }
    return {**_keys(replicate, len(flat[0])), "year": years[flat[0]], **named}


def _numbers(table, **labels):
    """Return year from 0, then the number of every label, then the factor of the replicate."""
    year = (table["year"] - table["year"].min()).astype(float)
    found = [
        np.array([names.index(word) for word in table[column].tolist()], dtype=float)
        for column, names in labels.items()
    ]
    return [year, *found, 1.0 + 0.1 * table["replicate"].astype(float)]


def funnel(_, span, r):
    """Return flows that differ by every label; a cause has 1 more than the one before."""
    labels = {"stage": STAGES, "lead": KIND_NAMES, "partnership": PARTNERSHIP}
    table = rows(span, r, **labels)
    year, stage, lead, partnership, factor = _numbers(table, **labels)
    size = (100.0 - 10.0 * stage + 3.0 * lead + partnership + year) * factor
    for k, cause in enumerate(CAUSES):
        table[cause] = (
            (1.0 + k + stage + 0.5 * partnership) * factor
            if cause != "shelved"
            else (stage == 1.0) * factor
        )
    return {**table, "completed": size, "live": size, "waiting": size, "effort": size}


def contracts(provinces, span, r):
    """Return value = 100 seller + 10 buyer + year, all from 1 and year from 0."""
    places = (*provinces, "outside")
    table = rows(span, r, seller=places, buyer=places)
    year, seller, buyer, factor = _numbers(table, seller=places, buyer=places)
    value = (100.0 * (seller + 1.0) + 10.0 * (buyer + 1.0) + year) * factor
    return {**table, "value": value}


def ties(_, span, r):
    """Return expected = 10^channel (from + 1) (to + 2) + year; realised is 1000 more."""
    places = (*WORLD.city_names, "outside")
    labels = {"channel": LINKS, "from_city": places, "to_city": places}
    table = rows(span, r, **labels)
    year, channel, a, b, factor = _numbers(table, **labels)
    expected = (10.0**channel * (a + 1.0) * (b + 2.0) + year) * factor
    return {**table, "realised": expected + 1000.0, "expected": expected}


def passports(provinces, span, r):
    """Return generations of which one in four moves every stage, and one in four moves once."""
    table = rows(span, r, generation=tuple(map(str, range(12))), stage=STAGES)
    table = {name: column[table["year"] == span.start] for name, column in table.items()}
    number = np.array([int(word) for word in table["generation"]])
    stage = np.array([STAGES.index(word) for word in table["stage"]])
    moved = stage * (number % 4 == 0) + (stage > 2) * (number % 4 == 1)
    home = (number // 4 + moved) % len(provinces)
    table["generation"] = number
    table["province"] = np.array(provinces, dtype=object)[home]
    table["kind"] = np.array(KIND_NAMES, dtype=object)[np.where(stage < 2, number % 3, 0)]
    return table


def knowledge(provinces, span, r):
    """Return knowledge = field - province + year / 10, from 0, times the replicate's factor."""
    labels = {"province": provinces, "field": FIELDS}
    table = rows(span, r, **labels)
    year, province, field, factor = _numbers(table, **labels)
    effort = 100.0 * (1.0 + province) * factor
    return {**table, "knowledge": (field - province + 0.1 * year) * factor, "effort": effort}


def ledger(provinces, span, r):
    """Return amounts 10 x (number of the flow + 1) + year in every province; the last is zero."""
    table = rows(span, r, flow=tuple(flow for _, _, flow in FLOWS), province=provinces)
    year, flow, _, factor = _numbers(
        table, flow=tuple(flow for _, _, flow in FLOWS), province=provinces
    )
    for k, name in enumerate(("payer", "receiver")):
        words = np.array([each[k] for each in FLOWS], dtype=object)
        table[name] = words[flow.astype(int)]
    paid = flow < len(FLOWS) - 1
    return {**table, "amount": np.where(paid, (10.0 * (flow + 1.0) + year) * factor, 0.0)}


YEARLY: dict[str, Callable[[tuple[str, ...], Span, int], Columns]] = {
    "funnel": funnel,
    "contracts": contracts,
    "ties": ties,
    "passports": passports,
    "knowledge": knowledge,
    "ledger": ledger,
}
"""What makes each of the tables by year."""


def nothing(*_):
    """Return NaN for every quarter; the last argument is the quarters."""
    return np.full(len(_[-1]), np.nan)


def zeros(*_):
    """Return zero for every quarter."""
    return np.zeros(len(_[-1]))
