import json
import shutil

import pytest

from tests.support.fake_run import FailingModel, run, tree
from ydsim.errors import ResultsError
from ydsim.results.results import open_results
from ydsim.results.status import verify
from ydsim.store.layout import folder_name
from ydsim.store.manifest import seal, unseal
from ydsim.world.loader import _DATA


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store") / "fake"
    run(folder)
    return folder


@pytest.fixture
def folder(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "fake")


def test_layout(finished):
    tables = ("adoption", "city_series", "generations", "runs", "series")
    parts = [f"{t}/part-00000{k}.parquet" for t in tables for k in range(3)]
    receipts = [f"runs/part-00000{k}.json" for k in range(3)]
    others = ["design.parquet", "manifest.json", "official/part-000000.parquet", "plan.parquet"]
    assert sorted(tree(finished)) == sorted([*parts, *receipts, *others])


def test_manifest_tells_what_was_run_and_nothing_of_the_machine(finished):
    text = (finished / "manifest.json").read_text(encoding="utf-8")
    manifest = json.loads(text)
    assert (manifest["schema"], manifest["kind"]) == (2, "run")
    assert manifest["complete"] is True
    assert manifest["seed"] == 7
    assert manifest["scenario"]["world"] == "synthetic"
    assert manifest["indicators"]["rd_expenditure"]["unit"] == "100m_rmb"
    assert manifest["tables"] == ["adoption", "city_series", "generations", "series"]
    assert manifest["notes"] == [
        "replicate 0 is a fake",
        "all is fake",
        "replicate 1 is a fake",
        "replicate 2 is a fake",
    ]
    assert set(manifest["made"]) == {
        "started", "finished", "seconds", "host", "versions", "earlier",
    }  # fmt: skip
    assert manifest["made"]["versions"].keys() >= {"python", "numpy", "mesa"}
    assert str(finished.parent) not in text
    assert list(manifest) == sorted(manifest)


def test_world_folder_leaves_no_path_of_the_machine(tmp_path):
    shutil.copytree(_DATA / "ten_firms", tmp_path / "secret" / "myworld")
    run(tmp_path / "r", changes={"world": str(tmp_path / "secret" / "myworld"), "replicates": 1})
    assert "secret" not in (tmp_path / "r" / "manifest.json").read_text(encoding="utf-8")
    assert open_results(tmp_path / "r").manifest["scenario"]["world"] == "myworld"


def test_seal_holds_until_a_byte_changes(tmp_path):
    data = seal({"a": 1, "b": {"c": [1.5, "上海"]}})
    assert unseal(data, tmp_path) == {"a": 1, "b": {"c": [1.5, "上海"]}}
    for position in range(len(data)):
        broken = bytearray(data)
        broken[position] ^= 1
        try:
            assert unseal(bytes(broken), tmp_path) == unseal(data, tmp_path)
        except ResultsError:
            continue
    with pytest.raises(ValueError, match="not JSON compliant"):
        seal({"a": float("nan")})


def test_sound_store_has_no_problems(folder):
    assert verify(folder) == []


