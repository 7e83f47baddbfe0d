"""Runs behind the table of signs, and what they gave by replicate.

    python -m tests.support.sign_runs --accept      # every run anew, some 30 minutes of one core

Paired runs of `baseline_2018` without the lever and with it from the first quarter on. What they
gave is kept, as golden runs are: `tests/policies/test_signs.py` makes some of them again.
"""

import argparse
import csv
import json
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context

import numpy as np

from tests.support.small import burnt
from tests.support.worlds import packaged
from tools.signs import HOME, ROWS, SEEN
from ydsim import Model, load_scenario
from ydsim.policies.base import CORRIDORS
from ydsim.typing import Floats

SCENARIO = "baseline_2018"
NEAR_KM = 250.0
LEAN = {f"record.{name}": False for name in ("adoption_events", "cities", "ties", "agents")}
"""What no outcome reads."""


@dataclass(frozen=True)
class Seen:
    """A finished run, with (2, C + 1, C + 1) links by channel, realised and expected."""

    model: Model
    sums: dict[str, Floats]

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
        return float(self.sums[channel][1, :-1, :-1][pairs].sum())

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
def outcomes(changes, size, replicate):
    """Outcomes of one run of a setting, given as JSON so that a run is made once."""
    keys = {"scale": size.scale, "end": size.end, **LEAN, **json.loads(changes)}
    settings = load_scenario(SCENARIO, keys)
    model, sums = burnt(settings, packaged(settings.world), replicate), {}
    while model.running:
        model.step()
        for channel, links in model.state.tally.links.items():
            sums[channel] = sums.get(channel, 0.0) + links
    seen = Seen(model, sums)
    return {name: outcome(seen) for name, outcome in OUTCOMES.items()}


def pair(row, replicate):
    """Outcome of a row without the lever and with it, of one replicate."""
    off, on = (
        outcomes(json.dumps(changes, sort_keys=True), row.size, replicate)[row.outcome]
        for changes in (row.beside, row.beside | row.changes)
    )
    return off, on


def _pairs(size, replicate):
    """All pairs of one size and replicate; what they share is run once."""
    return [(row.name, replicate, *pair(row, replicate)) for row in ROWS if row.size == size]


def accept(jobs=2):
    """Make every run and write what they gave."""
    sizes = sorted({row.size for row in ROWS}, key=lambda size: -size.scale)
    tasks = [(size, replicate) for size in sizes for replicate in range(size.replicates)]
    found: dict[tuple[str, int], tuple[float, float]] = {}
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        waited = [pool.submit(_pairs, *task) for task in tasks]
        for done, future in enumerate(as_completed(waited), start=1):
            found |= {(name, replicate): values for name, replicate, *values in future.result()}
            print(f"{done} of {len(tasks)}", file=sys.stderr, flush=True)
    with SEEN.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["row", "replicate", "without", "with"])
        for row in ROWS:
            for replicate in range(row.size.replicates):
                writer.writerow([row.name, replicate, *map(repr, found[row.name, replicate])])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Runs behind the table of signs.")
    parser.add_argument("--accept", action="store_true", required=True)
    parser.add_argument("--jobs", type=int, default=2)
    accept(parser.parse_args().jobs)
