"""The file of a fit in the folder of a world: read with care, used while its tables last."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import ydsim
from tests.support.fits import made_fit, region
from tests.support.refusals import demand_chinese
from tests.support.small import collect
from ydsim.cli import main
from ydsim.errors import InputError
from ydsim.model import Model
from ydsim.scenario.load import load_scenario
from ydsim.translation import catalogue, speak
from ydsim.world.base_run import FILE, BaseRun, load_base_run
from ydsim.world.folders import check_folder
from ydsim.world.loader import load_world


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return region(tmp_path_factory.mktemp("fits") / "mine")


@pytest.fixture
def folder(written, tmp_path):
    return shutil.copytree(written, tmp_path / "mine")


def edit(folder: Path, **changes: object) -> None:
    content = json.loads((folder / FILE).read_text(encoding="utf-8"))
    for path, value in changes.items():
        *way, last = path.split("__")
        part = content
        for key in way:
            part = part[int(key) if isinstance(part, list) else key]
        if value is None:
            del part[last]
        else:
            part[int(last) if isinstance(part, list) else last] = value
    (folder / FILE).write_text(json.dumps(content), encoding="utf-8")


def parts_of(base: BaseRun) -> dict[str, bytes]:
    found: dict[str, np.ndarray] = {}
    collect("base", base, found)
    return {name: values.tobytes() for name, values in found.items()}


def test_a_fit_is_read_as_it_was_written(folder):
    before = load_world(folder)
    base = made_fit(folder)
    after = load_world(folder)
    assert parts_of(load_base_run(after)) == parts_of(base)
    assert not load_base_run(after).market_shift.flags.writeable
    assert (after.tables, after.digest) == (before.digest, load_world(folder).digest)
    assert after.digest != before.digest == before.tables


@pytest.mark.slow
def test_runs_use_the_fit_and_have_another_world_then(folder):
    scenario = load_scenario(folder / "scenario.yaml")
    assert Model(scenario).state.base == BaseRun()
    base = made_fit(folder)
    m = Model(scenario)
    assert parts_of(m.state.base) == parts_of(base)
    drift = np.diff(base.market_shift).mean()  # goes on for three eighths of a year
    np.testing.assert_allclose(m.shifts[-1], base.market_shift[:, -1] + 0.375 * drift)
    assert m.prices.T.tolist() == base.log_price.tolist()
    digest = load_world(folder).digest
    made_fit(folder, market_shift=base.market_shift + 0.1)
    assert load_world(folder).digest != digest


def test_a_fit_to_other_tables_is_said_and_not_used(folder):
    made_fit(folder)
    report = check_folder(folder)
    assert "2011-2012, 2 replicates of region, ydsim 0.0" in report.holds["fit"]
    (said,) = (note for note in report.notes if "R&D of firms of North" in note)
    assert "in 2012 is 1.28" in said  # e to the .25 that the fit owns up to
    panel = folder / "cities_panel.csv"
    panel.write_text(panel.read_text().replace("400.0", "401.0", 1))
    world = load_world(folder)
    assert world.stale
    assert world.digest == world.tables
    assert load_base_run(world) == BaseRun()
    report = check_folder(folder)
    assert report.holds["fit"].startswith("stale")
    assert any("was fitted to other tables" in note for note in report.notes)
    panel.write_text(panel.read_text().replace("401.0", "400.0", 1))
    assert not load_world(folder).stale


def test_a_fit_of_an_earlier_version_is_not_used(folder):
    made_fit(folder)
    content = json.loads((folder / FILE).read_text(encoding="utf-8"))
    content |= {"innovative_share": 0.3, "outside_log_productivity": [[0.0], [0.0]]}
    (folder / FILE).write_text(json.dumps(content), encoding="utf-8")
    assert load_world(folder).stale
    assert any("earlier version" in note for note in check_folder(folder).notes)


@pytest.mark.slow
def test_runs_say_that_a_fit_is_stale(folder):
    base = made_fit(folder)
    assert not any(FILE in n for n in Model(load_scenario(folder / "scenario.yaml")).notes)
    made_fit(folder, world="of others")
    (said,) = (n for n in Model(load_scenario(folder / "scenario.yaml")).notes if FILE in n)
    assert "is not used; fit it again with `ydsim world fit`" in said
    m = Model(load_scenario(folder / "scenario.yaml"), base=base)
    assert not any(FILE in note for note in m.notes)


def test_a_stale_fit_may_have_any_shape(folder):
    made_fit(folder, world="of others", market_shift=np.zeros((1, 3)), first_year=2015)
    assert load_world(folder).stale
    assert check_folder(folder).problems == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"innovative_share": 1.5}, ": innovative_share: must be less than or equal to 1,"),
        ({"first_year": 2012}, ": first_year: 2012 where the world has 2011 as the first year"),
        ({"world": None}, ": world: is missing"),
        ({"market_shft": []}, ": market_shft: is no key here; did you mean 'market_shift'?"),
        ({"market_shift": [[0.0]]}, ": market_shift: 1 where the world has 4 rows, one a city"),
        ({"log_price__1": [0.0]}, ": log_price[1]: 1 numbers where the first row has 8"),
        ({"market_shift__2": [1.0]}, ": market_shift[2]: 1 numbers where the first row has 2"),
        ({"market_shift__2__1": "a"}, ': market_shift[2][1]: must be a valid number, found "a"'),
        ({"market_shift__2__1": 1e9}, ": market_shift[2][1]: must be less than or equal"),
        ({"made__replicates": 0}, ": made.replicates: must be greater than or equal to 1, found 0"),
        ({"made__seed": None}, ": made.seed: is missing"),
        ({"made__misfit__after__cities__North": [0.1]}, "cities.North: 1 numbers where 2 years"),
    ],
)
def test_a_damaged_fit_ends_in_one_line(folder, changes, said):
    made_fit(folder)
    edit(folder, **changes)
    with pytest.raises(InputError) as caught:
        load_world(folder)
    (line,) = caught.value.problems
    assert line.startswith(f"{folder / FILE}: ")
    assert said in line
    assert check_folder(folder).problems == (line,)
    with speak(catalogue("zh")):
        demand_chinese(check_folder(folder).problems, [line])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{\n"a": 1\n"b": 2}', ":3: is not JSON: "),
        ('{"a": 1, "a": 2}', ": a: appears twice"),
        ('{"innovative_share": NaN}', ": 'NaN' is not a finite number"),
        ("[" * 100_000, ": is not JSON: a number is too long or brackets are too deep"),
        ("", ":1: is not JSON: expecting value"),
    ],
)
def test_what_is_no_json_ends_in_one_line(folder, text, said):
    (folder / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_world(folder)
    (line,) = caught.value.problems
    assert line.startswith(f"{folder / FILE}{said}")
    with speak(catalogue("zh")):
        demand_chinese(check_folder(folder).problems, [line])


@pytest.mark.slow
def test_what_is_no_file_ends_in_one_line(folder, capsys):
    (folder / FILE).symlink_to("/dev/zero")
    assert main(["run", str(folder / "scenario.yaml")]) == 4
    assert capsys.readouterr().err.endswith(f"{FILE}: is not a regular file\n")
    (folder / FILE).unlink()
    (folder / FILE).write_bytes(b"\xff\xfe")
    assert main(["world", "check", str(folder)]) == 4
    assert f"{FILE}: is not UTF-8" in capsys.readouterr().err
    assert main(["world", "fit", str(folder)]) == 4  # what may be somebody's is not overwritten
    assert (folder / FILE).read_bytes() == b"\xff\xfe"


def test_faults_of_tables_and_fit_are_told_together(folder):
    made_fit(folder)
    edit(folder, innovative_share=-1)
    text = (folder / "region.csv").read_text(encoding="utf-8")
    (folder / "region.csv").write_text(text.replace("800", "-8", 1), encoding="utf-8")
    files = {line.split(":")[0].rpartition("/")[2] for line in check_folder(folder).problems}
    assert files == {FILE, "region.csv"}


def test_a_fit_without_its_origin_is_used(folder):
    """As files of the package were before they told it."""
    shift = made_fit(folder).market_shift
    edit(folder, made=None)
    assert load_base_run(load_world(folder)).market_shift.tolist() == shift.tolist()
    assert "does not say" in check_folder(folder).holds["fit"]


@pytest.mark.slow
def test_results_of_before_a_fit_keep_their_tables(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ydsim.simulate(folder / "scenario.yaml", {"end": 2011}, out="out")
    before = ydsim.open_results("out").table("inequality")
    made_fit(folder)
    assert ydsim.open_results("out").table("inequality").equals(before)
    panel = folder / "cities_panel.csv"
    panel.write_text(panel.read_text().replace("400.0", "401.0", 1))
    with pytest.raises(ydsim.ResultsError, match="its files have changed"):
        ydsim.open_results("out").table("inequality")
