"""Other experiment tools can drive `ydsim.simulate`: EMA Workbench and SALib."""

import warnings

import pytest

import ydsim
from tests.support.small import TINY


def rd_of_region(intensity: float, seed: int = 1) -> float:
    """R&D of the whole region in the last year, 100 million RMB."""
    changes = {**TINY, "parameters.invest.intensity": intensity}
    table = ydsim.simulate("ten_firms", changes, seed=seed).table("province_year")
    region = table[(table["region"] == "yrd") & (table["indicator"] == "rd_expenditure")]
    return float(region["value"].iloc[-1])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_ema_workbench_runs_experiments():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ema_workbench import Model, RealParameter, ScalarOutcome, SequentialEvaluator

    model = Model("ydsim", function=lambda intensity: {"rd": rd_of_region(intensity)})
    model.uncertainties = [RealParameter("intensity", 0.005, 0.05)]
    model.outcomes = [ScalarOutcome("rd")]
    with SequentialEvaluator(model) as evaluator:
        experiments, outcomes = evaluator.perform_experiments(scenarios=6)
    assert len(outcomes["rd"]) == 6
    for intensity, rd in zip(experiments["intensity"], outcomes["rd"], strict=True):
        assert rd == rd_of_region(float(intensity))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_salib_reads_a_sweep(tmp_path):
    """A Saltelli sweep of ours goes into SALib's analyser, whole and in its order."""
    import json

    from SALib.analyze import sobol

    design = {
        "kind": "saltelli", "n": 8, "second_order": False, "seed": 1,
        "factors": {
            "parameters.invest.intensity": {"from": 0.01, "to": 0.05},
            "parameters.chain.span": {"from": 0.1, "to": 0.3},
        },
    }  # fmt: skip
    path = tmp_path / "sobol.yaml"
    content = {"base": "ten_firms", "set": {k: v for k, v in TINY.items() if k != "record"}}
    path.write_text(json.dumps({**content, "design": design, "replicates": 1}), encoding="utf-8")
    results = ydsim.sweep(path, out=tmp_path / "out")
    problem = results.problem
    values = results.runs.sort_values("point")["rd_expenditure"].to_numpy()
    found = sobol.analyze(problem, values, calc_second_order=False, seed=1)
    effect = dict(zip(problem["names"], found["ST"], strict=True))
    assert effect["parameters.invest.intensity"] > 0.5
    assert effect["parameters.chain.span"] < 0.1
