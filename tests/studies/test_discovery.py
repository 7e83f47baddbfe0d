"""A planted box is found, said, and tried on other points; rules are read and never evaluated."""

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tests.support import fake_sweep as fake
from tests.support import known_sweeps
from ydsim.errors import ResultsError, UsageError
from ydsim.results.sample import Sample
from ydsim.studies import discovery, sensitivity
from ydsim.studies.discovery import Condition, of_interest, parse_condition

LHS = {"kind": "latin_hypercube", "n": 250, "seed": 7}


def corner(u):
    """Large where x1 > .6 and x3 < .5."""
    return 10.0 * ((u[:, 0] > 0.6) & (u[:, 2] < 0.5)) + u[:, 1]


def scaled(share):
    return known_sweeps.LOW + share * (known_sweeps.HIGH - known_sweeps.LOW)


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return known_sweeps.sample(tmp_path_factory.mktemp("lhs"), LHS, 4, corner)


@pytest.fixture(scope="module")
def found(sample):
    return sensitivity.discover(sample, *rule_of(sample))


def rule_of(sample):
    condition = parse_condition("launches > 5")
    return of_interest("launches", sample.means, 0.25, [(condition, sample.means)])


@pytest.mark.slow
def test_prim_finds_the_box(found, sample):
    box = discovery.find_box(sensitivity.inputs_of(sample), *rule_of(sample))
    limits = found.tables["prim"].set_index("factor")
    assert set(limits.index) == {"x1", "x3"}
    assert limits.loc["x1", "low"] == pytest.approx(scaled(0.6), abs=0.04)
    assert np.isnan(limits.loc["x1", "high"])
    assert limits.loc["x3", "high"] == pytest.approx(scaled(0.5), abs=0.04)
    assert (limits["quasi_p"] < 0.05).all()
    assert min(box.coverage, box.density) > 0.9
    assert min(box.tried_coverage, box.tried_density) > 0.8
    assert box.share == pytest.approx(0.2, abs=0.03)
    assert found.tables["prim_path"]["taken"].sum() == 1
    assert box.rule == "launches > 5"
    assert str(limits["limit"].iloc[0]) in " ".join(found.remarks)


@pytest.mark.parametrize("version", [2, 3])
def test_a_box_of_either_version_of_the_workbench(monkeypatch, version):
    """The best of four, less limits that are as likely by chance, and tried on other points."""
    shares = [(1.0, 0.3, 1.0), (0.8, 0.8, 0.4), (0.8, 0.8, 0.4), (0.2, 1.0, 0.1)]
    way = pd.DataFrame(shares, columns=["coverage", "density", "mass"])
    way = way.assign(res_dim=[0, 3, 2, 3], id=range(4))
    widest = {"a": [0.0, 1.0], "mode": [{"open", "shut", "fixed"}] * 2, "b": [0.0, 0.0]}
    taken = {"a": [0.2, 0.9], "mode": [{"open", "fixed"}] * 2, "b": [0.0, 0.0]}
    likely = {"a": [0.01, 0.2], "mode": [0.03, -1], "b": [-1, 0.05]}
    seen = []

    class Box2:
        peeling_trajectory = way
        box_lims = tuple(map(pd.DataFrame, (widest, widest, taken, widest)))
        qp = ({}, {}, likely, {})

    class Box3:
        peeling_trajectory, box_lims, p_values = way, Box2.box_lims, Box2.qp

    class Prim3:
        def __init__(self, x, y):
            assert len(x) == len(y)
            seen.append(x["a"].to_numpy())

        def find_box(self):
            return Box3() if version == 3 else Box2()

    class Prim2(Prim3):
        def __init__(self, x, y, threshold):
            assert 0.0 < threshold < 1e-6
            super().__init__(x, y)

    module = SimpleNamespace(Prim=Prim3 if version == 3 else Prim2)
    monkeypatch.setattr(discovery, "extra", lambda *_: module)
    a, mode = np.arange(80) / 80, np.tile(["open", "fixed", "shut", "shut"], 20)
    inside = (a >= 0.2) & (mode != "shut")
    chosen = inside.copy()
    chosen[[0, 1, 2, 3, 16]] = [True, True, True, True, False]
    box = discovery.find_box(pd.DataFrame({"a": a, "mode": mode, "b": 0.0}), chosen, "rule")
    assert [str(limit) for limit in box.limits] == ["a >= 0.2", "mode is fixed or open"]
    assert [limit.quasi_p for limit in box.limits] == [0.01, 0.03]
    assert box.path["taken"].tolist() == [False, False, True, False]
    assert (box.coverage, box.density) == (31 / 35, 31 / 32)
    assert [len(own) for own in seen] == [80, 64, 64, 64, 64, 64]
    away = [~np.isin(a, own) for own in seen[1:]]
    assert sum(map(np.ndarray.astype, away, [int] * 5)).tolist() == [1] * 80
    assert {int((chosen & one).sum()) for one in away} == {7}
    assert box.tried_coverage == pytest.approx(31 / 35)
    tried = [(inside & chosen & one).sum() / (inside & one).sum() for one in away]
    assert box.tried_density == pytest.approx(np.mean(tried))


