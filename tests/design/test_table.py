"""Points as a table in memory."""

import json

import pandas as pd
import pytest

from ydsim.design import sweep as design
from ydsim.design.load import load_sweep
from ydsim.errors import ScenarioError, UsageError
from ydsim.scenario.load import load_scenario

FRAME = pd.DataFrame(
    {
        "scale": [0.02, 0.1, None],
        "policies.rd_grants": ["on", None, "off"],
        "end": [2015, 2016, None],
    }
)


def scenarios(frame, **more):
    sweep = load_sweep("baseline", design=frame, **more)
    return list(design.scenarios(sweep))


def test_a_row_is_a_point():
    made = scenarios(FRAME)
    usual = load_scenario("baseline").scale
    assert [one.scale for one in made] == [0.02, 0.1, usual]
    assert [one.end for one in made] == [2015, 2016, 2030]
    assert ["rd_grants" in one.policies for one in made] == [True, False, False]


def test_rows_that_set_values_are_run_again():
    rows = [
        {"scale": 0.02, "policies.border_friction.passes": "x2"},
        {"end": 2016, "name": "other"},
    ]
    frame = pd.DataFrame({"point": [0, 1], "border": [9, 9], "set": list(map(json.dumps, rows))})
    made = scenarios(frame)
    assert (made[0].scale, made[0].policies["border_friction"].passes) == (0.02, "x2")
    assert (made[1].end, made[1].name) == (2016, "baseline")
    assert scenarios(frame[1:]) == made[1:]


def test_a_point_with_a_seed_of_its_own_is_run_again(sweep):
    text = (
        "base: baseline\nrandom: independent\ndesign: {kind: grid, factors: {scale: [0.02, 0.1]}}"
    )
    apart = sweep(text)
    made = zip(apart.points["set"], design.scenarios(apart), strict=True)
    rows = [json.dumps({**json.loads(row), "seed": point.seed}) for row, point in made]
    frame = pd.DataFrame({"set": rows})
    assert [scenarios(frame[at : at + 1])[0] for at in (0, 1)] == list(design.scenarios(apart))
    with pytest.raises(UsageError, match="seeds"):
        scenarios(frame)


def test_what_is_wrong_in_a_table_is_refused():
    with pytest.raises(ScenarioError, match="scalle"):
        scenarios(FRAME.rename(columns={"scale": "scalle"}))
    with pytest.raises(UsageError):
        scenarios(FRAME, vary=["scale=0.1,0.2"])
