"""What points each kind of design has."""

import itertools

import numpy as np
import pytest

from ydsim.design.factors import scaled, spaced, stepped
from ydsim.design.sweep import check_points, scenarios
from ydsim.errors import UsageError
from ydsim.scenario.load import load_scenario, scenario_hash

BASE = "base: baseline\ndesign:\n"
TWO = "  factors:\n    scale: {from: 0.01, to: 0.1, log: true}\n    end: {from: 2020, to: 2024}\n"
SIX = ("universities", "institutes", "funding", "intermediaries", "media", "cross_province")


def unit_matrix(sweep):
    """The numbers in [0, 1] behind a space filling design, columns by sorted label."""
    return sweep.cells.func.__self__._matrix(len(sweep.factors))


def values(sweep):
    return sweep.points.drop(columns="set").to_dict("records")


def test_a_grid_has_all_combinations_and_the_last_factor_is_fastest(sweep):
    found = values(
        sweep(BASE + "  kind: grid\n  factors: {scale: [0.1, 0.2], end: [2020, 2021]}\n")
    )
    assert [tuple(v.values()) for v in found] == list(itertools.product([0.1, 0.2], [2020, 2021]))


def test_numbers_bear_the_type_of_their_key(sweep):
    text = BASE + "  kind: grid\n  factors: {scale: [1, 0.5], end: [2020], governance: [fixed]}\n"
    found = sweep(text)
    assert [[type(v) for v in row.values()] for row in values(found)] == [[float, int, str]] * 2
    assert [one.replicates for one in scenarios(found)] == [1, 1]


def test_one_at_a_time_starts_at_the_base(sweep):
    text = BASE + (
        "  kind: one_at_a_time\n  factors:\n    scale: [0.1, 0.2]\n"
        "    policies.joint_rd_fund: [off]\n    policies.rd_grants: [{rate: 0.1}]\n"
        "    governance: [tournament]\n    media: {choices: {none: {set: "
        "{parameters.actors.media: false}}}}\n    parameters.border.exposure: [0.7]\n"
    )
    found = sweep(text)
    first, *others = values(found)
    usual = {
        "scale": 0.05,
        "policies.joint_rd_fund": "on",
        "policies.rd_grants": "off",
        "governance": "fixed",
        "media": "base",
        "parameters.border.exposure": 0.5,
    }
    assert first == usual
    changed = [{k: v for k, v in row.items() if v != usual[k]} for row in others]
    assert changed == [
        {"scale": 0.1},
        {"scale": 0.2},
        {"policies.joint_rd_fund": "off"},
        {"policies.rd_grants": '{"rate": 0.1}'},
        {"governance": "tournament"},
        {"media": "none"},
        {"parameters.border.exposure": 0.7},
    ]
    made = list(scenarios(found))
    assert "joint_rd_fund" not in made[3].policies
    assert made[4].policies["rd_grants"].rate == 0.1
    assert made[6].parameters.actors.media is False


def test_off_wins_over_a_setting_of_the_policy_and_leaves_the_border_as_it_is(sweep):
    text = BASE + (
        "  kind: grid\n  factors:\n    policies.joint_rd_fund: [off, on]\n"
        "    policies.joint_rd_fund.rate: [0.001]\n    policies.border_friction: [off]\n"
    )
    off, on = scenarios(sweep(text))
    assert "joint_rd_fund" not in off.policies
    assert on.policies["joint_rd_fund"].rate == 0.001
    assert on.policies["border_friction"].passes is None


def test_off_equals_a_scenario_without_the_policy(sweep, folder):
    (folder / "with.yaml").write_text("policies: {rd_grants: {rate: 0.1}, closure: {}}\n")
    (folder / "without.yaml").write_text("policies: {closure: {}}\n")
    text = "base: with.yaml\ndesign: {kind: grid, factors: {policies.rd_grants: [off]}}\n"
    (made,) = scenarios(sweep(text))
    record = made.record.model_dump()
    assert scenario_hash(made) == scenario_hash(load_scenario("without.yaml", {"record": record}))