@pytest.fixture
def regression_only(monkeypatch):
    def box(x, chosen, rule):
        return discovery.Box(rule, chosen, (), *[0.0] * 4, None)

    monkeypatch.setattr(discovery, "find_box", box)


@pytest.mark.slow
def test_regression_of_a_plane(tmp_path, regression_only):
    """With independent inputs the sizes squared are shares of variance."""
    design = {"kind": "sobol", "n": 256, "seed": 1}
    sample = known_sweeps.sample(tmp_path, design, 3, lambda u: 3 * u[:, 0] - 4 * u[:, 1])
    inputs = {name: values[:, None] for name, values in sample.columns.items()}
    table, explained = discovery.regress(inputs, sample.means)
    assert explained == pytest.approx(1.0, abs=1e-9)
    assert table["semi_partial"].tolist() == pytest.approx([0.6, -0.8, 0.0], abs=0.01)
    rank = sample.means.argsort().argsort()
    by_hand = np.corrcoef(inputs["x1"][:, 0].argsort().argsort(), rank)[0, 1]
    assert table["spearman"][0] == pytest.approx(by_hand)
    found = sensitivity.discover(sample, *of_interest("launches", sample.means, 0.25)).table
    assert found["factor"].tolist() == ["x2", "x1", "x3"]
    assert found["direction"].tolist()[:2] == ["lowers", "raises"]
    assert found["shown"].tolist() == [True, True, False]
    assert found["semi_partial"].tolist() == pytest.approx([-0.8, 0.6, 0.0], abs=0.01)
    assert (found["low"] >= 0.0).all()
    assert (found["n"] == 256).all()


@pytest.mark.slow
def test_regression_on_what_has_no_order():
    """One of three values adds 2: its share of the variance is that between values."""
    rng = np.random.default_rng(8)
    mode = rng.integers(3, size=3000)
    inputs = {
        "mode": (mode[:, None] == [1, 2]).astype(float),
        "other": (rng.integers(3, size=3000)[:, None] == [1, 2]).astype(float),
        "x": rng.random((3000, 1)),
    }
    y = 2.0 * (mode == 1) + rng.standard_normal(3000)
    table, explained = discovery.regress(inputs, y)
    share = 4.0 * (1 / 3) * (2 / 3)
    assert explained == pytest.approx(share / (share + 1.0), abs=0.03)
    sizes = table.set_index("factor")["semi_partial"]
    assert sizes["mode"] == pytest.approx(math.sqrt(share / (share + 1.0)), abs=0.03)

    def unexplained(*names):
        x = np.column_stack([np.ones(3000), *(inputs[name] for name in names)])
        return ((y - x @ np.linalg.lstsq(x, y, rcond=None)[0]) ** 2).mean() / y.var()

    left = unexplained(*inputs)
    beyond = unexplained("mode", "x") - left - 2.0 * left / (3000 - 5 - 1)  # two columns by chance
    assert sizes["other"] == pytest.approx(np.sign(beyond) * math.sqrt(abs(beyond)))
    x = table.set_index("factor").loc["x"]
    assert x["high"] - x["low"] == pytest.approx(2 * 1.96 * math.sqrt(left / 3000), rel=0.1)
    assert table["coefficient"].isna().tolist() == [True, True, False]
    assert table["spearman"].isna().tolist() == [True, True, False]


