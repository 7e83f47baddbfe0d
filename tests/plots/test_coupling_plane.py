"""The plane of coupling: paths are those of C and T, D is the root of their product."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from tests.support.made import FOUR, make_results, nothing
from ydsim.measures.coupling import CLASSES
from ydsim.plots import couplingplane as module
from ydsim.plots.couplingplane import draw_coupling_plane, read_plane
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.messages import say
from ydsim.results.results import Results
from ydsim.typing import Floats

C, T = "rd_expenditure", "awareness"


@pytest.fixture(autouse=True)
def recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take two indicators that made results have in the place of C and T."""
    monkeypatch.setattr(module, "COUPLING", C)
    monkeypatch.setattr(module, "DEVELOPMENT", T)


def planted(gap: float, noise: float = 0.0) -> object:
    """C is .2 in every province and quarter, four times of it a year; T grows apart by ``gap``."""

    def value(name: str, place: int, replicate: int, quarters: Floats) -> Floats:
        year = np.floor(quarters / 4.0)
        shake = noise * replicate * (place + 1.0) * (-1.0) ** year
        if name == C:
            return np.full(len(quarters), 0.2)
        return 0.3 + 0.05 * year + (0.1 + gap * year) * place / 3.0 + shake

    return value


def plane_of(gap: float, noise: float = 0.0, **options: object) -> Results:
    return make_results(value=planted(gap, noise), **options)


@pytest.mark.slow
def test_paths_are_those_of_the_two_indicators() -> None:
    results = plane_of(0.01)
    plane = read_plane(results)
    np.testing.assert_allclose(plane.coupling, 0.8)
    np.testing.assert_allclose(plane.coordination, np.sqrt(0.8 * plane.development))
    axes = draw_coupling_plane(results).axes[0]
    paths = [line for line in axes.lines if line.get_gid() == "path"]
    assert len(paths) == len(FOUR)
    expected = plane.development.mean(axis=0)
    for p, path in enumerate(paths):
        np.testing.assert_allclose(path.get_xdata(), 0.8)
        np.testing.assert_allclose(path.get_ydata(), expected[:, p])


def test_grey_lines_hold_points_of_equal_coordination() -> None:
    axes = draw_coupling_plane(plane_of(0.01)).axes[0]
    levels = [line for line in axes.lines if line.get_gid() == "level"]
    assert levels
    for line in levels:
        d = np.sqrt(line.get_xdata() * line.get_ydata())
        np.testing.assert_allclose(d, d[0])
        assert round(float(d[0]), 6) * 10 == pytest.approx(round(float(d[0]) * 10))


def words(figure: Figure) -> str:
    return " ".join(text.get_text() for text in figure.texts)


@pytest.mark.parametrize(
    ("gap", "noise", "said"),
    [
        (0.05, 0.0, "the gap widens since 2018"),
        (-0.018, 0.0, "the gap narrows since 2018"),
        (0.05, 0.02, "no sure change of the gap since 2018"),
    ],
)
def test_the_title_tells_what_the_gap_does(gap: float, noise: float, said: str) -> None:
    assert said in words(draw_coupling_plane(plane_of(gap, noise)))


def test_one_replicate_has_no_interval_and_official_paths_are_dotted() -> None:
    figure = draw_coupling_plane(plane_of(0.05, replicates=1))
    assert "n\u00a0=\u00a01, no interval" in words(figure)
    assert " to " not in "".join(t.get_text() for t in figure.texts if t.get_text()[:2] == "0.")
    assert not [line for line in figure.axes[0].lines if line.get_gid() == "official"]


def test_dates_and_degrees_keep_off_one_another() -> None:
    figure = draw_coupling_plane(plane_of(0.05))
    figure.draw_without_rendering()
    axes = figure.axes[0]
    assert {t.get_text() for t in axes.texts} >= {f"2023 {name}" for name in FOUR}
    boxes = [text.get_window_extent().padded(-1.0) for text in axes.texts]
    for n, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[n + 1 :])
        assert axes.bbox.x0 - 1.0 <= box.x0
        assert box.x1 <= axes.bbox.x1 + 1.0


def test_every_class_has_a_message() -> None:
    for number, name in enumerate(CLASSES):
        assert say(f"couplingplane.class.{number}") == name


@pytest.mark.slow
def test_what_cannot_be_shown_is_said() -> None:
    with pytest.raises(NothingToDrawError, match="one year, 2020: no path"):
        draw_coupling_plane(plane_of(0.01, start=2020, end=2020))
    with pytest.raises(NothingToDrawError, match="one year, 2020: no path"):
        draw_coupling_plane(plane_of(0.01), years=(2020, 2020))
    with pytest.raises(NothingToDrawError):
        draw_coupling_plane(make_results(value=nothing))
    with pytest.raises(NothingToDrawError, match="no series was recorded"):
        draw_coupling_plane(make_results(leave_out=("series",)))
    figure = draw_coupling_plane(plane_of(0.01, provinces=("Alone",)))
    assert words(figure).startswith("Coordination of technology and industry, 2018\u20132023")
    draw_coupling_plane(plane_of(0.01, provinces=tuple(f"P{i}" for i in range(12))))
