"""Every fault of a world folder gives one clear line with file, line, column and value."""

import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.support.refusals import demand_chinese
from ydsim.errors import InputError
from ydsim.translation import catalogue, speak
from ydsim.untrusted_input import one_line
from ydsim.world.loader import load_world

Change = Callable[[list[str]], list[str]]


def refusal(folder: Path) -> tuple[str, ...]:
    with pytest.raises(InputError) as caught:
        load_world(folder)
    return caught.value.problems


def faults(folder: Path) -> tuple[str, ...]:
    """Every fault of a folder, which in Chinese is said of the same places."""
    found = refusal(folder)
    with speak(catalogue("zh")):
        demand_chinese(refusal(folder), found)
    return found


def swap(line: int, old: str, new: str) -> Change:
    """Replace text in one line (1-based, the header is line 1)."""

    def change(lines: list[str]) -> list[str]:
        assert old in lines[line - 1], lines[line - 1]
        return [*lines[: line - 1], lines[line - 1].replace(old, new, 1), *lines[line:]]

    return change


def drop(*numbers: int) -> Change:
    return lambda lines: [t for i, t in enumerate(lines, start=1) if i not in numbers]


def append(*new: str) -> Change:
    return lambda lines: [*lines, *new]


def only(start: str) -> Change:
    return lambda lines: [lines[0], *(t for t in lines[1:] if t.startswith(start))]


