"""Capacities one at a time, on a model whose elasticities are planted."""

import math
import statistics

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.support import fake_sweep, planted
from tests.support.figures import marks_of, whiskers_of
from ydsim.agents.projects import STAGES
from ydsim.design.factors import TAKEN
from ydsim.errors import ResultsError, UsageError
from ydsim.record.indicators import INDICATORS
from ydsim.scenario.load import load_scenario, plain_scenario
from ydsim.studies import bottleneck
from ydsim.studies.study import COLUMNS
from ydsim.translation import catalogue, speak

PLAIN = plain_scenario(load_scenario("baseline"))
BY_NAME = bottleneck._capacities_of(PLAIN)


class Odd(planted.Planted):
    """All is planted in the second year of the region alone; a run of replicate 1 fails."""

    def step(self):
        super().step()
        if self.replicate == 1 and self.scenario.parameters.match.search_cost > 0.6:
            raise ZeroDivisionError

    def tables(self):
        tables = super().tables()
        series = tables["series"]
        early, province = series["year"] == 2011, series["level"] == "province"
        series["launches"] = np.where(early, 1.0, np.where(province, 7.0, series["launches"]))
        return tables


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    sweep = bottleneck.design(
        "baseline", {"end": 2012}, only=list(planted.ELASTICITY), replicates=4
    )
    return planted.run(sweep, tmp_path_factory.mktemp("odd") / "out", Odd)


@pytest.fixture(scope="module")
def found(results):
    return bottleneck.read(results, outcomes=["launches"], years="2012:2012")


def test_words_are_of_one_language(found, results):
    with speak(catalogue("zh")):
        chinese = bottleneck.read(results, outcomes=["launches"], years="2012:2012")
        assert (chinese.paragraph, chinese.text) == (found.paragraph, found.text)
        assert "\u4e2a" in chinese.facts.made_by  # what made it, as below figures


def test_planted_elasticities_are_found_in_the_years_and_replicates_that_count(found):
    table = found.table.set_index("capacity")
    assert table["estimate"].to_dict() == pytest.approx(planted.ELASTICITY, abs=1e-8)
    assert list(table.index) == sorted(table.index, key=lambda n: -planted.ELASTICITY[n])
    for side in ("tightening", "relaxing"):
        assert table[side].to_dict() == pytest.approx(planted.ELASTICITY, abs=1e-8)
    assert table["down"].tolist() == pytest.approx([0.8] * 4)
    up = {"border_goods": 1.0 / PLAIN["parameters"]["border"]["goods"]}  # as far as its bounds
    assert table["up"].to_dict() == pytest.approx(dict.fromkeys(table.index, 1.25) | up)
    assert found.step == pytest.approx(25.0)
    assert (table["n"] == 3).all()
    facts = found.facts
    assert (facts.years, facts.replicates, facts.left_out) == ((2012, 2012), 3, 1)
    assert len(found.unmoved) == 23
    assert "launch_pace" in found.unmoved
    assert not {*table.index} & {*found.unmoved}
    assert tuple(found.table.columns[:7]) == COLUMNS
    assert set(zip(found.table["outcome"], found.table["place"], strict=True)) == {
        ("launches", "yrd")
    }
    row = next(line for line in found.page.splitlines() if "| industrialisation_pace |" in line)
    assert row.startswith("| 1 | 1 | 1 |")
    assert row.endswith("| 0.8 | 0.8 |")


def reference(y, moves):
    """The table of gains by plain loops over pairs of points."""
    rows, spread = [], {"stage": [], "friction": []}
    replicates = len(y[0])
    for move in moves.itertuples():
        low, high = y[move.less], y[move.more]
        means = statistics.mean(low), statistics.mean(high)
        step = math.log(move.up / move.down)
        spread[move.kind].append(
            statistics.variance(b / means[1] - a / means[0] for a, b in zip(low, high, strict=True))
        )
        value = math.log(means[1] / means[0]) / step
        rows.append({"capacity": move.capacity, "kind": move.kind, "e": value, "step": step})
    sd, df = max(
        (math.sqrt(statistics.mean(each)), len(each) * (replicates - 1))
        for each in spread.values() if each
    )  # fmt: skip
    t = stats.t.ppf(0.975, df)
    for row in rows:
        row["half"] = t * sd / row["step"] / math.sqrt(replicates)
    above = {
        (a["capacity"], b["capacity"]): a["e"] - b["e"] > math.hypot(a["half"], b["half"])
        for a in rows for b in rows
    }  # fmt: skip
    rows.sort(key=lambda row: -row["e"])
    for row in rows:
        name = row["capacity"]
        first = next(other["capacity"] for other in rows if other["kind"] == row["kind"])
        row["best"] = 1 + sum(above[other["capacity"], name] for other in rows)
        row["worst"] = len(rows) - sum(above[name, other["capacity"]] for other in rows)
        row["tied"] = name != first and not above[first, name]
    return rows


