"""Time and memory of `Results.cube` on a fabricated sweep; nothing is simulated.

    python benchmarks/cube.py FOLDER [--runs 100000] [--years 20] [--more 8]

Writes a sweep of so many runs (one point each, one replicate) into FOLDER, unless it is there, with
quarterly series of five regions and city series of 41 cities and one indicator that is read beside
``--more`` others that are not, then reads it in processes of their own: one indicator by province,
and means over five years of the 45 places (provinces and cities).
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

READ = "launches"
CASES = {
    "one indicator by province": {"by": "province"},
    "five-year means by province": {"by": "province", "reduce": "mean", "years": [2014, 2018]},
    "five-year means by city": {"by": "city", "reduce": "mean", "years": [2014, 2018]},
}


def fabricate(folder: Path, runs: int, years: int, more: int) -> None:
    """Write the sweep."""
    from ydsim.design.load import sweep_of
    from ydsim.record.indicators import RECORDED
    from ydsim.run.replicate import Injected
    from ydsim.run.sweep import prepare
    from ydsim.store import contents as store_contents
    from ydsim.store.layout import Store
    from ydsim.store.points import Plan
    from ydsim.world.loader import load_world

    world = load_world("yrd")
    sweep = sweep_of(
        {
            "name": folder.name,
            "base": "baseline",
            "set": {"end": 2010 + years},
            "design": {
                "kind": "latin_hypercube",
                "n": runs,
                "seed": 1,
                "factors": {"parameters.learn.rate": {"from": 0.05, "to": 0.2}},
            },
            "replicates": 1,
            "record": {"series": 1, "cities": 1, "tables": []},
        }
    )
    contents = prepare(sweep, 1, Injected())
    plan = contents.plan  # in parts of a thousand runs, as a finished sweep is
    parts = tuple(at // 1000 for at in range(len(plan)))
    contents = replace(contents, plan=Plan(plan.hashes, plan.replicates, parts))
    store = Store(folder)
    folder.mkdir(parents=True)
    names = [READ, *(name for name in RECORDED if name != READ)][: 1 + more]
    receipts = {}
    rng = np.random.default_rng(1)
    for number, rows in contents.plan.bounds.items():
        own = contents.plan.runs[rows]
        tables = {
            "series": _series(own, "region", (*world.provinces, "yrd"), years, names, rng),
            "city_series": _series(own, "city", world.city_names, years, names, rng),
            "runs": {
                "run": np.array(own, dtype=object),
                "replicate": np.zeros(len(own), dtype=np.int64),
                "seed": np.zeros(len(own), dtype=np.int64),
                "quarters": np.full(len(own), 4 * years),
                "numeric_warnings": np.zeros(len(own), dtype=np.int64),
            },
        }
        home = np.array(world.provinces, dtype=object)[world.city_province]
        tables["city_series"]["province"] = np.tile(np.repeat(home, 4 * years), len(own))
        content = {"done": len(own), "failed": [], "missing": [], "notes": []}
        receipts[number] = store.write_part(
            number, contents.plan.identities[number], tables, content
        )
    made = store_contents.made("2020-01-01T00:00:00Z", 1.0, [])
    state = store_contents.state_of(receipts, made, complete=True)
    official = {
        "region": np.array([], dtype=object),
        "year": np.array([], dtype=np.int64),
        "indicator": np.array([], dtype=object),
        "value": np.array([], dtype=np.float64),
        "unit": np.array([], dtype=object),
    }
    store_contents.write(store, contents, official, state)


def _series(
    runs: tuple[str, ...],
    place: str,
    places: tuple[str, ...],
    years: int,
    names: list[str],
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    quarters = 4 * years
    size = len(runs) * len(places) * quarters
    t = np.arange(quarters)
    return {
        "run": np.repeat(np.array(runs, dtype=object), len(places) * quarters),
        place: np.tile(np.repeat(np.array(places, dtype=object), quarters), len(runs)),
        "year": np.tile(2011 + t // 4, len(runs) * len(places)),
        "quarter": np.tile(1 + t % 4, len(runs) * len(places)),
        **{name: rng.integers(0, 1000, size).astype(np.float64) for name in names},
    }


def read(folder: Path, case: str) -> None:
    """Read one case and print what it took."""
    import ydsim

    results = ydsim.open_results(folder)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin, own = time.perf_counter(), time.process_time()
    found = results.cube([READ], **CASES[case])
    seconds, own = time.perf_counter() - begin, time.process_time() - own
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{case}: {len(found):,} rows, {seconds:.1f} s ({own:.1f} s of processor time), "
          f"{most / 2**20:.2f} GiB at most "
          f"({before / 2**20:.2f} GiB before)")  # fmt: skip


def main() -> None:
    """Fabricate the sweep where it is not there, and read it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--years", type=int, default=20)
    parser.add_argument("--more", type=int, default=8)
    parser.add_argument("--case", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.case:
        read(given.folder, json.loads(given.case))
        return
    if not given.folder.exists():
        begin = time.perf_counter()
        fabricate(given.folder, given.runs, given.years, given.more)
        print(f"fabricated in {time.perf_counter() - begin:.0f} s")
    for case in CASES:
        subprocess.run(
            [sys.executable, __file__, str(given.folder), "--case", json.dumps(case)], check=True
        )


if __name__ == "__main__":
    main()
