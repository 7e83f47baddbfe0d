"""All figures as files: complete, equal bytes, and never a failure for odd results."""

import subprocess
import sys
from contextlib import suppress

import matplotlib as mpl
import pytest

from tests.support.figures import require_readable
from tests.support.made import FOUR, YEARLY, make_results, nothing, plain, zeros
from ydsim.errors import NothingToDrawError, ResourceError
from ydsim.plots.canvas import FORMATS, save_bytes
from ydsim.plots.catalogue import KINDS
from ydsim.plots.drawing import draw as draw_kind
from ydsim.plots.drawing import make_figures

pytestmark = pytest.mark.slow

ALL = [f"{name}.png" for name, kind in KINDS.items() if kind.after_run]


def draw(results, folder):
    notes: list[str] = []
    paths = make_figures(results, folder, note=notes.append)
    assert all(path.stat().st_size > 3000 for path in paths)
    return [path.name for path in paths], notes


@pytest.mark.parametrize("kind", [name.removesuffix(".png") for name in ALL])
def test_the_same_results_give_the_same_bytes(kind, monkeypatch):
    def files(value=plain):
        figure = draw_kind(kind, make_results(value=value))
        return [save_bytes(figure, format) for format in FORMATS]

    first = files()
    monkeypatch.setitem(mpl.rcParams, "axes.facecolor", "yellow")
    monkeypatch.setitem(mpl.rcParams, "font.size", 20.0)
    assert first == files()
    assert mpl.rcParams["font.size"] == 20.0
    assert not any(w in data for w in (b"Software", b"CreationDate", b"dc:date") for data in first)
    assert kind != "overview" or first != files(lambda *a: 2.0 * plain(*a))


def test_no_global_state_of_pyplot_is_touched():
    code = "import sys, ydsim.plots.drawing; print('matplotlib.pyplot' in sys.modules)"
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
        {"provinces": ("$x$ \\alpha", "\u4e0a\u6d77", "\u00c5land \u200b", "a\nb" * 40)},
    ],
)
def test_odd_results_are_drawn(tmp_path, options):
    assert draw(make_results(**options), tmp_path / "deep") == (ALL, [])
    assert sorted(path.name for path in (tmp_path / "deep").iterdir()) == sorted(ALL)


LONG = ("A province with a long name " * 2, "$x$", "\u4e0a\u6d77", *(f"P{i}" for i in range(9)))


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.of != "sweep"])
@pytest.mark.parametrize("width", [2.67, 10.7])
@pytest.mark.parametrize(
    "options",
    [
        {"start": 2018, "end": 2019, "replicates": 1},
        {"start": 2018, "end": 2018, "replicates": 2},
        {"provinces": ("Alone",)},
        {"start": 2011, "end": 2030},
        {"value": zeros},
        {"provinces": LONG},
        {"name": "a scenario with a very long name, longer than any room for it"},
    ],
)
def test_words_of_every_kind_lie_on_the_page(kind, width, options):
    """In hard cases, at 400 to 1,600 pixels; a kind that has nothing to draw says so."""
    number = {"run": 1, "two": 2, "several": 12 if "name" in options else 2}[KINDS[kind].of]
    results = [make_results(**options)] * number
    with suppress(NothingToDrawError):
        require_readable(draw_kind(kind, *results, width=width))
    if KINDS[kind].of == "several":
        with suppress(NothingToDrawError):
            require_readable(draw_kind(kind, results[0], width=width))


def left_out(notes):
    """The kinds that notes tell of, one line each."""
    assert all(note.count("\n") == 0 for note in notes)
    return [note.split()[0] for note in notes]


def rest(*names):
    return [name for name in ALL if name.removesuffix(".png") not in names]


def only_productivity(name, *rest):
    return plain(name, *rest) if name == "productivity_log" else nothing(*rest)


OF_TABLES = ["funnel", "project_paths", "link_map", "supply_to_nation", "money"]


@pytest.mark.parametrize(
    ("options", "lost"),
    [
        (
            {"start": 2011, "end": 2011, "replicates": 1},
            ["overview", "adoption_curves", "supply_to_nation"],
        ),
        ({"value": only_productivity}, ["overview", "map"]),
        ({"leave_out": ("city_series", "generations")}, ["adoption_curves", "map"]),
        ({"world": "no-such-folder"}, ["map", "link_map"]),
        ({"leave_out": tuple(YEARLY)}, OF_TABLES),
        ({"change": lambda _, rows: {k: v[:0] for k, v in rows.items()}}, OF_TABLES),
        (
            {"change": lambda _, rows: {k: v for k, v in rows.items() if k != "year"}},
            [name for name in OF_TABLES if name != "project_paths"],
        ),
    ],
)
def test_a_figure_without_its_data_costs_one_line(tmp_path, options, lost):
    for name in lost:
        (tmp_path / f"{name}.png").write_bytes(b"of an earlier run")
    names, notes = draw(make_results(**options), tmp_path)
    assert names == rest(*lost)
    assert left_out(notes) == lost
    assert not any((tmp_path / f"{name}.png").exists() for name in lost)


def test_a_folder_that_cannot_be_made_is_reported(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ResourceError):
        make_figures(make_results(), tmp_path / "file" / "figures")


def test_a_real_run_is_drawn(tmp_path):
    from ydsim.run.api import simulate

    results = simulate("synthetic", {"end": 2012, "scale": 0.02})
    assert draw(results, tmp_path) == (ALL, [])
    assert results.manifest["regions"][:-1] != list(FOUR)