def moves(n, kinds=("stage", "friction")):
    return pd.DataFrame(
        {
            "capacity": [f"c{k}" for k in range(n)],
            "kind": [kinds[k % len(kinds)] for k in range(n)],
            "title": "title",
            "stage": "",
            "less": 1 + 2 * np.arange(n),
            "more": 2 + 2 * np.arange(n),
            "down": 0.8,
            "up": 1.25,
        }
    )


@pytest.mark.parametrize("seed", range(3))
def test_intervals_ranks_and_ties_are_those_of_plain_loops(seed):
    draw, moved = np.random.default_rng(seed), moves(9)
    moved.loc[2, ["down", "less"]] = 1.0, 0
    slope = draw.normal(0.0, 0.3, 9)
    y = 100.0 * (1.0 + draw.normal(0.0, 0.2, 3)) * (1.0 + draw.normal(0.0, 0.02, (19, 3)))
    for k, (less, more) in enumerate(zip(moved["less"], moved["more"], strict=True)):
        y[less] *= moved["down"][k] ** slope[k]
        y[more] *= moved["up"][k] ** slope[k]
    table, asked = bottleneck._gains_of(y, moved), reference(y.tolist(), moved)
    assert table["capacity"].tolist() == [row["capacity"] for row in asked]
    for column, key in (("estimate", "e"), ("best_rank", "best"), ("worst_rank", "worst")):
        assert table[column].tolist() == pytest.approx([row[key] for row in asked])
    assert table["tied"].tolist() == [row["tied"] for row in asked]
    half = [row["half"] for row in asked]
    assert (table["high"] - table["estimate"]).tolist() == pytest.approx(half)
    assert (table["estimate"] - table["low"]).tolist() == pytest.approx(half)
    assert table["rank"].tolist() == list(range(1, 10))
    assert 0 < table["tied"].sum() < 9


@pytest.mark.parametrize("bad", [None, -1.0, 0.0])
def test_without_three_replicates_there_are_no_intervals_and_without_per_cent_no_elasticity(bad):
    y = 100.0 + np.arange(9.0)[:, None] + np.arange(2.0 if bad is None else 3.0)
    if bad is not None:
        y[3] = bad
    table = bottleneck._gains_of(y, moves(4))
    assert table["estimate"].notna().all() == (bad is None)
    assert table[["low", "high"]].isna().all(axis=None)
    assert (table["best_rank"] == 1).all()
    assert (table["worst_rank"] == 4).all()


def test_a_capacity_that_is_moved_one_way_has_its_elasticity(tmp_path):
    changes = {"end": 2011, "parameters.border.goods": 1.0}
    sweep = bottleneck.design("baseline", changes, only=["border_goods", "idea_rate"], replicates=1)
    assert sweep.size == 4
    one = planted.run(sweep, tmp_path / "out")
    moved = bottleneck._moves_of(one).set_index("capacity")
    assert moved.loc["border_goods", "down"] == pytest.approx(0.8)
    assert moved.loc["border_goods", ["more", "up"]].tolist() == [0, 1.0]
    found = bottleneck.read(tmp_path / "out", outcomes=["launches"])
    assert found.table.equals(bottleneck.read(one, outcomes=["launches"]).table)
    assert "most comes" not in found.paragraph  # of one replicate
    table = found.table.set_index("capacity")
    assert table.loc["border_goods", "estimate"] == pytest.approx(0.0, abs=1e-9)
    assert math.isnan(table.loc["border_goods", "relaxing"])
    assert not math.isnan(table.loc["border_goods", "tightening"])


def test_a_capacity_moves_all_of_its_keys():
    pace = bottleneck._keys_moved(BY_NAME["pilot_pace"], 1.25)
    assert pace["parameters.chain.pace"] == pytest.approx([1.0, 1.0, 1.25, 1.0, 1.0])
    border = bottleneck._keys_moved(BY_NAME["border_joint_work"], 1.25)
    assert border == {"parameters.border.joint_work": pytest.approx(0.2 * 1.25)}
    search = bottleneck._keys_moved(BY_NAME["search"], 0.8)
    assert search == {"parameters.match.search_cost": pytest.approx(0.75)}


