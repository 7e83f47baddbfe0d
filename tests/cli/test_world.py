"""`ydsim world new` and `ydsim world check`: exit codes, words and JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ydsim.cli import main


def test_new_then_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(tmp_path / "mine")
    assert main(["world", "new", folder, "--provinces", "A, B", "--cities", "1"]) == 0
    assert f"next: ydsim world check {folder}\n" in capsys.readouterr().out
    assert main(["world", "check", folder]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"{folder}: ok\n")
    assert "  provinces             A, B\n" in out
    assert "  clusters.csv          the mix of a city is that of its province\n" in out
    assert err == ""
    assert main(["world", "new", folder]) == 4
    assert capsys.readouterr().err == (
        f"error: {folder}: is not empty; nothing is overwritten, name a new folder\n"
    )


def test_all_faults_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "mine"
    assert main(["world", "new", str(folder)]) == 0
    for name, old, new in (("cities.csv", "119", "x"), ("region.csv", "800", "-8")):
        path = folder / name
        path.write_text(path.read_text().replace(old, new, 1))
    (folder / "fields.csv").unlink()
    (folder / "fields.csv").symlink_to("/dev/zero")
    capsys.readouterr()
    assert main(["world", "check", str(folder), "--json"]) == 4
    out, err = capsys.readouterr()
    said = json.loads(out)
    assert err == ""
    assert said["ok"] is False
    assert said["holds"] == said["priors"] == {}
    files = {line.removeprefix(f"{folder}/").partition(":")[0] for line in said["problems"]}
    assert files >= {"cities.csv", "region.csv", "fields.csv"}
    assert main(["world", "check", str(folder)]) == 4
    assert capsys.readouterr().err.splitlines() == [f"error: {line}" for line in said["problems"]]


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["new", "x", "--json"], 2, "--json belongs to `ydsim world check`"),
        (["check", "x", "--from", "yrd"], 2, "--from belongs to `ydsim world new`"),
        (["new", "x", "--from", "yrd", "--cities", "2"], 2, "--cities is for a made-up region"),
        (["check", "yrd"], 2, "'yrd' comes with ydsim; check a folder"),
        (["check", "nowhere"], 4, "nor a folder"),
        (["net", "x"], 2, "'net' is not one of"),
    ],
)
def test_misuse(
    args: list[str], code: int, said: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(["world", *args]) == code
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_folder_called_as_a_packaged_world_is_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from ydsim.scenario.load import load_scenario
    from ydsim.world.loader import load_world

    monkeypatch.chdir(tmp_path)
    assert main(["world", "new", "yrd"]) == 0
    assert load_world(load_scenario("yrd/scenario.yaml").world).n_cities == 6
    assert main(["check", "yrd/scenario.yaml"]) == 0
    monkeypatch.chdir(tmp_path / "yrd")
    assert load_world(load_scenario("scenario.yaml").world).n_cities == 6
    assert load_world(load_scenario("grants.yaml").world).name == "yrd"


@pytest.mark.slow
def test_a_total_of_ones_own_goes_through_all_tables(tmp_path: Path) -> None:
    import ydsim

    folder = tmp_path / "mine"
    assert main(["world", "new", str(folder)]) == 0
    names = (folder / "world.csv").read_text().replace("total,region", "total,L'Ouest")
    (folder / "world.csv").write_text(names)
    small = {"scale": 0.02, "end": 2012, "parameters.population.burn_in": 4}
    results = ydsim.simulate(folder / "scenario.yaml", small, out=tmp_path / "out")
    whole = {"L'Ouest", "North", "South"}
    assert results.manifest["regions"] == ["North", "South", "L'Ouest"]
    for name in ("province_year", "series", "policy_results", "official"):
        found = set(results.table(name)["region"].tolist())
        assert found - {"nation"} == whole, name
    assert results.runs["rd_expenditure"].notna().all()


def test_what_a_world_lacks_for_a_run_is_seen_before_there_is_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A unit taken wrong: GDP of provinces in ten thousands, not in hundred millions."""
    monkeypatch.chdir(tmp_path)
    assert main(["world", "new", "made"]) == 0
    path = tmp_path / "made/provinces.csv"
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    at = head.split(",").index("value")

    def larger(line: str) -> str:
        cells = line.split(",")
        if "gdp_alt" in cells:
            cells[at] = str(float(cells[at]) * 10_000.0)
        return ",".join(cells)

    path.write_text("\n".join([head, *map(larger, lines), ""]), encoding="utf-8")
    Path("s.yaml").write_text("world: made\nend: 2011\n", encoding="utf-8")
    Path("w.yaml").write_text("base: s.yaml\ndesign: {kind: grid, factors: {scale: [0.01]}}\n")
    capsys.readouterr()
    for args in (["check", "s.yaml"], ["run", "s.yaml", "-o", "out"], ["check", "w.yaml"],
                 ["sweep", "w.yaml", "-o", "out"], ["world", "check", "made"]):  # fmt: skip
        assert main(args) == 4, args
        said = capsys.readouterr().err
        assert said.count("\n") == 1, said
        assert "provinces.csv" in said
        assert "does not exceed gdp_alt of the provinces in 20" in said
        assert not Path("out").exists()
