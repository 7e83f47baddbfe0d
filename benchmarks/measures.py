"""Seconds of all yearly measures at the size of a whole region, and the share of recording.

    python benchmarks/measures.py [--repeat 3]
    python benchmarks/measures.py --recording 0.05 1.0

Made-up arrays: 41 places in four provinces, 800 technologies with 2 million adoptions, 80 quarters.
Prints the median of each measure and of all together; what a year costs.

The second form runs ``baseline`` to 2020 at some scales and prints which part of the processor time
of its quarters (without burn-in) goes into the phase that records, into the recorded measures of a
year alone, and into the tables at the end.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from clock import TimedModel
from ydsim.measures import designs, diffusion, places
from ydsim.record import measures as of_years
from ydsim.record import yearly
from ydsim.scenario.load import load_scenario

PLACES, PROVINCES, TECHNOLOGIES, YEARS, QUARTERS = 41, 4, 800, 20, 80
REPLICATES, BOOTSTRAPS = 20, 2_000


def measures() -> dict[str, Callable[[], Any]]:
    """Return what to time, by name."""
    rng = np.random.default_rng(1)
    province = np.arange(PLACES) % PROVINCES
    value = rng.lognormal(0.0, 1.0, PLACES)
    panel = np.exp(rng.normal(0.03, 0.05, (PLACES, YEARS)).cumsum(axis=1))
    upper = np.triu(rng.exponential(1.0, (PLACES, PLACES)) * (rng.random((PLACES, 1)) < 0.6), 1)
    weights = upper + upper.T
    scores = rng.random((PLACES, 2))
    sizes = rng.exponential(1.0, (10, 6))
    quarters = np.arange(QUARTERS) / 4.0
    curves = rng.exponential(1.0, (TECHNOLOGIES, QUARTERS)).cumsum(axis=1)
    error = designs.CellError.of(10.0 + rng.random((8, REPLICATES)))
    picks = rng.integers(0, 8 * REPLICATES, (BOOTSTRAPS, 8, REPLICATES))
    draws = rng.random((BOOTSTRAPS, REPLICATES))

    def networks() -> None:
        net = places.Network(weights)
        for name, measure in vars(places.Network).items():
            if isinstance(measure, property | cached_property):
                getattr(net, name)
        net.modularity(province, PROVINCES)
        net.e_i_index(province, PROVINCES)

    def spread() -> None:
        places.theil(value, province, PROVINCES)
        places.dagum(value, province, PROVINCES)
        places.coefficient_of_variation(value)

    def convergences() -> None:
        for group, number in ((None, 1), (province, PROVINCES)):
            places.sigma(panel[:, 0], group, number)
            places.beta(panel[:, 0], panel[:, -1], YEARS, group, number)

    def times() -> None:
        for curve in curves:
            diffusion.half_time(quarters, curve)

    def index() -> None:
        flows, base = (dict(zip(of_years.FLOWS, s.T, strict=True)) for s in (sizes[:5], sizes[5:]))
        of_years.indices(flows, base)

    def together() -> None:
        error.bootstrap_ratio(*np.eye(8)[:2], draws, picks)
        designs.shapley(rng.random((64, REPLICATES)))

    return {
        "coupling coordination, 41 places": lambda: of_years.degrees(scores),
        "inequality, 41 places": spread,
        "convergence, 41 places": convergences,
        "network of 41 places": networks,
        "times of 800 technologies": times,
        "resonance, 2,000 resamples": together,
        "collaboration index, 5 places": index,
    }


def recording(scale: float) -> dict[str, float]:
    """Return seconds of the quarters of ``baseline``, and of what of them is recording."""
    model = TimedModel(load_scenario("baseline", {"scale": scale, "end": 2020}))
    spent = {"measures of a year": 0.0}
    year = model.recorder._measures

    def timed(call: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any) -> Any:
            begin = time.process_time()
            found = call(*args)
            spent["measures of a year"] += time.process_time() - begin
            return found

        return run

    year.add, year.close = timed(year.add), timed(year.close)  # type: ignore[method-assign]
    supply, yearly.supply = yearly.supply, timed(yearly.supply)
    model.reset()
    begin = time.process_time()
    try:
        while model.running:
            model.step()
    finally:
        yearly.supply = supply
    whole = time.process_time() - begin
    begin = time.process_time()
    model.recorder.tables()
    tables = time.process_time() - begin
    return {"quarters": whole, "recording": model.spent["_record"], **spent, "tables": tables}


def main() -> None:
    """Time all measures and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--recording", type=float, nargs="+", metavar="SCALE")
    options = parser.parse_args()
    if options.recording:
        print("| scale | quarters, s | recording | measures of a year | tables at the end |")
        print("| --- | --- | --- | --- | --- |")
        for scale in options.recording:
            found = recording(scale)
            whole = found.pop("quarters")
            shares = " | ".join(f"{100.0 * value / whole:.1f} %" for value in found.values())
            print(f"| {scale:g} | {whole:.1f} | {shares} |")
        return
    total = 0.0
    print("| measure | seconds |\n| --- | --- |")
    for name, run in measures().items():
        spent = []
        for _ in range(options.repeat):
            start = time.process_time()
            run()
            spent.append(time.process_time() - start)
        total += statistics.median(spent)
        print(f"| {name} | {statistics.median(spent):.3f} |")
    print(f"| all | {total:.2f} |")


if __name__ == "__main__":
    main()
