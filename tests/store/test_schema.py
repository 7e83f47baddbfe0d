"""A results folder of a stranger: right checksums, and keys that no ydsim wrote."""

import json
import shutil
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support import fake_sweep as fake
from tests.support.sealed import content, put, reseal
from tests.support.sweep_files import BASE, SWEEP, write_sweep
from ydsim.cli import main
from ydsim.errors import ResultsError, UsageError
from ydsim.results.results import open_results
from ydsim.results.sample import read_samples
from ydsim.results.summary import summarise
from ydsim.store import files
from ydsim.store.files import sha256
from ydsim.store.manifest import NAME, seal
from ydsim.store.points import Plan, check_plan
from ydsim.store.tables import from_parquet, to_parquet
from ydsim.studies import optimise

HOSTILE = ('x"; rm PLACE', "PLACE", "(a+)+$", "../../x", "Series", "select\n", "runs", "")
"""Names that no table has; ``PLACE`` stands for a file that nobody may write."""
Keys = tuple[str | int, ...]
RECEIPT = "runs/part-000001.json"


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """The same two of the model itself."""
    place = tmp_path_factory.mktemp("real")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.setattr(files, "system_sync", lambda handle: None)
        write_sweep(base=BASE + "policies: {}\nparameters: {population: {burn_in: 4}}\n")
        run_it = ("run", "files/base.yaml", "-o", "run", "--replicates", "2", "--no-figures", "-q")
        assert main([*run_it]) == 0
        assert main([*SWEEP, "-q"]) == 0
        (place / "out").rename(place / "sweep")
    return place


def keys(tree: Any, path: Keys = ()) -> Iterator[Keys]:
    """Every key of a tree; of long mappings and lists inside the first three."""
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for k, (key, value) in enumerate(pairs):
        if k < 3 or not path or len(tree) <= 8:
            yield (*path, key)
            if isinstance(value, dict | list):
                yield from keys(value, (*path, key))


def at(tree: Any, path: Keys) -> Any:
    for key in path:
        tree = tree[key]
    return tree


def delete(tree: Any, key: str | int) -> None:
    del tree[key]


def retype(tree: Any, key: str | int) -> None:
    old = tree[key]
    tree[key] = [old] if isinstance(old, str | bool | None) else "0"


def negate(tree: Any, key: str | int) -> None:
    tree[key] = -7.5 if isinstance(tree[key], bool | str | list | dict) else None


def rename(tree: Any, key: str | int) -> None:
    if isinstance(tree, dict):
        tree[f"{key}; DROP TABLE x"] = tree.pop(key)
    else:
        tree.append(tree[key])


def nest(tree: Any, key: str | int) -> None:
    tree[key] = {str(key): tree[key]}


CHANGES = (delete, retype, negate, rename, nest)


def mutations(original: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in list(keys(original)):
        for change in CHANGES:
            mutated = json.loads(json.dumps(original))
            change(at(mutated, path[:-1]), path[-1])
            if mutated != original:
                yield f"{change.__name__} {'.'.join(map(str, path))}", mutated


def use(folder: Path) -> None:
    """Do with a folder what can be done without running anything."""
    opened = open_results(folder)
    for name in opened.tables:
        opened.table(name)
    assert opened.scenario
    with pytest.raises(UsageError, match="there is no table"):
        opened.table("adoptions")
    assert summarise(opened)["summary"]


def ends_well(action: Callable[[], object]) -> bool:
    """Tell whether an action succeeds; it may fail with an error of ours alone."""
    try:
        action()
    except ResultsError as error:
        return "\n" in str(error)  # one line says it
    return True


@pytest.mark.slow
@pytest.mark.parametrize("name", ["manifest.json", RECEIPT])
@pytest.mark.parametrize("kind", ["run", "sweep"])
def test_no_key_of_a_manifest_or_receipt_is_trusted(real, kind, name, capsys, tmp_path):
    folder = shutil.copytree(real / kind, tmp_path / kind)
    path = folder / name
    wrong = 0
    half = ("run", "sweep").index(kind)  # the other half of the changes is made to the other kind
    for what, mutated in islice(mutations(content(path)), half, None, 2):
        path.write_bytes(seal(mutated))
        before = wrong
        try:
            wrong += not ends_well(lambda: use(folder))
        except Exception as error:
            raise AssertionError(f"{what}: {error!r}") from error
        for verb in ("status",) if wrong > before else ("status", "verify"):
            code = main([verb, str(folder)])
            said = capsys.readouterr().err
            assert code in (0, 5), (what, verb, said)
            assert len(said.splitlines()) <= (code == 5) + 2, (what, verb, said)
    assert wrong > 20


VERBS = (
    ("export", "folder", "-o", "out.xlsx"),
    ("export", "folder", "--table", "runs", "-o", "out.csv"),
    ("resume", "folder", "-q"),
    ("verify", "folder", "--rerun", "RUN"),
    ("verify", "folder", "--recompute", "1"),
)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["manifest.json", RECEIPT])
@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
@pytest.mark.parametrize(
    ("folder", "complete"), [("run", True), ("sweep", False)], indirect=["folder"]
)
def test_verbs_that_read_more_or_run(folder, name, verb, complete, capsys, tmp_path):
    plan = open_results(folder).contents.plan
    if not complete:
        (folder / "runs" / "part-000002.json").unlink()
        reseal(folder / "manifest.json", complete=False)
    whole = tmp_path / "whole"
    folder.rename(whole)
    words = [{"folder": str(folder), "RUN": plan.runs[0]}.get(word, word) for word in verb]
    for what, mutated in shallow(content(whole / name)):
        shutil.copytree(whole, folder)
        (folder / name).write_bytes(seal(mutated))
        code = main(words)
        said = capsys.readouterr().err
        assert code in (0, 1, 3, 4, 5), (what, said)
        assert "Traceback" not in said, (what, said)
        shutil.rmtree(folder)


