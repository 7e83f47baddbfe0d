"""The game of opening and closing: its cells, its payoffs, and what is said of them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats

from tests.support.games import PENNIES, PRISONERS, STAG
from ydsim.analysis import game as play
from ydsim.analysis.paired import LEAN, run_jobs
from ydsim.cli import main
from ydsim.errors import UsageError
from ydsim.measures.game import cell_of, closed_in
from ydsim.pages.game import as_markdown
from ydsim.results.game import open_game
from ydsim.scenario.load import load_scenario
from ydsim.world.payoffs import read_payoffs

SMALL = {"scale": 0.002, "parameters.population.burn_in": 8, "start": 2018, "seed": 3}
NAMES = ("A", "B")


def small(**options):
    return play.setting("synthetic", SMALL, **{"first": 2019, "horizon": 2, **options})


# -- what is run -----------------------------------------------------------------------------------


def test_every_cell_is_the_scenario_with_some_provinces_closed():
    game = small()
    assert game.provinces == tuple(f"Province {i}" for i in range(1, 5))
    every = [load_scenario("synthetic", {**LEAN, **changes}) for changes in play.cells(game)]
    plain = load_scenario("synthetic", {**LEAN, **SMALL, "end": 2020})
    assert every[0] == plain
    for cell, scenario in enumerate(every[1:], start=1):
        policy = scenario.policies[play.POLICY]
        closed = [name in policy.target.provinces for name in game.provinces]
        assert cell_of(np.array(closed)) == cell
        keys = scenario.governance
        assert (policy.start, policy.end) == (2019.0, None)
        assert (policy.level, policy.protection) == (keys.level, keys.protection)
        rest = {k: v for k, v in scenario.policies.items() if k != play.POLICY}
        assert scenario.model_copy(update={"policies": rest}) == plain


def test_governments_do_not_decide_while_the_game_is_played():
    changes = {**SMALL, "governance.mode": "tournament", "governance.level": 0.7}
    game = play.setting("synthetic", changes, first=2019, horizon=1, replicates=1)
    for cell in play.cells(game):
        keys = load_scenario("synthetic", cell).governance
        assert (keys.mode, keys.level) == ("fixed", 0.7)


def test_jobs_are_paired_and_change_their_name_with_the_scenario():
    game = small(replicates=3)
    todo = play.jobs(game)
    assert len(todo) == 48
    assert {job.replicate for job in todo[16:32]} == {1}
    other = play.jobs(play.setting("synthetic", {**SMALL, "seed": 4}, first=2019, horizon=2))
    assert not {job.setting for job in todo} & {job.setting for job in other}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"first": 2017}, "the years 2017-2018 do not lie in the run, 2018-2020"),
        ({"horizon": 3}, "the years 2019-2021 do not lie in the run"),
    ],
)
def test_years_lie_in_the_run(options, said):
    with pytest.raises(UsageError, match=said):
        small(**options)


def test_the_decision_is_that_of_the_scenario_by_default():
    assert play.setting("synthetic", SMALL, horizon=2).first == 2019
    changes = {**SMALL, "governance.start": 2020}
    assert play.setting("synthetic", changes, horizon=1).first == 2020


def test_too_many_provinces_are_refused(monkeypatch):
    monkeypatch.setattr(play, "MOST_PROVINCES", 3)
    with pytest.raises(UsageError, match="a game of 4 provinces has 16 cells; at most 3"):
        small()


@pytest.mark.slow
def test_before_the_decision_all_cells_are_alike_and_the_end_of_the_run_does_not_matter():
    game = small(replicates=1)
    todo = play.jobs(game)
    found = run_jobs(play.measure, [todo[0], todo[5]])
    longer = play.Job("", "synthetic", tuple({**SMALL, "end": 2022}.items()), 0)
    (whole,) = run_jobs(play.measure, [longer])
    for name in game.provinces:
        assert found[0][f"{name} 2018"] == found[1][f"{name} 2018"]
        assert found[0][f"{name} 2020"] != found[1][f"{name} 2020"]
        for year in (2018, 2019, 2020):
            assert found[0][f"{name} {year}"] == whole[f"{name} {year}"]


def test_payoffs_are_means_of_the_years_that_count():
    game = play.Setting("x", {}, 2019, 2, 2, NAMES)
    found = [
        {f"{name} {year}": 100 * run + 10 * p + (year - 2018)
         for p, name in enumerate(NAMES) for year in range(2018, 2022)}
        for run in range(8)
    ]  # fmt: skip
    payoff = play.payoffs(game, found)
    assert payoff.shape == (2, 4, 2)
    for replicate in range(2):
        for cell in range(4):
            run = 4 * replicate + cell
            assert payoff[replicate, cell].tolist() == [100 * run + 1.5, 100 * run + 11.5]


# -- what is said of it ----------------------------------------------------------------------------


def noisy(mean, sd, replicates=8):
    """Payoffs around a mean; the mean over replicates is exact."""
    noise = np.random.default_rng(5).normal(size=(replicates, *mean.shape))
    return mean + sd * (noise - noise.mean(axis=0))


def test_clear_payoffs_are_told():
    found = play.outcome(NAMES, noisy(100.0 + PRISONERS, 0.05))
    assert found.equilibria == found.certain == [3]
    assert found.dominance == ["closed", "closed"]
    assert found.dominance_told == [True, True]
    assert (found.best, found.worst) == (0, 3)
    assert found.price.estimate == pytest.approx(206.0 / 202.0)
    assert found.price.low < found.price.estimate < found.price.high
    assert found.price.low > 1.0
    assert [cell for cell, _ in found.closing[0]] == [0, 2]
    assert [one.estimate for _, one in found.closing[0]] == pytest.approx([2.0, 1.0])
    assert found.payments.needed == pytest.approx([2.0, 2.0])
    text = as_markdown(play.Setting("x", {}, 2019, 2, 8, NAMES), found, "Version.")
    assert text.count("closed > open") == 4
    assert "not distinguished" not in text
    assert "this suffices" in text


def test_noise_tells_nothing_and_no_order_is_printed():
    found = play.outcome(NAMES, noisy(100.0 + PRISONERS, 20.0))
    assert found.equilibria == [3]
    assert found.certain == []
    assert found.dominance_told == [False, False]
    text = as_markdown(play.Setting("x", {}, 2019, 2, 8, NAMES), found, "Version.")
    assert "closed > open" not in text
    assert "open > closed" not in text
    assert "none can be distinguished" in text


def test_intervals_are_those_of_paired_differences():
    payoff = noisy(100.0 + PRISONERS, 1.0)
    found = play.outcome(NAMES, payoff)
    d = payoff[:, 3, 1] - payoff[:, 0, 1]
    half = stats.t.ppf(0.975, 7) * d.std(ddof=1) / np.sqrt(8)
    one = found.to_open[3][1]
    assert (one.low, one.high) == pytest.approx((d.mean() - half, d.mean() + half))
    g = payoff[:, 3, 0] - payoff[:, 2, 0]
    _, gain = found.closing[0][1]
    assert gain.estimate == pytest.approx(g.mean())
    assert gain.high - gain.low == pytest.approx(
        2 * stats.t.ppf(0.975, 7) * g.std(ddof=1) / np.sqrt(8)
    )


def test_the_price_has_the_interval_of_a_ratio_of_means():
    payoff = noisy(100.0 + PRISONERS, 1.0)
    best, worst = payoff[:, 0].sum(axis=1), payoff[:, 3].sum(axis=1)
    ratio = best.mean() / worst.mean()
    half = stats.t.ppf(0.975, 7) * (best - ratio * worst).std(ddof=1) / np.sqrt(8) / worst.mean()
    price = play.outcome(NAMES, payoff).price
    assert (price.low, price.high) == pytest.approx((ratio - half, ratio + half))


def test_one_replicate_has_no_intervals():
    found = play.outcome(NAMES, (100.0 + PRISONERS)[None])
    assert found.certain == []
    text = as_markdown(play.Setting("x", {}, 2019, 2, 1, NAMES), found, "Version.")
    assert "there are no intervals" in text
    assert "[" not in text
    assert "closed > open" not in text
    data = json.loads(json.dumps(play.as_data(found), allow_nan=False))
    assert data["price_of_anarchy"] == {
        "value": pytest.approx(206 / 202),
        "low": None,
        "high": None,
    }


def test_other_games_are_told_as_they_are():
    setting = play.Setting("x", {}, 2019, 2, 8, NAMES)
    stag = play.outcome(NAMES, noisy(100.0 + STAG, 0.05))
    text = as_markdown(setting, stag, "Version.")
    assert "(closed provinces): none; all." in text
    assert "None needed" in text
    pennies = play.outcome(NAMES, noisy(100.0 + PENNIES, 0.05))
    assert pennies.price is None
    text = as_markdown(setting, pennies, "Version.")
    assert "(closed provinces): there is none." in text
    assert "Price of anarchy: none" in text
    assert json.dumps(play.as_data(pennies), allow_nan=False)


def test_relabelled_provinces_permute_the_outcome():
    payoff = noisy(np.random.default_rng(2).normal(100.0, 1.0, (8, 3)), 0.1)
    order = np.array([2, 0, 1])
    moved = np.array([cell_of(row[order]) for row in closed_in(3)])
    other = np.empty_like(payoff)
    other[:, moved] = payoff[:, :, order]
    names = np.array(["A", "B", "C"])
    one, two = (play.outcome(n.tolist(), p) for n, p in ((names, payoff), (names[order], other)))
    assert sorted(moved[one.equilibria].tolist()) == two.equilibria
    assert sorted(moved[one.certain].tolist()) == two.certain
    for p, q in enumerate(order):
        gains = {int(moved[cell]): gain.estimate for cell, gain in one.closing[q]}
        assert {cell: gain.estimate for cell, gain in two.closing[p]} == pytest.approx(gains)


# -- the command -----------------------------------------------------------------------------------


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    settings = [
        f"--set={key}={value}" for key, value in SMALL.items() if key not in ("scale", "seed")
    ]

    def call(*args):
        code = main(
            ["game", "synthetic", *settings, "--scale=0.002", "--seed=3", "--horizon=2", "--jobs=1",
             *args]
        )  # fmt: skip
        out, err = capsys.readouterr()
        return code, out, err

    return call


@pytest.mark.slow
def test_the_command_writes_its_tables_and_goes_on_after_a_break(
    command, tmp_path, monkeypatch, capsys
):
    runs = []

    def fake(todo, engine, *, take, report):
        for at, run in enumerate(todo):
            runs.append(run)
            if len(runs) == 20:
                raise KeyboardInterrupt
            closed = run.scenario.policies.get(play.POLICY)
            names = closed.target.provinces if closed else ()
            found = {
                f"Province {p} {year}": 100.0 + 5.0 * (f"Province {p}" in names) - 2.0 * len(names)
                + 0.1 * run.replicate * p
                for p in range(1, 5) for year in (2018, 2019, 2020)
            }  # fmt: skip
            take(at, found)

    monkeypatch.setattr("ydsim.analysis.paired.measure_runs", fake)
    code, out, err = command("--replicates=2", "-o", "here")
    assert (code, out) == (130, "")
    assert "run the same command again to go on" in err
    code, out, err = command("--replicates=2", "-o", "here")
    assert code == 0
    assert len(runs) == 33
    folder = tmp_path / "here"
    assert sorted(path.name for path in folder.iterdir()) == [
        "game.json", "game.md", "matrix.png", "payoffs.csv", "payoffs.png", "runs.jsonl",
    ]  # fmt: skip
    assert out == (folder / "game.md").read_text(encoding="utf-8") + "\nhere\n"
    assert "(closed provinces): all." in out
    payoff = read_payoffs(folder / "payoffs.csv", tuple(f"Province {p}" for p in range(1, 5)))
    game = open_game(folder)
    assert game.manifest["hash"][:12] in out
    assert (game.name, game.years, game.replicates) == ("synthetic", (2019, 2020), (0, 1))
    assert (game.manifest["seed"], game.manifest["scenario"]["scale"]) == (3, 0.002)
    assert main(["plot", "here", "--kind", "game", "--dpi=200", "-o", "m.png"]) == 0
    capsys.readouterr()
    drawn = (tmp_path / "m.png").read_bytes()
    assert drawn == (folder / "matrix.png").read_bytes()
    assert payoff[15] == pytest.approx([97.0 + 0.05 * p for p in range(1, 5)])
    code, out, _ = command("--replicates=2", "-o", "here", "--json")
    assert code == 0
    assert len(runs) == 33
    content = json.loads(out)
    assert content["equilibria"] == ["all"]
    assert content["payoffs"][15]["difference_to_all_open"]["region"]["value"] == pytest.approx(-12)


def test_usage_is_told_in_a_line(command):
    code, out, err = command("--from=2030")
    assert (code, out) == (2, "")
    assert err.startswith("error: the years 2030-2031 do not lie in the run")
    assert err.count("\n") == 1


@pytest.mark.slow
def test_the_command_plays_the_model(command):
    code, out, _ = command("--replicates=1", "--json")
    assert code == 0
    found = json.loads(out)
    assert found["folder"] == "results/synthetic-game"
    alone = {row["province"]: row["gain"]["value"] for row in found["closing"]
             if row["others_closed"] == "none"}  # fmt: skip
    assert len(alone) == 4
    assert min(alone.values()) > 0.0
    assert found["payoffs"][15]["difference_to_all_open"]["region"]["value"] < 0.0
