"""Fits of what is stored in the package, under the parameters of ``baseline``.

    python -m tools.fit_defaults base_run [--replicates 5] [--passes 4] [--jobs 1] [--write]
    python -m tools.fit_defaults measures [--replicates 160] [--write]
    python -m tools.fit_defaults contracts [--replicates 5] [--scale .05] [--rounds 2]

The base run: see `ydsim.studies.fit`. The scale of the measures: of coupling from official figures
and from the share of innovative sales, of flows across province borders; the last two are means of
2011 over replicates. Each of these files carries a hash of everything that it was made
under; a test fails when it is stale.

Contracts: value and number are fitted to official figures, and the values that are found are set by
hand as defaults of ``contracts``. Contracts that the region sells in year y are those of projects
and those of the market:

    value_y  = contracts.price X_y + contracts.market M_y
    number_y = contracts.pieces D_y + L_y / contracts.size

X, M, D and L are means over replicates of ``baseline`` per unit of the parameter. Official figures
know registered contracts alone, of which they are to be the part `REGISTERED`: the mean over
`YEARS` of log simulated over official is made minus its log for value and for number, with given
parts of science in both, `SCIENCE_VALUE` by value and `SCIENCE_NUMBER` by number. Of the numbers
of projects science has the part that it has of their value (assumed). Projects, and so X to L,
answer a little to prices, so that the fit is repeated from the values found. Values by province,
those between provinces, and growth are not fitted.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np
from scipy.stats import entropy

from tools.sense import yearly
from ydsim.engines import engine_of
from ydsim.model import Model
from ydsim.processes.contract import contracts_in
from ydsim.record.indicators import INDICATORS
from ydsim.record.measures import (
    BASE_YEAR,
    FLOWS,
    LAST_OFFICIAL,
    MADE,
    NEW,
    PER_RESIDENT,
    SIZES,
    SYSTEMS,
    MeasureBase,
    cross_flows,
    measure_file,
    official_panel,
    per_size,
)
from ydsim.record.yearly import supply
from ydsim.run.progress import show_progress
from ydsim.scenario.load import load_scenario
from ydsim.store.files import write_atomic
from ydsim.store.tables import round_significant
from ydsim.studies.fit import PASSES, dump, fingerprint, fit_base_run
from ydsim.typing import Floats
from ydsim.world.base_run import FILE, BaseRun
from ydsim.world.inputs import factors
from ydsim.world.loader import load_world
from ydsim.world.world import World

SCENARIO = "baseline"
REFERENCE_YEAR = 2012
"""First year with official sales of new products."""

YEARS = (2012, 2015, 2018, 2019, 2020)
VALUE, NUMBER = "tech_market_contract_value_output", "tech_market_contracts_output"
REGISTERED = 0.6
"""Assumed: which part of technology contracts is registered is printed nowhere."""
SCIENCE_VALUE = 0.2
"""Assumed, above the 14 % (2013) and 11 % (first half of 2020) that all others than firms sell in
China, since Shanghai sells more than the R&D of its firms lets expect."""
SCIENCE_NUMBER = 0.27
"""Universities and institutes, China, first half of 2020: 36,806 of 136,434 contracts
(`contracts_structure.csv`)."""
NO_INFORMATION = 1e-12
"""Divergence 1 - e below which an indicator is the same everywhere."""

KEYS = ("price", "market", "pieces", "size")

Fit = Callable[[argparse.Namespace], None]


# -- the base run ----------------------------------------------------------------------------------


def base_run(options: argparse.Namespace) -> None:
    """Fit the base run, print what each pass gave, and store it with ``--write``."""
    scenario = load_scenario(SCENARIO)
    world = load_world(scenario.world)

    def say(number: int, base: BaseRun) -> None:
        assert base.market_shift is not None
        print(f"pass {number}: largest |v| {np.abs(base.market_shift).max():.3f}", flush=True)

    with show_progress(quiet=False) as progress:
        base = fit_base_run(
            scenario,
            world,
            replicates=options.replicates,
            passes=options.passes,
            engine=engine_of(None, options.jobs),
            report=progress.report,
            after_pass=say,
        )
    if options.write:
        write_atomic(Path(str(base_run_file(world.name))), dump(base).encode())


def base_run_file(world_name: str) -> Traversable:
    """Return where the base run of a packaged world is stored."""
    return resources.files("ydsim.world").joinpath("data", world_name, FILE)


# -- the scale of the measures ---------------------------------------------------------------------


def measures(options: argparse.Namespace) -> None:
    """Fit the scale of the measures, print it, and store it with ``--write``."""
    scenario, world = load_scenario(SCENARIO), load_world("yrd")
    flows, share = fit_flows(options.replicates)
    best, weight, constant = fit_coupling(world, share)
    found = MeasureBase(
        parameters=fingerprint(scenario, world),
        best=best,
        weight=weight,
        new_products=constant,
        provinces=world.provinces,
        flows=flows,
    )
    text = dump_measures(found, world)
    print(text, end="")
    if options.write:
        write_atomic(Path(str(measure_file())), text.encode())


def official_scale(panel: Mapping[str, Floats]) -> tuple[dict[str, float], dict[str, float]]:
    """Return the largest value of each indicator over provinces and years, and entropy weights."""
    best: dict[str, float] = {}
    weight: dict[str, float] = {}
    for names in SYSTEMS.values():
        v = np.stack(
            [panel[n][:-1] / (panel["residents"][:-1] if n in PER_RESIDENT else 1.0) for n in names]
        ).reshape(len(names), -1)
        best |= {name: float(np.nanmax(row)) for name, row in zip(names, v, strict=True)}
        whole = v[:, np.isfinite(v).all(axis=0)]
        shares = entropy_weights(whole.T / np.nanmax(v, axis=1))
        weight |= dict(zip(names, shares.tolist(), strict=True))
    return best, weight


def entropy_weights(x: Floats) -> Floats:
    """Return entropy weights (k,) of scaled indicators (m, k) in two or more observations.

        p_ij = x_ij / sum_i x_ij,   e_j = -(1 / ln m) sum_i p_ij ln p_ij
        w_j  = (1 - e_j) / sum_j (1 - e_j)

    An indicator that is zero or the same in all observations has no weight (Shannon 1948).
    """
    some = x.any(axis=0)
    information = np.zeros(x.shape[1])
    information[some] = 1.0 - entropy(x[:, some], axis=0) / np.log(len(x))
    information[information < NO_INFORMATION] = 0.0
    return information / information.sum()


def fit_coupling(world: World, share: float) -> tuple[dict[str, float], dict[str, float], float]:
    """Return the best values, the weights and the constant of new products, rounded.

    ``share`` is that of innovative sales in runs of the base year.
    """
    panel = official_panel(world, 1.0, LAST_OFFICIAL)
    ratio = float(panel[NEW][-1, REFERENCE_YEAR - BASE_YEAR])
    constant = _rounded(ratio / share)
    best, weight = official_scale(panel | {NEW: panel[NEW] / constant})
    weight = {name: round(value, 6) for name, value in weight.items()}
    for names in ((*PER_RESIDENT[:-1],), (MADE, NEW)):  # rounded weights, a sum of one again
        weight[names[-1]] = round(1.0 - sum(weight[n] for n in names[:-1]), 6)
    return {name: _rounded(value) for name, value in best.items()}, weight, constant


def fit_flows(replicates: int) -> tuple[dict[str, Floats], float]:
    """Return the flows (P + 1,) and the share of innovative sales of the base year.

    Means over replicates of ``baseline``.
    """
    scenario = load_scenario(SCENARIO)
    world = load_world(scenario.world)
    runs, shares = [], []
    for replicate in range(replicates):
        model, flows = Model(scenario, replicate=replicate, world=world), dict[str, Floats]()
        [recorded] = factors(model.state.base, range(BASE_YEAR, BASE_YEAR + 1))[VALUE]

        def add(
            model: Model = model, flows: dict[str, Floats] = flows, recorded: Floats = recorded
        ) -> None:
            for name, flow in cross_flows(model.state, supply(model.state), recorded).items():
                flows[name] = flows.get(name, 0.0) + flow

        _before_record(model, add)
        for _ in range(4):
            model.step()
        runs.append(per_size(flows, {name: _sizes(model, name) for name in SIZES.values()}))
        shares.append(float(model.recorder.series("innovative_sales_share")[:4].mean()))
    means = {name: np.mean([run[name] for run in runs], axis=0) for name in FLOWS}
    return {name: round_significant(mean) for name, mean in means.items()}, float(np.mean(shares))


def _sizes(model: Model, name: str) -> Floats:
    """Return an indicator of the base year (P + 1,)."""
    quarters = model.recorder.series(name, "province")
    year = quarters.mean(axis=0) if INDICATORS[name].kind == "mean" else quarters.sum(axis=0)
    return np.append(year, year.sum())


def _before_record(model: Model, look: Callable[[], None]) -> None:
    """Let ``look`` see every quarter just before it is recorded."""
    record = model.recorder.observe

    def observe() -> None:
        look()
        record()

    model.recorder.observe = observe  # type: ignore[method-assign]


def dump_measures(base: MeasureBase, world: World) -> str:
    """Return the file of the constants as JSON."""
    data = {
        "parameters": base.parameters,
        "world": world.digest,
        "best": dict(base.best),
        "weight": dict(base.weight),
        "new_products": base.new_products,
        "provinces": list(base.provinces),
        "flows": {name: values.tolist() for name, values in base.flows.items()},
    }
    return json.dumps(data, indent=1) + "\n"


def _rounded(value: float) -> float:
    return float(round_significant(np.array([value]))[0])


# -- contracts -------------------------------------------------------------------------------------


def contracts(options: argparse.Namespace) -> None:
    """Fit value and number of contracts and print them."""
    section = load_scenario(SCENARIO).parameters.contracts
    keys = {name: float(getattr(section, name)) for name in KEYS}
    for _ in range(options.rounds):
        keys = refit(keys, options.scale, options.replicates)
        print(", ".join(f"contracts.{name} {value:.3g}" for name, value in keys.items()))


def refit(keys: dict[str, float], scale: float, replicates: int) -> dict[str, float]:
    """Return `KEYS` refitted from runs under ``keys``, which must not be zero."""
    changes = {f"parameters.contracts.{name}": value for name, value in keys.items()}
    scenario = load_scenario(SCENARIO, {**changes, "scale": scale, "end": YEARS[-1]})
    models = [Model(scenario, replicate=r) for r in range(replicates)]
    at = np.array(YEARS) - scenario.start
    sold, signed = np.mean([_market_sales(m) for m in models], axis=0)[:, at]

    def total(name: str) -> Floats:
        return np.mean([yearly(m, name)[at] for m in models], axis=0)

    series = models[0].world.series
    known = [np.array([series[n].at(y)[:-1].sum() for y in YEARS]) for n in (VALUE, NUMBER)]
    value, number = total("contract_value_true") - sold, total("contracts_true") - signed
    of_science = float(total("contract_value_from_science").sum() / value.sum())
    price, market = split(value, sold, known[0] / REGISTERED, SCIENCE_VALUE / of_science)
    pieces, more = split(number, signed, known[1] / REGISTERED, SCIENCE_NUMBER / of_science)
    return {
        "price": keys["price"] * price,
        "market": keys["market"] * market,
        "pieces": keys["pieces"] * pieces,
        "size": keys["size"] * market / more,
    }


def split(projects: Floats, market: Floats, official: Floats, part: float) -> tuple[float, float]:
    """Return factors on ``projects`` and ``market``, (Y,) each.

    With them the first is ``part`` of the sum of both over the years, and the mean log of both over
    ``official`` is zero.
    """
    ratio = part / (1.0 - part) * float(market.sum() / projects.sum())
    level = float(np.exp(-np.log((ratio * projects + market) / official).mean()))
    return ratio * level, level


def _market_sales(model: Model) -> Floats:
    """Run a model; return value and number of what its market sold, (2, Y)."""
    size = model.parameters.contracts.size
    found: list[tuple[float, ...]] = []

    def look() -> None:
        pairs = model.state.tally.contract_pairs
        each = (pairs.value_market, contracts_in(model.state, pairs.value_market, size))
        found.append(tuple(float(flow[:-1].sum()) for flow in each))

    _before_record(model, look)
    model.run()
    return np.array(found).reshape(-1, 4, 2).sum(axis=1).T


def main() -> None:
    """Fit one of them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    kinds = parser.add_subparsers(required=True)
    of_kind: dict[Fit, dict[str, float]] = {
        base_run: {"replicates": 5, "passes": PASSES, "jobs": 1},
        measures: {"replicates": 160},
        contracts: {"replicates": 5, "scale": 0.05, "rounds": 2},
    }
    for fit, numbers in of_kind.items():
        kind = kinds.add_parser(fit.__name__, help=(fit.__doc__ or "").splitlines()[0])
        kind.set_defaults(fit=fit)
        for name, value in numbers.items():
            kind.add_argument(f"--{name}", type=type(value), default=value)
        if fit is not contracts:
            kind.add_argument("--write", action="store_true", help="store it in the package")
    options = parser.parse_args()
    options.fit(options)


if __name__ == "__main__":
    main()
