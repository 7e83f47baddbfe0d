"""Known fronts are found, whatever breaks a search off; objectives are those of recorded tables."""

import json
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tests.support import fake_sweep as fake
from tests.support.fake_run import FakeModel
from tests.support.sweep_files import stand_in
from ydsim import fmt
from ydsim.cli import main
from ydsim.design.sweep import Factor, Level
from ydsim.errors import ResultsError, ScenarioError, UsageError
from ydsim.model import Model
from ydsim.record.indicators import INDICATORS
from ydsim.results.results import open_results
from ydsim.scenario.load import load_scenario
from ydsim.studies import optimise
from ydsim.studies.optimise import (
    Objective,
    Search,
    between,
    judged,
    knee,
    level_of,
    non_dominated,
    residents,
    search,
)
from ydsim.studies.study import COLUMNS
from ydsim.world.loader import load_world

AIMS = (Objective("launches", "items", ""), Objective("public_cost", "100m_rmb", "", False))
UNIT = tuple(Factor(f"x{j}", f"x{j}", low=0.0, high=1.0) for j in (1, 2))


# -- searches on functions -------------------------------------------------------------------------


def benefit_and_cost(x, waste):
    """Waste costs and brings nothing: the front has none, and benefit sqrt(cost)."""
    return np.array([[math.sqrt(x), x + 2.0 * waste]])


def searched(space, evaluate, trials, *, sampler="tpe", batch=8, seed, risk=1.0):
    sweep = SimpleNamespace(base=SimpleNamespace(seed=seed))
    return search(Search(sweep, space, AIMS, risk, sampler, batch, 1), evaluate, trials)


def found_by(function, trials=160, **options):
    """Trials (n, 2) and what they gain, (n, cases, 2)."""
    options = {"sampler": "nsga2", "batch": 16, "seed": 4, **options}
    gains = []

    def evaluate(rows, first):
        assert first == len(gains)
        gains.extend(function(*(level.value for level in row)) for row in rows[first:])
        return np.array(gains[first:])

    rows = searched(UNIT, evaluate, trials, **options)
    return np.array([[level.value for level in row] for row in rows]), np.array(gains)


@pytest.mark.parametrize("sampler", ["tpe", "nsga2"])
def test_a_longer_search_begins_with_the_shorter(sampler):
    options = {"sampler": sampler, "batch": 8}
    long, _ = found_by(benefit_and_cost, trials=45, **options)
    short, _ = found_by(benefit_and_cost, trials=21, **options)
    assert short.tolist() == long[:21].tolist()
    other, _ = found_by(benefit_and_cost, trials=21, seed=5, **options)
    assert other[0].tolist() != short[0].tolist()


def test_lists_and_whole_numbers():
    space = (
        Factor("a", "a", tuple(Level(text) for text in ("off", "low", "high"))),
        Factor("b", "b", low=1.0, high=4.0, whole=True),
        Factor("c", "c", low=0.01, high=1.0, log=True),
    )

    def evaluate(rows, first):
        return np.array([[[row[1].value, len(row[0].value)]] for row in rows[first:]], dtype=float)

    rows = searched(space, evaluate, 40, seed=1)
    a, b, c = ([row[j].value for row in rows] for j in range(3))
    assert set(a) == {"off", "low", "high"}
    assert set(b) == {1, 2, 3, 4}
    assert all(isinstance(value, int) for value in b)
    assert (np.array(c) < 0.1).mean() > 0.25
    assert all(value == float(f"{value:.10g}") for value in c)  # as tables of results keep them


def test_what_is_not_a_number_ends_the_search():
    with pytest.raises(ResultsError, match="trial 0: launches"):
        found_by(lambda x, waste: np.array([[np.nan, 1.0]]))


def test_risk_makes_both_senses_worse():
    found = np.array([[1.0, 1.0], [3.0, 3.0]])  # sd sqrt(2)
    assert judged(found, AIMS, 1.0) == pytest.approx([2 - math.sqrt(2), 2 + math.sqrt(2)])
    assert judged(found, AIMS, 0.0) == pytest.approx([2.0, 2.0])
    assert judged(found[:1], AIMS, 1.0) == pytest.approx([1.0, 1.0])
    several = judged(np.stack([found, 2.0 * found]), AIMS, 1.0)
    assert several[1] == pytest.approx(2.0 * several[0])


