"""Known games of two actions. Cells: both open, first closed, second closed, both closed."""

import numpy as np

from tests.support.made_sweep import results_of, series_of_regions
from ydsim.measures.game import cell_of
from ydsim.run.replicate import RunContext
from ydsim.run.sweep import prepare
from ydsim.studies.border_game import PAYOFF, POLICY, BorderGame, design
from ydsim.studies.study import Facts

PRISONERS = np.array([[3.0, 3.0], [5.0, 0.0], [0.0, 5.0], [1.0, 1.0]])
STAG = np.array([[4.0, 4.0], [3.0, 0.0], [0.0, 3.0], [2.0, 2.0]])
PENNIES = np.array([[1.0, -1.0], [-1.0, 1.0], [-1.0, 1.0], [1.0, -1.0]])
CHICKEN = np.array([[3.0, 3.0], [4.0, 2.0], [2.0, 4.0], [0.0, 0.0]])
FOUR = tuple(f"Province {p}" for p in range(1, 5))
"""Provinces of the synthetic world."""


def played(provinces, payoff):
    """Return a game with these payoffs, (replicates, cells, provinces), that nobody has run."""
    n = len(payoff)
    facts = Facts("made-game", "made", "made by nobody", None, (2019, 2020), n, 0, len(payoff[0]))
    return BorderGame(facts, provinces, 2019, payoff)


def runs_of(payoff, *, without=()):
    """Return runs of the game of the synthetic world in the years 2017 to 2020.

    Parameters
    ----------
    payoff
        (replicates, 16, 4), yearly value added of 2018; each year has 1 more than the one before.
    without
        Cell and replicate of runs that are to go.
    """
    sweep = design(
        "synthetic", {"start": 2017, "scale": 0.01}, years="2018:2020", replicates=len(payoff)
    )

    def series(_, replicate, scenario):
        closure = scenario["policies"].get(POLICY, {"target": {"provinces": ()}})
        shut = np.array([name in closure["target"]["provinces"] for name in FOUR])
        values = payoff[replicate, cell_of(shut)]
        values = [*values, values.sum()]
        return series_of_regions(
            scenario, (*FOUR, "yrd"), lambda p, _, t: {PAYOFF: (values[p] + t - 1.0) / 4.0}
        )

    contents = prepare(sweep, 1, RunContext())
    return results_of(sweep, contents, series, (*FOUR, "yrd"), without=without)
