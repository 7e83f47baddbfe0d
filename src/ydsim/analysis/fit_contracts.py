"""Fit of value and number of contracts to official figures.

    python -m ydsim.analysis.fit_contracts [--replicates 5] [--scale .05] [--rounds 2]

Registered contracts that the region sells in year y are those of projects and those of the market:

    value_y  = contracts.price X_y + contracts.market M_y
    number_y = contracts.pieces D_y + L_y / contracts.size

X, M, D and L are means over replicates of ``baseline`` per unit of the parameter. The mean over
`YEARS` of log simulated over official is made zero for value and for number, with given parts of
science in both: `SCIENCE_VALUE` of all contracts by value, registered or not, and `SCIENCE_NUMBER`
by number. Of the numbers of projects science has the part that it has of their value (assumed).
Projects, and so X to L, answer a little to prices, so that the fit is repeated from the values
found. Values by province, those between provinces, and growth are not fitted but for the
registration of provinces, which is data of the world: last it is printed which part of what each
province sells would be registered if official values held.
"""

from __future__ import annotations

import argparse

import numpy as np

from ydsim.analysis.rows import yearly
from ydsim.model import Model
from ydsim.processes.contract_market import contracts_in
from ydsim.scenario.load import load_scenario
from ydsim.typing import Floats

YEARS = (2012, 2015, 2018, 2019, 2020)
VALUE, NUMBER = "tech_market_contract_value_output", "tech_market_contracts_output"
SCIENCE_VALUE = 0.2
"""Assumed, above the 14 % (2013) and 11 % (first half of 2020) that all others than firms sell in
China, since Shanghai sells more than the R&D of its firms lets expect."""
SCIENCE_NUMBER = 0.27
"""Universities and institutes, China, first half of 2020: 36,806 of 136,434 contracts
(`contracts_structure.csv`)."""
KEYS = ("price", "market", "pieces", "size")


def split(projects: Floats, market: Floats, official: Floats, part: float) -> tuple[float, float]:
    """Return factors on ``projects`` and ``market``, (Y,) each.

    With them the first is ``part`` of the sum of both over the years, and the mean log of both over
    ``official`` is zero.
    """
    ratio = part / (1.0 - part) * float(market.sum() / projects.sum())
    level = float(np.exp(-np.log((ratio * projects + market) / official).mean()))
    return ratio * level, level


def refit(
    keys: dict[str, float], scale: float, replicates: int
) -> tuple[dict[str, float], dict[str, list[float]]]:
    """Return `KEYS` refitted from runs under ``keys``, which must not be zero.

    Returns
    -------
    tuple
        The values, and by province official value over all that it sells under them, by year.
    """
    changes = {f"parameters.contracts.{name}": value for name, value in keys.items()}
    scenario = load_scenario("baseline", {**changes, "scale": scale, "end": YEARS[-1]})
    models = [Model(scenario, replicate=r) for r in range(replicates)]
    at = np.array(YEARS) - scenario.start
    sold, signed, all_sold = np.mean([_run(m) for m in models], axis=0)[:, at]

    def total(name: str) -> Floats:
        mean: Floats = np.mean([yearly(m, name)[at] for m in models], axis=0)
        return mean

    series = models[0].world.series
    known = [np.array([series[n].at(y)[:-1].sum() for y in YEARS]) for n in (VALUE, NUMBER)]
    projects = total("contract_value_true") - all_sold
    of_science = float(total("contract_value_from_science").sum() / projects.sum())
    registered = float((total(VALUE) - sold).sum() / projects.sum())
    rho = float(sold.sum() / all_sold.sum())
    # the part of science is one of all contracts, so weigh by what is registered of each kind
    part = SCIENCE_VALUE / of_science
    part = part * registered / (part * registered + (1.0 - part) * rho)
    price, market = split(total(VALUE) - sold, sold, known[0], part)
    part = SCIENCE_NUMBER / of_science
    pieces, more = split(total(NUMBER) - signed, signed, known[1], part)
    found = {
        "price": keys["price"] * price,
        "market": keys["market"] * market,
        "pieces": keys["pieces"] * pieces,
        "size": keys["size"] * market / more,
    }
    every = np.mean([yearly(m, "contract_value_true", "province")[at] for m in models], axis=0)
    every *= (price * projects.sum() + market * all_sold.sum()) / every.sum()
    official = np.array([series[VALUE].at(y)[:-1] for y in YEARS])
    return found, dict(zip(models[0].world.provinces, (official / every).T.tolist(), strict=True))


def _run(model: Model) -> Floats:
    """Run a model; return what its market sold: registered value and number, value; (3, Y)."""
    size = model.parameters.contracts.size
    found: list[tuple[float, ...]] = []
    record = model.recorder.observe

    def observe() -> None:
        pairs = model.state.tally.contract_pairs
        number = contracts_in(model.state, pairs.market_registered, size)
        each = (pairs.market_registered, number, pairs.value_market)
        found.append(tuple(float(flow[:-1].sum()) for flow in each))
        record()

    model.recorder.observe = observe  # type: ignore[method-assign]
    model.run()
    years: Floats = np.array(found).reshape(-1, 4, 3).sum(axis=1).T
    return years


def main() -> None:
    """Fit and print; the values are set by hand as defaults of ``contracts``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--replicates", type=int, default=5)
    parser.add_argument("--scale", type=float, default=0.05)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    section = load_scenario("baseline").parameters.contracts
    keys = {name: float(getattr(section, name)) for name in KEYS}
    for _ in range(options.rounds):
        keys, parts = refit(keys, options.scale, options.replicates)
        print(", ".join(f"contracts.{name} {value:.3g}" for name, value in keys.items()))
    print(f"registered part asked for in {YEARS}, more than 1 where too little is sold:")
    for province, part in parts.items():
        print(f"  {province}: " + ", ".join(f"{value:.2f}" for value in part))


if __name__ == "__main__":
    main()
