"""What is wrong with a sweep is said in one line a problem, with its place."""

import pytest

GRID = "base: baseline\ndesign:\n  kind: grid\n  factors:\n"


def require(line, place, fact):
    """A line that begins with line, column and key, and then has a number or a nearest name."""
    head = f"s.yaml:{place}: " if place else "s.yaml: "
    assert line.startswith(head)
    assert fact in line.removeprefix(head)


# what is written, its place, and what is said of it

FACTORS = [
    # unknown keys
    ("policies.border_frction.passes: [0.3, 0.4]",
     "5:5: policies.border_frction", "'border_friction'"),
    ("parameters.adopt.border: [0.3]", "5:5: parameters.adopt.border",
     "border.exposure"),
    ("scael: [0.3]", "5:5: scael", "'scale'"),
    ("policies.rd_grants: [off, {rat: 2}]", "5:32: policies.rd_grants.rat", "'rate'"),
    # empty lists, duplicates, no lists
    ("scale: []", "5:12: design.factors.scale", "is empty"),
    ("scale: [0.1, 0.2, 0.1]", "5:23: design.factors.scale", "0.1"),
    ("policies.rd_grants: [on, {}]", "5:30: design.factors.policies.rd_grants", "'on'"),
    ("world: synthetic", "5:12: design.factors.world", "'synthetic'"),
    ("fund: {choices: {a: {set: {scale: 0.1}}, b: {set: {scale: 0.1}}}}",
     "5:46: design.factors.fund.choices", "'a'"),
    # ranges
    ("scale: {from: 0.1, to: 0.2, steps: 0}", "5:40: design.factors.scale.steps", "0"),
    ("scale: {from: 0.1, to: 0.2, step: 0}", "5:39: design.factors.scale.step", "0"),
    ("scale: {from: 0.1, to: 0.2, step: 1e-9}", "5:39: design.factors.scale.step", "100,000"),
    ("scale: {from: 0.2, to: 0.1, steps: 3}", "5:19: design.factors.scale.from", "0.1"),
    ("scale: {from: 0, to: 0.1, steps: 3, log: true}", "5:19: design.factors.scale.from", "0"),
    ("scale: {from: 0.1, to: 0.2}", "5:5: design.factors.scale", "`step`"),
    ("scale: {from: 0.1, steps: 3}", "5:5: design.factors.scale", "'to'"),
    ("scale: {from: .inf, to: 2, steps: 3}", "5:19: design.factors.scale.from", "finite number"),
    ("end: {from: 2020, to: 2025, steps: 3}", "5:5: design.factors.end", "2022.5"),
    ("parameters.actors.media: {from: 0, to: 1, steps: 2}",
     "5:5: design.factors.parameters.actors.media", "its values"),
    # values
    ("scale: [0.1, two]", "5:18: scale", "'two'"),
    ("end: [2020, 2020.0]", "5:17: end", "2020"),
    ("scale: {from: 0.1, to: 1.2, steps: 3}", "5:28: scale", "1.2"),
    ("governance: [fixed, tournment]", "5:25: governance.mode", "'tournament'"),
    ("scenario: [baseline, closed_border]", "5:26: design.factors.scenario[1]", "'closed_borders'"),
    ("seed: [1, 2]", "5:5: seed", "`replicates:`"),
    ("scale: {values: [0.1], label: scenario}", "5:5: design.factors.scenario", "'scenario'"),
    ("point: {choices: {a: {}, b: {set: {scale: 1}}}}", "5:5: design.factors.point", "'point'"),
    # one key by two factors
    ("scale: {from: 0.1, to: 0.2, steps: 2}\n    size: {choices: {a: {}, b: {set: {scale: 1}}}}",
     "6:5: design.factors.size", "'scale'"),
    ("policies.rd_grants.rate: [0.1, 0.2]\n    policies.rd_grants: [off, {rate: 0.2}]",
     "6:5: design.factors.policies.rd_grants", "policies.rd_grants.rate"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("factor", "place", "fact"), FACTORS, ids=[text[:40] for text, _, _ in FACTORS]
)
def test_factors(refused, factor, place, fact):
    require(refused(f"{GRID}    {factor}\n")[0], place, fact)


BASE = "base: baseline\n"
SCALE = "design: {kind: grid, factors: {scale: [0.1]}}\n"

FILES = [
    (BASE + "design:\n  kind: gird\n", "3:9: design.kind", "'grid'"),
    (BASE + "design:\n  kind: grid\n  factor: {scale: [0.1]}\n", "4:3: design.factor", "'factors'"),
    (BASE + "design:\n  kind: grid\n  n: 3\n  factors: {scale: [0.1]}\n",
     "4:3: design.n", "sobol, saltelli)"),
    (BASE + "set: {policies.closur: off}\n" + SCALE, "2:7: policies.closur", "'closure'"),
    (BASE + "scale: 1\n" + SCALE, "2:1: scale", "`set`"),
    (SCALE, "", "'base'"),
    (BASE, "", "`design:`"),
    ("", "1:1", "`design:`"),
    # lists of points
    (BASE + "design:\n  kind: list\n  points:\n  - {scale: 0.1}\n  - {scale: 0.1}\n", "6:13", "5"),
    (BASE + "design:\n  kind: list\n  points:\n  - {scale: 0.1}\n  - {sclae: 0.2}\n",
     "6:6: sclae", "'scale'"),
    (BASE + "design: {kind: list, points: []}\n", "2:30: design.points", "is empty"),
    (BASE + "design: {kind: list, file: points.txt}\n", "2:28: design.file", "found .txt"),
    (BASE + "design:\n  kind: list\n  points:\n  - {policies.rd_grants.rate: 0.1}\n"
     "  - {policies.rd_grants: {rate: 0.2}}\n", "6:6: policies.rd_grants", "rate"),
    (BASE + "design:\n  kind: list\n  points:\n  - {scale: 0.1, seed: 1}\n  - {scale: 0.2}\n",
     "5:18: seed", "`replicates:`"),
    (BASE + "design:\n  kind: list\n  points:\n  - {record.cities: true}\n",
     "5:6: record.cities", "`record:`"),
    # other kinds
    (BASE + "design: {kind: one_at_a_time, factors: {scale: [0.05, 0.1]}}\n",
     "2:41: design.factors.scale", "0.05"),
    (BASE + "design: {kind: sobol, n: 100, factors: {scale: {from: 0.05, to: 0.1}}}\n",
     "2:26: design.n", "128"),
    (BASE + "design: {kind: sobol, factors: {scale: {from: 0.05, to: 0.1}}}\n",
     "2:1: design", "'n'"),
    (BASE + "design: {kind: sobol, n: 4, factors: {scale: {from: 0.05, to: 0.1, steps: 3}}}\n",
     "2:68: design.factors.scale.steps", "the range"),
    (BASE + "design: {kind: morris, trajectories: 10, factors: {scale: [0.1, 0.2, 0.3]}}\n",
     "2:52: design.factors.scale", "or saltelli"),
    (BASE + "design: {kind: morris, trajectories: 9, levels: 5, factors: {scale: [0.1, 1]}}\n",
     "2:49: design.levels", "5"),
    (BASE + "design: {kind: factorial, groups: [media, universites]}\n",
     "2:43: design.groups[1]", "'universities'"),
    (BASE + "design: {kind: factorial, groups: [media, funding], fraction: half}\n",
     "2:63: design.fraction", "`full`"),
    (BASE + "design: {kind: factorial, groups: {a: [joint_fund]}}\n",
     "2:40: design.groups.a[0]", "'joint_rd_fund'"),
    ("base: six_actor_community\ndesign: {kind: factorial, groups: {point: [open_bids]}}\n",
     "2:36: design.groups.point", "'point'"),
    # a key twice
    (BASE + "set: {parameters.chain.span: 2, parameters: {chain: {span: 3}}}\n" + SCALE,
     "2:54: parameters.chain.span", "s.yaml:2"),
    (BASE + "set: {scale: 0.2}\n" + SCALE, "2:14: scale", "varied"),
    # head
    (BASE + "record: {tables: [funel]}\n" + SCALE, "2:19: record.tables[0]", "'funnel'"),
    (BASE + "record: {tables: [series]}\n" + SCALE, "2:19: record.tables[0]", "1"),
    (BASE + "replicates: {outcome: launchs, half_width: 0.1}\n" + SCALE,
     "2:23: replicates.outcome", "'launches'"),
    (BASE + "replicates: {outcome: launches, half_width: 1, least: 9, most: 3}\n" + SCALE,
     "2:55: replicates.least", "3"),
    # forms of a design
    (BASE + "design: 3\n", "2:9: design", "3"),
    (BASE + "design:\n", "2:1: design", "its default"),
    (BASE + "design: {n: 3}\n", "2:1: design", "'kind'"),
    (BASE + "design: {kind: 3}\n", "2:16: design.kind", "'3'"),
    (BASE + "design: {kind: grid}\n", "2:1: design", "'factors'"),
    (BASE + "design: {kind: grid, factors: {}}\n", "2:31: design.factors", "is empty"),
    (BASE + "design: {kind: list, points: {scale: [0.1, 0.2]}}\n",
     "2:30: design.points", "write [...]"),
    (BASE + "design: {kind: list, points: [{scale: 0.1}, 3]}\n", "2:45: design.points[1]", "3"),
    (BASE + "design: {kind: list}\n", "2:1: design", "`file`"),
    (BASE + "design: {kind: factorial, groups: {1x: [closure]}}\n",
     "2:36: design.groups.1x", "'.'"),
    (BASE + "design: {kind: grid, factors: {scale: {rate: 1}}}\n",
     "2:32: design.factors.scale", "`choices`"),
    (BASE + "name: a/b\n" + SCALE, "2:7: name", "'.'"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "fact"), FILES, ids=[place for _, place, _ in FILES])
def test_files(refused, text, place, fact):
    (line,) = refused(text)
    require(line, place, fact)


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
    keys = ("border.exposure", "adopt.external", "adopt.outside", "learn.rate", "border.joint_work",
            "border.hand_over", "border.talent")  # fmt: skip
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


@pytest.mark.slow
def test_many_invalid_points_are_counted(refused):
    text = GRID + "    start: {from: 2013, to: 2050, step: 1}\n    end: [2012, 2060]\n"
    lines = refused(text)
    assert len(lines) == 21
    assert lines[-1] == "s: ... and 18 more points of 76"


def test_names_of_another_world_are_found(refused):
    lines = refused(GRID + "    world: [yrd, synthetic]\n")
    assert lines[0].startswith("s: point 1 (world=synthetic): policies.")
    assert lines[-1] == "s: point 1 (world=synthetic): ... and 3 more problems"


def test_a_large_file_is_refused(folder, refused):
    text = BASE + SCALE + ("#" * 99_000 + "\n") * 102
    assert refused(text, 4) == ["s.yaml: is larger than 10 MB, which no sweep is"]
    (folder / "points.csv").write_text("scale\n" + "0.1\n" * 2_500_001, encoding="utf-8")
    assert refused(BASE + "design: {kind: list, file: points.csv}\n", 4) == [
        "s.yaml:2:28: design.file: points.csv: is larger than 10 MB, which no table of points is"
    ]