def test_set_is_laid_over_every_scenario_that_is_varied(sweep):
    text = (
        "set: {scale: 0.3, policies.joint_rd_fund: off}\ndesign: {kind: grid, factors: "
        "{scenario: [baseline, closed_borders]}}\n"
    )
    found = sweep(text)
    made = list(scenarios(found))
    assert [row["scenario"] for row in values(found)] == ["baseline", "closed_borders"]
    assert [one.name for one in made] == ["baseline", "closed_borders"]
    assert all(one.scale == 0.3 and "joint_rd_fund" not in one.policies for one in made)


def test_a_list_leaves_what_it_does_not_say(sweep):
    text = BASE + (
        "  kind: list\n  points:\n    - {scenario: closed_borders}\n"
        "    - {scenario: baseline, policies.closure.level: 0.25, end: 2020}\n"
    )
    first, second = values(sweep(text))
    assert first == {"scenario": "closed_borders", "policies.closure.level": 0.5, "end": 2030}
    assert second["scenario"] == "baseline"


def test_a_policy_that_a_key_adds_is_on_in_the_table_of_a_list(sweep):
    text = (
        "base: baseline\ndesign:\n  kind: list\n  points:\n"
        "  - {policies.rd_grants.rate: 0.1}\n"
        "  - {policies.rd_grants: off, policies.rd_grants.rate: 0.2}\n"
        "  - {scale: 0.1}\n"
    )
    found = sweep(text)
    assert found.points["policies.rd_grants"].tolist() == ["on", "off", "off"]
    assert [int("rd_grants" in one.policies) for one in scenarios(found)] == [1, 0, 0]


def test_a_csv_and_a_parquet_file_give_the_points_of_the_list(sweep, folder):
    import pyarrow as pa
    import pyarrow.parquet as pq

    text = 'scale,end,policies.rd_grants\n0.1,2020,off\n0.2,,"{rate: 0.1}"\n\n'
    (folder / "points.csv").write_text(text, encoding="utf-8")
    table = pa.table(
        {"scale": [0.1, 0.2], "end": [2020, None], "policies.rd_grants": ["off", "on"]}
    )
    pq.write_table(table, folder / "points.parquet")
    inline = sweep(
        BASE + "  kind: list\n  points:\n    - {scale: 0.1, end: 2020, policies.rd_grants: off}\n"
        "    - {scale: 0.2, policies.rd_grants: {rate: 0.1}}\n"
    )
    csv = sweep(BASE + "  kind: list\n  file: points.csv\n")
    parquet = sweep(BASE + "  kind: list\n  file: points.parquet\n")
    assert values(csv) == values(inline)
    assert list(scenarios(csv)) == list(scenarios(inline))
    assert [v["end"] for v in values(parquet)] == [2020, 2030]
    file = csv.spec["settings"]["file"]
    assert (file["name"], file["rows"], len(file["sha256"])) == ("points.csv", 2, 64)
    assert "0.2" not in str(csv.spec)


def test_truth_values_of_pandas_and_spreadsheets_are_read(sweep, folder):
    text = "parameters.actors.media,scale\nTrue,0.1\nFALSE,0.1\ntrue,0.2\n"
    (folder / "points.csv").write_text(text, encoding="utf-8")
    found = values(sweep(BASE + "  kind: list\n  file: points.csv\n"))
    assert [v["parameters.actors.media"] for v in found] == [True, False, True]