def test_a_risky_setting_loses_its_place():
    """x1 brings more on the mean and is ruinous in one case of four."""

    def function(x, other):
        gain = np.array([4.0, 4.0, 4.0, -8.0]) * x + 0.5
        return np.column_stack([gain, np.full(4, 1.0 - 0.1 * x)])

    places = []
    for risk in (0.0, 2.0):
        trials, gains = found_by(function, trials=60, risk=risk)
        good = judged(gains, AIMS, risk) * [1.0, -1.0]
        places.append(trials[non_dominated(good), 0])
    assert min(places[0]) > 0.8
    assert min(places[1]) < 0.1


# -- spaces ----------------------------------------------------------------------------------------

SMALL = {"end": 2012, "scale": 0.02, "parameters.population.burn_in": 4}
VARY = ["policies.rd_grants.rate=0.0:0.1", "parameters.invest.intensity=0.01:0.04:log"]


def designed(*vary, **options):
    return optimise.design("synthetic", SMALL, vary=vary, **options)


def scenarios(found, *values):
    """Scenarios of a search, as it is and of one trial."""
    row = tuple(map(level_of, found.variables, values))
    sweep = found.points([row])
    return sweep, [sweep.bases.make(json.loads(row)) for row in sweep.points["set"]]


def test_what_may_change():
    found = designed(
        "parameters.border.exposure=0.2:0.8", "parameters.match.consortium=2:5",
        "parameters.learn.rate=0.05:0.2:log", "governance=fixed,tournament", replicates=3,
    )  # fmt: skip
    factors = found.variables
    assert [factor.is_range for factor in factors] == [True, True, True, False]
    assert [factor.whole for factor in factors] == [False, True, False, False]
    assert [factor.log for factor in factors] == [False, False, True, False]
    sweep, (plain, made) = scenarios(found, 1 / 3, 4, 0.1, "tournament")
    assert made.parameters.border.exposure == 0.3333333333
    assert made.parameters.match.consortium == 4
    assert made.governance.mode == "tournament"
    base = load_scenario("synthetic", SMALL)
    assert (plain.parameters, plain.policies) == (base.parameters, base.policies)
    assert (sweep.size, sweep.replicates, sweep.random) == (2, 3, "common")


BORDER = "parameters.border.exposure"


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"vary": []}, UsageError, "--vary"),
        ({"vary": ["scale"]}, UsageError, "--vary scale"),
        ({"vary": [f"{BORDER}=0.2:0.8:4"]}, UsageError, "0.8:4: expected KEY=FROM:TO"),
        ({"vary": [f"{BORDER}=0.2:log"]}, UsageError, "KEY=FROM:TO"),
        ({"vary": [f"{BORDER}="]}, UsageError, "KEY=FROM:TO"),
        ({"vary": ["parameters.border.exposur=0.2:0.8"]}, ScenarioError, "exposure"),
        ({"vary": [f"{BORDER}=0.2:7"]}, ScenarioError, BORDER),
        ({"vary": [f"{BORDER}=0.8:0.2"]}, ScenarioError, BORDER),
        ({"vary": [f"{BORDER}=0.2:0.8", f"{BORDER}=0:1"]}, UsageError, "twice"),
        ({"objectives": ["launches", "public_csot"]}, UsageError, "public_cost"),
        ({"objectives": ["launches"]}, UsageError, "two objectives"),
        ({"objectives": ["launches", "launches"]}, UsageError, "launches"),
        ({"risk": -1.0}, UsageError, "risk"),
        ({"risk": math.inf}, UsageError, "risk"),
        ({"sampler": "ga"}, UsageError, "sampler"),
        ({"batch": 0}, UsageError, "batch"),
    ],
)
def test_other_searches_are_refused(options, error, said):
    with pytest.raises(error) as found:
        optimise.design("synthetic", SMALL, **{"vary": VARY, **options})
    assert said in str(found.value)


