"""Every argument of the public functions, misused: one line that names it, and nothing is run."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ydsim
from ydsim import arguments
from ydsim.errors import InputError, ResultsError, ScenarioError, UsageError
from ydsim.studies import STUDIES, bottleneck, interactions, optimise, sensitivity

NAN, INF = float("nan"), float("inf")
HUGE = 10**5000
MODEL = {"end": 2011, "parameters.population.burn_in": 0}

NOT_WHOLE = (1.7, True, np.True_, "1", b"1", NAN, np.float64(2.0), [1], {}, 2**64, HUGE, -1)


class Bytes:
    """A path of bytes, which Python takes in the place of a text."""

    def __fspath__(self) -> bytes:
        return b"baseline"


NOT_A_PATH = (5, True, None, 1.5, [], {}, object(), b"baseline", Bytes())
NO_FOLDER = (5, True, 1.5, ["x"], {}, "", " ", "a\0b", "x" * 300, "\ud800", b"good", Bytes())


class Grumpy:
    """Cannot even be shown."""

    def __repr__(self) -> str:
        raise RuntimeError("no")


SECONDS = ("x", NAN, INF, -INF, 0, -1.0, 1e10, 1e308, True, [1], 1 + 2j, HUGE)
SHARDS = ((1,), (1, 2, 3), 5, "1/2", (0, 2), (3, 2), (1.5, 2), (True, 2), ("1", 2), (), (1, -1))

WRONG: dict[str, tuple[Any, ...]] = {
    "seed": NOT_WHOLE,
    "rng": (*NOT_WHOLE, np.random.default_rng(1)),
    "replicate": (*NOT_WHOLE, None),
    "replicates": (*NOT_WHOLE, 0, 100_001),
    "jobs": (*NOT_WHOLE, 0, None),
    "max_failures": NOT_WHOLE,
    "max_runs": (*NOT_WHOLE, 0, None),
    "chunk": (*NOT_WHOLE, 0),
    "until": (*NOT_WHOLE, 1999, 2101, None),
    "base": (3, "yrd", True, {}),
    "name_or_path": NOT_A_PATH,
    "out": NO_FOLDER,
    "path": (*NO_FOLDER, object(), None),
    "overrides": (5, True, [5], [None], b"x=1", "scale", ["scale"], {5: 1}, {None: 1}, object()),
    "vary": (5, None, True, [5], [None], {"a": 1}, b"seed=1"),
    "engine": (5, True, "", "fast", ["pool"], object(), Grumpy(), int),
    "scheduler": (5, True, "", []),
    "shard": SHARDS,
    "timeout_per_run": SECONDS,
    "on_error": (5, None, "", "halt", True, []),
    "force": (5, None, "yes", 1),
    "progress": (5, "x", [], True),
}  # fmt: skip
"""What an argument of this name must not be, of whichever function."""
VARY = ["parameters.invest.intensity=0.01,0.02"]
AT_WORK = "jobs engine shard timeout_per_run on_error max_failures progress"
OF_SWEEPS = "vary scheduler max_runs chunk force"
FUNCTIONS: dict[str, Callable[..., object]] = {
    "seed rng replicate base": partial(ydsim.Model, "ten_firms"),
    "name_or_path overrides seed replicates jobs out": partial(
        ydsim.simulate, name_or_path="ten_firms"
    ),
    f"name_or_path overrides seed replicates out {AT_WORK} {OF_SWEEPS}": partial(
        ydsim.sweep, name_or_path="ten_firms", vary=VARY
    ),
    f"path {AT_WORK}": partial(ydsim.resume, path="nowhere"),
    "name_or_path overrides": partial(ydsim.load_scenario, name_or_path="ten_firms"),
    "until": partial(ydsim.load_world, "ten_firms"),
    "path": ydsim.open_results,
}
CASES = [
    *(
        (call, of, x)
        for names, call in FUNCTIONS.items()
        for of in names.split()
        for x in WRONG[of]
    ),
    *((partial(ydsim.Model, "ten_firms"), "world", x) for x in (5, "yrd", True, object())),
    *((partial(ydsim.resume, "nowhere"), "world", x) for x in (5, True, [], object())),
    *((lambda world: ydsim.load_world(world), "world", x) for x in NOT_A_PATH),
]
ALSO_SAID = {"overrides": "--set", "engine": "engine", "vary": "--vary"}
"""What a message may name instead of the argument."""


@pytest.fixture(autouse=True)
def empty(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def refused(call: Callable[[], object], error: type[Exception] = UsageError) -> str:
    """What something is answered with: one short line of an error of ours."""
    with pytest.raises(error) as caught:
        call()
    said = str(caught.value)
    assert len(said.splitlines()) == 1
    assert len(said) < 700
    assert said.isprintable()
    return said


def test_one_line_names_the_argument(tmp_path):
    for k, (call, name, value) in enumerate(CASES):
        said = refused(partial(call, **{name: value}))
        assert name in said or ALSO_SAID.get(name, name) in said, (k, name, call)
        assert list(tmp_path.iterdir()) == [], (k, name, call)


MISSING = (
    "nowhere",
    "a\nb",
    "x" * 300,
    "x" * 5000,
    "a\0b",
    "",
    "\x1b[31mred",
    "\udcff",
    "ten_frims",
)


@pytest.mark.parametrize("name", [*MISSING, *(f"{name}.yaml" for name in MISSING)])
def test_names_of_files_that_are_not_there(name):
    for call in (ydsim.load_scenario, ydsim.simulate, ydsim.sweep, ydsim.load_world):
        refused(partial(call, name), InputError)


LOOP: dict[str, object] = {}
LOOP["parameters"] = LOOP
VALUES = (
    {"seed": HUGE}, {"seed": -HUGE}, {"scale": NAN}, {"scale": INF}, {"seed": object()},
    {"seed": Grumpy()}, {"world": b"x"}, LOOP, {"seed": {1, 2}}, {"a\nb": 1}, {"": 1}, {".": 1},
    {"parameters": 5}, {"policies": {"border_friction": 5}}, {"end": np.datetime64("2011")},
    {".".join("a" * 5000): 1}, {"policies": {"border_friction": {"passes": "x\ny"}}},
    {"policies": {"border_friction": {"target": {"cities": [object()]}}}},
    {"name": "x" * 300}, {"seed": np.bool_(True)}, {"seed": np.float64(1.5)},
)  # fmt: skip


@pytest.mark.parametrize("overrides", VALUES)
def test_values_that_no_scenario_holds(overrides):
    with pytest.raises((ScenarioError, UsageError)) as caught:
        ydsim.load_scenario("ten_firms", overrides)
    problems = getattr(caught.value, "problems", (str(caught.value),))
    assert len(str(caught.value).splitlines()) == len(problems) <= 20


def test_scalars_of_numpy_and_paths_are_taken(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("extends: ten_firms\n", encoding="utf-8")
    overrides = {**MODEL, "seed": np.int64(3), "scale": np.float32(0.5), "world": Path("ten_firms")}
    scenario = ydsim.load_scenario(file, overrides)
    assert (scenario.seed, scenario.scale, scenario.world) == (3, 0.5, "ten_firms")
    assert ydsim.load_world(np.str_("ten_firms"), until=np.int32(2019)).until == 2019
    model = ydsim.Model(scenario, seed=np.uint64(2**63 - 1), replicate=np.int8(2))
    assert (model.noise.seed, model.noise.replicate) == (2**63 - 1, 2)
    assert type(model.noise.seed) is int


@pytest.mark.parametrize("year", ["x", NAN, INF, True, None, [2011]])
def test_years_of_the_environment(year):
    scenario = ydsim.load_scenario("ten_firms", MODEL)
    said = refused(partial(ydsim.Model(scenario).environment_at, year))
    assert "year: expected a finite number" in said


def test_nothing_of_a_scenario_can_be_changed():
    import copy
    import pickle

    scenario = ydsim.load_scenario("ten_firms")
    assert scenario.policies == dict(scenario.policies)
    changes = {
        "__setitem__": ("mine", 3), "__delitem__": ("border_friction",), "update": ({"mine": 3},),
        "pop": ("border_friction",), "popitem": (), "clear": (), "setdefault": ("mine", 3),
        "__ior__": ({"mine": 3},),
    }  # fmt: skip
    for owner, name in (
        (scenario, "seed"), (scenario, "policies"), (scenario.parameters, "chain"),
        (scenario.parameters.chain, "span"), (scenario.record, "cities"),
        (scenario.policies["border_friction"], "strength"),
        (scenario.policies["border_friction"].target, "cities"),
    ):  # fmt: skip
        for change in (partial(setattr, owner, name, 3), partial(delattr, owner, name)):
            assert f"{type(owner).__name__}.{name}" in refused(change, AttributeError)
    for method, given in changes.items():
        refused(partial(getattr(scenario.policies, method), *given), AttributeError)
    for copied in (copy.deepcopy(scenario), pickle.loads(pickle.dumps(scenario))):
        assert copied == scenario
        refused(partial(copied.policies.__setitem__, "mine", 3))
        refused(partial(setattr, copied, "seed", 3))
    assert scenario == ydsim.load_scenario("ten_firms")


def test_arrays_of_a_world_cannot_be_changed_and_copies_can():
    for name in ("yrd", "synthetic", "ten_firms"):
        world = ydsim.load_world(name)
        arrays = [value for value in vars(world).values() if isinstance(value, np.ndarray)]
        arrays += [series.values for series in world.series.values()]
        arrays += [] if world.listed is None else [world.listed.size]
        assert len(arrays) > 20
        for array in arrays:
            before = array.copy()
            changes: list[Callable[[], object]] = [
                partial(array.__setitem__, ..., 0), partial(array.__iadd__, 1), array.sort,
                partial(array.fill, 0), partial(array[...].__setitem__, ..., 0),
            ]  # fmt: skip
            assert all("copy" in refused(change) for change in changes)
            assert np.array_equal(array, before, equal_nan=array.dtype.kind == "f")
            own = array.astype(np.float64)
            own += 1
            before[...] = own[...] = 1
            assert type(array + 1) is type(np.where(array > 0, array, 0)) is np.ndarray
            assert isinstance(array.max(), np.generic)


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    path = tmp_path_factory.mktemp("stored") / "out"
    ydsim.sweep("ten_firms", MODEL, vary=["parameters.invest.intensity=0.01,0.02"], out=path)
    return path


@pytest.mark.parametrize("where", [pytest.param("memory", marks=pytest.mark.slow), "folder"])
def test_nothing_that_results_hand_out_changes_them(where, stored):
    results = (
        ydsim.open_results(stored) if where == "folder" else ydsim.simulate("ten_firms", MODEL)
    )
    before = {name: results.table(name) for name in results.tables}
    cube = results.cube(["launches"])
    for name in results.tables:
        spoil(*results.columns(name).values())
        frame = results.table(name)
        for column in frame:
            frame[column] = frame[column].iloc[0] if len(frame) else 0
        spoil(*(frame[column].to_numpy() for column in frame))
    for name in (*results.manifest["tables"], "official", "runs", "design"):
        spoil(*results.raw(name).values())
    for name in results.manifest["tables"]:
        for runs, columns in results.parts(name):
            spoil(runs, *columns.values())
    results.notes.append("mine")
    spoilt = results.cube(["launches"])
    spoilt.iloc[:] = 0.0
    spoil(*results.contents.points.columns.values())
    for change in (
        partial(results.manifest.update, name="mine"),
        partial(results.manifest["indicators"]["launches"].__setitem__, "unit", "mine"),
        partial(results.manifest["regions"].append, "mine"),
        partial(results.manifest["scenario"].pop, "name"),
        results.receipts.clear,
        results.receipts[0]["files"].clear,
    ):
        refused(change)
    assert {name: results.table(name).equals(table) for name, table in before.items()} == (
        dict.fromkeys(before, True)
    )
    assert results.cube(["launches"]).equals(cube)


def spoil(*arrays: np.ndarray[Any, Any]) -> None:
    """Write into arrays where that is possible."""
    for array in arrays:
        with suppress(ValueError):
            array[...] = array[:1] if array.dtype.kind == "O" else 0


def test_the_problem_of_a_design_is_the_callers_own(tmp_path):
    results = ydsim.sweep("ten_firms", MODEL, vary=["parameters.invest.intensity=0.01,0.02"])
    with pytest.raises(UsageError):
        _ = results.problem
    made = dict(results.manifest)
    problem = {"num_vars": 1, "names": ["a"], "bounds": [[0.0, 1.0]]}
    made["spec"] = {**made["spec"], "settings": {"problem": problem}}
    own = ydsim.Results(results.store, results.contents, made, results.receipts)
    own.problem["names"].append("b")
    own.problem["groups"] = ["a"]
    assert own.problem == problem


def test_tables_and_queries(tmp_path):
    results = ydsim.simulate("ten_firms", MODEL)
    for name in (5, True, None, [], {}, "", b"series", "serie", "a\nb"):
        for call in (results.table, results.columns, results.raw):
            refused(partial(call, name))


@pytest.mark.parametrize("study", STUDIES)
def test_readers_of_studies_take_results_or_their_folder(study, stored):
    read = import_module(f"ydsim.studies.{study}").read
    for value in (*NO_FOLDER, None, *([stored] if study != "sensitivity" else [])):
        refused(partial(read, value))  # that in the folder is of another design


NO_FIGURE = (None, 1, 1.5, b"x", [], {}, object(), True, np.array([1]))


def test_figures_and_comparisons(tmp_path):
    for value in NO_FIGURE:
        assert refused(partial(ydsim.plot.draw, value)).startswith("kind: ")
    for value in ("x.png", *NO_FIGURE):
        said = refused(partial(ydsim.plot.save, value, tmp_path / "x.png"))
        assert said.startswith("figure: ")
    assert not list(tmp_path.iterdir())
    for name in ("a" * 5000, "a" * 5000 + ":1"):
        assert "'aaa" in refused(partial(ydsim.compare, name, "synthetic"), ResultsError)
    said = refused(partial(ydsim.compare, "a\nb", "synthetic"), ResultsError)
    assert r"'a\nb'" in said
    assert r"'a\nb'" in refused(partial(ydsim.plot.draw, "a\nb"))


ARRAY = np.array(0)
LONG = range(10**9)


def test_arguments_of_results_and_studies(stored):
    results = ydsim.open_results(stored)
    for call in (
        *(partial(results.scenario_at, value) for value in (*NOT_WHOLE, None, 2)),
        *(lambda v=v: list(results.parts(v)) for v in (None, 5, "", "a\nb", ["series"])),
        *(lambda v=v: list(results.parts("series", v)) for v in (5, ARRAY, [5], b"x")),
        *(partial(results.cube, ["launches"], points=v) for v in ("2", 5, ARRAY, [2], [True])),
        *(partial(results.cube, ["launches"], years=v) for v in (LONG, ARRAY)),
        *(partial(ydsim.load_scenario, "ten_firms", v) for v in (LONG, ARRAY)),
        *(partial(sensitivity.read, results, top=v) for v in (HUGE, [], {}, "")),
        *(partial(bottleneck.design, "ten_firms", v) for v in (LONG, ARRAY)),
        *(partial(interactions.design, "ten_firms", groups=v) for v in (True, "x", [1], {1: "x"})),
        *(
            partial(optimise.design, "ten_firms", vary=["scale=0.1:0.2"], risk=v)
            for v in (HUGE, b"x", "x", NAN)
        ),
        partial(arguments.years, "years", LONG),
        partial(ydsim.plot.draw, "indicator", HUGE),
        partial(ydsim.plot.draw, "indicator", Grumpy()),
    ):
        refused(call)


def test_points_of_a_cube_may_be_a_generator(stored):
    results = ydsim.open_results(stored)
    one = results.cube(["launches"], points=(n for n in [1]))
    assert one.equals(results.cube(["launches"], points=[1]))
    assert len(one)
