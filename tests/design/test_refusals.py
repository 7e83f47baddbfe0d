"""What is wrong with a sweep is said in one line a problem, with its place."""

from __future__ import annotations

import pytest

GRID = "base: baseline\ndesign:\n  kind: grid\n  factors:\n"
FACTOR = "s.yaml:5:{}: design.factors."

FACTORS = [
    # unknown keys
    (
        "policies.border_frction.level: [0.3, 0.4]",
        "s.yaml:5:5: policies.border_frction: no policy is called 'border_frction'; "
        "did you mean 'border_friction'?",
    ),
    (
        "policies.border_friction.levl: [0.3, 0.4]",
        "s.yaml:5:5: policies.border_friction.levl: unknown key of policy 'border_friction'; "
        "did you mean 'level'?",
    ),
    (
        "parameters.adopt.boarder: {from: 0.3, to: 0.4, steps: 3}",
        "s.yaml:5:5: parameters.adopt.boarder: unknown key; did you mean 'border'?",
    ),
    ("scael: [0.3]", "s.yaml:5:5: scael: unknown key; did you mean 'scale'?"),
    (
        "policies.rd_grants: [off, {rat: 2}]",
        "s.yaml:5:32: policies.rd_grants.rat: unknown key of policy 'rd_grants'; "
        "did you mean 'rate'?",
    ),
    (
        "policies.rd_grant: [off, on]",
        "s.yaml:5:5: policies.rd_grant: no policy is called 'rd_grant'; did you mean 'rd_grants'?",
    ),
    # empty lists, duplicates, no lists
    ("scale: []", FACTOR.format(12) + "scale: the list is empty"),
    (
        "scale: [0.1, 0.2, 0.1]",
        FACTOR.format(23) + "scale: 0.1 appears twice; equal points are no replicates",
    ),
    (
        "scale: [1, 1.0]",
        FACTOR.format(16) + "scale: 1.0 appears twice; equal points are no replicates",
    ),
    (
        "policies.rd_grants: [on, {}]",
        FACTOR.format(30)
        + "policies.rd_grants: 'on' appears twice; equal points are no replicates",
    ),
    (
        "scale: 0.1",
        FACTOR.format(12) + "scale: expected a list, found the number 0.1; write [0.1]",
    ),
    (
        "world: synthetic",
        FACTOR.format(12)
        + "world: expected a list, found text 'synthetic'; write [synthetic]",
    ),
    (
        "fund: {choices: {a: {set: {scale: 0.1}}, b: {set: {scale: 0.1}}}}",
        FACTOR.format(46) + "fund.choices: 'b' is the same as 'a'; equal points are no replicates",
    ),
    # ranges
    (
        "scale: {from: 0.1, to: 0.2, steps: 0}",
        FACTOR.format(40) + "scale.steps: must be between 2 and 100000, found 0",
    ),
    (
        "scale: {from: 0.1, to: 0.2, step: 0}",
        FACTOR.format(39) + "scale.step: must be above 0, found 0",
    ),
    (
        "scale: {from: 0.1, to: 0.2, step: -0.1}",
        FACTOR.format(39) + "scale.step: must be above 0, found -0.1",
    ),
    (
        "scale: {from: 0.1, to: 0.2, step: 1e-9}",
        FACTOR.format(39) + "scale.step: step 1e-09 makes 100,000,000 values, more than 100,000",
    ),
    (
        "scale: {from: 0.2, to: 0.1, steps: 3}",
        FACTOR.format(19) + "scale.from: from 0.2 is not below to 0.1",
    ),
    (
        "scale: {from: 0, to: 0.1, steps: 3, log: true}",
        FACTOR.format(19) + "scale.from: from must be above 0 with `log`, found 0",
    ),
    (
        "scale: {from: 0.1, to: 0.2}",
        FACTOR.format(5) + "scale: needs one of `steps` (how many) and `step` (how wide)",
    ),
    (
        "scale: {from: 0.1, steps: 3}",
        FACTOR.format(5) + "scale: needs 'to', which has no default",
    ),
    (
        "scale: {from: .inf, to: 2, steps: 3}",
        FACTOR.format(19) + "scale.from: must be a finite number",
    ),
    (
        "end: {from: 2020, to: 2025, steps: 3}",
        FACTOR.format(5)
        + "end: gives 2022.5, and the key takes whole numbers; list the values instead",
    ),
    (
        "parameters.actors.media: {from: 0, to: 1, steps: 2}",
        FACTOR.format(5)
        + "parameters.actors.media: takes true or false and has no range; list its values",
    ),
    # values
    ("scale: [0.1, two]", "s.yaml:5:18: scale: expected a number, found text 'two'"),
    ("end: [2020, 2020.0]", "s.yaml:5:17: end: expected a whole number, found the number 2020.0; "
     "write 2020"),
    (
        "scale: {from: 0.1, to: 1.2, steps: 3}",
        "s.yaml:5:28: scale: must be between 0.002 and 1, found 1.2",
    ),
    (
        "governance: [fixed, tournment]",
        "s.yaml:5:25: governance.mode: 'tournment' is not valid; did you mean 'tournament'?",
    ),
    (
        "scenario: [baseline, closed_border]",
        FACTOR.format(26) + "scenario[1]: no scenario is called 'closed_border'; "
        "did you mean 'closed_borders'?; see `ydsim list scenarios`",
    ),
    (
        "seed: [1, 2]",
        "s.yaml:5:5: seed: cannot be varied; replicates differ in their draws by themselves; "
        "write `replicates:`",
    ),
    ("scale: {values: [0.1], label: scenario}", FACTOR.format(5)
     + "scenario: 'scenario' is a column of every table; give it another name"),
    ("hash: {choices: {a: {}, b: {set: {scale: 1}}}}", FACTOR.format(5)
     + "hash: 'hash' is a column of every table; give it another name"),
    ("point: {choices: {a: {}, b: {set: {scale: 1}}}}", FACTOR.format(5)
     + "point: 'point' is a column of every table; give it another name"),
]  # fmt: skip


