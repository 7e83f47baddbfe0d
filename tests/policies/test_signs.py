"""The sign of what each lever does, where studies agree on one, and both where they do not.

Paired runs of `baseline_2018` without the lever and with it from the first quarter on; the table is
`tests/support/signs.py`.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tests.support.signs import LITTLE, MODULES, NONE, ROWS, SOURCES, VERDICTS, Row, Size, page
from tests.support.small import burnt
from tests.support.worlds import packaged
from ydsim import Model, load_scenario
from ydsim.analysis.paired import LEAN, Sums
from ydsim.measures.effects import Interval, relative
from ydsim.policies.base import CORRIDORS
from ydsim.policies.library import shipped
from ydsim.scenario.schema.key_index import scenario_keys

PAGE = Path(__file__).parents[2] / "docs" / "signs.md"
SCENARIO = "baseline_2018"
NEAR_KM = 250.0
RATES = {("super_deduction", "before"), ("super_deduction", "deduction")}
"""Settings that are the lowest and highest in force so far, and not ends of a range."""


# -- what a run shows ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """A finished run."""

    model: Model
    sums: Sums

    def total(self, name, cities=None):
        """Sum over all quarters, of the region or of some of its cities."""
        if cities is None:
            return float(self.model.recorder.series(name).sum())
        return float(self.model.recorder.series(name, "city")[:, cities].sum())

    def last(self, name, province=None):
        """Sum over the last year, of the region or of a province."""
        if province is None:
            return float(self.model.recorder.series(name)[-4:].sum())
        at = self.model.world.provinces.index(province)
        return float(self.model.recorder.series(name, "province")[-4:, at].sum())

    def links(self, channel, pairs):
        """Expected links between the pairs of cities for which ``pairs`` (C, C) is true."""
        return float(self.sums.links[channel][1, :-1, :-1][pairs].sum())

    @property
    def across(self):
        of = self.model.world.city_province
        return of[:, None] != of[None, :]

    def within(self, low, high):
        """Pairs of different cities more than ``low`` and at most ``high`` km apart."""
        km = self.model.world.distance_km
        return (km > low) & (km <= high) & ~np.eye(len(km), dtype=bool)

    def named(self, cities):
        return np.isin(self.model.world.city_names, cities)

    def corridor(self):
        member = self.named(CORRIDORS["g60"])
        return member[:, None] & member[None, :] & ~np.eye(len(member), dtype=bool)


def productivity(run):
    return float(np.exp(run.model.recorder.series("productivity_log")[-4:].mean()))


HOME = ("Shanghai", "Nanjing", "Hangzhou", "Hefei")
"""The cities that poach, and the core from which the fringe is told."""

OUTCOMES: dict[str, Callable[[Seen], float]] = {
    "R&D of firms": lambda run: run.total("rd_funds_enterprise"),
    "reported R&D of firms, last year": lambda run: (
        run.last("rd_funds_enterprise") + run.last("relabelled_rd")
    ),
    "inventions": lambda run: run.total("inventions"),
    "patent applications": lambda run: run.total("invention_patent_applications"),
    "papers": lambda run: run.total("sci_papers"),
    "productivity, last year": productivity,
    "co-inventions between provinces, expected": lambda run: run.links(
        "co_invention", run.across
    ),
    "co-inventions between cities, expected": lambda run: run.links(
        "co_invention", run.within(0.0, np.inf)
    ),
    "co-inventions within 250 km, expected": lambda run: run.links(
        "co_invention", run.within(0.0, NEAR_KM)
    ),
    "co-inventions beyond 250 km, expected": lambda run: run.links(
        "co_invention", run.within(NEAR_KM, np.inf)
    ),
    "contracts between cities of the corridor, expected": lambda run: run.links(
        "contract", run.corridor()
    ),
    "inventions in the corridor": lambda run: run.total(
        "inventions", run.named(CORRIDORS["g60"])
    ),
    "new firms in the corridor": lambda run: run.total("entries", run.named(CORRIDORS["g60"])),
    "value bought from science": lambda run: run.total("contract_value_from_science"),
    "contract value": lambda run: run.total("contract_value_true"),
    "licences of universities": lambda run: run.total("university_licences"),
    "inventions of the four cities": lambda run: run.total("inventions", run.named(HOME)),
    "inventions of all other cities": lambda run: run.total("inventions", ~run.named(HOME)),
    "value added of Anhui, last year": lambda run: run.last("value_added_secondary", "Anhui"),
}  # fmt: skip


@cache
def outcomes(changes: str, size: Size) -> dict[str, np.ndarray]:
    """Outcomes by replicate of a setting, given as JSON so that runs are made once."""
    found = []
    for replicate in range(size.replicates):
        keys = {"scale": size.scale, "end": size.end, **LEAN, **json.loads(changes)}
        settings = load_scenario(SCENARIO, keys)
        model, sums = burnt(settings, packaged(settings.world), replicate), Sums()
        while model.running:
            model.step()
            sums.add(model)
        seen = Seen(model, sums)
        found.append({name: outcome(seen) for name, outcome in OUTCOMES.items()})
    return {name: np.array([values[name] for values in found]) for name in OUTCOMES}


def measured(row: Row) -> Interval:
    """Change of the outcome by the lever in per cent of its mean without."""
    off, on = (
        outcomes(json.dumps(changes, sort_keys=True), row.size)
        for changes in (row.beside, row.beside | row.changes)
    )
    return relative(off[row.outcome], on[row.outcome]).times(100.0)


def shows(row: Row, gap: Interval) -> bool:
    """Whether the whole interval is where the studies see the effect."""
    if row.expected == "up":
        return gap.low > 0.0
    if row.expected == "down":
        return gap.high < 0.0
    return -LITTLE < gap.low <= gap.high < LITTLE


# -- what the table says ---------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("row", [pytest.param(r, id=r.name.replace(" ", "_")) for r in ROWS])
def test_the_published_sign_shows_unless_it_is_a_known_miss(row):
    """The estimate lies in the interval of the page, and the sign shows where the page says so.

    A miss that shows is a surprise as well.
    """
    gap = measured(row)
    low, high = row.seen
    assert low <= gap.gap <= high, gap
    assert 0.5 < (gap.high - gap.low) / (high - low) < 2.0, gap
    assert shows(row, Interval((low + high) / 2.0, low, high)) is not bool(row.miss)
    assert shows(row, gap) is not bool(row.miss), gap


def test_every_lever_has_a_verdict_and_rows_that_go_with_it():
    assert set(VERDICTS) == set(shipped())
    for policy, verdict in VERDICTS.items():
        rows = [row for row in ROWS if row.policy == policy]
        assert bool(rows) is (verdict != NONE), policy
        if verdict.startswith("contested"):
            both = {(row.outcome, row.expected) for row in rows}
            assert any({(name, "up"), (name, "down")} <= both for name in OUTCOMES), policy
            assert any(not row.miss for row in rows), policy
    assert set(MODULES) == {policy for policy, verdict in VERDICTS.items() if verdict == NONE}
    assert all((Path(__file__).parent / name).exists() for name in MODULES.values())


def test_rows_are_told_apart_and_cite_what_is_listed():
    assert len({row.name for row in ROWS}) == len(ROWS)
    cited = {source for row in ROWS for source in row.sources.split(", ")}
    assert cited == set(SOURCES)
    for policy, verdict in VERDICTS.items():
        used = {s for row in ROWS if row.policy == policy for s in row.sources.split(", ")}
        assert used == set(re.findall(r"\bc\d+\b|\b\d\.\d\b", verdict)), policy


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_numbers_stand_at_the_strong_end_of_their_range(row):
    bounds = {key.path[-1]: key.bounds for key in scenario_keys() if key.path[1:2] == (row.policy,)}
    for name, value in row.settings.items():
        if isinstance(value, float | int):
            ends = (bounds[name].low, bounds[name].high)
            assert value in ends or (row.policy, name) in RATES, name


def test_the_page_is_made_from_the_table():
    made = "renew with: python -m tests.support.signs > docs/signs.md"
    assert PAGE.read_text(encoding="utf-8") == page(), made