@pytest.mark.slow
def test_one_flipped_byte_anywhere_is_found(folder):
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        for position in (0, 5, len(data) // 2, len(data) - 9):
            broken = bytearray(data)
            broken[position] ^= 4
            path.write_bytes(bytes(broken))
            problems = verify(folder)
            assert problems, (path, position)
            assert path.name in problems[0]
        path.write_bytes(data)
    assert verify(folder) == []


@pytest.mark.parametrize("damage", ["flip", "truncate", "empty", "garbage", "missing"])
def test_damaged_part_is_named_and_made_anew(folder, finished, damage):
    part = folder / "series" / "part-000001.parquet"
    data = bytearray(part.read_bytes())
    if damage == "flip":
        data[len(data) // 2] ^= 1
    elif damage == "truncate":
        del data[len(data) // 2 :]
    else:
        data = bytearray(b"" if damage == "empty" else b"garbage")
    part.write_bytes(data)
    if damage == "missing":
        part.unlink()
    with pytest.raises(ResultsError, match=r"series/part-000001\.parquet"):
        open_results(folder).table("series")
    untouched = (folder / "series" / "part-000000.parquet").stat().st_mtime_ns
    run(folder)
    assert tree(folder) == tree(finished)
    assert (folder / "series" / "part-000000.parquet").stat().st_mtime_ns == untouched


@pytest.mark.parametrize("damage", ["missing", "half"])
def test_damaged_receipt_is_named_and_made_anew(folder, finished, damage):
    receipt = folder / "runs" / "part-000002.json"
    receipt.write_bytes(receipt.read_bytes()[: 0 if damage == "missing" else 80])
    if damage == "missing":
        receipt.unlink()
    with pytest.raises(ResultsError, match=r"part-000002\.json"):
        open_results(folder)
    run(folder)
    assert tree(folder) == tree(finished)


def test_part_of_another_experiment_is_refused(folder, tmp_path):
    run(tmp_path / "other", changes={"seed": 8})
    for path in ("runs/part-000001.json", "runs/part-000001.parquet", "series/part-000001.parquet"):
        shutil.copy(tmp_path / "other" / path, folder / path)
    assert "belongs to another experiment" in verify(folder)[0]
    with pytest.raises(ResultsError, match="belongs to another experiment"):
        open_results(folder)


def test_damaged_manifest_is_refused(folder):
    (folder / "manifest.json").write_bytes((folder / "manifest.json").read_bytes()[:100])
    before = (folder / "manifest.json").read_bytes()
    with pytest.raises(ResultsError, match=r"manifest\.json: is damaged"):
        run(folder)
    assert (folder / "manifest.json").read_bytes() == before


def test_newer_schema_is_named(folder):
    path = folder / "manifest.json"
    path.write_bytes(seal({**unseal(path.read_bytes(), path), "schema": 3}))
    with pytest.raises(ResultsError, match="schema 3, this ydsim reads schema 2"):
        open_results(folder)


def test_foreign_files_inside_are_ignored(folder, finished):
    for name in (".DS_Store", "notes.txt", "series/Thumbs.db", "series/old.tmp"):
        (folder / name).write_text("mine", encoding="utf-8")
    assert verify(folder) == []
    (folder / "series" / "part-000000.parquet").unlink()
    run(folder)
    assert (folder / "series" / "old.tmp").read_text(encoding="utf-8") == "mine"
    assert tree(finished).items() <= tree(folder).items()


def test_copied_elsewhere_it_still_reads(folder, tmp_path):
    moved = shutil.move(folder, tmp_path / "上海 %20 'quoted'")
    assert verify(moved) == []


def test_torn_line_of_failures_is_left_out(tmp_path):
    run(tmp_path / "r", FailingModel)
    path = tmp_path / "r" / "failures.jsonl"
    path.write_bytes(path.read_bytes() + b'{"replicate": 2, "see')
    assert [f["replicate"] for f in open_results(tmp_path / "r").failures] == [1]


def test_not_a_results_folder(tmp_path):
    with pytest.raises(ResultsError, match="there is no such results folder"):
        open_results(tmp_path / "nothing")
    with pytest.raises(ResultsError, match="not a results folder of ydsim"):
        open_results(tmp_path)
    assert len(verify(tmp_path)) == 1


@pytest.mark.parametrize("name", ["base", "open-2", "a_b.c", "X"])
def test_plain_names_are_folder_names(name):
    assert folder_name(name) == name


@pytest.mark.parametrize(
    "name", ["上海", "a b", "50%", "-x", "con", "aux.x", "dot.", "../up", "a/b", "", "x" * 300]
)
def test_other_names_become_safe_and_stay_distinct(name):
    slug = folder_name(name)
    assert slug != name
    assert slug.isascii()
    assert len(slug) < 80
    assert slug[0] not in "-."
    assert "/" not in slug
    assert slug != folder_name(name + "!")
