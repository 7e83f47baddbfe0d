"""Points are lazy, the same ones each time, and equal to scenarios that are loaded in full."""

import itertools
import json
import pickle
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ydsim.design.load import load_sweep, parse_vary
from ydsim.design.sweep import Sweep, check_points, scenarios
from ydsim.errors import ScenarioError, UsageError, YdsimError
from ydsim.scenario.load import load_scenario, scenario_hash

LEVELS: dict[str, list[Any]] = {
    "scale": [0.01, 0.02, 0.5],
    "end": [2024, 2027, 2030],
    "known_in": [None, 2020],
    "parameters.border.exposure": [0.2, 0.5, 1],
    "parameters.actors.media": [True, False],
    "parameters.chain.pace": [[0.2] * 5, [0.1, 0.2, 0.3, 0.4, 0.5]],
    "parameters.match.consortium": [2, 3, 5],
    "governance.mode": ["fixed", "tournament"],
    "governance.level": [0.25, 0.75],
    "policies.border_friction.passes": [0, 0.5, None],
    "policies.joint_rd_fund": [{}, {"rate": 0.005}, {"start": 2019, "target": {"fields": []}}],
    "policies.rd_grants.rate": [0.02, 0.2],
    "policies.rd_grants.start": [2015, 2019.25],
    "policies.deeper.policy": ["membership"],
}
FEW = settings(max_examples=12)


@st.composite
def grids(draw: st.DrawFn) -> dict[str, list[Any]]:
    keys = draw(st.lists(st.sampled_from(sorted(LEVELS)), min_size=1, max_size=4, unique=True))
    return {
        key: draw(st.lists(st.sampled_from(LEVELS[key]), min_size=1, max_size=3, unique_by=str))
        for key in keys
    }


def text_of(factors: dict[str, list[Any]], base: str = "six_actor_community") -> str:
    return json.dumps({"base": base, "design": {"kind": "grid", "factors": factors}})


def hashes(sweep: Sweep) -> list[str]:
    return [*map(scenario_hash, scenarios(sweep))]


@pytest.mark.slow
@FEW
@given(factors=grids())
def test_the_quick_way_equals_the_full_one(sweep, factors):
    found = sweep(text_of(factors))
    made = list(scenarios(found))
    assert found.size == len(made) == len(list(itertools.product(*factors.values())))
    for one, levels in zip(made, itertools.product(*factors.values()), strict=True):
        laid = dict(zip(factors, levels, strict=True))
        laid |= {"record": found.record.block(), "replicates": 1}
        slow = load_scenario("six_actor_community", laid)
        assert one == slow
        assert scenario_hash(one) == scenario_hash(slow)
        for name, policy in one.policies.items():
            assert policy.model_fields_set == slow.policies[name].model_fields_set


def require_in_both_draws(sweep, relation, *factors):
    """Require a relation between the sets of scenarios of two sweeps, whatever their seeds."""
    for random in ("common", "independent"):
        texts = [json.dumps(json.loads(text_of(f)) | {"random": random}) for f in factors]
        assert relation(*(set(hashes(sweep(text))) for text in texts))


@pytest.mark.slow
@FEW
@given(factors=grids(), data=st.data())
def test_the_order_of_factors_makes_no_other_scenarios(sweep, factors, data):
    keys = data.draw(st.permutations(list(factors)))
    require_in_both_draws(sweep, set.__eq__, factors, {key: factors[key] for key in keys})


@pytest.mark.slow
@FEW
@given(factors=grids())
def test_one_more_level_changes_no_other_point(sweep, factors):
    key = next(iter(factors))
    fewer = factors | {key: factors[key][:-1] or factors[key]}
    require_in_both_draws(sweep, set.issubset, fewer, factors)


def test_the_quick_way_refuses_what_the_full_one_refuses(folder):
    sweep = load_sweep("baseline", vary=["start=2011:2020:10", "end=2011:2020:10"])
    bad = 0
    for row in sweep.points["set"]:
        try:
            load_scenario("baseline", json.loads(row))
        except ScenarioError:
            bad += 1
    with pytest.raises(ScenarioError) as caught:
        check_points(sweep)
    assert bad == 45
    assert caught.value.problems[-1] == "baseline: ... and 25 more points of 100"


