"""Searches over the model itself: what is measured, kept, drawn and refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ydsim.analysis.optimise.objectives import between, measure, objectives_of, residents
from ydsim.analysis.optimise.output import as_data, front_table
from ydsim.analysis.optimise.space import draw_inputs, read_space
from ydsim.analysis.optimise.study import RUNS, run_study
from ydsim.analysis.paired import Sums
from ydsim.cli import main
from ydsim.design.load import load_sweep
from ydsim.errors import ResultsError, ScenarioError, UsageError
from ydsim.model import Model
from ydsim.scenario.load import load_scenario

SMALL = {"end": 2011, "scale": 0.02, "parameters.population.burn_in": 4}
SET = [arg for key, value in SMALL.items() for arg in ("--set", f"{key}={value}")]
VARY = ["policies.rd_grants.rate=0.0:0.1", "parameters.invest.intensity=0.01:0.04:log"]
AIMS = objectives_of(["launches", "public_cost"])


def study(folder, *, trials=4, **options):
    space = read_space("synthetic", VARY, SMALL, seed=3)
    options = {"replicates": 2, "batch": 2, "quiet": True, **options}
    return run_study(space, AIMS, folder, trials=trials, **options)


# -- objectives ------------------------------------------------------------------------------------


def test_objectives_of_a_run():
    scenario = load_scenario("synthetic", {**SMALL, "policies.rd_grants": {"rate": 0.1}})
    model = Model(scenario)
    for _ in range(scenario.quarters):
        model.step()
    found = measure(model, Sums())
    tables = model.recorder.tables()
    series = tables["series"]
    home = series["level"] == "province"
    assert found["launches"] == pytest.approx(series["launches"][home].sum())
    assert found["inventions"] == pytest.approx(series["inventions"][home].sum())
    costs = tables["policy_costs"]
    own = [name in scenario.policies for name in costs["instrument"].tolist()]
    assert found["public_cost"] == pytest.approx(costs["amount"][np.array(own)].sum())
    assert found["public_cost"] > 0.0
    rd = [series["rd_expenditure"][series["region"] == p][-4:].sum() for p in model.world.provinces]
    people = residents(model.world)
    y, f = np.array(rd) / sum(rd), people / people.sum()
    assert found["balance"] == pytest.approx(-(y * np.log(y / f)).sum())


def test_balance_is_best_where_heads_are_equal():
    people = np.array([1.0, 3.0, 0.0])
    assert between(np.array([2.0, 6.0, 0.0]), people) == pytest.approx(0.0)
    apart = between(np.array([8.0, 0.0, 0.0]), people)
    assert apart == pytest.approx(np.log(4.0))


def test_residents_are_those_of_the_last_year_that_is_known():
    world = Model(load_scenario("synthetic", SMALL)).world
    known = [row[~np.isnan(row)][-1] for row in world.city_population]
    by_hand = [sum(k for k, p in zip(known, world.city_province, strict=True) if p == q)
               for q in range(world.n_provinces)]  # fmt: skip
    assert residents(world) == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["launches", "public_csot"], "none called 'public_csot'; did you mean 'public_cost'?"),
        (["launches"], "a compromise needs two objectives or more"),
        (["launches", "launches"], "launches is named twice"),
    ],
)
def test_other_objectives_are_refused(names, said):
    with pytest.raises(UsageError, match="--objectives: ") as error:
        objectives_of(names)
    assert said in str(error.value)


# -- spaces ----------------------------------------------------------------------------------------


def test_what_may_change():
    space = read_space(
        "synthetic",
        ["parameters.adopt.border=0.2:0.8", "parameters.match.consortium=2:5",
         "parameters.learn.rate=0.05:0.2:log", "governance=fixed,tournament"],
        SMALL,
    )  # fmt: skip
    factors = [variable.factor for variable in space.variables]
    assert [factor.is_range for factor in factors] == [True, True, True, False]
    assert [factor.whole for factor in factors] == [False, True, False, False]
    assert [factor.log for factor in factors] == [False, False, True, False]
    values = {"parameters.adopt.border": 0.3, "parameters.match.consortium": 4,
              "parameters.learn.rate": 0.1, "governance": 1}  # fmt: skip
    (made,) = space.scenarios(values)
    assert made.parameters.adopt.border == 0.3
    assert made.parameters.match.consortium == 4
    assert made.governance.mode == "tournament"
    (plain,) = space.scenarios(None)
    base = load_scenario("synthetic", SMALL)
    assert (plain.parameters, plain.policies) == (base.parameters, base.policies)


@pytest.mark.parametrize(
    ("vary", "error", "said"),
    [
        ([], UsageError, "--vary: say what the search may change"),
        (["scale"], UsageError, "--vary scale: expected KEY=FROM:TO"),
        (["parameters.adopt.border=0.2:0.8:4"], UsageError, "expected KEY=FROM:TO"),
        (["parameters.adopt.bordr=0.2:0.8"], ScenarioError, "did you mean"),
        (["parameters.adopt.border=0.2:7"], ScenarioError, "parameters.adopt.border"),
        (["parameters.adopt.border=0.8:0.2"], ScenarioError, "below"),
        (["parameters.adopt.border=0.2:0.8", "parameters.adopt.border=0:1"], UsageError, "twice"),
    ],
)
def test_other_spaces_are_refused(vary, error, said):
    with pytest.raises(error) as found:
        read_space("synthetic", vary, SMALL)
    assert said in str(found.value)


def test_inputs_are_a_latin_hypercube_of_the_ranges_of_a_sweep():
    draws = draw_inputs("uncertain_parameters", 5, 3, set())
    assert draws == draw_inputs("uncertain_parameters", 5, 3, set())
    assert draws != draw_inputs("uncertain_parameters", 5, 4, set())
    (factor,) = (f for f in load_sweep("uncertain_parameters").factors
                 if f.key == "parameters.adopt.border")  # fmt: skip
    drawn = sorted(draw.tree["parameters"]["adopt"]["border"] for draw in draws)
    edges = np.linspace(factor.low, factor.high, 6)
    assert len(drawn) == 5
    assert all(a <= value <= b for a, value, b in zip(edges, drawn, edges[1:], strict=False))
    with pytest.raises(UsageError, match=r"parameters.adopt.border: is drawn as an uncertain"):
        draw_inputs("uncertain_parameters", 5, 3, {"parameters.adopt.border"})
    with pytest.raises(UsageError, match="--inputs openness: has no factors with ranges"):
        draw_inputs("openness", 5, 3, set())


def test_draws_and_what_is_searched_are_laid_together():
    space = read_space("synthetic", VARY, SMALL, draws=3)
    made = space.scenarios({VARY[0].split("=")[0]: 0.05, VARY[1].split("=")[0]: 0.02})
    assert len(made) == 3
    assert {one.policies["rd_grants"].rate for one in made} == {0.05}
    assert len({one.parameters.learn.rate for one in made}) == 3
    assert {one.seed for one in made} == {space.sweep.base.seed}  # the same draws of chance


# -- studies ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    return folder, study(folder)


@pytest.mark.slow
def test_gains_are_paired_with_the_scenario_as_it_is(done):
    _, found = done
    assert found.base.shape == (2, 2)
    trial = found.trials[0]
    (scenario,) = found.space.scenarios(trial.values)
    levels = []
    for replicate in range(2):
        model = Model(scenario, replicate=replicate)
        for _ in range(scenario.quarters):
            model.step()
        measured = measure(model, Sums())
        levels.append([measured["launches"], measured["public_cost"]])
    assert trial.found == pytest.approx(np.array(levels) - found.base)
    table = front_table(found)
    at = table["trial"].tolist().index(found.front[0])
    assert table["launches_level"][at] - table["launches_gain"][at] == pytest.approx(
        found.base[:, 0].mean()
    )
    assert table["knee"].sum() == 1


@pytest.mark.slow
def test_kept_runs_are_not_run_again_and_more_trials_are_added(done):
    folder, found = done
    size = (folder / RUNS).stat().st_size
    again = study(folder)
    assert (folder / RUNS).stat().st_size == size
    assert as_data(again) == as_data(found)
    longer = study(folder, trials=5)
    assert [t.values for t in longer.trials[:4]] == [t.values for t in found.trials]


@pytest.mark.slow
def test_a_break_changes_nothing(done, tmp_path):
    folder, found = done
    lines = (folder / RUNS).read_bytes().splitlines(keepends=True)
    (tmp_path / RUNS).write_bytes(b"".join(lines[:7]) + lines[7][:20])  # torn in the middle
    assert as_data(study(tmp_path)) == as_data(found)


@pytest.mark.slow
def test_jobs_change_nothing(done, tmp_path):
    _, found = done
    assert as_data(study(tmp_path, jobs=2)) == as_data(found)


@pytest.mark.slow
def test_another_search_is_refused(done):
    folder, _ = done
    with pytest.raises(ResultsError, match="holds another search: other batch, replicates"):
        study(folder, replicates=3, batch=3)


@pytest.mark.slow
def test_cases_drawn_again(done):
    _, found = done
    stays = found.staying()
    assert stays.tolist() == found.staying().tolist()
    assert ((stays >= 0.0) & (stays <= 1.0)).all()
    assert stays[found.front].min() > 0.0


# -- the command line ------------------------------------------------------------------------------


def run(*args):
    vary = [arg for text in VARY for arg in ("--vary", text)]
    return main(["optimise", "synthetic", *vary, *SET, "--objectives", "launches,public_cost",
                 "--trials", "4", "--batch", "2", "--replicates", "1", "-q", *args])  # fmt: skip


@pytest.mark.slow
def test_command(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run() == 0
    said = capsys.readouterr().out
    folder = Path("results/synthetic-optimise")
    assert said.startswith("# Best compromises between launches and public_cost\n")
    assert "(one case, no interval)" in said
    files = ["front.csv", "optimise.md", "pareto.png", "runs.jsonl", "study.json", "trials.csv"]
    assert sorted(path.name for path in folder.iterdir()) == files
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert run("--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["trials"] == 4
    assert found["cases"] == 1
    assert len(found["hypervolume"]) == 4
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert run("--seed", "9") == 5
    assert "holds another search: other hash" in capsys.readouterr().err


def test_command_refusals(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for args, said in (
        (["--objectives", "launches"], "error: --objectives: a compromise needs two"),
        (["--quantile", "0.9"], "error: --quantile 0.9: expected 0 (the worst case) to 0.5"),
        (["--risk", "inf"], "error: --risk inf: expected a number of standard deviations"),
        (["--sampler", "ga"], "error: invalid value for '--sampler'"),
    ):
        assert run(*args) == 2
        assert capsys.readouterr().err.startswith(said)
    monkeypatch.setattr("ydsim.analysis.extras.find_spec", lambda name: None)
    assert run() == 2
    assert capsys.readouterr().err == (
        "error: a search of policies needs Optuna, which is not installed: "
        "pip install 'ydsim[studies]'\n"
    )
    assert not Path("results").exists()
