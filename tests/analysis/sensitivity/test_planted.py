"""Planted drivers are found, with their size, order and sign; SALib's figures are passed on."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.support import known_sweeps
from ydsim.analysis.sensitivity import morris, regression, sobol, tornado
from ydsim.analysis.sensitivity.drivers import Driver, direction_of, ranked
from ydsim.analysis.sensitivity.shares import places, share_of_range
from ydsim.analysis.sensitivity.words import headline, leaders, tied_lines, top_lines
from ydsim.errors import ResultsError

MORRIS = {"kind": "morris", "trajectories": 20, "seed": 3}


def saltelli(n, *, second=False):
    return {"kind": "saltelli", "n": n, "second_order": second, "seed": 2}


def by_name(finding):
    return {one.factor: one for one in finding.drivers}


@pytest.mark.slow
def test_ishigami(tmp_path):
    """Analytic: a = 7, b = .1."""
    found = sobol.indices(known_sweeps.sample(tmp_path, saltelli(1024, second=True), 3,
                                         known_sweeps.ishigami))  # fmt: skip
    v1, v2, v13 = 0.5 * (1 + 0.1 * math.pi**4 / 5) ** 2, 49 / 8, 0.01 * math.pi**8 * 8 / 225
    total = v1 + v2 + v13
    assert found.first == pytest.approx(np.array([v1, v2, 0.0]) / total, abs=0.03)
    assert found.total == pytest.approx(np.array([v1 + v13, v2, v13]) / total, abs=0.03)
    assert found.second[0, 2] == pytest.approx(v13 / total, abs=0.04)
    assert abs(found.second[0, 1]) < 0.04
    for value, half, true in zip(found.total, found.total_half,
                                 np.array([v1 + v13, v2, v13]) / total, strict=True):  # fmt: skip
        assert abs(value - true) < 1.5 * half + 0.005


@pytest.mark.slow
def test_g_function_in_order(tmp_path):
    finding = sobol.analyse(
        known_sweeps.sample(tmp_path, saltelli(1024), 5, known_sweeps.g_function)
    )
    parts = np.array([1.0 / (3.0 * (1.0 + a) ** 2) for a in known_sweeps.G])
    total = np.prod(1.0 + parts) - 1.0
    found = finding.detail
    assert found.first == pytest.approx(parts / total, abs=0.03)
    assert found.total == pytest.approx(parts * np.prod(1 + parts) / (1 + parts) / total, abs=0.03)
    assert [one.factor for one in finding.drivers] == ["x1", "x2", "x3", "x4", "x5"]
    assert finding.drivers[-1].null
    assert all(one.direction == "either way" for one in finding.drivers)  # symmetric about 1/2


def test_signs_of_sobol_drivers(tmp_path):
    sample = known_sweeps.sample(tmp_path, saltelli(64), 3, lambda u: 3 * u[:, 0] - 2 * u[:, 1])
    found = by_name(sobol.analyse(sample))
    assert (found["x1"].direction, found["x2"].direction) == ("raises", "lowers")
    assert found["x3"].null
    text = "\n".join(top_lines(sobol.analyse(sample)))
    assert "`x1` raises launches: 0.6" in text
    assert "`x3` is not shown to move launches" in text


def test_a_constant_outcome_is_refused(tmp_path):
    with pytest.raises(ResultsError, match="the same at all points: nothing to explain"):
        sobol.analyse(known_sweeps.sample(tmp_path, saltelli(8), 2, lambda u: 0.0 * u[:, 0]))


def test_morris_of_a_linear_function_is_exact(tmp_path):
    sample = known_sweeps.sample(tmp_path, MORRIS, 4, lambda u: u @ np.array([8.0, -4.0, 2.0, 0.0]))
    found = morris.effects(sample)
    assert found.mu == pytest.approx([8.0, -4.0, 2.0, 0.0], abs=1e-6)
    assert found.mu_star == pytest.approx([8.0, 4.0, 2.0, 0.0], abs=1e-6)
    assert found.sigma == pytest.approx(0.0, abs=1e-6)
    finding = morris.analyse(sample)
    drivers = by_name(finding)
    assert [one.factor for one in finding.drivers] == ["x1", "x2", "x3", "x4"]
    assert [(one.best, one.worst) for one in finding.drivers] == [(1, 1), (2, 2), (3, 3), (4, 4)]
    assert [drivers[x].direction for x in ("x1", "x2", "x3")] == ["raises", "lowers", "raises"]
    assert drivers["x4"].null
    assert headline(finding) == "x1 moves launches most"
    assert tied_lines(finding) == ["Intervals tell all of these ranks apart."]


def test_morris_on_lists_and_logarithms(tmp_path):
    factors = {
        known_sweeps.KEYS[0]: {"from": 0.05, "to": 0.2, "log": True, "label": "a"},
        known_sweeps.KEYS[1]: {"values": [0.1, 0.5], "label": "b"},
        "parameters.match.consortium": {"from": 2, "to": 5, "label": "c"},
    }
    loaded = known_sweeps.sweep(tmp_path, {**MORRIS, "factors": factors}, 0)
    rows = list(loaded.rows())
    columns = {n: np.array([row[j].value for row in rows]) for j, n in enumerate("abc")}
    cards = {card["label"]: card for card in loaded.spec["factors"]}
    a = share_of_range(cards["a"], columns["a"])
    assert sorted(set(np.round(a, 6))) == pytest.approx([0.0, 1 / 3, 2 / 3, 1.0], abs=1e-6)
    b = places(cards["b"], columns["b"])
    assert set(b.tolist()) == {0.0, 1.0}
    from ydsim.analysis.sensitivity.sample import Sample

    y = 6.0 * a - 3.0 * b
    sample = Sample("launches", "items", "", "", "morris", loaded.spec["settings"],
                    tuple(loaded.spec["factors"]), columns, y[:, None], True)  # fmt: skip
    found = dict(zip(morris.effects(sample).names, morris.effects(sample).mu, strict=True))
    # a step of 2/3 of a list of two is the whole way between its values
    assert found == pytest.approx({"a": 6.0, "b": -3.0 / (2 / 3), "c": 0.0}, abs=1e-5)


def test_morris_does_not_take_noise_for_an_effect(tmp_path):
    """mu* of a factor without effect is near the floor, which shrinks with replicates."""
    floors = []
    for replicates in (4, 16):
        sample = known_sweeps.sample(
            tmp_path, {**MORRIS, "trajectories": 60}, 4, lambda u: 40.0 * u[:, 0],
            replicates=replicates, noise=4.0, shared=50.0,
        )  # fmt: skip
        found = morris.effects(sample)
        assert found.mu_star[1:].mean() == pytest.approx(found.floor, rel=0.12)
        drivers = by_name(morris.analyse(sample))
        assert not drivers["x1"].null
        floors.append(found.floor)
    assert floors[1] == pytest.approx(floors[0] / 2.0, rel=0.1)


def test_noise_share_leaves_out_what_replicates_share(tmp_path):
    """Means vary by 100 / 12 of the function and by 4 / 5 of noise."""
    design = {"kind": "latin_hypercube", "n": 400, "seed": 1}
    sample = known_sweeps.sample(tmp_path, design, 1, lambda u: 10.0 * u[:, 0], replicates=5,
                            noise=2.0, shared=30.0)  # fmt: skip
    assert sample.noise_variance == pytest.approx(4.0, rel=0.1)
    assert sample.noise_share == pytest.approx(0.8 / (0.8 + 100 / 12), rel=0.15)
    one = known_sweeps.sample(tmp_path, design, 1, lambda u: 10.0 * u[:, 0])
    assert math.isnan(one.noise_share)


def test_tornado_is_paired(tmp_path):
    """What replicates share cancels: intervals are those of the differences."""
    loaded = known_sweeps.sweep(tmp_path, {"kind": "one_at_a_time"}, 2, replicates=3)
    factors = tuple(loaded.spec["factors"])
    base, shared = np.array([10.0, 20.0, 30.0]), np.array([0.0, 1.0, 2.0])
    rows = [base, base + 5.0, base - 1.0, base + shared - 1.0, base + 8.0 + shared]
    from ydsim.analysis.sensitivity.sample import Sample

    columns = {f["label"]: np.array([0.0] * 5) for f in factors}
    made = ("launches", "items", "", "", "one_at_a_time", {}, factors, columns, np.array(rows))
    bars = tornado.effects(Sample(*made, True))
    assert [bar.effect for bar in bars] == [5.0, -1.0, 0.0, 9.0]
    assert bars[0].low == bars[0].high == 5.0
    half = 4.302652729911275 / math.sqrt(3.0)  # t of 2 degrees of freedom, sd 1
    assert (bars[3].low, bars[3].high) == pytest.approx((9.0 - half, 9.0 + half))
    finding = tornado.analyse(Sample(*made, True))
    assert [one.factor for one in finding.drivers] == ["x2", "x1"]
    assert finding.drivers[0].direction == "raises"
    assert bars[2].null
    apart = tornado.effects(Sample(*made, False))
    assert apart[0].low < 0.0 < apart[0].high  # without pairs 5 is lost in 10, 20, 30
    single = Sample(*made[:-1], np.array(rows)[:, :1], True)
    assert math.isnan(tornado.effects(single)[0].low)
    assert "no intervals" in tied_lines(tornado.analyse(single))[0]


def test_regression_of_a_plane(tmp_path):
    """With independent inputs the sizes squared are shares of variance."""
    design = {"kind": "sobol", "n": 256, "seed": 1}
    sample = known_sweeps.sample(tmp_path, design, 3, lambda u: 3 * u[:, 0] - 4 * u[:, 1])
    found = regression.regress(sample)
    assert found.explained == pytest.approx(1.0, abs=1e-9)
    assert found.sizes == pytest.approx([0.6, -0.8, 0.0], abs=0.01)
    drivers = regression.drivers_of(found)
    assert [one.factor for one in drivers] == ["x2", "x1", "x3"]
    assert drivers[0].direction == "lowers"
    assert drivers[2].null


@pytest.mark.slow
def test_regression_against_statsmodels(tmp_path):
    sm = pytest.importorskip("statsmodels.api")
    design = {"kind": "latin_hypercube", "n": 60, "seed": 4}
    sample = known_sweeps.sample(
        tmp_path, design, 4, known_sweeps.g_function, replicates=2, noise=0.3
    )
    x = np.column_stack(list(sample.columns.values()))
    x, y = (x - x.mean(0)) / x.std(0), (sample.means - sample.means.mean()) / sample.means.std()
    fit = sm.OLS(y, x).fit()
    found = regression.regress(sample)
    assert found.coefficients == pytest.approx(fit.params)
    assert found.explained == pytest.approx(1.0 - fit.ssr / len(y))
    for j in range(4):
        less = sm.OLS(y, np.delete(x, j, axis=1)).fit()
        assert found.sizes[j] ** 2 == pytest.approx((less.ssr - fit.ssr) / len(y))


def test_ranks_are_those_that_intervals_allow():
    spans = {"a": (9, 11), "b": (6, 8), "c": (5, 7), "d": (0, 1), "e": (0, 20)}
    drivers = ranked([
        Driver(name, (low + high) / 2 + (name == "a"), low, high, "raises", False)
        for name, (low, high) in spans.items()
    ])  # fmt: skip
    found = {one.factor: (one.best, one.worst) for one in drivers}
    assert found == {"a": (1, 2), "b": (2, 4), "c": (2, 4), "d": (4, 5), "e": (1, 5)}


def test_directions():
    assert direction_of(1.0, 0.5, 2.0) == "raises"
    assert direction_of(-1.0, -2.0, -0.5) == "lowers"
    assert direction_of(1.0, -0.5, 2.0) == "either way"


def test_equal_results_give_equal_findings(tmp_path):
    for design, analyse in ((saltelli(16), sobol.analyse), (MORRIS, morris.analyse)):
        one, two = (
            analyse(
                known_sweeps.sample(
                    tmp_path, design, 3, known_sweeps.ishigami, replicates=2, noise=1.0
                )
            )
            for _ in range(2)
        )
        assert one.drivers == two.drivers
        assert leaders(one) == leaders(two)
