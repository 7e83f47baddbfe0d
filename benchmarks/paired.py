"""Which of two checkouts is faster? Their models advance by turns, in one process.

    python benchmarks/paired.py OLD NEW [scenario] [--set scale=0.05] [--quarters 40] [--rounds 3]
    python benchmarks/paired.py . . baseline --against jjj --against-set scale=0.18

With ``--against``, NEW runs another scenario, and what counts is the time per organisation. OLD and
NEW are checkouts (the folders that hold ``src``). Both packages are loaded beside the same numpy,
and their models advance one quarter each, first the one, then the other, in the next quarter the
other way round; what slows the machine slows both. Prints the processor time of all quarters
together and new over old, whole and per organisation, with its 95 per cent interval: the mean log
ratio of quarters, in blocks of four, and its t interval. A ratio of two runs that were not paired
says nothing below 20 per cent.
"""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import gc
import importlib
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML
from scipy import stats

BLOCK = 4  # quarters: a year, in which some work is done once


class Checkout:
    """The package of one checkout, of which only one is the ``ydsim`` of this process at a time."""

    def __init__(self, folder: str) -> None:
        self.src = str(Path(folder).resolve() / "src")
        if not (Path(self.src) / "ydsim").is_dir():
            raise SystemExit(f"{folder}: no checkout, there is no src/ydsim")
        self.modules: dict[str, Any] = {}
        with self.installed():
            importlib.import_module("ydsim.model")
            importlib.import_module("ydsim.scenario.load")

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Be the ``ydsim`` of this process; what is imported meanwhile belongs to this checkout."""
        sys.path.insert(0, self.src)
        sys.modules.update(self.modules)
        try:
            yield
        finally:
            sys.path.remove(self.src)
            ours = [name for name in sys.modules if name.partition(".")[0] == "ydsim"]
            self.modules = {name: sys.modules.pop(name) for name in ours}

    def model(self, scenario: str, settings: dict[str, Any]) -> Any:
        """Return a model of a scenario, at its first quarter."""
        with self.installed():
            load = sys.modules["ydsim.scenario.load"].load_scenario
            return sys.modules["ydsim.model"].Model(load(scenario, settings))

    def step(self, model: Any) -> float:
        """Advance the model by one quarter; return processor seconds."""
        with self.installed():
            begin = time.process_time()
            model.step()
            return time.process_time() - begin


def times(pair: tuple[Checkout, Checkout], options: argparse.Namespace) -> np.ndarray:
    """Return processor seconds and organisations, (2, quarters, 2): of old and new."""
    asked = (options.scenario, options.set), (options.against, options.against_set)
    models = []
    for each, (scenario, given) in zip(pair, asked, strict=True):
        settings = {key: YAML(typ="safe").load(text) for key, text in given}
        models.append(each.model(scenario, settings))
    spent, organisations = np.zeros((2, options.quarters, 2))
    gc.collect()
    gc.freeze()
    for quarter in range(options.quarters):
        for which in (0, 1) if quarter % 2 == 0 else (1, 0):
            spent[quarter, which] = pair[which].step(models[which])
            organisations[quarter, which] = len(models[which].state.organisations)
    return np.stack([spent, organisations])


def interval(spent: np.ndarray) -> tuple[float, float, float]:
    """Return new over old and its 95 per cent interval, from log ratios of blocks of quarters."""
    blocks = spent[: len(spent) // BLOCK * BLOCK].reshape(-1, BLOCK, 2).sum(axis=1)
    ratios = np.log(blocks[:, 1] / blocks[:, 0])
    error = stats.t.ppf(0.975, len(ratios) - 1) * ratios.std(ddof=1) / np.sqrt(len(ratios))
    middle, low, high = np.exp([ratios.mean(), ratios.mean() - error, ratios.mean() + error])
    return float(middle), float(low), float(high)


def main() -> None:
    """Time both and print the ratio."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("old", help="a checkout")
    parser.add_argument("new", help="another one")
    parser.add_argument("scenario", nargs="?", default="baseline")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--against", metavar="SCENARIO", help="what NEW runs")
    parser.add_argument("--against-set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--quarters", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    options.set = [each.split("=", 1) for each in ("scale=0.05", *options.set)]
    options.against = options.against or options.scenario
    options.against_set = [*options.set, *(each.split("=", 1) for each in options.against_set)]
    if options.quarters * options.rounds < 2 * BLOCK:
        parser.error(f"--quarters: at least {2 * BLOCK} in all rounds, for an interval")
    pair = Checkout(options.old), Checkout(options.new)
    rounds = [times(pair, options) for _ in range(options.rounds)]
    spent, organisations = np.concatenate(rounds, axis=1)
    old, new = spent.sum(axis=0)
    print(f"{len(spent)} quarters each: old {old:.2f} s, new {new:.2f} s of processor time")
    each = spent / organisations
    for name, ratio in (("new over old", interval(spent)), ("per organisation", interval(each))):
        print("{}: {:.3f} [{:.3f}, {:.3f}]".format(name, *ratio))


if __name__ == "__main__":
    main()