def test_policies_that_clash_are_found(refused):
    text = text_of(
        {
            "policies.border_friction.passes": [0.5],
            "policies.other": [
                {"policy": "border_friction", "passes": 0.8, "strength": 0.0},
                {"policy": "border_friction", "passes": 0.8},
            ],
        },
        "baseline",
    )
    lines = refused(text)
    assert [line.partition(" (")[0] for line in lines] == ["s: point 1"]
    assert "as policy" in lines[0]
    assert "does at the same time" in lines[0]


def test_independent_points_have_seeds_of_their_own(sweep):
    text = (
        "base: baseline\nrandom: {}\nseed: 7\ndesign: {{kind: grid, factors: {{scale: [0.1, 1]}}}}"
    )
    common = [p.seed for p in scenarios(sweep(text.format("common")))]
    apart = [p.seed for p in scenarios(sweep(text.format("independent")))]
    again = [p.seed for p in scenarios(sweep(text.format("independent")))]
    other = [p.seed for p in scenarios(sweep(text.format("independent"), seed=8))]
    assert common == [7, 7]
    assert len({*apart, *other}) == 4
    assert apart == again


def test_what_a_caller_gives_goes_over_the_file(sweep):
    text = (
        "base: baseline\nset: {scale: 0.1, seed: 3}\nseed: 4\nreplicates: 5\n"
        "design: {kind: grid, factors: {end: [2020]}}\n"
    ).replace(", seed: 3", "")
    found = sweep(text)
    assert (found.base.scale, found.base.seed, found.replicates) == (0.1, 4, 5)
    found = sweep(text, overrides=["scale=0.2", "seed=5"])
    assert (found.base.scale, found.base.seed) == (0.2, 5)
    found = sweep(text, overrides=["seed=5"], seed=6, replicates=2)
    assert (found.base.seed, found.replicates) == (6, 2)
    assert next(scenarios(found)).seed == 6
    with pytest.raises(UsageError, match="replicates: expected a whole number from 1"):
        sweep(text, replicates=0)


def test_a_policy_can_be_off_for_the_whole_sweep(sweep):
    text = text_of({"scale": [0.1]})
    found = sweep(text, overrides=["policies.rd_grants=off", "policies.closure=on"])
    assert "rd_grants" not in found.base.policies
    assert "closure" in next(scenarios(found)).policies
    for key, said in (
        ("policies.closur=off", "--set policies.closur=off: no policy is called 'closur'; "
         "did you mean 'closure'?"),
        ("policies.rd_grants=off", "--set policies.rd_grants=off: is varied by the sweep, which "
         "would replace this value"),
    ):  # fmt: skip
        with pytest.raises(ScenarioError) as caught:
            sweep(text_of({"policies.rd_grants": ["off", "on"]}), overrides=[key])
        assert caught.value.problems == (said,)


def test_a_sweep_survives_pickling(sweep):
    found = sweep(text_of({"scale": [0.1, 0.2], "policies.rd_grants.rate": [0.1]}))
    again = pickle.loads(pickle.dumps(found))
    assert again == found
    assert hashes(again) == hashes(found)


def test_the_spec_is_plain_and_names_no_place(sweep, folder):
    (folder / "mine.yaml").write_text("extends: baseline\n")
    text = "base: mine.yaml\nset: {scale: 0.1}\ndesign: {kind: grid, factors: {end: [2020]}}\n"
    spec = sweep(text).spec
    assert json.loads(json.dumps(spec, allow_nan=False)) == spec
    assert str(folder) not in json.dumps(spec)
    (folder / "t.yaml").write_text(text.replace("mine.yaml", str(folder / "mine.yaml")))
    assert load_sweep(folder / "t.yaml").spec == spec | {"name": "t"}
    base = load_scenario(
        "mine.yaml", {"scale": 0.1, "replicates": 1, "record": sweep(text).record.block()}
    )
    assert spec["hashes"] == {"mine.yaml": scenario_hash(base)}


