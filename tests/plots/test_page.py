"""The page, its text, and the looks of provinces."""

from __future__ import annotations

import numpy as np
import pytest

from ydsim.plots import page
from ydsim.plots.page import FOOT, add_panel, fitting, head, heads, new_page, text_width, wrapped
from ydsim.plots.style import WIDTH, look, shown


def test_lines_of_an_explanation_fit_the_page() -> None:
    text = "A word and another word, " * 30
    lines = wrapped(text, 7.0, 3.0)
    assert " ".join(lines) == text.strip()
    assert all(text_width(line, 7.0) <= 3.0 for line in lines)
    assert text_width(f"{lines[0]} {lines[1].split()[0]}", 7.0) > 3.0
    assert wrapped("", 7.0, 3.0) == []
    assert wrapped("5\u00a0% of  it", 7.0, 0.1) == ["5\u00a0%", "of", "it"]


def test_widths_are_those_of_the_drawn_text() -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from ydsim.plots.style import house_style

    with house_style():
        figure, _ = new_page("", "", 1.0)
        figure.set_dpi(150)
        text = figure.text(0.0, 0.5, "Wide letters and thin: illicit", size=8.0)
        canvas = FigureCanvasAgg(figure)
        drawn = text.get_window_extent(canvas.get_renderer()).width / figure.dpi
    assert text_width(text.get_text(), 8.0) == pytest.approx(drawn, rel=0.01)


def test_a_longer_explanation_makes_a_higher_page() -> None:
    short, top = new_page("Title", "Short.", 2.0)
    long, lower = new_page("Title", "Long. " * 60, 2.0)
    assert lower > top
    assert long.get_figheight() - short.get_figheight() == pytest.approx(lower - top)
    axes = add_panel(short, 1.0, top, 3.0, 1.0)
    box = axes.get_position()
    assert box.x0 * WIDTH == pytest.approx(1.0)
    assert box.height * short.get_figheight() == pytest.approx(1.0)
    assert (1.0 - box.y1) * short.get_figheight() == pytest.approx(top)


def test_titles_of_panels_take_lines_instead_of_being_cut() -> None:
    titles, more = heads(["R&D", "Contracts with other provinces"], 1.4)
    assert titles == ["R&D", "Contracts with\nother provinces"]
    assert more > 0.0
    assert heads(["R&D"], 1.4) == (["R&D"], 0.0)
    figure, top = new_page("t", "e", 3.0)
    axes = add_panel(figure, 1.0, top + 0.5, 1.4, 1.0)
    head(axes, "b", titles[1], "unit")
    places = {text.get_text(): text.xyann[1] for text in axes.texts}
    assert places["b  Contracts with"] > places["other provinces"] > places["unit"]


def test_a_long_foot_takes_lines_and_stays_readable() -> None:
    figure, _ = new_page("t", "e", 3.0)
    text = ", ".join(f"a_scenario_{i}" for i in range(30))
    page.add_footer(figure, text)
    lines = [text for text in figure.texts if text.get_text().startswith("a_sc")]
    assert len(lines) > 1
    assert page.foot_height(text) > page.foot_height("short") == FOOT
    assert min(line.get_fontsize() for line in lines) > 5.0
    assert " ".join(line.get_text() for line in reversed(lines)) == text


def test_foreign_names() -> None:
    assert shown("a $5 $b") == r"a \$5 \$b"
    assert shown("\u00c9cole \u03b1") == "\u00c9cole \u03b1"
    assert shown("\u4e0a\ud800\n!") == "\u25a1\u25a1 !"
    assert shown("x" * 61) == "x" * 59 + "\u2026"
    assert fitting("a very long name", 0.5, 8.0, "bold").endswith("\u2026")
    assert text_width(fitting("a very long name", 0.5, 8.0, "bold"), 8.0, "bold") <= 0.5
    assert fitting("", 0.5, 8.0) == ""


def test_provinces_can_be_told_apart() -> None:
    looks = [(look(p).colour, str(look(p).dash)) for p in range(28)]
    assert len(set(looks)) == 28
    assert len({(look(p).colour, look(p).marker) for p in range(28)}) == 28


def test_names_are_dark_enough_to_read() -> None:
    from matplotlib.colors import to_rgb

    for p in range(7):
        part = np.array(to_rgb(look(p).ink))
        linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
        luminance = float(linear @ [0.2126, 0.7152, 0.0722])
        assert 1.05 / (luminance + 0.05) > 4.5
