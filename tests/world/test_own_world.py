"""New folders, names of the whole, and what stands in for files that are left out."""

from pathlib import Path

import numpy as np
import pytest

from tests.support.refusals import demand_chinese
from ydsim.errors import InputError, UsageError
from ydsim.record.indicators import INDICATORS
from ydsim.store.contents import official_rows
from ydsim.translation import catalogue, speak
from ydsim.world.csvfolder import FILES, OTHER_FILES
from ydsim.world.folders import check_folder, new_world
from ydsim.world.loader import load_world

LEAST = ("world.csv", "cities.csv", "cities_panel.csv")


@pytest.fixture
def made(tmp_path):
    new_world(tmp_path / "mine", provinces=("North", "South"), cities=2)
    return tmp_path / "mine"


def strip(folder: Path) -> None:
    for path in folder.glob("*.csv"):
        if path.name not in LEAST:
            path.unlink()


def write(folder: Path, name: str, *lines: str) -> None:
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def faults(folder: Path) -> list[str]:
    """What is wrong with a folder, without its name; in Chinese it is said of the same places."""
    found = check_folder(folder).problems
    with speak(catalogue("zh")):
        demand_chinese(check_folder(folder).problems, found)
    with pytest.raises(InputError):
        load_world(folder)
    return [line.removeprefix(str(folder) + "/") for line in found]


def least(folder: Path) -> None:
    """Two provinces of one city each, in numbers to compute by hand."""
    strip(folder)
    write(
        folder, "cities.csv", "admin_code,name_en,province_en,lat,lon", "a,Ay,A,1,1", "b,Be,B,2,2"
    )
    write(
        folder,
        "cities_panel.csv",
        "admin_code,year,gdp_100m_rmb,value_added_secondary_100m_rmb,population_10k",
        "a,2011,1000,400,260", "a,2012,1100,440,240", "b,2011,500,200,40", "b,2012,600,240,40",
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("source", ["yrd", "jjj", "ten_firms"])
def test_a_copy_of_everything_is_the_same_world(tmp_path, source):
    files = new_world(tmp_path / "copy", source)
    assert set(files) <= {*FILES, *OTHER_FILES, "README.md", "scenario.yaml", "grants.yaml"}
    ours, theirs = load_world(tmp_path / "copy"), load_world(source)
    for name in ("distance_km", "city_gdp", "relevance", "industry_profile", "firms", "city_keys"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))
    assert ours.series.keys() == theirs.series.keys()


@pytest.mark.slow
def test_a_part_of_a_copy_has_the_figures_of_its_provinces(tmp_path):
    new_world(tmp_path / "copy", "yrd", ("Anhui", "Jiangsu"))
    ours, theirs = load_world(tmp_path / "copy"), load_world("yrd")
    assert ours.provinces == ("Jiangsu", "Anhui")
    assert ours.n_cities == 29
    rows = [theirs.provinces.index(name) for name in ours.provinces] + [4]
    for name, series in ours.series.items():
        for year in (2005, 2011, 2015, 2020):
            np.testing.assert_array_equal(series.at(year), theirs.series[name].at(year)[rows])


def test_nothing_is_overwritten_or_written_outside(tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "empty")
    with pytest.raises(InputError, match="is not empty; nothing is overwritten"):
        new_world(tmp_path / "full")
    with pytest.raises(InputError, match="is a link"):
        new_world(tmp_path / "link")
    with pytest.raises(InputError, match="is a file"):
        new_world(tmp_path / "full" / "mine.txt")
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["empty", "full", "link", "mine.txt"]
    new_world(tmp_path / "empty")
    assert (tmp_path / "empty" / "cities.csv").is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"source": "yrdd"}, "did you mean 'yrd'?"),
        ({"source": "yrd", "provinces": ("Jiangsu", "Anhuy")}, "did you mean 'Anhui'?"),
        ({"provinces": ("A",)}, "at least two provinces"),
        ({"provinces": ("A", "A")}, "named twice"),
        ({"provinces": ("A", "China")}, "is the nation around"),
        ({"provinces": ("A", "outside")}, "names of tables"),
        ({"cities": 0}, "1 to 200"),
    ],
)
def test_arguments_that_make_no_world(tmp_path, arguments, said):
    with pytest.raises(UsageError) as caught:
        new_world(tmp_path / "x", **arguments)
    assert said in str(caught.value)
    assert not (tmp_path / "x").exists()