# name: file, change, line and column as a message has them, what it says of them
ONE_LINE = {
    "missing column": ("cities.csv", swap(1, ",lat,", ",latt,"), ":1: ", "'latt'"),
    "column twice": ("fields.csv", swap(1, "source", "field"), ":1: ", "'field'"),
    "latitude out of range": ("cities.csv", swap(3, "32.0617", "132.0617"), ":3: lat: ", "132.062"),
    "latitude and longitude swapped": (
        "cities.csv", swap(3, "32.0617,118.7778", "118.7778,32.0617"),
        ":3: lat: ", "swapped"),
    "duplicate city": ("cities.csv", append("310000,Shanghai 2,x,Shanghai,x,31.0,121.0,1,1"),
        ":43: admin_code: ", "'310000'"),
    "duplicate city name": ("cities.csv", append("999999,Shanghai,x,Shanghai,x,31.0,121.0,1,1"),
        ":43: name_en: ", "'Shanghai'"),
    "text for a number": ("cities.csv", swap(2, "31.2222", "north"), ":2: lat: ", "'north'"),
    "full-width digits": ("cities.csv", swap(2, "31.2222", "３１"), ":2: lat: ", "'３１'"),
    "thousands comma": ("region.csv", swap(2, "33000", '"33,000"'), ":2: firms: ", "'33,000'"),
    "not a number": ("cities_panel.csv", swap(2, "9197.13", "nan"), ":2: gdp_100m_rmb: ", "'nan'"),
    "overflow": ("cities_panel.csv", swap(2, "9197.13", "1e999"), ":2: gdp_100m_rmb: ", "'1e999'"),
    "no gdp": ("cities_panel.csv", swap(2, "9197.13", "0"), ":2: gdp_100m_rmb: ", "0"),
    "empty cell": ("cities.csv", swap(2, "31.2222", ""), ":2: lat: ", "is empty"),
    "unknown city": ("universities.csv", swap(2, "310000", "310009"),
        ":2: admin_code: ", "'310000'"),
    "code read as a number": ("cities_panel.csv", swap(2, "310000", "310000.0"),
        ":2: admin_code: ", "'310000'"),
    "unknown province": ("provinces.csv", swap(2, "Anhui", "Anhuy"), ":2: region: ", "'Anhui'"),
    "year out of range": ("provinces.csv", swap(2, "2005", "20050"), ":2: year: ", "20050"),
    "half a year": ("provinces.csv", swap(2, "2005", "2005.5"), ":2: year: ", "'2005.5'"),
    "year twice": ("provinces.csv", append("Anhui,2005,bank_deposits,1,100m_rmb,x,"),
        ":2452: year: ", "2005"),
    "two units": ("provinces.csv", append("Anhui,2004,bank_deposits,1,yuan,x,"),
        ":2452: unit: ", "'bank_deposits'"),
    "negative outcome": ("provinces.csv", append("Anhui,2004,rd_expenditure,-1,100m_rmb,x,"),
        ":2452: value: ", "-1"),
    "no gdp of a province": ("provinces.csv", append("Anhui,2004,gdp_alt,0,100m_rmb,x,"),
        ":2452: value: ", "0 must be at least 1e-06"),
    "no personnel": ("provinces.csv", append("Anhui,2004,rd_personnel_fte,0,person_years,x,"),
        ":2452: value: ", "0 must be at least 1e-06"),
    "no intensity": ("provinces.csv", append("China,2004,rd_intensity,1e-300,pct_of_gdp,x,"),
        ":2452: value: ", "1e-300 must be at least 1e-06"),
    "indicator gone": (
        "provinces.csv", lambda lines: [
            re.sub("^(Anhui.*),gdp_alt,", r"\1,gdp_old,", t) for t in lines
        ], ": ", "'gdp_old'"),
    "city without panel": (
        "cities_panel.csv", lambda lines: [t for t in lines if not t.startswith("320100")],
        ": gdp_100m_rmb: ", "'Nanjing'"),
    "duplicate pair": ("city_pairs.csv", lambda lines: [*lines, lines[1]],
        ":822: code_b: ", "appears twice"),
    "asymmetric pair": ("city_pairs.csv", append("320100,310000,Nanjing,Shanghai,271"),
        ":822: great_circle_km: ", "270.3"),
    "missing pair": ("city_pairs.csv", drop(2), ": ", "is missing"),
    "pair with itself": ("city_pairs.csv", append("310000,310000,Shanghai,Shanghai,1"),
        ":822: code_b: ", "with itself"),
    "relevance off one": ("relevance.csv", swap(2, "0.28", "0.38"), ":2: industry: ", "1.1"),
    "relevance row gone": ("relevance.csv", drop(2), ": ", "'electronic information'"),
    "relevance of an unknown industry": ("relevance.csv", swap(3, "biomedicine", "bio-medicine"),
        ":3: industry: ", "'biomedicine'"),
    "profile off one": ("profiles.csv", swap(3, "0.18", "0.08"), ":3: province: ", "0.9"),
    "profile row gone": ("profiles.csv", drop(2), ": ", "'Shanghai'"),
    "industry shares off one": ("industries.csv", swap(2, "0.14", "0.24"), ": share: ", "1.1"),
    "cluster of an unknown industry": (
        "clusters.csv", swap(2, "high-end equipment", "high-end equipments"),
        ":2: industry: ", "'high-end equipment'"),
    "no universities": ("universities.csv", lambda lines: lines[:1], ": ", "no rows"),
    "university twice": ("universities.csv", lambda lines: [*lines, lines[1]],
        ":459: name_zh: ", "'复旦大学'"),
    "unknown level": ("universities.csv", swap(2, "undergraduate", "undergrad"),
        ":2: level: ", "'undergraduate'"),
    "too many firms": ("region.csv", swap(2, "33000", "1000000000000"), ":2: firms: ", "1e+07"),
    "province gone": ("region.csv", drop(2), ": ", "'Shanghai'"),
    "province unknown": ("region.csv", swap(2, "Shanghai", "Shanghay"),
        ":2: province: ", "'Shanghai'"),
    "row cut short": ("region.csv", lambda lines: [*lines[:4], "Anhui,20000,5"], ":5: ", "3 cells"),
    "open quote": ("fields.csv", append('"never closed'), ":12: is not valid CSV: ", "of data"),
    "optional: text for a number": ("targets.csv", swap(2, "100.0", "n/a"), ":2: value: ", "'n/a'"),
    "optional: missing column": ("diffusion.csv", swap(1, "indicator", "indicatr"),
        ":1: ", "'indicatr'"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("case", ONE_LINE)
def test_one_fault_gives_one_line(edit, case):
    name, change, place, fact = ONE_LINE[case]
    root = edit(name, change)
    found = faults(root)
    assert len(found) == (3 if case == "city without panel" else 1)  # three series are gone
    assert found[0].startswith(f"{root / name}{place}")
    assert fact in found[0].removeprefix(f"{root / name}{place}")


def test_many_faults_of_a_file_are_capped(edit):
    def negative(lines: list[str]) -> list[str]:
        return [lines[0], *(line.rsplit(",", 1)[0] + ",-1" for line in lines[1:])]

    root = edit("city_pairs.csv", negative)
    found = faults(root)
    assert len(found) == 21
    assert found[-1].startswith(f"{root / 'city_pairs.csv'}: ... and ")


def test_faults_that_are_only_counted_look_for_no_names(edit, monkeypatch):
    """A hint compares with every city: a file full of strange names would take minutes."""
    asked: list[str] = []

    def near(word: str, options: Iterable[str]) -> str:
        asked.append(word)
        return ""

    monkeypatch.setattr("ydsim.world.csvfolder.suggestion", near)
    found = refusal(edit("city_pairs.csv", lambda lines: [t.replace("3", "x") for t in lines]))
    more = found[-1].split("... and ")[1].removesuffix(" more")
    assert len(found) == 21
    assert int(more) > 100
    assert len(asked) <= 20


def test_a_file_with_too_many_rows_is_one_line(folder, monkeypatch):
    longest = max(len(file.read_bytes().splitlines()) for file in folder.glob("*.csv"))
    monkeypatch.setattr("ydsim.world.csvfolder._MAX_ROWS", longest - 1)
    load_world(folder)
    monkeypatch.setattr("ydsim.world.csvfolder._MAX_ROWS", 100)
    said = [line for line in faults(folder) if "city_pairs.csv" in line]
    assert said == [
        f"{folder / 'city_pairs.csv'}: has more than 100 rows, which no file of a world has"
    ]


def test_one_city(edit):
    for name in ("cities.csv", "cities_panel.csv", "universities.csv"):
        root = edit(name, only("310000") if name != "universities.csv" else lambda t: t[:2])
    found = faults(root)
    assert found == (f"{root / 'cities.csv'}: has 1 city; a world needs at least two cities",)


def test_one_province(edit):
    root = edit("cities.csv", only("32"))
    line = f"{root / 'cities.csv'}: has one province; a world needs at least two provinces"
    assert faults(root) == (line,)


NEEDED = "cities provinces region relevance industries fields cities_panel"


@pytest.mark.slow
@pytest.mark.parametrize("name", NEEDED.split())
def test_missing_file(folder, name):
    (folder / f"{name}.csv").unlink()
    found = faults(folder)
    assert len(found) == 1
    assert found[0].startswith(f"{folder / name}.csv: is missing")


def test_missing_file_names_the_nearest(folder):
    (folder / "region.csv").rename(folder / "regions.csv")
    assert faults(folder) == (f"{folder / 'region.csv'}: is missing; did you mean 'regions.csv'?",)


@pytest.mark.slow
def test_misspelt_optional_file_is_not_passed_over(folder):
    (folder / "city_pairs.csv").rename(folder / "city_pair.csv")
    assert faults(folder) == (
        f"{folder / 'city_pair.csv'}: is not a file of a world; did you mean 'city_pairs.csv'?",
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"region,year,indicator,value,unit\n", "has a header but no rows"),
        (b"PK\x03\x04rest", "is an .xlsx or zip file, not CSV; save it as CSV in UTF-8"),
        (
            "region,year\n上海市,1\n".encode("gb18030"),
            "is not UTF-8 (byte 0xc9 at offset 12, looks like GB18030); save it as UTF-8",
        ),
        (
            "region".encode("utf-16"),
            "is not UTF-8 (byte 0xff at offset 0, looks like UTF-16); save it as UTF-8",
        ),
    ],
)
def test_content_that_is_no_table(folder, content, expected):
    (folder / "provinces.csv").write_bytes(content)
    assert faults(folder) == (f"{folder / 'provinces.csv'}: {expected}",)


