"""The game of opening and closing: its cells, its payoffs, and what is said of them."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import ydsim
from tests.support.games import FOUR, PENNIES, PRISONERS, STAG, played, runs_of
from tests.support.made import make_results
from ydsim.cli import main
from ydsim.design.sweep import scenarios
from ydsim.errors import ResultsError, UsageError
from ydsim.measures.game import cell_of, closed_in
from ydsim.scenario.load import load_scenario
from ydsim.studies.border_game import PAYOFF, POLICY, design, read, suits
from ydsim.world.tables import read_payoffs

SMALL = {"scale": 0.002, "parameters.population.burn_in": 8, "start": 2018, "seed": 3}
NAMES = ("A", "B")


def test_every_cell_is_the_scenario_with_some_provinces_closed_and_governments_do_not_decide():
    laid = {**SMALL, "governance.mode": "tournament", "governance.level": 0.7, "end": 2025}
    sweep = design("synthetic", laid, years="2019:2020", replicates=3)
    assert (sweep.size, sweep.replicates, sweep.random) == (16, 3, "common")
    assert (sweep.base.seed, sweep.name) == (3, "synthetic-game")
    plain, *others = scenarios(sweep)
    assert plain.policies == load_scenario("synthetic").policies
    assert (plain.start, plain.end, plain.scale) == (2018, 2020, 0.002)
    assert plain.governance.mode == "fixed"
    for cell, scenario in enumerate(others, start=1):
        policy = scenario.policies[POLICY]
        closed = [name in policy.target.provinces for name in FOUR]
        assert cell_of(np.array(closed)) == cell
        assert (policy.start, policy.end) == (2019.0, None)
        assert (policy.level, policy.protection) == (0.7, plain.governance.protection)
        rest = {k: v for k, v in scenario.policies.items() if k != POLICY}
        assert scenario.model_copy(update={"policies": rest}) == plain


@pytest.mark.parametrize("years", ["2017:2018", "2019:2031", "2020:2019", "soon", (2019, 2020, 21)])
def test_years_lie_in_the_run(years):
    with pytest.raises(UsageError, match="years"):
        design("synthetic", {**SMALL, "end": 2030}, years=years)


def test_ten_years_from_the_decision_of_the_scenario_are_the_usual_ones(monkeypatch):
    sweep = design("synthetic", {"governance.start": 2020, "end": 2030})
    *_, last = scenarios(sweep)
    assert (last.policies[POLICY].start, last.end) == (2020.0, 2029)
    assert last.scale == 0.05
    monkeypatch.setattr("ydsim.measures.game.MAX_PROVINCES", 3)
    with pytest.raises(UsageError, match="16 cells"):
        design("synthetic", SMALL)


PLANTED = 100.0 + np.random.default_rng(4).normal(size=(3, 16, 4))


def test_payoffs_are_means_of_the_years_that_count():
    results = runs_of(PLANTED)
    found = read(results)
    assert (found.provinces, found.first, found.facts.years) == (FOUR, 2018, (2018, 2020))
    for years, more in ((None, 1.0), ("2020", 2.0), ((2018, 2019), 0.5)):
        np.testing.assert_allclose(read(results, years=years).payoff, PLANTED + more, rtol=1e-9)
    for years in ((2017, 2020), (2018, 2021)):
        with pytest.raises(UsageError, match="2018-2020"):
            read(results, years=years)


def test_only_replicates_count_that_are_finished_in_every_cell():
    found = read(runs_of(PLANTED, without=[(5, 1)]))
    np.testing.assert_allclose(found.payoff, PLANTED[[0, 2]] + 1.0, rtol=1e-9)
    assert (found.facts.replicates, found.facts.left_out) == (2, 1)
    with pytest.raises(ResultsError, match="16 points"):
        read(runs_of(PLANTED[:2], without=[(5, 1), (6, 0)]))


def test_other_results_are_no_game():
    game = runs_of(PLANTED[:1])
    assert suits(game)
    assert not suits(make_results())
    with pytest.raises(UsageError):
        read(make_results())
    for regions in (["Fifth", *FOUR, "yrd"], ["Fifth", *FOUR[1:], "yrd"]):
        game.manifest["regions"] = regions
        assert not suits(game)


def noisy(mean, sd, replicates=8):
    """Payoffs around a mean; the mean over replicates is exact."""
    noise = np.random.default_rng(5).normal(size=(replicates, *mean.shape))
    return mean + sd * (noise - noise.mean(axis=0))


def half(values):
    """Half of the 95 % interval of a mean."""
    return stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))


@pytest.mark.parametrize(
    ("payoff", "equilibria", "actions", "needed", "orders"),
    [
        (PRISONERS, ["all"], ["closed"] * 2, [2.0, 2.0], {1}),
        (STAG, ["none", "all"], [None] * 2, [0.0, 0.0], {1, -1}),
        (-5.0 * closed_in(2), ["none"], ["open"] * 2, [0.0, 0.0], {-1}),
        (PENNIES, [], [None] * 2, None, {1, -1}),
    ],
)
def test_clear_payoffs_are_told_as_they_are(payoff, equilibria, actions, needed, orders):
    found = played(NAMES, noisy(100.0 + payoff, 0.05))
    more = found.more
    assert more["equilibria"] == more["equilibria_by_intervals"] == equilibria
    assert [row["action"] for row in more["dominance"]] == actions
    assert [row["significant"] for row in more["dominance"]] == [True, True]
    if needed is not None:
        assert [row["needed"] for row in more["payments"]] == pytest.approx(needed)
    assert (more["worst_equilibrium"] is None) == (found.price is None) == (not equilibria)
    assert found.closing["significant"].all()
    assert set(np.sign(found.closing["estimate"])) == orders
    assert json.dumps(found.as_dict(), allow_nan=False)


def test_the_gain_of_closing_and_the_price_of_anarchy():
    found = played(NAMES, noisy(100.0 + PRISONERS, 0.05))
    more = found.more
    assert (more["best"], more["worst_equilibrium"]) == ("none", "all")
    price = more["price_of_anarchy"]
    assert price["estimate"] == pytest.approx(206.0 / 202.0)
    assert 1.0 < price["low"] < price["estimate"] < price["high"]
    assert found.closing["others_closed"].tolist() == ["none", "B", "none", "A"]
    assert found.closing["place"].tolist() == ["A", "A", "B", "B"]
    assert found.closing["estimate"].tolist() == pytest.approx([2.0, 1.0, 2.0, 1.0])
    assert found.table["equilibrium"].tolist() == [False] * 9 + [True] * 3


def test_dominance_is_significant_where_every_interval_says_so():
    payoff = noisy(100.0 + PRISONERS, 0.05)
    payoff[:, 3] = noisy(100.0 + PRISONERS, 20.0)[:, 3]  # the gain where the other is closed
    found = played(NAMES, payoff)
    assert found.dominance["action"].tolist() == ["closed", "closed"]
    assert found.dominance["significant"].tolist() == [False, False]
    assert found.closing["significant"].tolist() == [True, False, True, False]


@pytest.mark.parametrize("replicates", [1, 8])
def test_noise_and_one_replicate_tell_nothing(replicates):
    found = played(NAMES, noisy(100.0 + PRISONERS, 20.0)[:replicates])
    assert found.certain == []
    assert not found.dominance["significant"].any()
    assert not found.closing["significant"].any()
    data = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert ({row["low"] for row in data["table"]} == {None}) == (replicates == 1)


def test_intervals_are_those_of_paired_differences():
    payoff = noisy(100.0 + PRISONERS, 1.0)
    found = played(NAMES, payoff)
    assert found.table["place"].tolist() == ["A", "B", "region"] * 4
    assert found.table["closed"].tolist() == [c for c in ("none", "A", "B", "all") for _ in "ABr"]
    wholes = np.dstack([payoff, payoff.sum(axis=2)])
    differences = (wholes - wholes[:, :1]).reshape(8, 12)
    np.testing.assert_allclose(found.table["estimate"], differences.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(found.table["mean"], wholes.mean(axis=0).ravel())
    for row in range(3, 12):
        d, one = differences[:, row], found.table.iloc[row]
        low, high = d.mean() - half(d), d.mean() + half(d)
        assert (one["low"], one["high"]) == pytest.approx((low, high))
        assert one["p"] == pytest.approx(stats.ttest_1samp(d, 0.0).pvalue)
    g, gain = payoff[:, 3, 0] - payoff[:, 2, 0], found.closing.iloc[1]
    assert (gain["estimate"], gain["high"]) == pytest.approx((g.mean(), g.mean() + half(g)))


def test_the_price_has_the_interval_of_a_ratio_of_means():
    payoff = noisy(100.0 + PRISONERS, 1.0)
    best, worst = payoff[:, 0].sum(axis=1), payoff[:, 3].sum(axis=1)
    ratio = best.mean() / worst.mean()
    reach = np.exp(half(best - ratio * worst) / worst.mean() / ratio)
    price = played(NAMES, payoff).price
    assert (price.low, price.high) == pytest.approx((ratio / reach, ratio * reach))


def test_files_are_a_table_a_page_figures_and_payoffs_that_governments_read(tmp_path):
    found = read(runs_of(PLANTED))
    files = found.write(tmp_path / "g")
    assert sorted(path.name for path in files) == [
        "border_game.csv", "border_game.md", "border_game.png", "border_game_closing.csv",
        "payoffs.csv",
    ]  # fmt: skip
    kept = pd.read_csv(tmp_path / "g" / "payoffs.csv").sort_values("replicate", kind="stable")
    assert kept["closed"][0] == "none"
    values = kept[list(FOUR)].to_numpy().reshape(found.payoff.shape)
    np.testing.assert_allclose(values, found.payoff, rtol=1e-9)
    mean = read_payoffs(tmp_path / "g" / "payoffs.csv", FOUR)
    np.testing.assert_allclose(mean, found.mean, rtol=1e-9)


@pytest.mark.slow
def test_the_command_plays_the_model_and_runs_nothing_twice(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    keys = [f"--set={key}={value}" for key, value in SMALL.items()]
    asked = [*keys, "--years=2019:2020", "--replicates=1", "--json", "-j1"]

    def table():
        assert main(["study", "border-game", "synthetic", *asked]) == 0
        return json.loads(capsys.readouterr().out)

    found = table()
    assert found["folder"] == "results/synthetic-game"
    alone = [row["estimate"] for row in found["closing"] if row["others_closed"] == "none"]
    assert len(alone) == 4
    assert min(alone) > 0.0
    whole = [row for row in found["table"] if row["place"] == "region"]
    assert whole[15]["estimate"] < 0.0
    folder = tmp_path / "results" / "synthetic-game"
    assert main(["plot", "synthetic-game", "--kind", "game", "-o", "m.png", "-q"]) == 0
    assert (tmp_path / "m.png").read_bytes() == (folder / "border_game.png").read_bytes()
    capsys.readouterr()
    before = (folder / "manifest.json").read_bytes()
    assert table()["table"] == found["table"]
    assert (folder / "manifest.json").read_bytes() == before
    series = ydsim.open_results(folder).cube([PAYOFF], places=FOUR[:1], years=(2018, 2018))
    assert series[PAYOFF].nunique() == 1  # before the decision all cells are alike