def test_values_that_do_not_go_together_are_refused_at_both_ends(tmp_path):
    """Each year is right with the scenario; the last two, 2019 and 2016, are not together."""
    path = tmp_path / "years.yaml"
    path.write_text("world: synthetic\nstart: 2011\nend: 2020\n", encoding="utf-8")
    assert optimise.design(path, vary=["start=2011:2014", "end=2015:2016"]).variables[0].whole
    for vary in (["start=2011:2019", "end=2015:2016"], ["start=2019,2011", "end=2016,2020"]):
        with pytest.raises(ScenarioError, match="start=2019, end=2016"):
            optimise.design(path, vary=vary)


# -- searches in a folder --------------------------------------------------------------------------

RECORDED = {name: INDICATORS[name] for name in ("launches", "inventions", "rd_expenditure",
                                                "value_added_secondary", "coupling")}  # fmt: skip
NAMES = ("launches", "inventions", "coupling", "balance", "balance_output", "public_cost")
SHARED = (0.0, 7.0, 40.0)
"""What a replicate launches more than another, whatever is searched."""


class Searched(FakeModel):
    """Launches grow as the root of the rate x of grants, money as x, inequality falls with it."""

    def x(self):
        policies = self.scenario.policies
        return policies["rd_grants"].rate / 0.1 if "rd_grants" in policies else 0.0

    def tables(self):
        n, p, x = self.quarter, self.world.n_provinces + 1, self.x()
        t = np.arange(n)
        last = (t >= n - 4)[:, None]
        home = np.arange(p) < p - 1
        people = np.append(residents(self.world), 0.0)
        uneven = people * (1.0 + (1.0 - x) * (np.arange(p) == 0))
        launches = (50.0 * math.sqrt(x) + SHARED[self.replicate]) / (n * (p - 1))
        series = {
            **self.keys(),
            "launches": np.tile(np.where(home, launches, 1e6), n),
            "inventions": np.tile(np.where(home, 2.0, 1e6), n),
            "rd_expenditure": np.where(last, uneven, 10.0).ravel(),
            "value_added_secondary": np.where(last, people, people[::-1]).ravel(),
            "coupling": np.where(last & ~home, 0.5 + 0.1 * x, 0.1).ravel(),
        }
        paid = [("rd_grants", 10.0 * x)] * ("rd_grants" in self.scenario.policies)
        paid += [("grants", 77.0)]
        instrument, amount = zip(*paid, strict=True)
        rows = n * len(paid)
        texts = {"payer": "central", "region": self.world.provinces[0]}
        costs = {
            "year": np.repeat(self.scenario.start + t // 4, len(paid)),
            "quarter": np.repeat(1 + t % 4, len(paid)),
            "instrument": np.tile(np.array(instrument, dtype=object), n),
            **{key: np.full(rows, text, dtype=object) for key, text in texts.items()},
            "amount": np.tile(amount, n),
            **{key: np.zeros(rows) for key in ("leaked", "asked", "left_over")},
        }
        return {"series": series, "policy_costs": costs}


class Failing(Searched):
    def step(self):
        super().step()
        if self.x() > 0.0 and self.replicate == 1:
            raise ZeroDivisionError("cannot share nothing")


@pytest.fixture
def fakes(monkeypatch):
    stand_in(monkeypatch, Searched, RECORDED)
    return monkeypatch


def study(folder, *, trials=4, vary=("policies.rd_grants.rate=0.0:0.1",), **options):
    options = {"objectives": NAMES, "replicates": 2, "batch": 2, "jobs": 1, **options}
    return optimise.run("synthetic", SMALL, vary=vary, trials=trials, out=folder, **options)


def test_objectives_and_gains_are_those_that_were_planted(fakes, tmp_path):
    """A gain is that over the scenario as it is, replicate by replicate."""
    found = study(tmp_path / "out", replicates=3)
    quarters, provinces = 8, load_world("synthetic").n_provinces
    x = found.variables["policies.rd_grants.rate"].to_numpy() / 0.1
    assert found.gains.shape == (4, 3, 6)
    assert found.base[:, 0] == pytest.approx(SHARED)
    assert found.base[:, 1] == pytest.approx([2.0 * quarters * provinces] * 3)
    gains = dict(zip(NAMES, np.moveaxis(found.gains, 2, 0), strict=True))
    assert gains["launches"] == pytest.approx(np.repeat(50.0 * np.sqrt(x)[:, None], 3, axis=1))
    assert gains["public_cost"][:, 0] == pytest.approx(10.0 * quarters * x)
    assert gains["coupling"][:, 2] == pytest.approx(0.1 * x, abs=1e-9)
    assert abs(gains["inventions"]).max() == 0.0
    people = residents(load_world("synthetic"))
    f = people / people.sum()

    def by_hand(x):
        y = people * (1.0 + (1.0 - x) * (np.arange(provinces) == 0))
        y = y / y.sum()
        return -(y * np.log(y / f)).sum()

    assert gains["balance"][:, 0] == pytest.approx(
        [by_hand(value) - by_hand(0.0) for value in x], abs=1e-8
    )
    assert found.base[:, 4] == pytest.approx(0.0, abs=1e-9)  # value added is as heads are
    assert found.base[:, 5].tolist() == [0.0] * 3  # other money is under no policy's name


def test_table_words_and_front(fakes, tmp_path):
    aims = ["launches", "public_cost"]
    found = study(tmp_path / "out", trials=6, objectives=aims, replicates=3)
    table = found.table
    assert list(table)[: len(COLUMNS)] == list(COLUMNS)
    assert len(table) == 12
    launches = table[table["outcome"] == "launches"].set_index("trial")
    assert launches["estimate"].tolist() == pytest.approx(found.gains[:, :, 0].mean(axis=1))
    assert (launches["level"] - launches["estimate"]).tolist() == pytest.approx(
        [np.mean(SHARED)] * 6
    )
    assert (launches["n"] == 3).all()
    assert (launches["high"] - launches["low"]).tolist() == pytest.approx([0.0] * 6, abs=1e-6)
    cost = table[table["outcome"] == "public_cost"].set_index("trial")
    assert (cost["better"] == "less").all()
    assert launches["on_front"].all()  # more grants, more launches, more money
    assert found.front.tolist() == launches["score"].sort_values(ascending=False).index.tolist()
    assert launches["knee"].sum() == 1
    assert found.knee == launches["knee"].idxmax()
    assert (launches["stays"] == 1.0).all()
    (front,) = found.sections
    assert [int(row[0].split()[0]) for row in front.rows] == found.front.tolist()
    for row, at in zip(front.rows, found.front, strict=True):
        spans = (each.loc[at, ["estimate", "low", "high"]] for each in (launches, cost))
        assert row[2:] == [*(fmt.interval(*span, sign=True) for span in spans), "100 %"]
        assert ("knee" in row[0]) == launches.loc[at, "knee"]
    assert found.facts.points == 7


def of_gains(*gains):
    """A search whose trials gain this, (cases, objectives) each."""
    found = np.array(gains, dtype=float)
    frame = pd.DataFrame({"x": range(len(found))})
    return optimise.Optimisation(None, AIMS, 0.0, {}, frame, found, found[0], "yrd")


def test_stays_counts_fronts_of_cases_drawn_again():
    """Trial 1 wins in one case of two and loses in the other; trial 2 never wins."""
    found = of_gains([[1, 1], [1, 1]], [[2, 1], [0, 1]], [[0, 1], [0, 1]])
    assert found.stays[:2] == pytest.approx(0.75, abs=0.06)
    assert found.stays[2] < 0.05
    assert found.front.tolist() == [0]  # equal trials once
    swings = of_gains([[9, 1], [0, 1]], [[10, 1], [1, 1]])  # the second is ahead in each case
    assert swings.stays.tolist() == [0.0, 1.0]
    assert swings.table["stays"].tolist() == [0.0, 0.0, 1.0, 1.0]  # of each objective


@pytest.mark.slow
def test_runs_that_are_there_are_not_run_again(fakes, tmp_path):
    folder = tmp_path / "out"
    found = study(folder)
    before = fake.tree(folder)
    assert study(folder).as_dict() == found.as_dict()
    shorter = study(folder, trials=3)
    assert shorter.variables.equals(found.variables.head(3))
    assert fake.tree(folder) == before
    longer = study(folder, trials=7)
    assert longer.variables.head(4).equals(found.variables)
    assert np.array_equal(longer.gains[:4], found.gains)
    assert optimise.read(folder).table.equals(longer.table)


@pytest.mark.slow
def test_a_break_changes_nothing(fakes, tmp_path):
    whole = study(tmp_path / "whole", trials=6)
    folder = tmp_path / "out"
    fakes.setattr("ydsim.run.replicate.default_model", Failing)
    with pytest.raises(ResultsError, match="cannot share nothing"):
        study(folder, trials=6)
    assert open_results(folder).done
    with pytest.raises(ResultsError, match=r"2 runs .* missing"):  # of replicate 1 of two trials
        optimise.read(folder)
    fakes.setattr("ydsim.run.replicate.default_model", Searched)
    assert study(folder, trials=6).table.equals(whole.table)
    part = next((folder / "runs").glob("*.parquet"))
    part.unlink()  # what is damaged is made again
    assert study(folder, trials=6).table.equals(whole.table)


@pytest.mark.slow
def test_other_searches_and_folders_are_refused(fakes, tmp_path):
    folder = tmp_path / "out"
    study(folder)
    before = fake.tree(folder)
    for options, said in (
        ({"replicates": 3, "batch": 3}, "batch, replicates"),
        ({"seed": 9}, "hash"),
        ({"risk": 0.0}, "risk"),
        ({"vary": ["policies.rd_grants.rate=0.0:0.05"]}, "vary"),
    ):
        with pytest.raises(ResultsError, match=said):
            study(folder, **options)
    assert fake.tree(folder) == before
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").write_text("dear diary", encoding="utf-8")
    with pytest.raises(ResultsError, match="mine"):
        study(tmp_path / "mine")
    other = fake.run(tmp_path / "sweep")
    with pytest.raises(ResultsError, match="sweep"):
        study(tmp_path / "sweep")
    with pytest.raises(UsageError, match="grid"):
        optimise.read(other)


def test_trials_of_another_optuna_are_refused(fakes, tmp_path):
    folder = tmp_path / "out"
    study(folder)
    fakes.setattr("ydsim.studies.optimise._suggested", lambda trial, factor: level_of(factor, 0.05))
    with pytest.raises(ResultsError, match="Optuna"):
        study(folder)


@pytest.mark.slow
def test_what_the_search_is_told_is_what_is_read(fakes, tmp_path):
    vary = ("policies.rd_grants.rate=0.0:0.1", "parameters.match.consortium=2,4")
    told = []

    def told_search(found, evaluate, trials):
        def gains(rows, first):
            told.extend(evaluate(rows, first))
            return np.array(told[first:])

        return search(found, gains, trials)

    fakes.setattr(optimise, "search", told_search)
    found = study(tmp_path / "out", trials=3, vary=vary)
    assert np.array_equal(told, found.gains)
    assert found.gains.shape == (3, 2, 6)
    assert found.variables.dtypes.astype(str).tolist() == ["float64", "int64"]
    assert found.base[:, 0] == pytest.approx(SHARED[:2])
    assert found.facts.points == 4
    assert optimise.read(tmp_path / "out", trials=1).gains.shape == (1, 2, 6)


def test_balance_is_best_where_heads_are_equal():
    people = np.array([1.0, 3.0, 0.0])
    assert between(np.array([2.0, 6.0, 0.0]), people) == pytest.approx(0.0)
    apart = between(np.array([8.0, 0.0, 0.0]), people)
    assert apart == pytest.approx(np.log(4.0))


def test_residents_are_those_of_the_last_year_that_is_known():
    people = np.array([[1.0, 2.0, np.nan], [np.nan, 4.0, 8.0], [np.nan] * 3, [16.0, np.nan, 32.0]])
    cities = {"city_province": np.array([0, 2, 2, 2]), "n_provinces": 3}
    assert residents(SimpleNamespace(city_population=people, **cities)).tolist() == [2.0, 0.0, 40.0]


@pytest.mark.slow
def test_objectives_of_the_model_itself(tmp_path):
    """As summed up in a run of the model that nothing records."""
    found = optimise.run("synthetic", SMALL, vary=VARY, objectives=NAMES, trials=2, replicates=2,
                         batch=2, seed=3, out=tmp_path / "out", jobs=2)  # fmt: skip
    row = found.variables.iloc[1].tolist()
    changes = {**SMALL, "seed": 3, "policies.rd_grants": {"rate": row[0]}}
    scenario = load_scenario("synthetic", {**changes, "parameters.invest.intensity": row[1]})
    model = Model(scenario, replicate=1)
    for _ in range(scenario.quarters):
        model.step()
    series = model.recorder.series
    levels = dict(zip(NAMES, (found.gains + found.base)[1, 1], strict=True))
    for name in ("launches", "inventions"):
        assert levels[name] == pytest.approx(series(name, "province").sum())
    rd = series("rd_expenditure", "province")[-4:].sum(axis=0)
    assert levels["balance"] == pytest.approx(-between(rd, residents(model.world)))
    costs = model.recorder.tables()["policy_costs"]
    own = np.array([name in scenario.policies for name in costs["instrument"].tolist()])
    assert levels["public_cost"] == pytest.approx(costs["amount"][own].sum())
    assert levels["public_cost"] > 0.0


# -- the command line ------------------------------------------------------------------------------


def command(*args):
    small = [arg for key, value in SMALL.items() for arg in ("--set", f"{key}={value}")]
    return main(["study", "optimise", "synthetic", *small,
                 "--vary", "policies.rd_grants.rate=0.0:0.1",
                 "--objectives", "launches,public_cost", "--trials", "4", "--batch", "2",
                 "--replicates", "1", "-q", *args])  # fmt: skip


@pytest.mark.slow
def test_command(fakes, tmp_path, capsys):
    fakes.chdir(tmp_path)
    assert command() == 0
    said = capsys.readouterr().out
    folder = Path("results/synthetic-optimise")
    assert "The front" in said
    assert f"{folder / 'pareto.png'}\n" in said
    files = {path.name for path in folder.iterdir() if path.is_file()}
    assert {"optimise.csv", "optimise.md", "pareto.png", "manifest.json"} <= files
    before = fake.tree(folder)
    assert command("--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["trials"], found["cases"], len(found["table"])) == (4, 1, 8)
    assert found["table"][0]["low"] is None
    assert set(found["front"]) == {row["trial"] for row in found["table"] if row["on_front"]}
    assert fake.tree(folder) == before
    assert command("--seed", "9") == 5
    assert capsys.readouterr().err.count("\n") == 1


def test_command_refusals(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert command("--objectives", "launches") == 2
    assert "--objectives" in capsys.readouterr().err
    monkeypatch.setattr("ydsim.studies.study.find_spec", lambda name: None)
    assert command() == 2
    said = capsys.readouterr().err
    assert "Optuna" in said
    assert "pip install optuna" in said
    assert not Path("results").exists()


def test_what_nothing_dominates():
    values = np.array([[1, 5], [2, 4], [2, 4], [2, 3], [5, 1], [1, 1]], dtype=float)
    assert non_dominated(values).tolist() == [True, True, True, False, True, False]


def test_the_knee_is_nearest_to_the_best_of_each():
    assert knee(np.array([[0.0, 1.0], [0.8, 0.7], [1.0, 0.0]])) == 1
    assert knee(np.array([[0.0, 9.0, 1.0], [0.8, 9.0, 0.3], [0.4, 9.0, 0.9]])) == 2
