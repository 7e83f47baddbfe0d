"""Growth split into parts: on a planted model whose parts are known by hand."""

import math

import numpy as np
import pytest

from tests.support import fake_sweep, planted
from tests.support.figures import require_readable
from ydsim.design.sweep import scenarios
from ydsim.errors import UsageError
from ydsim.measures.effects import mean_of
from ydsim.record.indicators import INDICATORS
from ydsim.scenario.load import load_scenario
from ydsim.studies import attribution
from ydsim.studies.attribution import CONTRACTS, JOINT, design, policies_in, read
from ydsim.studies.study import COLUMNS
from ydsim.world.loader import load_world

BASE = """\
extends: plain
start: 2011
end: 2020
seed: 7
policies:
  joint_rd_fund: {start: 2005}
  consortia: {start: 2013}
  media_coverage: {start: 2013.75}
  open_bids: {strength: 0}
  mutual_recognition: {start: 2014}
  talent_mobility: {end: 2013}
  cost_sharing: {end: 2012}
"""
POLICIES = ("joint_rd_fund", "consortia", "media_coverage", "talent_mobility")
YEARS = (2012, 2013)
NAMES = (CONTRACTS, "contract_value_true", "contracts_true", JOINT, "inventions")
RECORDED, SHARE, PRICE, NUMBER = 0.21, 0.03, 0.15, 0.1
COMPLETED, JOINT_SHARE, INVENTIONS = -0.05, 0.02, 0.06
APART = (0.0, 0.004, 0.011)
"""What replicates add to the growth of the number of contracts."""


def pull(on):
    """Return what policies add to growth: alone, in a pair, and three together; one adds none."""
    a, b, c, _ = on
    return 0.05 * a + 0.02 * b + 0.04 * a * b + 0.06 * a * b * c


