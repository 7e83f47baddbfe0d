"""Cost of each phase of a quarter, in nanoseconds per organisation-quarter.

    python benchmarks/phases.py [--scales 0.02 0.1 1.0] [--quarters 80] [--repeat 1]
    python benchmarks/phases.py --organisations 10000 100000 1000000 [--quarters 8]
    python benchmarks/phases.py --scales 0.05 1.0 --quarters 8 --bytes

The first form runs ``baseline`` at some scales; the world of scale 1 has 150,000 firms and about
1,000 living generations, region and outside together. The second runs synthetic worlds of some
sizes at scale 1, in which organisations are equally rich. Prints, for every size, the median over
repetitions of the processor time of each phase, of the whole run and of the burn-in, and the peak
memory of the process; one core, a process of its own for each repetition. With ``--bytes`` all
memory is traced, and the last column has the largest memory that a phase takes for itself; the
tracing makes its times useless.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections import defaultdict

from clock import PHASES, TimedModel, peak_mib
from worlds import scenario_of, world_of
from ydsim.scenario.load import load_scenario

BURN_IN = 40


def make_model(size: float, quarters: int, synthetic: bool) -> TimedModel:
    """Return a model of a size: a scale of ``baseline``, or organisations of a synthetic world."""
    if synthetic:
        scenario = scenario_of(quarters, BURN_IN)
        return TimedModel(scenario, world=world_of(int(size)))
    end = 2011 + max(1, quarters // 4) - 1
    return TimedModel(load_scenario("baseline", {"scale": size, "end": end}))


def measure(size: float, quarters: int, synthetic: bool, trace: bool) -> dict[str, float]:
    """Run once; return seconds by phase, and of burn-in, run and peak memory in MiB."""
    if trace:
        tracemalloc.start()  # before the first array: a table that grows lets its old storage go
    begin = time.process_time()
    model = make_model(size, quarters, synthetic)
    burn_in = time.process_time() - begin
    model.reset()
    begin, units = time.process_time(), 0
    for _ in range(quarters):
        units += int(model.state.organisations.alive.sum())
        model.step()
    run = time.process_time() - begin
    return {
        **{name: model.spent[name] for name in PHASES},
        **{f"held{name}": model.held[name] for name in PHASES},
        "all": run,
        "burn-in": burn_in,
        "organisation-quarters": float(units),
        "peak MiB": peak_mib(),
        "generations": float(model.state.generations.live.sum()),
        "projects": float(len(model.state.projects)),
        "ties": float(len(model.state.ties)),
    }


def medians(size: float, flags: list[str], repeat: int) -> dict[str, float]:
    """Return the medians over repetitions, each of which runs in a process of its own."""
    runs: dict[str, list[float]] = defaultdict(list)
    command = [sys.executable, __file__, "--one", str(size), *flags]
    for _ in range(repeat):
        text = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        for line in text.splitlines():
            key, value = line.split("\t")
            runs[key].append(float(value))
    return {key: statistics.median(values) for key, values in runs.items()}


def show(size: float, quarters: int, repeat: int, found: dict[str, float]) -> None:
    """Print the table of one size."""
    units = found["organisation-quarters"]
    print(
        f"\nsize {size:g}: {units / quarters:,.0f} organisations, "
        f"{found['projects']:,.0f} projects, "
        f"{found['ties']:,.0f} ties, {found['generations']:,.0f} generations; "
        f"{quarters} quarters, median of {repeat}"
    )
    print(f"{'phase':<12}{'s':>9}{'ns/org-quarter':>17}{'bytes/org':>12}")
    for name in (*PHASES, "all"):
        cost, held = 1e9 * found[name] / units, found.get(f"held{name}", 0.0)
        shown = f"{held:>12,.0f}" if held else ""
        print(f"{name.removeprefix('_'):<12}{found[name]:>9.2f}{cost:>17.0f}{shown}")
    print(f"{'burn-in':<12}{found['burn-in']:>9.2f}")
    print(f"peak memory {found['peak MiB']:,.0f} MiB", flush=True)


def main() -> None:
    """Print one table a size, then how the cost of an organisation-quarter grows with size."""
    parser = argparse.ArgumentParser(description="Time the phases of a quarter.")
    parser.add_argument("--scales", type=float, nargs="+", default=[0.02, 0.1, 1.0])
    parser.add_argument("--organisations", type=int, nargs="+")
    parser.add_argument("--quarters", type=int)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--bytes", action="store_true", help="trace memory")
    parser.add_argument("--one", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--synthetic", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    synthetic = options.organisations is not None or options.synthetic
    quarters = options.quarters or (8 if synthetic else 80)
    if options.one is not None:
        for key, value in measure(options.one, quarters, synthetic, options.bytes).items():
            print(f"{key}\t{value!r}")
        return
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}")
    flags = ["--quarters", str(quarters)]
    flags += ["--synthetic"] * synthetic + ["--bytes"] * options.bytes
    costs = []
    for size in options.organisations or options.scales:
        found = medians(size, flags, options.repeat)
        show(size, quarters, options.repeat, found)
        costs.append(1e9 * found["all"] / found["organisation-quarters"])
    least = min(costs)
    print("\ncost of an organisation-quarter over the least: ", end="")
    print(", ".join(f"{cost / least:.2f}" for cost in costs))


if __name__ == "__main__":
    main()
