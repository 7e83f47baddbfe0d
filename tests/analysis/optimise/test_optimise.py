"""Known fronts are found, whatever breaks a search off; hypervolumes and knees by hand."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from ydsim.analysis.optimise.front import growth, hypervolume, knee, non_dominated
from ydsim.analysis.optimise.objectives import Objective
from ydsim.analysis.optimise.search import Risk, search
from ydsim.analysis.optimise.space import Variable
from ydsim.design.sweep import Factor, Level
from ydsim.errors import ResultsError

AIMS = (Objective("launches", "items", ""), Objective("public_cost", "100m_rmb", "", False))
SPACE = tuple(Variable(Factor(f"x{j}", f"x{j}", low=0.0, high=1.0)) for j in (1, 2))


def benefit_and_cost(values):
    """Waste x2 costs and brings nothing: the front has x2 = 0 and benefit sqrt(cost)."""
    x, waste = values["x1"], values["x2"]
    return np.array([[math.sqrt(x), x + 2.0 * waste]])


def found_by(evaluate, trials=160, **options):
    options = {"sampler": "nsga2", "batch": 16, "seed": 4, **options}
    return search(SPACE, AIMS, lambda many: [evaluate(v) for v in many], trials=trials, **options)


def front_of(done):
    scores = np.array([trial.score for trial in done]) * [1.0, -1.0]
    return [done[at] for at in np.flatnonzero(non_dominated(scores))]


# -- fronts ----------------------------------------------------------------------------------------


def test_what_nothing_dominates():
    values = np.array([[1, 5], [2, 4], [2, 4], [2, 3], [5, 1], [1, 1]], dtype=float)
    assert non_dominated(values).tolist() == [True, True, True, False, True, False]


def test_hypervolume_by_hand():
    values = np.array([[3.0, 1.0], [2.0, 2.0], [1.0, 3.0], [0.5, 0.5], [9.0, -1.0]])
    assert hypervolume(values, np.zeros(2)) == 6.0  # 3 + 2 + 1
    assert hypervolume(values[:1], np.array([1.0, 0.0])) == 2.0
    assert hypervolume(values[4:], np.zeros(2)) == 0.0
    cube = np.array([[2.0, 1.0, 1.0], [1.0, 2.0, 1.0], [1.0, 1.0, 2.0]])
    assert hypervolume(cube, np.zeros(3)) == 4.0  # a cube and three that lie on its faces


@pytest.mark.parametrize("m", [2, 3, 4])
def test_hypervolume_against_counted_cells(m):
    """On whole coordinates the volume is the number of unit cells below some point."""
    rng = np.random.default_rng(m)
    values = rng.integers(0, 6, (9, m)).astype(float)
    cells = itertools.product(range(6), repeat=m)
    count = sum(bool((values >= np.array(cell) + 1).all(axis=1).any()) for cell in cells)
    assert hypervolume(values, np.zeros(m)) == count


def test_knee_and_growth():
    values = np.array([[0.0, 1.0], [0.8, 0.7], [1.0, 0.0]])
    assert knee(values) == 1
    assert growth(values[[0, 2, 1]]).tolist() == [0.0, 0.0, pytest.approx(0.56)]
    assert growth(np.ones((3, 2))).tolist() == [1.0, 1.0, 1.0]


# -- searches --------------------------------------------------------------------------------------


def test_a_known_front_is_found():
    done = found_by(benefit_and_cost, trials=320)
    front = front_of(done)
    waste = np.array([trial.values["x2"] for trial in front])
    assert len(front) >= 8
    assert np.median(waste) < 0.03  # drawn evenly it would be .5
    scores = np.array([trial.score for trial in front])
    assert np.abs(scores[:, 0] - np.sqrt(scores[:, 1])).max() < 0.4
    assert scores[:, 0].max() > 0.9
    assert scores[:, 1].min() < 0.1


def test_parzen_estimators_beat_chance():
    """The share of waste falls after the trials that are drawn evenly."""
    done = found_by(benefit_and_cost, trials=60, sampler="tpe", batch=5)
    waste = np.array([trial.values["x2"] for trial in done])
    assert np.median(waste[30:]) < 0.5 * np.median(waste[:10])


@pytest.mark.parametrize("sampler", ["tpe", "nsga2"])
def test_a_longer_search_begins_with_the_shorter(sampler):
    options = {"sampler": sampler, "batch": 8}
    long = found_by(benefit_and_cost, trials=45, **options)
    short = found_by(benefit_and_cost, trials=21, **options)
    assert [t.values for t in short] == [t.values for t in long[:21]]
    other = found_by(benefit_and_cost, trials=21, seed=5, **options)
    assert other[0].values != short[0].values


class BrokenError(Exception):
    pass


def test_a_search_goes_on_as_if_it_had_never_stopped():
    kept, calls = {}, []

    def evaluate(values):
        key = tuple(values.values())
        if key not in kept:
            calls.append(key)
            if len(calls) == 30:
                raise BrokenError
            kept[key] = benefit_and_cost(values)
        return kept[key]

    options = {"trials": 48, "sampler": "tpe", "batch": 8}
    with pytest.raises(BrokenError):
        found_by(evaluate, **options)
    again = found_by(evaluate, **options)
    whole = found_by(benefit_and_cost, **options)
    assert len(calls) == 49  # 29 before the break, the broken one twice
    assert [(t.values, t.score.tolist()) for t in again] == [
        (t.values, t.score.tolist()) for t in whole
    ]


def test_lists_and_whole_numbers():
    levels = tuple(Level(text) for text in ("off", "low", "high"))
    space = (
        Variable(Factor("a", "a", levels)),
        Variable(Factor("b", "b", low=1.0, high=4.0, whole=True)),
        Variable(Factor("c", "c", low=0.01, high=1.0, log=True)),
    )
    done = search(space, AIMS, lambda many: [np.array([[v["b"], v["a"]]]) for v in many],
                  trials=40, seed=1)  # fmt: skip
    assert {space[0].shown(t.values["a"]) for t in done} == {"off", "low", "high"}
    assert {t.values["b"] for t in done} == {1, 2, 3, 4}
    assert all(isinstance(space[1].shown(t.values["b"]), int) for t in done)
    c = np.array([t.values["c"] for t in done])
    assert (c < 0.1).mean() > 0.25


def test_what_is_not_a_number_ends_the_search():
    with pytest.raises(ResultsError, match="trial 0: launches is not a number; leave it out"):
        found_by(lambda values: np.array([[np.nan, 1.0]]))


# -- risk ------------------------------------------------------------------------------------------


def test_risk_makes_both_senses_worse():
    found = np.array([[1.0, 1.0], [3.0, 3.0]])  # sd sqrt(2)
    assert Risk(1.0).score(found, AIMS) == pytest.approx([2 - math.sqrt(2), 2 + math.sqrt(2)])
    assert Risk(0.0).score(found, AIMS) == pytest.approx([2.0, 2.0])
    assert Risk(1.0, 0.0).score(found, AIMS) == pytest.approx([1.0, 3.0])
    assert Risk(1.0, 0.25).score(found, AIMS) == pytest.approx([1.5, 2.5])
    assert Risk(1.0).score(found[:1], AIMS) == pytest.approx([1.0, 1.0])


def test_a_risky_setting_loses_its_place():
    """x1 brings more on the mean and is ruinous in one case of four."""

    def evaluate(values):
        gain = np.array([4.0, 4.0, 4.0, -8.0]) * values["x1"] + 0.5
        return np.column_stack([gain, np.full(4, 1.0 - 0.1 * values["x1"])])

    bold = front_of(found_by(evaluate, trials=60, risk=Risk(0.0)))
    shy = front_of(found_by(evaluate, trials=60, risk=Risk(2.0)))
    assert min(t.values["x1"] for t in bold) > 0.8
    assert min(t.values["x1"] for t in shy) < 0.1
