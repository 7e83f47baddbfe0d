"""All figures as files: complete, equal bytes, and never a failure for odd results."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from ydsim.plots.research import draw_research

from tests.support.made import FOUR, YEARLY, make_results, nothing, plain, zeros
from ydsim.errors import ResourceError, UsageError
from ydsim.plots import figures
from ydsim.plots.figures import FIGURES, make_figures, render
from ydsim.results.results import Results
from ydsim.typing import Columns

pytestmark = pytest.mark.slow

ALL = [f"{name}.png" for name in FIGURES]


@pytest.fixture(autouse=True)
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "DPI", 60)


def draw(results: Results, folder: Path, **options: object) -> tuple[list[str], list[str]]:
    notes: list[str] = []
    paths = make_figures(results, folder, note=notes.append, **options)
    assert all(path.stat().st_size > 3000 for path in paths)
    return [path.name for path in paths], notes


def test_every_figure_becomes_a_file_and_nothing_else_does(tmp_path: Path) -> None:
    names, notes = draw(make_results(), tmp_path / "deep" / "figures")
    assert names == ALL
    assert notes == []
    assert sorted(p.name for p in (tmp_path / "deep" / "figures").iterdir()) == sorted(ALL)


@pytest.mark.parametrize("format", ["png", "pdf", "svg"])
def test_the_same_results_give_the_same_bytes(
    tmp_path: Path, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make_figures(make_results(), tmp_path / "a", format=format)
    monkeypatch.setitem(mpl.rcParams, "axes.facecolor", "yellow")
    monkeypatch.setitem(mpl.rcParams, "font.size", 20.0)
    second = make_figures(make_results(), tmp_path / "b", format=format)
    assert len(first) == len(ALL)
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]
    for data in (path.read_bytes() for path in first):
        assert not any(word in data for word in (b"Software", b"CreationDate", b"dc:date"))
    assert mpl.rcParams["font.size"] == 20.0


def test_other_results_give_other_bytes() -> None:
    first = render(draw_research, make_results())
    assert first != render(draw_research, make_results(value=lambda *a: 2.0 * plain(*a)))


def test_no_global_state_of_pyplot_is_touched() -> None:
    code = "import sys, ydsim.plots.figures; print('matplotlib.pyplot' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


@pytest.mark.parametrize(
    "options",
    [
        {"replicates": 2, "end": 2020},
        {"replicates": 21, "official_until": 2014},
        {"start": 2011, "end": 2012, "replicates": 1},
        {"start": 2025, "end": 2027},
        {"value": zeros},
        {"provinces": ("Alone",)},
        {"provinces": tuple(f"P{i}" for i in range(12))},
        {"provinces": ("$x$ \\alpha", "\u4e0a\u6d77", "\u00c5land \ud800", "a\nb" * 40)},
    ],
)
def test_odd_results_are_drawn(tmp_path: Path, options: dict[str, object]) -> None:
    assert draw(make_results(**options), tmp_path) == (ALL, [])


OVER_TIME = (
    "adoption_curves",
    "rd_by_province",
    "output_and_productivity",
    "live_generations",
    "contracts_and_inventions",
    "certified_firms",
    "knowledge",
    "supply_to_nation",
)


def test_one_year_is_said_not_drawn_empty(tmp_path: Path) -> None:
    names, notes = draw(make_results(start=2011, end=2011, replicates=1), tmp_path)
    assert names == [f"{name}.png" for name in FIGURES if name not in OVER_TIME]
    assert [note.split(".")[0] for note in notes] == list(OVER_TIME)
    assert all("over time needs two years, there is only 2011" in note for note in notes)


def test_series_without_any_value(tmp_path: Path) -> None:
    def only_productivity(name: str, *rest: object) -> np.ndarray:
        return plain(name, *rest) if name == "productivity_log" else nothing(*rest)

    left_out = [
        "rd_by_province.png",
        "map.png",
        "live_generations.png",
        "contracts_and_inventions.png",
        "certified_firms.png",
    ]
    names, notes = draw(make_results(value=only_productivity), tmp_path)
    assert names == [name for name in ALL if name not in left_out]
    assert [note.split()[0] for note in notes] == left_out


def test_a_figure_without_its_data_is_left_out_with_a_note(tmp_path: Path) -> None:
    (tmp_path / "map.png").write_bytes(b"of an earlier run")
    names, notes = draw(make_results(leave_out=("city_series", "generations")), tmp_path)
    assert names == [n for n in ALL if n not in ("map.png", "adoption_curves.png")]
    assert notes == [
        "adoption_curves.png is left out: the table generations was not recorded",
        "map.png is left out: the series of cities were not recorded",
    ]
    assert not (tmp_path / "map.png").exists()


def test_a_folder_of_an_earlier_version_costs_one_line_a_figure(tmp_path: Path) -> None:
    names, notes = draw(make_results(leave_out=tuple(YEARLY)), tmp_path)
    assert names == ALL[: ALL.index("funnel.png")]
    assert notes == [
        "funnel.png is left out: the table funnel was not recorded",
        "project_paths.png is left out: the table passports was not recorded",
        "link_map.png is left out: the table ties was not recorded",
        "city_pairs.png is left out: the table ties was not recorded",
        "knowledge.png is left out: the table knowledge was not recorded",
        "supply_to_nation.png is left out: the table ties was not recorded and the table contracts "
        "was not recorded",
        "money.png is left out: the table ledger was not recorded",
    ]


def test_tables_without_rows_or_without_a_column_cost_one_line_a_figure(tmp_path: Path) -> None:
    notes = draw(
        make_results(change=lambda _, rows: {k: v[:0] for k, v in rows.items()}), tmp_path
    )[1]
    assert [note.split(".")[0] for note in notes] == list(FIGURES)[list(FIGURES).index("funnel") :]
    assert all(note.count("\n") == 0 for note in notes)

    def shortened(_: str, rows: Columns) -> Columns:
        return {name: column for name, column in rows.items() if name != "year"}

    notes = draw(make_results(change=shortened), tmp_path)[1]
    assert "funnel.png is left out: the table funnel lacks year" in notes


def test_a_world_that_is_gone_costs_only_the_maps(tmp_path: Path) -> None:
    names, notes = draw(make_results(world="no-such-folder"), tmp_path)
    gone = ["map.png", "link_map.png", "city_pairs.png"]
    assert names == [n for n in ALL if n not in gone]
    assert [note.split(" is left out: the world cannot be loaded: ")[0] for note in notes] == gone


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="format jpg is not known; known: png, pdf, svg"):
        make_figures(make_results(), tmp_path, format="jpg")


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ResourceError):
        make_figures(make_results(), tmp_path / "file" / "figures")


def test_a_real_run_is_drawn(tmp_path: Path) -> None:
    from ydsim.run.single import simulate

    results = simulate("synthetic", {"end": 2012, "scale": 0.02})
    assert draw(results, tmp_path) == (ALL, [])
    assert results.manifest["regions"][:-1] != list(FOUR)