def test_a_factor_without_order_has_no_sign(regression_only, monkeypatch):
    """Its size has the sign of what it explains beyond chance, and is shown above zero."""
    monkeypatch.setattr(discovery, "RESAMPLES", 100)
    rng = np.random.default_rng(8)
    modes = np.array(["fixed", "open", "shut"], dtype=object)
    columns = {name: modes[rng.integers(3, size=200)] for name in ("mode", "other")}
    columns |= {"two": modes[rng.integers(2, size=200)]}
    cards = [{"label": name, "key": "", "levels": [{"value": mode} for mode in modes[:number]]}
             for name, number in (("mode", 3), ("other", 3), ("two", 2))]  # fmt: skip
    y = 3.0 * (columns["mode"] == "open") - (columns["two"] == "open") + rng.standard_normal(200)
    sample = Sample("launches", "items", "", "yrd", "", "grid", {}, tuple(cards), columns,
                    y[:, None], True)  # fmt: skip
    found = sensitivity.discover(sample, y > 2.0, "").table.set_index("factor")
    assert found["direction"].to_dict() == {
        "mode": "no order",
        "other": "no order",
        "two": "lowers",
    }
    assert found["shown"].to_dict() == {"mode": True, "other": False, "two": True}
    same = found.loc[["mode", "other"]]
    assert same["estimate"].tolist() == same["semi_partial"].tolist()
    assert same["low"].tolist() == same["semi_partial_low"].tolist()
    assert found.loc["two", "estimate"] == -found.loc["two", "semi_partial"]
    assert found.loc["two", "low"] == -found.loc["two", "semi_partial_high"]


def test_points_of_interest_of_stored_runs(tmp_path, monkeypatch):
    monkeypatch.setattr(sensitivity, "discover", lambda sample, *rule: rule)
    what = known_sweeps.sweep(tmp_path / "files", {**LHS, "n": 6}, 3)
    results = fake.run(tmp_path / "out", known_sweeps.PlantedModel, what=what)
    values = results.runs["rd_expenditure"].to_numpy()
    for options, expected in (
        ({"where": ["rd_expenditure > 105"]}, values > 105),
        ({"top": 0.4}, values >= np.quantile(values, 0.6)),
    ):
        ((chosen, rule),) = sensitivity.read(results, "rd_expenditure", **options).rankings
        assert chosen.tolist() == expected.tolist()
        assert "rd_expenditure" in rule


def test_too_few_points_are_refused(tmp_path):
    sample = known_sweeps.sample(tmp_path, {**LHS, "n": 12}, 2, lambda u: u[:, 0])
    with pytest.raises(UsageError, match=r"\b20\b.*\b12\b.*\b3\b"):
        sensitivity.discover(sample, *of_interest("launches", sample.means, 0.25))
    with pytest.raises(ResultsError, match="take 4"):
        discovery.regress({"x": np.arange(3.0)[:, None]}, np.arange(3.0))


def test_the_top_of_an_outcome():
    means = np.arange(40.0)
    chosen, rule = of_interest("launches", means, 0.25)
    assert chosen.sum() == 10
    assert means[chosen].min() > means[~chosen].max()
    assert "25 %" in rule


@pytest.mark.parametrize("text", ["launches{}5", " launches  {}\t5.0 ", "launches{}5e0"])
@pytest.mark.parametrize(
    ("sign", "held"), [("<", [1, 0, 0]), ("<=", [1, 1, 0]), (">", [0, 0, 1]), (">=", [0, 1, 1])]
)
def test_comparisons(text, sign, held):
    condition = parse_condition(text.format(sign))
    assert condition == Condition("launches", sign, 5.0)
    assert condition.holds(np.array([4.0, 5.0, 6.0])).tolist() == [bool(one) for one in held]


@pytest.mark.parametrize(
    "text",
    ["launches", "launches == 5", "launches > x", "launches > nan", "1 > launches", "a > 5 > 3",
     "__import__('os').system('x') > 1", "launches > 5; x", "launches >> 5", ""],
)  # fmt: skip
def test_other_texts_are_refused(text):
    with pytest.raises(UsageError, match="--where"):
        parse_condition(text)


def test_rules_that_set_nothing_apart():
    means = np.linspace(0.0, 1.0, 40)
    for text in ("launches > 5", "launches < 5"):
        with pytest.raises(UsageError, match=text):
            of_interest("launches", means, 0.25, [(parse_condition(text), means)])


def test_all_rules_must_hold():
    one, other = np.arange(10.0), np.arange(10.0)[::-1]
    conditions = [(parse_condition("a > 2"), one), (parse_condition("b >= 5"), other)]
    chosen, rule = of_interest("a", one, 0.25, conditions)
    assert np.flatnonzero(chosen).tolist() == [3, 4]
    assert rule == "a > 2 and b >= 5"