def shallow(original: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Mutations of each key, and of the first levels of the scenario."""
    for what, mutated in mutations(original):
        if what.count(".") <= (2 if "scenario.p" in what else 0):
            yield what, mutated


@pytest.mark.parametrize("folder", ["run", "sweep"], indirect=True)
def test_failures_of_today_are_in_receipts(folder, capsys):
    (folder / "failures.jsonl").write_text("5\n", encoding="utf-8")
    assert main(["status", str(folder)]) == 0
    assert main(["export", str(folder), "--table", "failures"]) == 0
    assert len(open_results(folder).table("failures")) == 0


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("folder", ["run", "sweep"], indirect=True)
def test_names_from_outside_name_no_other_file_and_no_other_table(folder, name, tmp_path, capsys):
    place = tmp_path / "written.csv"
    name = name.replace("PLACE", str(place))
    for path, changes, said in (
        (folder / RECEIPT, of_files(folder, f"{name}/part-000001.parquet"), "is no file of part 1"),
        (folder / NAME, {"tables": [name]}, f"{NAME}: tables.0: "),
    ):
        if name != "runs" or path.name == NAME:
            reseal(path, **changes)
            for words in (["verify"], ["export", "-o", str(tmp_path / "x.csv")]):
                assert main([words[0], str(folder), *words[1:]]) == 5
                assert said in capsys.readouterr().err
    assert not place.exists()
    assert not (tmp_path / "x.csv").exists()


def of_files(folder: Path, path: str) -> dict[str, Any]:
    return {"files": {**content(folder / RECEIPT)["files"], path: "0" * 64}}


def of_scenario(original: dict[str, Any], **change: Any) -> dict[str, Any]:
    return {"scenario": {**original["scenario"], **change}}


def of_spec(original: dict[str, Any], **change: Any) -> dict[str, Any]:
    return {"spec": {**original["spec"], **change}}


def test_the_line_names_the_key_and_the_nearest(folder, capsys):
    path = folder / "manifest.json"
    original = content(path)
    for change, said in (
        ({"regoins": original["regions"]}, "regoins: unknown key; did you mean regions?"),
        ({"points": 3}, "points: is 3, but there are 2"),
        ({"hash": "0" * 64}, "hash: is not that of the plan"),
        ({"canary": "0"}, "canary: string should match pattern"),
        ({"record": {**original["record"], "cities": -1}}, "record.cities: must be greater"),
        ({"random": "no"}, "random: must be 'common' or 'independent'"),
        ({"kind": "zoo"}, "is of kind 'zoo'; known are run and sweep"),
        ({"spec": "grid"}, "spec: "),
        (of_scenario(original, policies={"fund": {"start": "soon"}}), "policies.fund.start"),
        (of_scenario(original, shocks=[{"name": "a", "year": "soon"}]), "scenario.shocks.0.year"),
        (of_scenario(original, governance={"start": []}), "scenario.governance.start"),
        (of_scenario(original, ensemble={"explore": 5}), "scenario.ensemble.explore"),
        (of_scenario(original, ensemble={"a": {"b": [1], "c": [1, 2]}}), "scenario.ensemble: "),
        (of_spec(original, factors=None), "spec.factors"),
        (of_spec(original, factors=[{"label": 5}]), "spec.factors.0.label"),
        (of_spec(original, factors=[{"label": "a"}]), "spec.factors.0: has no levels"),
        (of_spec(original, factors=[]), f"its factors are not those of manifest.json: {fake.KEY}"),
        (of_spec(original, base=5), "spec.base"),
        (of_spec(original, kind="morris"), "spec: settings.problem: is missing"),
        (of_spec(original, kind="search"), "spec: settings.vary: is missing"),
    ):
        path.write_bytes(seal({**original, **change}))
        assert main(["status", str(folder)]) == 5
        line = capsys.readouterr().err
        assert line.startswith(f"error: {folder}"), line
        assert said in line


@pytest.mark.parametrize("folder", ["run"], indirect=True)
def test_a_run_names_the_digest_of_its_world(folder, capsys):
    reseal(folder / NAME, worlds={"yrd": "0" * 64})
    assert main(["compare", "run", "run"]) == 5
    assert f"{NAME}: worlds.synthetic: is missing" in capsys.readouterr().err


def redesigned(folder: Path, **columns: Any) -> None:
    """Write other columns into the design of a folder, with right checksums."""
    path = folder / "design.parquet"
    data = to_parquet({**from_parquet(path.read_bytes(), path), **columns})
    path.write_bytes(data)
    manifest = content(folder / "manifest.json")
    put(folder, {**manifest, "files": {**manifest["files"], path.name: sha256(data)}})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("start", "soon"),
        ("end", None),
        ("scale", []),
        ("policies", [1]),
        ("policies.mine", "x"),
        ("shocks", [{"year": "x"}]),
        ("governance", "x"),
    ],
)
def test_rows_of_points_are_checked_like_the_scenario(folder, path, value):
    redesigned(folder, set=np.array([json.dumps({path: value})] * 2, dtype=object))
    with pytest.raises(ResultsError, match=f"design: point 1: {path.partition('.')[0]}"):
        open_results(folder).scenario_at(1)


@pytest.mark.parametrize("row", ["{", "5", "[" * 5000, '["end"]', '{"end.": 2}'])
def test_rows_that_are_none_are_refused_by_figures_too(folder, row, capsys):
    redesigned(folder, set=np.array([row] * 2, dtype=object))
    assert main(["plot", str(folder), "--kind", "sweep_lines"]) == 5
    assert "design: point 0: column 'set'" in capsys.readouterr().err


def test_factors_and_parts_are_numbers(folder, capsys):
    redesigned(folder, **{fake.KEY: np.array([0.1, np.nan])})
    assert main(["status", str(folder)]) == 5
    assert f"design.parquet: column {fake.KEY!r}: must be finite" in capsys.readouterr().err
    with pytest.raises(ResultsError, match=r"p\.parquet: column 'part'"):
        check_plan(Plan(("a" * 64,), (0,), (2**63,)), {"a" * 64}, Path("p.parquet"))


def test_points_that_are_not_of_the_design_have_no_sensitivity(folder):
    original = content(folder / "manifest.json")
    outcome = next(n for n, one in original["indicators"].items() if "region" in one["levels"])
    read_samples(open_results(folder), [outcome])
    factors = original["spec"]["factors"]
    more = [{**factors[0], "levels": [*factors[0]["levels"], {"value": 0.3}]}]
    put(folder, {**original, **of_spec(original, kind="one_at_a_time", factors=more)})
    with pytest.raises(ResultsError, match=r"spec: .* 3 points"):
        read_samples(open_results(folder), [outcome])
    for values in (np.array([0.1, 7.0]), np.array(["x", "y"], dtype=object)):
        redesigned(folder, **{fake.KEY: values})
        put(folder, {**content(folder / "manifest.json"), "spec": original["spec"]})
        with pytest.raises(ResultsError, match=f"design: column '{fake.KEY}'"):
            read_samples(open_results(folder), [outcome])


def test_a_search_whose_points_are_of_another_one(folder):
    original = content(folder / "manifest.json")
    vary = [{"label": fake.KEY, "from": 0, "to": 1, "log": False, "whole": False}]
    settings = {
        "vary": vary, "objectives": ["launches"], "replicates": 1, "risk": {"deviations": 1.0},
    }  # fmt: skip
    for wrong, said in (
        ({"vary": [{**vary[0], "label": "other"}]}, r"spec\.settings: is not of the points"),
        ({"inputs": [{}] * 3}, "inputs"),  # drawn, as up to version 0.7.4
        ({"risk": {"deviations": 1.0, "quantile": 0.1}}, "quantile"),
    ):
        spec = of_spec(original, kind="search", settings={**settings, **wrong})
        put(folder, {**original, **spec})
        with pytest.raises(ResultsError, match=said):
            optimise.read(folder)
    redesigned(folder, **{fake.KEY: np.array(["x", "y"], dtype=object)})
    now = content(folder / "manifest.json")
    put(folder, {**now, **of_spec(original, kind="search", settings=settings)})
    with pytest.raises(ResultsError, match="range"):
        optimise.read(folder)


def test_a_manifest_that_is_nested_without_end_is_refused(folder, capsys):
    nested: Any = 1
    for _ in range(900):
        nested = {"a": nested}
    manifest = content(folder / NAME)
    sealed = seal(manifest | {"scenario": manifest["scenario"] | {"x": nested}})
    for data in (sealed, b'{"a":' * 5000):  # the second one is too deep to be read at all
        (folder / NAME).write_bytes(data)
        assert main(["export", str(folder)]) == 5
        assert capsys.readouterr().err.count("\n") == 1