class Growing(planted.Planted):
    """Everything grows at planted rates; policies move what crosses borders and the market."""

    def tables(self):
        on = [self.scenario.policies[name].strength > 0.0 for name in POLICIES]
        p = pull(on)
        # without effect on what the chain sees after the policies
        volume = NUMBER + APART[self.replicate] + 0.3 * p
        crossing = SHARE + PRICE + NUMBER + APART[self.replicate] + p
        rates = {
            "contracts_true": volume,
            "contract_value_true": volume + PRICE,
            CONTRACTS: crossing + RECORDED,
            "inventions": INVENTIONS + 0.5 * p,
            JOINT: INVENTIONS + JOINT_SHARE + COMPLETED + 2.0 * p,
        }
        keys = self.keys()
        series = {name: np.exp(rate * (keys["year"] - 2012.0)) for name, rate in rates.items()}
        years = np.arange(2011, 2011 + self.quarter // 4)
        t, provinces = years - 2012.0, self.world.provinces
        home = dict(zip(self.world.city_names, self.world.city_province, strict=True))
        other = next(name for name, of in home.items() if of != home[self.world.city_names[0]])
        pairs = [
            (provinces[0], provinces[1]),
            (provinces[0], provinces[0]),
            ("outside", provinces[0]),
        ]
        cities = [(self.world.city_names[0], other), (self.world.city_names[0], "outside")]
        value = np.concatenate([np.exp(crossing * t), t + 9.0, t**2 + 5.0])
        expected = np.exp((INVENTIONS + JOINT_SHARE + 2.0 * p) * t)
        return {
            "series": {**keys, **series},
            "contracts": {
                "year": np.tile(years, 3),
                "seller": np.repeat([one for one, _ in pairs], len(t)).astype(object),
                "buyer": np.repeat([one for _, one in pairs], len(t)).astype(object),
                "value": value,
            },
            "ties": {
                "year": np.tile(years, 3),
                "channel": np.repeat(["co-invention", "co-invention", "contract"], len(t)).astype(
                    object
                ),
                "from_city": np.full(3 * len(t), cities[0][0], dtype=object),
                "to_city": np.repeat([cities[0][1], cities[1][1], other], len(t)).astype(object),
                "expected": np.concatenate([expected, t + 9.0, t + 7.0]),
            },
        }


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("growth")
    (folder / "base.yaml").write_text(BASE, encoding="utf-8")
    sweep = design(folder / "base.yaml", years=YEARS, replicates=3)
    recorded = {name: INDICATORS[name] for name in NAMES}
    return planted.run(sweep, folder / "out", Growing, recorded)


@pytest.fixture(scope="module")
def found(results):
    return read(results, years=YEARS)


def parts(found, outcome, column="estimate"):
    own = found.table[found.table["outcome"] == outcome]
    return dict(zip(own["part"], own[column], strict=True))


def test_each_part_is_what_was_planted(found):
    growth = parts(found, CONTRACTS, "growth")
    volume = NUMBER + np.mean(APART)
    assert growth == pytest.approx(
        {
            "recorded over sold": RECORDED,
            # half of what it does alone and half of what is missed without it, by hand
            "joint_rd_fund": 0.5 * (0.05 + 0.15),
            "consortia": 0.5 * (0.02 + 0.12),
            "media_coverage": 0.5 * 0.06,
            "talent_mobility": 0.0,
            "interaction": 0.17 - 0.1 - 0.07 - 0.03,
            "share with other provinces": SHARE,
            "value per contract": PRICE,
            "number of contracts": volume,
            "whole": RECORDED + 0.17 + SHARE + PRICE + volume,
        },
        abs=1e-8,
    )
    joint = parts(found, JOINT)
    assert joint["completed over expected"] == pytest.approx(COMPLETED, abs=1e-8)
    assert joint["share across provinces"] == pytest.approx(JOINT_SHARE, abs=1e-8)
    assert joint["number of inventions"] == pytest.approx(INVENTIONS, abs=1e-8)
    assert joint["media_coverage"] == pytest.approx(2.0 * 0.03, abs=1e-8)


def test_kinds_are_sums_of_their_parts(found):
    for (outcome, kind), own in found.kinds.groupby(["outcome", "kind"]):
        (row,) = own.to_dict("records")
        alike = found.table[(found.table["outcome"] == outcome) & (found.table["kind"] == kind)]
        for column in ("estimate", "growth"):
            assert row[column] == pytest.approx(alike[column].sum(), abs=1e-12)
        assert (row["nation"] == pytest.approx(alike["nation"].sum())) == (outcome == CONTRACTS)
    assert found.as_dict()["kinds"][1]["growth"] == pytest.approx(0.17)


@pytest.mark.parametrize("outcome", [CONTRACTS, JOINT])
def test_parts_add_up_to_the_whole(found, outcome):
    for column in ("estimate", "growth"):
        *some, whole = parts(found, outcome, column).values()
        assert math.fsum(some) == pytest.approx(whole, abs=1e-12)


def test_what_is_taken_off_is_the_growth_of_the_nation(found):
    series = load_world("yrd").series
    value, number = (
        math.log(np.divide(*series[name].at(2013)[-1:], series[name].at(2012)[-1]))
        for name in ("tech_market_contract_value_output", "tech_market_contracts_output")
    )
    nation, growth, beyond = (
        parts(found, CONTRACTS, column) for column in ("nation", "growth", "estimate")
    )
    assert nation["value per contract"] == pytest.approx(value - number)
    assert nation["number of contracts"] == pytest.approx(number)
    assert nation["whole"] == pytest.approx(value)
    assert nation["recorded over sold"] == nation["consortia"] == 0.0
    assert beyond == pytest.approx({name: growth[name] - nation[name] for name in growth})
    assert all(map(math.isnan, parts(found, JOINT, "nation").values()))
    assert parts(found, JOINT) == parts(found, JOINT, "growth")


def test_intervals_are_those_of_means_over_replicates(found):
    table = found.table[found.table["outcome"] == CONTRACTS].set_index("part")
    want = mean_of(np.array(APART))
    row = table.loc["number of contracts"]
    assert row["high"] - row["low"] == pytest.approx(want.high - want.low, abs=1e-9)
    assert table.loc["recorded over sold", "high"] == pytest.approx(RECORDED, abs=1e-8)
    assert (tuple(found.table)[: len(COLUMNS)], set(found.table["n"])) == (COLUMNS, {3})


def test_a_policy_that_does_nothing_has_no_part(found):
    row = found.table[found.table["part"] == "talent_mobility"]
    assert row[["estimate", "low", "high", "growth"]].to_numpy() == pytest.approx(0.0, abs=1e-12)


def test_runs_are_of_what_is_in_force_in_the_years(tmp_path):
    base = tmp_path / "base.yaml"
    base.write_text(BASE, encoding="utf-8")
    assert policies_in(load_scenario(base), *YEARS) == sorted(POLICIES)
    assert "mutual_recognition" in policies_in(load_scenario(base), 2012, 2014)
    assert "cost_sharing" in policies_in(load_scenario(base), 2011, 2013)
    changes = {"policies.consortia.strength": 0.5, "policies.media_coverage.strength": 0}
    sweep = design(base, changes, years="2012:2013", replicates=2)
    assert (sweep.size, sweep.replicates, sweep.base.scale) == (8, 2, attribution.SCALE)
    runs = list(scenarios(sweep))
    assert {one.end for one in runs} == {2013}
    found = [[one.policies[name].strength for name in POLICIES] for one in runs]
    assert found[:2] == [[1.0, 0.5, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0]]
    assert sorted(found[2:]) == sorted(
        [[1.0, 0.0, 0.0, 0.0], [0.0, 0.5, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0],
         [0.0, 0.5, 0.0, 1.0], [1.0, 0.0, 0.0, 1.0], [1.0, 0.5, 0.0, 0.0]]
    )  # fmt: skip


@pytest.mark.parametrize("number", [1, 2])
def test_one_policy_or_two_have_all_that_policies_do(number):
    chain = attribution.CHAINS[JOINT]
    on = np.array([[True] * number, [False] * number, [True, False], [False, True]][: 2 * number])
    effects = 0.1 * on.sum(axis=1) ** 2
    growth = {step.quantity: effects[:, None] + np.arange(3.0) for step in chain}
    made = list(attribution._parts(chain, growth, ["a", "b"][:number], on, {}))
    own = [line.tolist() for _, kind, line, _ in made if kind == "policy"]
    assert own == [pytest.approx([0.1 * number] * 3)] * number


@pytest.mark.slow
def test_words_figure_and_files(found, tmp_path):
    assert [path.name for path in found.write(tmp_path)] == [
        "attribution.csv", "attribution_kinds.csv", "attribution.md", "attribution.png",
    ]  # fmt: skip
    text = found.paragraph
    for said in ("policies +0.17", "no national figure", "+0.21"):
        assert said in text
    figure = found.plot()
    require_readable(figure)
    contracts, joint = figure.axes
    for axes, outcome in ((contracts, CONTRACTS), (joint, JOINT)):
        bars = axes.patches
        values = list(parts(found, outcome).values())
        assert [bar.get_width() for bar in bars] == pytest.approx(values)
        starts = [0.0, *np.cumsum(values[:-2]), 0.0]
        assert [bar.get_x() for bar in bars] == pytest.approx(starts, abs=1e-12)


@pytest.mark.parametrize(
    ("scenario", "years", "said"),
    [
        ("plain", None, ["plain", "2012", "2020"]),
        ("baseline", "2015", ["years", "2012:2020"]),
        ("baseline", "2012:2031", ["2011", "2030"]),
    ],
)
def test_what_cannot_be_split_is_refused(scenario, years, said):
    with pytest.raises(UsageError) as caught:
        design(scenario, years=years)
    assert all(word in str(caught.value) for word in said)


def test_other_runs_and_zeros_are_refused(results, tmp_path):
    with pytest.raises(UsageError, match="2010"):
        read(results, years=(2010, 2013))

    class Nothing(Growing):
        def tables(self):
            tables = super().tables()
            tables["series"][JOINT] *= 0.0
            return tables

    (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")
    sweep = design(tmp_path / "base.yaml", years=YEARS, replicates=1)
    made = planted.run(sweep, tmp_path / "out", Nothing, {n: INDICATORS[n] for n in NAMES})
    with pytest.raises(UsageError, match=JOINT):
        read(made, years=YEARS)


def test_runs_of_another_design_are_refused(tmp_path):
    with pytest.raises(UsageError, match="attribution"):
        read(fake_sweep.run(tmp_path / "out"))