@pytest.mark.parametrize(("factor", "line"), FACTORS, ids=[text[:40] for text, _ in FACTORS])
def test_factors(refused, factor, line):
    assert refused(f"{GRID}    {factor}\n")[0] == line


BASE = "base: baseline\n"
SCALE = "design: {kind: grid, factors: {scale: [0.1]}}\n"

FILES = [
    (
        BASE + "design:\n  kind: gird\n",
        "s.yaml:3:9: design.kind: 'gird' is not valid; did you mean 'grid'?",
    ),
    (
        BASE + "design:\n  kind: grid\n  factor: {scale: [0.1]}\n",
        "s.yaml:4:3: design.factor: unknown key; did you mean 'factors'?",
    ),
    (
        BASE + "design:\n  kind: grid\n  n: 3\n  factors: {scale: [0.1]}\n",
        "s.yaml:4:3: design.n: unknown key; valid keys: kind, factors "
        "(n is for latin_hypercube, sobol, saltelli)",
    ),
    (BASE + "sed: 1\n" + SCALE, "s.yaml:2:1: sed: unknown key; did you mean 'seed'?"),
    (BASE + "set: {scael: 1}\n" + SCALE, "s.yaml:2:7: scael: unknown key; did you mean 'scale'?"),
    (BASE + "set: {policies.closur: off}\n" + SCALE, "s.yaml:2:7: policies.closur: no policy is "
     "called 'closur'; did you mean 'closure'?"),
    (BASE + "scale: 1\n" + SCALE, "s.yaml:2:1: scale: unknown key; valid keys: name, description, "
     "base, set, design, replicates, random, record, seed; "
     "settings of the scenario go under `set`"),
    (SCALE, "s.yaml: needs 'base', the name or path of a scenario"),
    (BASE, "s.yaml: is no sweep, it has no `design:`; to vary a scenario write "
     "--vary KEY=FROM:TO:STEPS"),
    ("", "s.yaml:1:1: the file is empty; a sweep needs `base:` and `design:`"),
    ("- 1\n", "s.yaml:1:1: expected a mapping of keys to values, found a list"),
    # lists of points
    (
        BASE + "design: {kind: list, points: {scale: [0.1, 0.2], end: [2020]}}\n",
        "s.yaml:2:30: design.points: lists of unequal length: scale has 2, end has 1",
    ),
    (
        BASE + "design:\n  kind: list\n  points:\n  - {scale: 0.1}\n  - {scale: 0.1}\n",
        "s.yaml:6:13: is the same point as in line 5; equal points are no replicates",
    ),
    (
        BASE + "design:\n  kind: list\n  points:\n  - {scale: 0.1}\n  - {sclae: 0.2}\n",
        "s.yaml:6:6: sclae: unknown key; did you mean 'scale'?",
    ),
    (
        BASE + "design: {kind: list, points: []}\n",
        "s.yaml:2:30: design.points: the list is empty",
    ),
    (
        BASE + "design: {kind: list, file: points.txt}\n",
        "s.yaml:2:28: design.file: expected a file that ends in .csv or .parquet, found .txt",
    ),
    # other kinds
    (
        BASE + "design: {kind: one_at_a_time, factors: {scale: [0.05, 0.1]}}\n",
        "s.yaml:2:41: design.factors.scale: 0.05 is what the base has, "
        "and the first point is the base",
    ),
    (
        BASE + "design: {kind: sobol, n: 100, factors: {scale: {from: 0.05, to: 0.1}}}\n",
        "s.yaml:2:26: design.n: must be a power of two here, found 100; "
        "the nearest are 64 and 128",
    ),
    (
        BASE + "design: {kind: sobol, factors: {scale: {from: 0.05, to: 0.1}}}\n",
        "s.yaml:2:1: design: needs 'n', which has no default",
    ),
    (
        BASE + "design: {kind: sobol, n: 4, factors: {scale: {from: 0.05, to: 0.1, steps: 3}}}\n",
        "s.yaml:2:68: design.factors.scale.steps: unknown key; "
        "valid keys: from, to, log, label; this kind of design takes numbers from all of the range",
    ),
    (
        BASE + "design: {kind: morris, trajectories: 10, factors: {scale: [0.1, 0.2, 0.3]}}\n",
        "s.yaml:2:52: design.factors.scale: lists values, and elementary effects need a range or "
        "exactly two of them; write {from: , to: }, or use grid, factorial, latin_hypercube or "
        "saltelli",
    ),
    (
        BASE + "design: {kind: morris, trajectories: 9, levels: 5, "
        "factors: {scale: {from: 0.1, to: 1}}}\n",
        "s.yaml:2:49: design.levels: must be even, so that steps have one length, found 5",
    ),
    (
        BASE + "design: {kind: factorial, groups: [media, universites]}\n",
        "s.yaml:2:43: design.groups[1]: no group is called 'universites'; "
        "did you mean 'universities'?",
    ),
    (
        BASE + "design: {kind: factorial, groups: [media, funding], fraction: half}\n",
        "s.yaml:2:63: design.fraction: fraction half of 2 groups mixes their effects; "
        "take at least 3, or `full`",
    ),
    (
        BASE + "design: {kind: factorial, groups: {a: [joint_fund]}}\n",
        "s.yaml:2:40: design.groups.a[0]: the base has no policy 'joint_fund'; "
        "did you mean 'joint_rd_fund'?",
    ),
    (
        "base: six_actor_community\ndesign: {kind: factorial, groups: {point: [open_bids]}}\n",
        "s.yaml:2:36: design.groups.point: 'point' is a column of every table; "
        "give it another name",
    ),
    # head
    (BASE + "random: commn\n" + SCALE, "s.yaml:2:9: random: 'commn' is not valid; "
     "did you mean 'common'?"),
    (BASE + "record: {tables: [funel]}\n" + SCALE, "s.yaml:2:19: record.tables[0]: "
     "no recorded table is called 'funel'; did you mean 'funnel'?"),
    (BASE + "record: {tables: [series]}\n" + SCALE, "s.yaml:2:19: record.tables[0]: 'series' has "
     "a key of its own; write series: 1"),
    (BASE + "record: {series: -1}\n" + SCALE,
     "s.yaml:2:18: record.series: must be between 0 and 400, found -1"),
    (BASE + "replicates: 0\n" + SCALE,
     "s.yaml:2:13: replicates: must be between 1 and 100000, found 0"),
    (BASE + "replicates: {outcome: launchs, half_width: 0.1}\n" + SCALE,
     "s.yaml:2:23: replicates.outcome: no indicator of the region is called 'launchs'; "
     "did you mean 'launches'?"),
    (BASE + "replicates: {outcome: launches, half_width: 0}\n" + SCALE,
     "s.yaml:2:45: replicates.half_width: must be above 0, found 0"),
    (BASE + "replicates: {outcome: launches, half_width: 1, least: 9, most: 3}\n" + SCALE,
     "s.yaml:2:55: replicates.least: least 9 is more than most 3"),
    (BASE + "name: a/b\n" + SCALE, "s.yaml:2:7: name: 'a/b' cannot name a folder; use at most 80 "
     "letters, digits, '_', '-' and '.'"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line"), FILES, ids=[line[:60] for _, line in FILES])
def test_files(refused, text, line):
    assert refused(text) == [line]


def test_all_problems_are_said_at_once_in_order(refused):
    text = (
        "base: baseline\nrandom: commn\ndesign:\n  kind: grid\n  factors:\n"
        "    scale: [0.1, two, 1.5]\n    end: [2005, 2020]\n"
    )
    assert refused(text) == [
        "s.yaml:2:9: random: 'commn' is not valid; did you mean 'common'?",
        "s.yaml:6:18: scale: expected a number, found text 'two'",
        "s.yaml:6:23: scale: must be between 0.002 and 1, found 1.5",
        "s.yaml:7:11: end: must be between 2011 and 2100 (year), found 2005",
    ]


def test_a_broken_setting_of_the_design_hides_no_wrong_value(refused):
    text = (
        "base: baseline\nreplicates: many\ndesign:\n  kind: latin_hypercube\n"
        "  n: ten\n  sed: 1\n  factors:\n    end: [2005, 2020]\n"
    )
    assert refused(text) == [
        "s.yaml:2:13: replicates: expected a whole number, found text 'many'",
        "s.yaml:5:6: design.n: expected a whole number, found text 'ten'",
        "s.yaml:6:3: design.sed: unknown key; did you mean 'seed'?",
        "s.yaml:8:11: end: must be between 2011 and 2100 (year), found 2005",
    ]


@pytest.mark.parametrize(
    ("design", "line"),
    [
        ("design: 3", "s.yaml:2:9: design: expected a mapping of keys to values, found the "
         "number 3"),
        ("design:", "s.yaml:2:1: design: has no value; delete the key to get its default"),
        ("design: {n: 3}", "s.yaml:2:1: design: needs 'kind', one of grid, list, one_at_a_time, "
         "latin_hypercube, sobol, saltelli, morris, factorial"),
        ("design: {kind: 3}", "s.yaml:2:16: design.kind: '3' is not valid; valid are: grid, list, "
         "one_at_a_time, latin_hypercube, sobol, saltelli, morris, factorial"),
        ("design: {kind: grid}", "s.yaml:2:1: design: needs 'factors', which has no default"),
        ("design: {kind: grid, factors: {}}", "s.yaml:2:31: design.factors: the mapping is empty"),
        ("design: {kind: list, points: {scale: off, end: [2020]}}", "s.yaml:2:38: "
         "design.points.scale: expected a list, found text 'off'; write [off]"),
        ("design: {kind: list, points: [{scale: 0.1}, 3]}", "s.yaml:2:45: design.points[1]: "
         "expected a mapping of keys to values, found the number 3"),
        ("design: {kind: list}", "s.yaml:2:1: design: needs one of `points` and `file`"),
        ("design: {kind: factorial, groups: {1x: [closure]}}", "s.yaml:2:36: design.groups.1x: "
         "'1x' cannot name a factor, group or choice; use at most 80 letters, digits, spaces, '_', "
         "'-', '+' and '.', a letter first"),
        ("design: {kind: grid, factors: {scale: {rate: 1}}}", "s.yaml:2:32: design.factors.scale: "
         "needs one of `from` with `to`, `values`, and `choices`; write several settings as a "
         "list, [{...}, {...}]"),
    ],
)  # fmt: skip
def test_forms(refused, design, line):
    assert refused(f"base: baseline\n{design}\n") == [line]


@pytest.mark.parametrize("key", ["name", "description", "replicates", "random", "record", "seed"])
def test_a_key_without_a_value_is_refused(refused, key):
    (line,) = refused(f"{BASE}{SCALE}{key}:\n")
    assert line.startswith(f"s.yaml:3:1: {key}: has no value; delete the key")


def test_a_base_that_is_missing_says_who_asks(refused):
    assert refused("base: basline\n" + SCALE, 4) == [
        "s.yaml:1:7: base: no scenario is called 'basline'; did you mean 'baseline'?; "
        "see `ydsim list scenarios`"
    ]
    assert refused("base: nowhere.yaml\n" + SCALE, 4) == [
        "s.yaml:1:7: base: nowhere.yaml: no such file"
    ]


def test_too_many_runs_are_counted_and_not_made(refused, sweep):
    keys = ("adopt.border", "adopt.own_city", "adopt.outside", "learn.rate", "match.border",
            "match.border_contract", "talent.border")  # fmt: skip
    text = GRID + "".join(f"    parameters.{k}: {{from: 0, to: 1, steps: 20}}\n" for k in keys)
    assert refused(text) == [
        "s.yaml: 20 x 20 x 20 x 20 x 20 x 20 x 20 = 1,280,000,000 points with 5 replicates each "
        "are 6,400,000,000 runs, more than 100,000; take fewer values or replicates, or allow it "
        "with --max-runs 6400000000"
    ]
    assert sweep(text, max_runs=6_400_000_000).size == 20**7


def test_replicates_count_as_runs(refused):
    text = BASE + SCALE
    (line,) = refused(text, replicates=100, max_runs=99)
    assert line.startswith("s.yaml: 1 point with 100 replicates each are 100 runs, more than 99;")
    rule = "replicates: {outcome: launches, half_width: 0.1, most: 500}\n"
    (line,) = refused(text + rule, max_runs=400)
    assert "with up to 500 replicates each are 500 runs" in line


def test_invalid_combinations_are_all_found_before_a_run(refused):
    text = GRID + "    start: [2011, 2020, 2025]\n    end: [2015, 2022]\n"
    assert refused(text) == [
        "s: point 2 (start=2020, end=2015): end: end 2015 lies before start 2020",
        "s: point 4 (start=2025, end=2015): end: end 2015 lies before start 2025",
        "s: point 5 (start=2025, end=2022): end: end 2022 lies before start 2025",
    ]


def test_many_invalid_points_are_counted(refused):
    text = GRID + "    start: {from: 2013, to: 2050, step: 1}\n    end: [2012, 2060]\n"
    lines = refused(text)
    assert len(lines) == 21
    assert lines[-1] == "s: ... and 18 more points of 76"


def test_names_of_another_world_are_found(refused):
    lines = refused(GRID + "    world: [yrd, synthetic]\n")
    assert lines[0].startswith("s: point 1 (world=synthetic): policies.")
    assert lines[-1] == "s: point 1 (world=synthetic): ... and 3 more problems"


def test_an_override_of_a_factor_is_refused(refused):
    assert refused(BASE + SCALE, overrides={"scale": 0.2}) == [
        "--set scale=0.2: is varied by the sweep, which would replace this value"
    ]


def test_a_large_file_is_refused(folder, refused):
    text = BASE + SCALE + ("#" * 99_000 + "\n") * 102
    assert refused(text, 4) == ["s.yaml: is larger than 10 MB, which no sweep is"]
    (folder / "points.csv").write_text("scale\n" + "0.1\n" * 2_500_001, encoding="utf-8")
    assert refused(BASE + "design: {kind: list, file: points.csv}\n", 4) == [
        "s.yaml:2:28: design.file: points.csv: is larger than 10 MB, which no table of points is"
    ]
