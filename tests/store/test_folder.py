import json
import shutil
import unicodedata

import pytest

from tests.support.fake_run import run, tree
from ydsim.errors import ResultsError
from ydsim.results.results import open_results, verify
from ydsim.store.layout import folder_name
from ydsim.store.manifest import seal, unseal
from ydsim.world.loader import _DATA


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store") / "fake"
    run(folder)
    return folder


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


def test_not_a_results_folder(tmp_path):
    with pytest.raises(ResultsError, match="there is no such results folder"):
        open_results(tmp_path / "nothing")
    with pytest.raises(ResultsError, match="not a results folder of ydsim"):
        open_results(tmp_path)
    assert len(verify(tmp_path)) == 1


@pytest.mark.parametrize(
    "name", ["base", "open-2", "a_b.c", "X", "上海", "我的情景-2", "\u00e9t\u00e9"]
)
def test_plain_names_are_folder_names(name):
    assert folder_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["上 海", "a b", "50%", "-x", "con", "aux.x", "dot.", "../up", "a/b", "", "x" * 300, "长" * 50,
     "..\uff0fa", "a\u202eb", "a\u3164b", "e\u0301"],
)  # fmt: skip
def test_other_names_become_safe_and_stay_distinct(name):
    slug = folder_name(name)
    assert slug != name
    assert slug.isprintable()
    assert len(slug.encode()) < 130
    assert unicodedata.is_normalized("NFC", slug)
    assert not set(slug) & {"\u3164", "\uff0f", " "}
    assert slug[0] not in "-."
    assert "/" not in slug
    assert slug != folder_name(name + "!")