def test_what_stands_in_is_what_the_page_says(made):
    least(made)
    world = load_world(made)
    assert world.university_names == ("Ay University 1", "Ay University 2", "Be University 1")
    assert world.firms.tolist() == [1000, 500]  # 2.5 x 400, 2.5 x 200
    assert world.outside_distance_km.tolist() == [800.0, 800.0]
    assert np.bincount(world.city_province[world.institute_city]).tolist() == [1, 1]  # 1.4, .7
    at = {name: series.at(2011) for name, series in world.series.items()}
    assert at["gdp_alt"][:2].tolist() == [1000.0, 500.0]
    assert at["rd_expenditure"].tolist() == pytest.approx([25.0, 12.5, 127.5])
    assert at["rd_funds_enterprise"][:2].tolist() == pytest.approx([20.0, 10.0])
    assert at["rd_funds_government"][:2].tolist() == pytest.approx([4.0, 2.0])
    assert at["public_budget_science_technology"][:2].tolist() == pytest.approx([6.3, 3.15])
    assert at["rd_personnel_fte"][:2].tolist() == pytest.approx([7200.0, 3600.0])
    assert at["rd_intensity"][2] == pytest.approx(2.07)
    yrd = load_world("yrd")
    assert (world.fields, world.industries) == (yrd.fields, yrd.industries)
    np.testing.assert_array_equal(world.relevance, yrd.relevance)
    np.testing.assert_allclose(world.industry_profile, np.tile(world.industry_share, (2, 1)))


def test_own_figures_come_before_what_stands_in(made):
    least(made)
    rd = [f"{p},{y},rd_expenditure,{v},100m_rmb" for p, v in (("A", 50), ("B", 10))
          for y in (2011, 2012)]  # fmt: skip
    write(made, "provinces.csv", "region,year,indicator,value,unit", *rd)
    world = load_world(made)
    at = {name: series.at(2011) for name, series in world.series.items()}
    assert at["rd_expenditure"].tolist() == pytest.approx([50.0, 10.0, 204.0])
    assert at["rd_funds_enterprise"][:2].tolist() == pytest.approx([40.0, 8.0])
    assert at["rd_personnel_fte"][:2].tolist() == pytest.approx([7200.0, 3600.0])
    assert "rd_funds_enterprise" in check_folder(made).priors["provinces.csv"]
    assert "rd_expenditure" not in world.assumed
    of = ("rd_expenditure", "rd_personnel_fte")
    official = official_rows(world, {name: INDICATORS[name] for name in of}, "region")
    assert set(official["indicator"].tolist()) == {"rd_expenditure"}


def test_an_indicator_of_one_province_alone_is_a_fault(made):
    least(made)
    write(made, "provinces.csv", "region,year,indicator,value,unit", "A,2011,gdp_alt,9,100m_rmb")
    assert "provinces.csv: no row for indicator 'gdp_alt' of B" in faults(made)


def test_without_names_every_file_is_needed(made):
    (made / "world.csv").unlink()
    (made / "region.csv").unlink()
    assert len(faults(made)) == 1
    assert faults(made)[0].startswith("region.csv: is missing")


def test_content_covers_what_stands_in_and_not_the_name_of_the_folder(made):
    least(made)
    before = load_world(made)
    moved = made.rename(made.parent / "moved")
    assert load_world(moved).digest == before.digest
    assert load_world(moved).total == before.total == "region"
    write(moved, "region.csv", "province,firms,outside_distance_km,institutes", "A,1000,800,1",
          "B,500,801,1")  # fmt: skip
    assert load_world(moved).digest != before.digest


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("colour,X",), "world.csv:2: key: 'colour' is no key of a world; keys are: label, total, "
                        "nation"),
        (("total,X", "total,Y"), "world.csv:3: key: 'total' appears twice"),
        (("total,North",), "world.csv: total: 'North' is the name of a province too"),
        (("total,outside",), "world.csv: total: 'outside' is what tables call the rest of the "
                             "nation; give the place another name"),
        (("total," + "x" * 41,), "world.csv:2: value: has 41 characters; a name has at most 40"),
        (("total,a\u202eb",), "world.csv:2: character U+202E (RIGHT-TO-LEFT OVERRIDE) is not "
                              "allowed; delete it"),
    ],
)  # fmt: skip
def test_faults_of_names(made, lines, said):
    write(made, "world.csv", "key,value", *lines)
    assert faults(made) == [said]