def test_a_capacity_goes_as_far_as_its_bounds():
    near = plain_scenario(load_scenario("baseline", {"parameters.border.goods": 0.9}))
    goods = bottleneck._capacities_of(near)["border_goods"]
    up = bottleneck._keys_moved(goods, 1.25)
    assert up == {"parameters.border.goods": 1.0}
    changes = {"parameters": {"border": {"goods": 1.0}}}
    assert bottleneck._factor_of(goods, changes) == pytest.approx(1.0 / 0.9)
    gone = {"parameters.match.search_cost": 0.0, "parameters.border.goods": 0.0}
    none = bottleneck._capacities_of(plain_scenario(load_scenario("baseline", gone)))
    assert [bottleneck._keys_moved(none[name], 1.25) for name in ("search", "border_goods")] == [
        None,
        None,
    ]


def test_borders_that_a_policy_sets_are_one_capacity():
    plain = plain_scenario(load_scenario("one_region"))
    assert plain["policies"]["border_friction"]["passes"] is not None
    names = list(bottleneck._capacities_of(plain))
    assert not any(name.startswith("border_") for name in names)
    assert len(BY_NAME) == len(names) + 5
    moved = bottleneck._keys_moved(bottleneck._capacities_of(plain)["borders"], 0.8)
    assert len(moved) == 7
    assert "policies.border_friction.passes" in moved


def test_every_capacity_can_be_moved_and_names_its_stage():
    for one in BY_NAME.values():
        for factor in (0.8, 1.25):
            load_scenario("baseline", bottleneck._keys_moved(one, factor))
        for number in one:
            assert number.item is None or STAGES[number.item] == number.stage
    # they are columns of the table of runs, beside the indicators
    assert not BY_NAME.keys() & {*INDICATORS, *TAKEN}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"only": ["pilot_pce"]}, ["pilot_pce", "pilot_pace"]),
        ({"step": 0.0}, ["step", "0.0"]),
        ({"step": 250.0}, ["step", "250"]),
        ({"replicates": 0}, ["replicates", "0"]),
        ({"only": ["search"], "overrides": {"parameters.match.search_cost": 0.0}}, ["search"]),
    ],
)
def test_what_does_not_fit_is_refused_by_name(options, said):
    with pytest.raises(UsageError) as caught:
        bottleneck.design("baseline", **options)
    assert all(word in str(caught.value) for word in said)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("lacking", ["parameters", "chain"])
def test_the_scenario_of_a_manifest_may_lack_what_has_no_capacity_without_it(lacking):
    plain = plain_scenario(load_scenario("baseline"))
    if lacking == "chain":
        del plain["parameters"]["chain"]
    else:
        plain = {"policies": plain["policies"]}
    with pytest.raises(ResultsError, match=r"parameters\.\w+"):
        bottleneck._capacities_of(plain)


def test_runs_of_another_design_and_no_outcomes_are_refused(results, tmp_path):
    other = fake_sweep.run(tmp_path / "out")
    assert [bottleneck.suits(each) for each in (results, other)] == [True, False]
    with pytest.raises(UsageError):
        bottleneck.read(other)
    with pytest.raises(UsageError):
        bottleneck.read(results, outcomes=[])


@pytest.mark.slow
@pytest.mark.parametrize(("model", "replicates"), [(planted.Drowned, 3), (planted.Planted, 2)])
def test_what_cannot_be_told_is_said_on_page_and_figure(model, replicates, tmp_path):
    sweep = bottleneck.design(
        "baseline", {"end": 2012}, only=["idea_rate", "search"], replicates=replicates
    )
    found = bottleneck.read(planted.run(sweep, tmp_path / "out", model), outcomes=["launches"])
    assert found.table["best_rank"].tolist() == [1, 1]
    assert ("no interval" in found.paragraph) == (replicates < 3)
    drawn = found.table.sort_values(["kind", "rank"], ascending=[False, True])
    axes = found.plot().axes[0]
    marks = marks_of(axes).sort_values("y")
    assert marks["x"].tolist() == drawn["estimate"].tolist()
    told = ((drawn["low"] > 0.0) | (drawn["high"] < 0.0)).tolist()
    assert marks["filled"].tolist() == told
    if replicates > 2:
        ends = [whiskers_of(axes)[y] for y in marks["y"]]
        assert np.array(ends) == pytest.approx(drawn[["low", "high"]].to_numpy())
    files = found.write(tmp_path / "files")
    assert [path.name for path in files] == ["bottleneck.csv", "bottleneck.md", "bottleneck.png"]
    again, table = (t.drop(columns="stage") for t in (pd.read_csv(files[0]), found.table))
    pd.testing.assert_frame_equal(again, table, check_dtype=False, rtol=1e-9)