@pytest.mark.slow
def test_a_hundred_thousand_points_take_little_memory(folder):
    sweep = load_sweep(
        "baseline", vary=["scale=0.01:1:100", "parameters.border.exposure=0:1:1000"], replicates=1
    )
    assert sweep.size == 100_000
    tracemalloc.start()
    made = sum(1 for _ in itertools.islice(scenarios(sweep), 500))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert made == 500
    assert peak < 60e6


@pytest.mark.slow
def test_a_long_table_takes_little_memory(sweep, folder):
    rows = "".join(f"{0.01 + i * 1e-6:.6f},{i % 97 / 100}\n" for i in range(60_000))
    (folder / "p.csv").write_text("scale,parameters.border.exposure\n" + rows)
    tracemalloc.start()
    found = sweep("base: baseline\nreplicates: 1\ndesign: {kind: list, file: p.csv}\n")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.size == 60_000
    assert peak < 150e6
    last = found.points.drop(columns="set").iloc[2]
    assert dict(last) == {"scale": 0.010002, "parameters.border.exposure": 0.02}


def test_vary_makes_a_grid(folder):
    texts = [
        "policies.border_friction.passes=0.3:1.0:8",
        "parameters.learn.rate=0.05:0.2:3:log",
        "world=yrd,ten_firms",
        "policies.rd_grants=off,{rate: 0.1}",
        "parameters.chain.pace=[0.1,0.1,0.1,0.1,0.1],[0.2,0.2,0.2,0.2,0.2]",
    ]
    sweep = load_sweep("baseline", vary=texts)
    assert (sweep.name, sweep.kind, sweep.size) == ("baseline", "grid", 8 * 3 * 2 * 2 * 2)
    assert [level.value for level in sweep.factors[0].levels] == [
        0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0
    ]  # fmt: skip
    assert [level.value for level in sweep.factors[1].levels] == [0.05, 0.1, 0.2]
    assert [level.value for level in sweep.factors[3].levels] == ["off", '{"rate": 0.1}']
    assert parse_vary(["scale=0.1"]).value["kind"].value == "grid"


FORM = ": expected KEY=FROM:TO:STEPS, KEY=FROM:TO:STEPS:log or KEY=a,b,c"
REFUSED = [
    ("baseline", ["scale"], f"--vary scale{FORM}"),
    ("baseline", ["scale="], f"--vary scale={FORM}"),
    ("baseline", ["scale=0.1:0.2"], f"--vary scale=0.1:0.2{FORM}"),
    ("baseline", ["scale=0.1:0.2:3:lin"], f"--vary scale=0.1:0.2:3:lin{FORM}"),
    ("baseline", ["scale=0.1", "scale=0.2"], "--vary scale=0.2: scale is varied twice"),
    ("baseline", ["scael=1:2:3"], "--vary scael=1:2:3: scael: unknown key; did you mean 'scale'?"),
    ("baseline", ["scale=0.1:2:3"], "--vary scale=0.1:2:3: scale: must be between 0.002 and 1, "
     "found 2; did you mean 0.02 (2 %)?"),
    ("baseline", ["scale=0.1,0.1"], "--vary scale=0.1,0.1: design.factors.scale: 0.1 appears "
     "twice; equal points are no replicates"),
    ("baseline", ["scale=1:0.1:3"], "--vary scale=1:0.1:3: design.factors.scale.from: from 1 is "
     "not below to 0.1; write from 0.1 to 1"),
    ("baseline", ["scale=0.1:1:0"], "--vary scale=0.1:1:0: design.factors.scale.steps: must be "
     "between 2 and 100000, found 0"),
    ("baseline", [], "'baseline' is a scenario; say what to vary: --vary KEY=FROM:TO:STEPS"),
    ("levers", ["scale=1"], "--vary: 'levers' is a sweep and has a design of its own"),
    ("lever", [], "no sweep is called 'lever'; did you mean 'levers'?; see `ydsim list sweeps`"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "texts", "line"), REFUSED)
def test_what_cannot_be_varied_is_refused(folder, name, texts, line):
    with pytest.raises(YdsimError) as caught:
        load_sweep(name, vary=texts)
    assert str(caught.value) == line