@pytest.mark.parametrize(
    ("table", "code", "line"),
    [
        ("scale,end\n0.1,2020\n0.1\n", 3, "points.csv:3:1: has 1 cells, the header 2"),
        ("scale;end\n0.1;2020\n", 4, "points.csv:1: cells are separated by ';'; write ','"),
        ("scale\n", 4, "points.csv: has a header and no points; write keys in the first line, "
         "points below"),
        ("scale,scale\n0.1,1\n", 3, "points.csv:1:2: scale: two columns have this name"),
        ("scale,end\n0.1,2020\n0.2,x\n", 3, "points.csv:3:2: end: expected a whole number, found "
         "text 'x'"),
        ("scale,sceed\n0.1,2\n0.2,3\n", 3, "points.csv:1:2: sceed: unknown key; "
         "did you mean 'seed'?"),
        ("scale,point\n0.1,2\n", 3, "points.csv:1:2: point: is a column of a table of results "
         "and no key"),
        ("scale,end\n0.1,\n", 3, "points.csv:1:2: end: has no value at any point"),
        ("scale,end\n1,2020\n1.0,2020\n", 3, "points.csv:3:1: is the same point as in line 2; "
         "equal points are no replicates"),
        ("scale\n\"0.1\n", 4, "points.csv:2: not CSV: unexpected end of data"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_table_is_said_with_its_cell(refused, folder, table, code, line):
    (folder / "points.csv").write_text(table, encoding="utf-8")
    assert refused(BASE + "  kind: list\n  file: points.csv\n", code) == [line]


def test_a_latin_hypercube_has_one_point_in_each_part(sweep):
    found = sweep(BASE + "  kind: latin_hypercube\n  n: 25\n  seed: 3\n" + TWO)
    u = unit_matrix(found)
    assert u.shape == (25, 2)
    for column in u.T:
        assert sorted(np.floor(column * 25).astype(int)) == list(range(25))
    scales = np.array([v["scale"] for v in values(found)])
    parts = np.floor(np.log(scales / 0.01) / np.log(10.0) * 25)
    assert sorted(parts.astype(int)) == list(range(25))
    ends = [v["end"] for v in values(found)]
    assert {ends.count(year) for year in range(2020, 2025)} == {5}


def test_the_order_of_factors_does_not_change_a_space_filling_design(sweep):
    head, scale, end = TWO.splitlines()
    swapped = f"{head}\n{end}\n{scale}\n"
    for kind in ("latin_hypercube", "sobol", "saltelli"):
        one, other = (sweep(f"{BASE}  kind: {kind}\n  n: 8\n{f}") for f in (TWO, swapped))
        assert values(one) == values(other)


def test_categories_have_equal_parts(sweep):
    text = BASE + (
        "  kind: latin_hypercube\n  n: 30\n  factors:\n    governance: [fixed, tournament, "
        "coordinated]\n    parameters.actors.media: [true, false]\n"
    )
    found = values(sweep(text))
    names = [v["governance"] for v in found]
    assert {names.count(n) for n in ("fixed", "tournament", "coordinated")} == {10}
    assert [v["parameters.actors.media"] for v in found].count(True) == 15


def test_sobol_is_scipys(sweep):
    from scipy.stats import qmc

    found = sweep(BASE + "  kind: sobol\n  n: 16\n  scramble: false\n" + TWO)
    np.testing.assert_array_equal(unit_matrix(found), qmc.Sobol(2, scramble=False).random(16))
    scrambled = sweep(BASE + "  kind: sobol\n  n: 16\n  seed: 5\n" + TWO)
    assert not np.array_equal(unit_matrix(scrambled), unit_matrix(found))
    assert values(scrambled) == values(scrambled)


def test_saltelli_is_salibs(sweep):
    sobol = pytest.importorskip("SALib.sample.sobol")
    problem = {"num_vars": 2, "names": ["end", "scale"], "bounds": [[0.0, 1.0]] * 2}
    for second, size in ((True, 8 * 6), (False, 8 * 4)):
        text = f"{BASE}  kind: saltelli\n  n: 8\n  seed: 2\n  second_order: {str(second).lower()}\n"
        found = sweep(text + TWO)
        own = sobol.sample(dict(problem), 8, calc_second_order=second, seed=2)
        np.testing.assert_array_equal(unit_matrix(found), own)
        assert found.size == len(own) == size
        assert found.spec["settings"]["problem"] == problem
        assert [v["scale"] for v in values(found)] == [
            scaled(u, 0.01, 0.1, log=True) for u in own[:, 1]
        ]


def test_morris_is_salibs(sweep):
    morris = pytest.importorskip("SALib.sample.morris")
    problem = {"num_vars": 2, "names": ["end", "scale"], "bounds": [[0.0, 1.0]] * 2}
    found = sweep(BASE + "  kind: morris\n  trajectories: 5\n  seed: 4\n" + TWO)
    own = morris.sample(dict(problem), 5, num_levels=4, seed=4)
    np.testing.assert_array_equal(unit_matrix(found), own)
    assert found.size == len(own) == 15
    assert found.spec["settings"]["problem"] == problem
    steps = np.diff(own.reshape(5, 3, 2), axis=1)
    assert ((steps != 0).sum(axis=2) == 1).all()


def test_two_choices_always_change_in_a_step_of_morris(sweep):
    for levels in (2, 4, 6):
        text = BASE + f"  kind: morris\n  trajectories: 6\n  levels: {levels}\n" + TWO
        found = values(sweep(text + "    policies.rd_grants: [off, {rate: 0.1}]\n"))
        for start in range(0, len(found), 4):
            kinds = [v["policies.rd_grants"] for v in found[start : start + 4]]
            assert sum(a != b for a, b in itertools.pairwise(kinds)) == 1


def test_without_salib_the_extra_is_named(sweep, monkeypatch):
    monkeypatch.setattr("ydsim.design.kinds.find_spec", lambda name: None)
    with pytest.raises(UsageError) as caught:
        sweep(BASE + "  kind: saltelli\n  n: 8\n" + TWO)
    assert str(caught.value) == (
        "a saltelli design needs SALib, which is not installed: pip install SALib"
    )


def test_a_full_factorial_has_all_cells(sweep):
    found = values(sweep(BASE + "  kind: factorial\n  groups: all\n"))
    assert tuple(found[0]) == SIX
    assert {tuple(v.values()) for v in found} == set(itertools.product([False, True], repeat=6))
    assert not any(found[0].values())
    assert all(found[-1].values())


def test_half_of_a_factorial_does_not_mix_main_effects(sweep):
    found = sweep(BASE + "  kind: factorial\n  fraction: half\n")
    x = np.where([list(v.values()) for v in values(found)], 1, -1)
    assert found.size == len(x) == 32
    assert found.spec["settings"]["relation"] == "I = " + " x ".join(SIX)
    assert (x.prod(axis=1) == 1).all()  # the defining relation
    np.testing.assert_array_equal(x.T @ x, 32 * np.eye(6, dtype=int))
    pairs = np.array([x[:, i] * x[:, j] for i, j in itertools.combinations(range(6), 2)]).T
    assert not (x.T @ pairs).any()  # nor with interactions of two,
    np.testing.assert_array_equal(pairs.T @ pairs, 32 * np.eye(15, dtype=int))  # nor these


def test_groups_switch_actors_or_policies(sweep):
    first = next(scenarios(sweep(BASE + "  kind: factorial\n  groups: [media, funding]\n")))
    actors = first.parameters.actors
    assert not actors.media
    assert not actors.funding
    assert actors.universities
    text = "base: six_actor_community\ndesign:\n  kind: factorial\n  groups: {a: [rd_grants, "
    strengths = [
        [one.policies[n].strength for n in ("rd_grants", "consortia", "open_bids")]
        for one in scenarios(sweep(text + "consortia], b: [open_bids]}\n"))
    ]
    assert strengths == [[0, 0, 0], [0, 0, 1], [1, 1, 0], [1, 1, 1]]


def test_numbers_of_ranges():
    assert spaced(0.3, 1.0, 8) == [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    assert spaced(1.0, 100.0, 3, log=True) == [1.0, 10.0, 100.0]
    assert stepped(0.0, 1.0, 0.1) == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    assert stepped(0.0, 1.0, 0.3) == [0.0, 0.3, 0.6, 0.9]
    assert stepped(0.0, 0.3, 0.1)[-1] == 0.3
    whole = [scaled(u / 1000, 2, 5, whole=True) for u in range(1001)]
    assert [whole.count(n) for n in (2, 3, 4, 5)] == [250, 250, 250, 251]
    assert scaled(0.0, 1, 9, log=True, whole=True) == 1
    assert scaled(1.0, 1, 9, log=True, whole=True) == 9
    assert scaled(1.0, 0.1, 0.3) == 0.3


def test_shares_of_points_do_not_leave_the_range(sweep):
    found = sweep(BASE + "  kind: sobol\n  n: 64\n  scramble: false\n" + TWO)
    check_points(found)
    assert min(v["scale"] for v in values(found)) == 0.01