@pytest.mark.parametrize("name", ["nation", "outside"])
@pytest.mark.parametrize("column", ["name_en", "province_en"])
def test_no_place_has_a_name_that_tables_have_for_another(made, column, name):
    path = made / "cities.csv"
    of_city, of_province = ",North 1,", ",North,"
    old = of_city if column == "name_en" else of_province
    path.write_text(path.read_text().replace(old, f",{name},"))
    strip(made)
    (said,) = (line for line in faults(made) if name in line)
    assert said.startswith(f"cities.csv: {column}: '{name}' is what tables call")


def test_semicolons_are_told_and_names_of_any_script_are_taken(made, tmp_path):
    path = made / "cities.csv"
    path.write_bytes(path.read_bytes().replace(b",", b";"))
    assert any(line.startswith("cities.csv:1: has semicolons") for line in faults(made))
    new_world(tmp_path / "x", provinces=("北方", "南方", "Ünder"), cities=20)
    world = load_world(tmp_path / "x")
    assert (world.n_cities, world.provinces) == (60, ("北方", "南方", "Ünder"))


def test_a_city_that_begins_late_and_a_link(made):
    (made / "region.csv").rename(made.parent / "elsewhere.csv")
    (made / "region.csv").symlink_to(made.parent / "elsewhere.csv")
    assert check_folder(made).notes == ("region.csv: is a link; what it leads to is read",)
    path = made / "cities_panel.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join(line for line in lines if not line.startswith("01002,2010")))
    said = (
        "of city 'North 2' begins in 2015; a run that begins in 2011 needs that year or one before"
    )
    assert check_folder(made).problems == tuple(
        f"{path}: {name} {said}" for name in ("gdp_100m_rmb", "value_added_secondary_100m_rmb")
    )


def test_notes_on_what_looks_wrong(made):
    least(made)
    write(made, "cities.csv", "admin_code,name_en,province_en,lat,lon", "a,Ay,A,1,1", "b,AY,B,1,1",
          "c,Ce,B,60,90")  # fmt: skip
    text = (made / "cities_panel.csv").read_text()
    write(made, "cities_panel.csv", text + "c,2011,10,20,5\nc,2012,11,22,5")
    write(made, "universities.csv", "name,admin_code,level,double_first_class_2022",
          "U,a,undergraduate,0")  # fmt: skip
    rows = [f"{p},{y},gdp_alt,{v},100m_rmb" for p, v in (("A", 2000), ("B", 510))
            for y in (2011, 2012)]  # fmt: skip
    write(made, "provinces.csv", "region,year,indicator,value,unit", *rows)
    report = check_folder(made)
    assert report.problems == ()
    notes = "\n".join(report.notes)
    for said in (
        "cities.csv: Ce lies ",
        "Ay and AY lie at the same place",
        "cities 'Ay' and 'AY' differ only in spelling",
        "gdp_alt of A: the sum of gdp_100m_rmb over its cities is 50 % below it in 2011",
        "universities.csv: B has none",
        "secondary value added of Ce in 2011 is above its GDP",
    ):
        assert said in notes


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("region.csv", ",800,", ",1e308,", "region.csv:2: outside_distance_km: 1e308 must be at "
                                             "most 20040"),
        ("provinces.csv", "", "Nowhere,2015,gdp_alt,1e300,100m_rmb", "value: 1e300 must be at most "
                                                                     "1e+15"),
        ("provinces.csv", "", "North,2015,a\0b,1,-", "character U+0000 (control character) is not"),
    ],
)  # fmt: skip
def test_figures_beyond_reason_and_characters_that_nobody_sees(made, file, old, new, said):
    path = made / file
    text = path.read_text(encoding="utf-8")
    changed = text.replace(old, new, 1) if old else f"{text}{new}\n"
    assert changed != text
    path.write_text(changed, encoding="utf-8")
    assert any(said in line for line in faults(made)), faults(made)
