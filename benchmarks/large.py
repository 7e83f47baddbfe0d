"""A large world on one core: 300,000 organisations, 10^6 ties, 600,000 live projects.

    taskset -c 1 python benchmarks/large.py [--quarters 80] [--organisations 300000]
        [--ties 1000000] [--projects 600000] [--shared 0.05] [--keep]

The world is synthetic (4 provinces of 10 cities) at scale 1. A burn-in of default length without a
search for partners makes firms, generations and adoptions; then ties and projects are filled in by
hand and the quarters are timed, in seconds of the processor. The rules are left to themselves:
they shed ties faster than they make them, and what is alive is printed for the first and the last
quarter. With ``--keep`` the numbers are filled up again before every quarter, untimed. The claim is
80 quarters in 130 s and 4 GiB; fewer quarters are extrapolated.
"""

from __future__ import annotations

import argparse
import time

from clock import PHASES, TimedModel, peak_mib
from worlds import fill_projects, fill_ties, scenario_of, world_of

CLAIM_S, CLAIM_MIB, CLAIM_QUARTERS = 130.0, 4096.0, 80


def alive(model: TimedModel) -> str:
    """Return one line on what lives."""
    state = model.state
    return (
        f"{int(state.organisations.alive.sum()):,} organisations, {len(state.ties):,} ties, "
        f"{len(state.projects):,} projects ({state.projects.shared.mean():.1%} shared), "
        f"{int(state.generations.live.sum()):,} generations"
    )


def fill(model: TimedModel, options: argparse.Namespace) -> None:
    """Fill in ties and projects up to the numbers asked for."""
    quarter = model.state.quarter
    fill_ties(model.state, options.ties, seed=1_000 + quarter)
    fill_projects(model.state, options.projects, options.shared, seed=2_000 + quarter)


def main() -> None:
    """Build the world, run the quarters, print time by phase and memory."""
    parser = argparse.ArgumentParser(description="Time a large world.")
    parser.add_argument("--quarters", type=int, default=CLAIM_QUARTERS)
    parser.add_argument("--organisations", type=int, default=300_000)
    parser.add_argument("--ties", type=int, default=1_000_000)
    parser.add_argument("--projects", type=int, default=600_000)
    parser.add_argument("--shared", type=float, default=0.05, help="share of shared projects")
    parser.add_argument("--keep", action="store_true", help="fill up before every quarter")
    parser.add_argument("--burn-in", type=int, default=40)
    options = parser.parse_args()

    begin = time.process_time()
    scenario = scenario_of(options.quarters, options.burn_in)
    model = TimedModel(scenario, world=world_of(options.organisations))
    print(f"population and burn-in {time.process_time() - begin:.1f} s, {peak_mib():,.0f} MiB")
    print(f"natural:   {alive(model)}")
    fill(model, options)
    print(f"filled in: {alive(model)}", flush=True)

    model.reset()
    quarters = []
    for _ in range(options.quarters):
        if options.keep:
            fill(model, options)
        start = time.process_time()
        model.step()
        quarters.append(time.process_time() - start)
    run = sum(quarters)
    print(f"at the end: {alive(model)}")
    units = options.organisations * options.quarters
    print(f"\n{'phase':<12}{'s':>9}{'ms/quarter':>12}{'ns/org-quarter':>17}")
    for name in (*PHASES, "all"):
        spent = run if name == "all" else model.spent[name]
        per_quarter = 1e3 * spent / options.quarters
        label = name.removeprefix("_")
        print(f"{label:<12}{spent:>9.2f}{per_quarter:>12.1f}{1e9 * spent / units:>17.0f}")
    whole = run * CLAIM_QUARTERS / options.quarters
    print(f"slowest quarter {max(quarters):.2f} s, first {quarters[0]:.2f} s")
    print(
        f"{CLAIM_QUARTERS} quarters: {whole:.0f} s (claim {CLAIM_S:.0f}), "
        f"peak memory {peak_mib():,.0f} MiB (claim {CLAIM_MIB:,.0f})"
    )


if __name__ == "__main__":
    main()
