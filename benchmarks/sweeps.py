"""What a sweep costs beside its runs: two workers, overhead, many runs, Mesa's own runner.

Wall-clock seconds on a machine that does nothing else. Ratios are medians over interleaved pairs.

    python benchmarks/sweeps.py two          # two workers beside one, runs of some seconds
    python benchmarks/sweeps.py overhead     # a sweep beside the bare loop over its runs
    python benchmarks/sweeps.py mesa         # Mesa's batch_run beside the bare loop
    python benchmarks/sweeps.py many         # 100,000 runs: memory of the driver, time of a query
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import ydsim
from ydsim.results.results import open_results
from ydsim.run.replicate import default_model
from ydsim.scenario.schema.scenario import Scenario
from ydsim.world.loader import load_world

SHORT = {
    "end": 2011,
    "parameters.population.burn_in": 0,
}
"""The teaching scenario in its first year only, for more runs than patience."""

NOTHING = {"record": {"adoption_events": False, "cities": False, "ties": False, "agents": False}}
VARY = ("parameters.invest.intensity=0.01:0.05:5",)


def timed(call: Callable[[], object]) -> float:
    """Return the wall-clock seconds of a call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def into_new_folder(call: Callable[[Path], object]) -> float:
    """Return the seconds of a call that writes into a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return timed(lambda: call(Path(folder) / "out"))


def pairs(first: Callable[[], float], second: Callable[[], float], repeats: int) -> list[tuple]:
    """Return times of both, taken by turns."""
    found = []
    for k in range(repeats):
        a, b = (first(), second()) if k % 2 == 0 else (second(), first())[::-1]
        found.append((a, b))
        print(f"  {a:8.2f} s  {b:8.2f} s  ratio {a / b:.2f}", flush=True)
    return found


def two(arguments: argparse.Namespace) -> None:
    """One worker beside two on runs of `baseline` of some seconds each."""
    changes = {"scale": arguments.scale, "end": 2030}

    def sweep(jobs: int) -> float:
        return into_new_folder(
            lambda out: ydsim.sweep(
                "baseline", changes, vary=("policies.border_friction.passes=0.3,0.7",),
                replicates=arguments.replicates, jobs=jobs, engine="pool", out=out,
            )
        )  # fmt: skip

    runs = 2 * arguments.replicates
    print(f"{runs} runs of baseline, scale {arguments.scale}: one worker, two workers")
    found = pairs(lambda: sweep(1), lambda: sweep(2), arguments.repeats)
    ratio = statistics.median(a / b for a, b in found)
    print(f"a run takes {statistics.median(a for a, _ in found) / runs:.2f} s")
    print(f"median ratio {ratio:.2f}")


def bare(scenarios: list[Scenario], replicates: int) -> None:
    """Run without keeping anything."""
    for replicate in range(replicates):
        for scenario in scenarios:
            model = default_model(scenario, replicate=replicate, world=load_world(scenario.world))
            for _ in range(scenario.quarters):
                model.step()
            model.recorder.tables()


def points() -> list[Scenario]:
    """Return the scenarios of the five points."""
    values = (0.01, 0.02, 0.03, 0.04, 0.05)
    return [
        ydsim.load_scenario("ten_firms", {**SHORT, **NOTHING, "parameters.invest.intensity": v})
        for v in values
    ]


def overhead(arguments: argparse.Namespace) -> None:
    """A sweep beside the bare loop over the same runs, both in this process."""
    runs = 5 * arguments.replicates
    scenarios = points()
    print(f"{runs} runs of ten_firms in its first year: the sweep, the bare loop")
    found = pairs(
        lambda: into_new_folder(
            lambda out: ydsim.sweep(
                "ten_firms", SHORT, vary=VARY, replicates=arguments.replicates, out=out
            )
        ),
        lambda: timed(lambda: bare(scenarios, arguments.replicates)),
        arguments.repeats,
    )
    cost = statistics.median((a - b) / runs for a, b in found)
    print(f"a bare run takes {1e3 * statistics.median(b / runs for _, b in found):.1f} ms")
    print(f"median overhead of the sweep {1e3 * cost:.2f} ms a run")


def mesa(arguments: argparse.Namespace) -> None:
    """Mesa's ``batch_run`` beside the bare loop over the same runs, both in this process."""
    from mesa import batch_run

    runs = 5 * arguments.replicates
    scenarios = points()

    def batch() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            batch_run(
                ydsim.Model,
                parameters={"scenario": scenarios, "rng": list(range(arguments.replicates))},
                iterations=1,
                max_steps=4,
                data_collection_period=-1,
                display_progress=False,
            )

    print(f"{runs} runs of ten_firms in its first year: Mesa's batch_run, the bare loop")
    found = pairs(
        lambda: timed(batch),
        lambda: timed(lambda: bare(scenarios, arguments.replicates)),
        arguments.repeats,
    )
    cost = statistics.median((a - b) / runs for a, b in found)
    print(f"median overhead of batch_run {1e3 * cost:.2f} ms a run; it keeps results in memory")


def many(arguments: argparse.Namespace) -> None:
    """So many runs on two workers: memory of the driver, and time of an aggregate."""
    replicates = arguments.runs // 100
    out = Path(arguments.out)
    vary = ("parameters.invest.intensity=0.01:0.05:100",)
    seconds = timed(
        lambda: ydsim.sweep(
            "ten_firms", SHORT, vary=vary, replicates=replicates, jobs=2, out=out,
            progress=_say(), max_runs=arguments.runs,
        )
    )  # fmt: skip
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    runs = 100 * replicates
    print(f"{runs:,} runs in {seconds:.0f} s ({1e3 * seconds / runs:.2f} ms a run)")
    print(f"peak memory of the driver {peak:.0f} MiB")
    size = sum(path.stat().st_size for path in out.rglob("*.parquet"))
    print(f"{size / 2**20:.0f} MiB in {sum(1 for _ in out.rglob('*'))} files and folders")
    results = open_results(out)
    seconds = timed(
        lambda: results.cube(["rd_expenditure"]).groupby(["place", "year"]).agg(["mean", "std"])
    )
    print(f"mean and deviation of an indicator over all series {seconds:.2f} s")


def _say() -> Callable[[object], None]:
    last = [time.monotonic()]
    start = last[0]

    def report(now: object) -> None:
        if time.monotonic() - last[0] > 60.0:
            last[0] = time.monotonic()
            print(f"  {now.describe(last[0] - start)}", flush=True)  # type: ignore[attr-defined]

    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    verbs = parser.add_subparsers(required=True)
    defaults = {
        two: {"scale": 0.02, "replicates": 6, "repeats": 3},
        overhead: {"replicates": 100, "repeats": 5},
        mesa: {"replicates": 100, "repeats": 5},
        many: {"runs": 100_000, "out": os.path.join(tempfile.gettempdir(), "ydsim-many")},
    }
    for verb, options in defaults.items():
        sub = verbs.add_parser(verb.__name__, help=verb.__doc__)
        sub.set_defaults(call=verb)
        for name, value in options.items():
            sub.add_argument(f"--{name}", type=type(value), default=value)
    arguments = parser.parse_args()
    arguments.call(arguments)


if __name__ == "__main__":
    main()
