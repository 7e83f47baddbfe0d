"""Maps of several years: one scale, years evenly spread, and animations of equal bytes."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image
from ydsim.plots.animation import LAST_PAUSE, MOST_FRAMES, PAUSE, save_frames

from tests.support.made import WORLD, make_results, plain, zeros
from ydsim.errors import UsageError
from ydsim.plots import animation
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.mapyears import PANELS, draw_map_years, map_frames, read_years
from ydsim.plots.saving import animate
from ydsim.plots.style import house_style
from ydsim.typing import Floats


def sizes(axes: object) -> Floats:
    (found,) = [c for c in axes.collections if c.get_gid() == "cities"]
    return np.sort(found.get_sizes())


def test_areas_are_in_proportion_across_years() -> None:
    figure = draw_map_years(make_results(start=2011, end=2030))
    maps = figure.axes[:PANELS]
    largest = np.array([sizes(axes)[-1] for axes in maps])
    found = read_years(make_results(start=2011, end=2030), "rd_expenditure", None, PANELS)
    assert found.years.tolist() == [2011, 2015, 2019, 2022, 2026, 2030]
    most = found.amount.max(axis=1)
    np.testing.assert_allclose(largest / largest[-1], most / most[-1])


def test_amounts_are_those_of_the_years_and_cities() -> None:
    found = read_years(make_results(), "inventions", (2019, 2021), PANELS)
    assert found.years.tolist() == [2019, 2020, 2021]
    for t in range(3):
        quarters = np.arange(4.0) + 4.0 * (t + 1)
        for city in range(WORLD.n_cities):
            runs = [plain("inventions", city, r, quarters).sum() for r in range(3)]
            assert found.amount[t, city] == pytest.approx(np.mean(runs))


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (1.0, "Ideas stays the same, 2018\u20132023"),
        (1.5, "Ideas grows 50\u00a0%, 2018\u20132023"),
        (0.4, "Ideas falls 60\u00a0%, 2018\u20132023"),
        (3.0, "Ideas grows 3.0-fold, 2018\u20132023"),
    ],
)
def test_the_title_tells_the_change(factor: float, words: str) -> None:
    def value(name: str, place: int, replicate: int, quarters: Floats) -> Floats:
        return 1.0 + (factor - 1.0) * np.floor(quarters / 4.0) / 5.0

    title = draw_map_years(make_results(value=value), indicator="ideas").texts[0].get_text()
    share = f"{500.0 / WORLD.n_cities:.0f}\u00a0%"
    assert title == f"{words}; 5 of {WORLD.n_cities} cities hold {share}, then {share}"


def test_what_cannot_be_shown_is_said() -> None:
    with pytest.raises(NothingToDrawError, match="one year, 2020: no change to show"):
        draw_map_years(make_results(start=2020, end=2020))
    with pytest.raises(NothingToDrawError, match="one year, 2021"):
        draw_map_years(make_results(), years=(2021, 2021))
    with pytest.raises(NothingToDrawError, match="awareness is no amount"):
        draw_map_years(make_results(), indicator="awareness")
    with pytest.raises(NothingToDrawError, match="ideas of cities has no value"):
        draw_map_years(make_results(value=zeros), indicator="ideas")
    with pytest.raises(NothingToDrawError, match="series of cities were not recorded"):
        draw_map_years(make_results(leave_out=("city_series",)))


def squares(*shades: float) -> list[Figure]:
    return [Figure(figsize=(1.0, 0.5), facecolor=(shade, 0.0, 0.0)) for shade in shades]


def test_frames_follow_one_another_with_their_own_colours() -> None:
    picture = Image.open(io.BytesIO(save_frames(squares(0.0, 0.5, 1.0), dpi=50)))
    assert picture.format == "GIF"
    assert picture.n_frames == 3
    assert picture.size == (50, 25)
    shades, pauses = [], []
    for frame in range(3):
        picture.seek(frame)
        shades.append(picture.convert("RGB").getpixel((10, 10))[0])
        pauses.append(picture.info["duration"])
    np.testing.assert_allclose(shades, [0, 128, 255], atol=2)
    assert pauses == [PAUSE, PAUSE, LAST_PAUSE]
    assert picture.info["loop"] == 0
    wide = Image.open(io.BytesIO(save_frames(squares(0.0, 1.0), dpi=50, width=2.0)))
    assert wide.size == (100, 50)


def test_animations_have_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="from 1 to 20 frames, not 21"):
        save_frames(squares(*[0.5] * (MOST_FRAMES + 1)))
    with pytest.raises(UsageError, match="not 0"):
        save_frames([])
    with pytest.raises(UsageError, match="one size"):
        save_frames([*squares(0.5), Figure(figsize=(2.0, 2.0))])
    monkeypatch.setattr(animation, "MOST_PIXELS", 1000)
    with pytest.raises(UsageError, match="lower dpi or width"):
        save_frames(squares(0.5, 0.6))


def test_animations_are_written_as_gif_and_nothing_else_is(tmp_path: Path) -> None:
    results = make_results()
    asked = {"indicator": "ideas", "years": (2018, 2019)}
    path = animate("map_years", results, tmp_path / "x.gif", dpi=40, **asked)
    with Image.open(path) as picture:
        assert picture.n_frames == 2
    with pytest.raises(UsageError, match=r"expected a file that ends in \.gif"):
        animate("map_years", results, tmp_path / "x.png", **asked)
    with pytest.raises(UsageError, match="money is no animation; these are: map_years"):
        animate("money", results, tmp_path / "y.gif")
    assert [p.name for p in tmp_path.iterdir()] == ["x.gif"]


@pytest.mark.slow
def test_the_same_results_give_the_same_animation() -> None:
    def made() -> bytes:
        with house_style():
            return save_frames(map_frames(make_results(start=2018, end=2020)), dpi=60)

    first = made()
    assert first == made()
    assert Image.open(io.BytesIO(first)).n_frames == 3


def test_a_long_run_has_as_many_frames_as_are_allowed() -> None:
    found = read_years(make_results(start=2011, end=2040), "ideas", None, MOST_FRAMES)
    assert len(found.years) == MOST_FRAMES
    assert found.years[[0, -1]].tolist() == [2011, 2040]
    assert (np.diff(found.years) > 0).all()
