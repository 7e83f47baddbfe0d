"""What all policies together cost, over a quarter without any.

    PYTHONPATH=. python benchmarks/policies.py [--scale 1] [--quarters 8]

Two models of ``baseline_2018`` live the same quarters in turn, one as it is and one with every
lever at the strong end of its range besides, from the first quarter on; the first quarters are the
ones in which both still have nearly the same projects and ties. Prints the processor time of each
phase, medians over quarters, and their ratios; one core.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import defaultdict

from clock import PHASES, TimedModel
from tools.lever_effects import BASELINE, LEVERS, START
from ydsim.scenario.load import load_scenario


def models(scale: float, quarters: int) -> tuple[TimedModel, TimedModel]:
    """Return a model without levers and one with all of them."""
    keys = {"scale": scale, "end": 2011 + max(1, (quarters + 3) // 4) - 1}
    all_on = {key: value for lever in LEVERS for key, value in lever.changes}
    early = {key: 2011.0 if value == float(START) and key.endswith("start") else value
             for key, value in all_on.items()}  # fmt: skip
    plain = TimedModel(load_scenario(BASELINE, keys))
    return plain, TimedModel(load_scenario(BASELINE, {**keys, **early}))


def main() -> None:
    """Time both and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--quarters", type=int, default=8)
    options = parser.parse_args()
    pair = models(options.scale, options.quarters)
    phases: list[dict[str, list[float]]] = [defaultdict(list), defaultdict(list)]
    for _ in range(options.quarters):
        for model, spent in zip(pair, phases, strict=True):
            model.reset()
            begin = time.process_time()
            model.step()
            spent["quarter"].append(time.process_time() - begin)
            for name in PHASES:
                spent[name].append(model.spent[name])
    print(f"scale {options.scale:g}, {options.quarters} quarters, medians in ms\n")
    print("| phase | without | with all levers | ratio |")
    print("| --- | --- | --- | --- |")
    for name in (*PHASES, "quarter"):
        plain, every = (1000.0 * statistics.median(spent[name]) for spent in phases)
        ratio = every / plain if plain > 0.0 else float("nan")
        print(f"| {name} | {plain:.2f} | {every:.2f} | {ratio:.3f} |")
    paired = [b / a for a, b in zip(phases[0]["quarter"], phases[1]["quarter"], strict=True)]
    print(f"\nmedian of paired ratios of a quarter: {statistics.median(paired):.3f}")
    projects = [len(model.state.projects) for model in pair]
    print(f"projects at the end: {projects[0]:,} and {projects[1]:,}")


if __name__ == "__main__":
    main()