def test_file_that_is_a_folder(folder):
    (folder / "fields.csv").unlink()
    (folder / "fields.csv").mkdir()
    assert faults(folder) == (f"{folder / 'fields.csv'}: is a folder, not a CSV file",)


def test_pipe_does_not_hang(folder):
    (folder / "fields.csv").unlink()
    os.mkfifo(folder / "fields.csv")
    assert faults(folder) == (f"{folder / 'fields.csv'}: is not a regular file",)


@pytest.mark.slow
def test_unreadable_file(folder, monkeypatch):
    original = os.open

    def refuse(path: str | Path, *args: int) -> int:
        if Path(path).name == "fields.csv":
            raise PermissionError(13, "Permission denied", str(path))
        return original(path, *args)

    monkeypatch.setattr(os, "open", refuse)
    assert faults(folder) == (f"{folder / 'fields.csv'}: cannot be read: permission denied",)


@pytest.mark.slow
def test_a_file_that_lost_rows_blames_no_other_file(edit):
    root = edit("cities.csv", lambda lines: [*lines[:5], lines[5][:20], *lines[6:]])
    assert [line.split(": ")[0] for line in faults(root)] == [f"{root / 'cities.csv'}:6"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [("xyz", ""), ("yrdd", "; did you mean 'yrd'?"), ("Synthetic", "; did you mean 'synthetic'?"),
     ("a\0b", ""), ("x" * 5000, "")],
)  # fmt: skip
def test_unknown_world(name, hint):
    with pytest.raises(InputError) as caught:
        load_world(name)
    assert str(caught.value) == (
        f"world '{one_line(name)}' is neither a packaged world (jjj, synthetic, ten_firms, yrd) "
        f"nor a folder{hint}"
    )


def test_world_that_is_a_file(folder):
    path = folder / "cities.csv"
    with pytest.raises(InputError) as caught:
        load_world(path)
    assert str(caught.value) == f"world '{path}' is a file; a world is a folder of CSV files"
