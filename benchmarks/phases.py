"""Cost of each phase of a quarter, in nanoseconds per organisation-quarter.

    python benchmarks/phases.py [--scales 0.02 0.1 1.0] [--quarters 80] [--repeat 1]

Runs ``baseline`` on one core and prints, for every scale, the median over repetitions of the time
of each phase, of the whole run and of the burn-in, and the peak memory of the process. The world
of scale 1 has 150,000 firms and about 1,000 living generations, region and outside together.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections import defaultdict

PHASES = (
    "_enact", "_fund", "_move_talent", "_invest", "_explore", "_match", "_learn", "_advance", "_found", "_cover", "_adopt", "_compete",
    "_renew", "_record",
)  # fmt: skip


def measure(scale: float, quarters: int) -> dict[str, float]:
    """Run once; return seconds by phase, and of burn-in, run and peak memory in MiB."""
    from ydsim.model import Model
    from ydsim.scenario.load import load_scenario

    end = 2011 + quarters // 4 - 1
    scenario = load_scenario("baseline", {"scale": scale, "end": end})
    spent: dict[str, float] = defaultdict(float)

    class Timed(Model):
        pass

    for name in PHASES:

        def timed(self: Model, _call: object = getattr(Model, name), _name: str = name) -> None:
            begin = time.perf_counter()
            _call(self)  # type: ignore[operator]
            spent[_name] += time.perf_counter() - begin

        setattr(Timed, name, timed)
    begin = time.perf_counter()
    model = Timed(scenario)
    burn_in = time.perf_counter() - begin
    spent.clear()
    begin = time.perf_counter()
    organisations, alive = 0, []
    while model.running:
        alive.append(int(model.state.organisations.alive.sum()))
        model.step()
    organisations = sum(alive)
    run = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    live = float(model.state.generations.live.sum())
    return {
        **{name: spent[name] for name in PHASES},
        "run": run, "burn-in": burn_in, "organisation-quarters": float(organisations),
        "peak MiB": peak, "living generations": live,
    }  # fmt: skip


def main() -> None:
    """Print one table a scale; each repetition runs in a process of its own."""
    parser = argparse.ArgumentParser(description="Time the phases of a quarter.")
    parser.add_argument("--scales", type=float, nargs="+", default=[0.02, 0.1, 1.0])
    parser.add_argument("--quarters", type=int, default=80)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        for key, value in measure(options.scales[0], options.quarters).items():
            print(f"{key}\t{value!r}")
        return
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}")
    for scale in options.scales:
        runs: dict[str, list[float]] = defaultdict(list)
        for _ in range(options.repeat):
            command = [
                sys.executable, __file__, "--one", "--scales", str(scale), "--quarters",
                str(options.quarters),
            ]  # fmt: skip
            text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            for line in text.splitlines():
                key, value = line.split("\t")
                runs[key].append(float(value))
        median = {key: statistics.median(values) for key, values in runs.items()}
        units = median["organisation-quarters"]
        print(
            f"\nscale {scale:g}: {units / options.quarters:,.0f} organisations, "
            f"{median['living generations']:.0f} living generations, "
            f"{options.quarters} quarters, median of {options.repeat}"
        )
        print(f"{'phase':<12}{'s':>9}{'ns/org-quarter':>17}")
        for name in PHASES:
            print(f"{name[1:]:<12}{median[name]:>9.2f}{1e9 * median[name] / units:>17.0f}")
        print(f"{'all':<12}{median['run']:>9.2f}{1e9 * median['run'] / units:>17.0f}")
        print(f"{'burn-in':<12}{median['burn-in']:>9.2f}")
        print(f"peak memory {median['peak MiB']:.0f} MiB")


if __name__ == "__main__":
    main()
