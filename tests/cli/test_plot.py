"""``ydsim plot``: what is drawn, where it goes, and what is refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import fake_run
from ydsim.cli import main
from ydsim.cli.plot import plot as verb
from ydsim.plots.catalogue import KINDS
from ydsim.plots.options import OPTIONS
from ydsim.plots.saving import MOST_WIDTH

DRAWN = "rd_by_province"
"""A figure for which the fake run has the data."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plot") / "fake"
    fake_run.run(path)
    return path


@pytest.fixture
def here(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which ``run`` leads to the results."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run").symlink_to(folder)
    return tmp_path


def call(capsys: pytest.CaptureFixture[str], *args: object) -> tuple[int, str, str]:
    code = main(["plot", *map(str, args)])
    out, err = capsys.readouterr()
    return code, out, err


def refused(capsys: pytest.CaptureFixture[str], *args: object) -> str:
    code, out, err = call(capsys, *args)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    return err.removeprefix("error: ").rstrip("\n")


def test_one_figure_into_the_folder_of_the_results(
    here: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(path for path in folder.rglob("*") if path.is_file())
    code, out, err = call(capsys, "run", "--kind", DRAWN, "--dpi", 60)
    assert (code, out, err) == (0, f"run/figures/{DRAWN}.png\n", "")
    after = sorted(path for path in folder.rglob("*") if path.is_file())
    assert [path for path in after if path not in before] == [folder / "figures" / f"{DRAWN}.png"]


@pytest.mark.slow
def test_bytes_are_the_same_and_follow_format_dpi_and_width(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def draw(name: str, *args: object) -> bytes:
        code, out, _ = call(capsys, "run", "--kind", DRAWN, "-o", name, *args)
        assert (code, out) == (0, f"{name}\n")
        return Path(name).read_bytes()

    first = draw("a/deep/x.png", "--dpi", 60)
    assert first == draw("b.png", "--dpi", 60)
    pixels = int.from_bytes(first[16:20])
    assert pixels == round(7.2 * 60)
    assert int.from_bytes(draw("c.png", "--dpi", 60, "--width", 3.6)[16:20]) == pixels // 2
    assert draw("d.svg").startswith(b"<?xml")
    assert draw("e.pdf").startswith(b"%PDF")
    assert draw("e.pdf") == draw("f.PDF")
    assert sorted(path.name for path in here.iterdir()) == [
        "a", "b.png", "c.png", "d.svg", "e.pdf", "f.PDF", "run",
    ]  # fmt: skip


def test_several_figures_go_into_a_folder(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = ("--kind", DRAWN, "--kind", "certified")
    code, out, err = call(capsys, "run", *wanted, "-o", "new", "--format", "svg")
    assert (code, out) == (1, f"new/{DRAWN}.svg\n")  # the other has no data
    assert (
        err
        == "certified_firms is left out: hitech_enterprises_valid_stock_derived was not recorded\n"
    )
    two = ("--kind", DRAWN, "--kind", DRAWN)
    assert call(capsys, "run", *two, "-o", "one.svg")[:2] == (0, "one.svg\n")


@pytest.mark.slow
def test_what_a_run_draws_is_drawn_unasked(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, "run", "-o", "all", "--dpi", 40)
    assert code == 0
    assert f"all/{DRAWN}.png" in out.splitlines()
    left_out = {line.split()[0] for line in err.splitlines()}
    drawn = {Path(line).stem for line in out.splitlines()}
    assert drawn | left_out == {kind.name for kind in KINDS.values() if kind.after_run}
    assert not drawn & left_out
    assert call(capsys, "run", "-o", "all", "--dpi", 40, "-q") == (0, out, "")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ("", "give a results folder to draw, or --list"),
        ("nowhere", None),
        ("run --kind funel", "there is no kind of figure 'funel'; did you mean 'funnel'?"),
        ("run --kind heat_map", "heat_map shows one sweep, and here is a run; what fits: "),
        ("run --kind funnel", "funnel is left out: the table funnel was not recorded"),
        ("run --dpi 5", "dpi: expected a whole number from 36 to 1200, found 5"),
        ("run --dpi x", None),
        ("run --width 1e9", "width: expected a width in inches from 2 to 40, found 1000000000.0"),
        ("run --width nan", "width: expected a width in inches from 2 to 40, found nan"),
        ("run --format jpg", "format jpg is not known; did you mean 'png'?"),
        (f"run --kind {DRAWN} --format gif", f"{DRAWN} is no animation; these are: map_years"),
        ("run --format gif", "a gif is one animation; name it with --kind"),
        ("run run", "several results have no folder in common; give a file or folder: -o"),
        ("run -o x.jpg", "x.jpg: figures are written as png, svg, pdf, not jpg"),
        ("run -o x.png --format svg", "--format svg and a file that ends in .png; leave one out"),
        ("run --format svg --dpi 90", "dpi is of PNG figures; SVG has no dots"),
        ("run -o x.pdf --width 5", "a PDF has no width to set: it can be scaled without loss"),
        (
            f"run --kind {DRAWN} --indicator ideas",
            f"--indicator is no option of {DRAWN}; options: ",
        ),
        (f"run --kind {DRAWN} --indcator ideas", None),
        (f"run run --kind {DRAWN}", f"{DRAWN} shows one run of a scenario, and here is 2 runs; "),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    here: Path, capsys: pytest.CaptureFixture[str], args: str, said: str | None
) -> None:
    code, out, err = call(capsys, *args.split())
    assert code == (5 if args == "nowhere" else 2)
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith(f"error: {said or ''}")
    assert [path.name for path in here.iterdir()] == ["run"]


def test_too_many_pixels_are_refused_before_they_are_drawn(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = refused(capsys, "run", "--kind", DRAWN, "--dpi", 1200, "--width", MOST_WIDTH)
    assert "million pixels, and 100 are the most; lower dpi or width" in line


def test_figures_go_through_no_link_of_a_stranger(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_run.run(here / "other")
    (here / "elsewhere").mkdir()
    (here / "other" / "figures").symlink_to(here / "elsewhere")
    code, out, err = call(capsys, "other", "--kind", DRAWN)
    assert (code, out) == (5, "")
    assert "is a symbolic link" in err
    assert list((here / "elsewhere").iterdir()) == []


def test_kinds_that_fit_are_listed(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def listed(*args: str) -> list[str]:
        code, out, err = call(capsys, *args, "--list")
        assert (code, err) == (0, "")
        assert all(len(line.split()) > 1 for line in out.splitlines())
        return [line.split()[0] for line in out.splitlines()]

    assert listed() == list(KINDS)
    assert listed("run") == [
        kind.name for kind in KINDS.values() if kind.of not in ("sweep", "game") and kind.least == 1
    ]
    assert listed("run", "run") == [kind.name for kind in KINDS.values() if kind.of == "several"]


def test_an_unfinished_run_is_drawn_and_said(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(KeyboardInterrupt):
        fake_run.run(here / "part", fake_run.SignallingModel)
    code, out, err = call(capsys, "part", "--kind", DRAWN, "--dpi", 40)
    assert (code, out) == (0, f"part/figures/{DRAWN}.png\n")
    assert err.startswith("part: unfinished: ")
    assert err.endswith("to go on: ydsim resume part\n")


def test_the_verb_offers_every_option_that_kinds_declare() -> None:
    import inspect

    offered = set(inspect.signature(verb).parameters)
    assert set(OPTIONS) <= offered
    for kind in KINDS.values():
        assert set(kind.options) <= set(OPTIONS), kind.name
        named = set(inspect.signature(getattr(kind.draw, "target", kind.draw)).parameters)
        assert set(kind.options) <= named, kind.name
