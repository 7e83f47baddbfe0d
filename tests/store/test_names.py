"""Names from outside are data: they name no other file and no other table."""

import pytest

from tests.support.sealed import content, reseal
from ydsim.cli import main
from ydsim.errors import ResultsError
from ydsim.results.results import open_results

HOSTILE = ('x"; rm PLACE', "PLACE", "(a+)+$", "../../x", "Series", "select\n", "runs", "")


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("folder", ["run", "sweep"], indirect=True)
def test_a_name_that_no_table_has_is_refused(folder, name, tmp_path, capsys):
    place = tmp_path / "written.csv"
    manifest = folder / "manifest.json"
    reseal(manifest, tables=[*content(manifest)["tables"], name.replace("PLACE", str(place))])
    assert main(["export", str(folder), "-o", str(tmp_path / "x.csv")]) == 5
    assert "manifest.json: tables.1: " in capsys.readouterr().err.replace("tables.4", "tables.1")
    with pytest.raises(ResultsError, match="is not the name of a recorded table"):
        open_results(folder)
    assert not place.exists()
    assert not (tmp_path / "x.csv").exists()


@pytest.mark.parametrize("name", HOSTILE[:4])
@pytest.mark.parametrize("folder", ["run", "sweep"], indirect=True)
def test_a_path_that_no_part_has_is_refused(folder, name, capsys):
    path = folder / "runs" / "part-000001.json"
    reseal(path, files=content(path)["files"] | {f"{name}/part-000001.parquet": "0" * 64})
    assert main(["verify", str(folder)]) == 5
    assert "is no file of part 1" in capsys.readouterr().err
