"""The page of figures: texts in their places, panels that stay, files of equal bytes."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.image import imread
from matplotlib.lines import Line2D

from tests.support.figures import require_readable
from ydsim.errors import NothingToDrawError
from ydsim.plots import canvas
from ydsim.plots.canvas import SMALL, house_style, look, shown
from ydsim.wording import shorten_inside

WORDS = "A title of many words that goes on and on until it needs more than a single line of it"


def page(panels=3, width=canvas.USUAL_WIDTH, **options):
    with house_style(), canvas.wide(width):
        figure, axes = canvas.new_page(
            WORDS, "A note.", "", "Another note " * 12, foot="from here " * 30, panels=panels,
            **options,
        )  # fmt: skip
        for number, each in enumerate(axes):
            each.plot([2011, 2030], [0.0, 10.0 ** (number + 3)])
            canvas.set_years(each, 2011, 2030)
            canvas.set_amounts(each, np.array([0.0, 10.0 ** (number + 3)]))
            canvas.head(each, f"A panel with a long title, {number}", "unit " * 9, letter="a")
            canvas.name_ends(each, [(f"name {i}", 1.0, look(i)) for i in range(4)])
        return figure.finish(), axes


@pytest.mark.slow
@pytest.mark.parametrize("width", [2.67, 4.0, 7.2, 10.7])
def test_everything_lies_on_the_page(width):
    require_readable(page(width=width)[0])


def test_axes_hold_their_values_and_names_stand_at_the_ends_of_lines():
    with house_style(), canvas.wide(2.67):
        key = [(Line2D([], []), "a mark in words")] * 5
        figure, (axes,) = canvas.new_page("Title", foot="foot", key=key)
        canvas.set_years(axes, 2011, 2030)
        canvas.set_amounts(axes, np.array([-5.0, 20.0]))
        canvas.name_ends(axes, [("low", -5.0, look(0)), ("high", 20.0, look(1))])
        require_readable(figure.finish())
    assert 2010.0 < axes.get_xlim()[0] <= 2011.0
    assert axes.get_ylim()[0] < -5.0
    ends = [text.xy[1] for text in axes.texts if text.get_gid() == "end"]
    assert ends == pytest.approx([-5.0, 20.0])


def test_narrow_pages_stack_their_panels():
    columns = {
        width: len({round(axes.get_position().x0, 2) for axes in page(4, width)[1]})
        for width in (3.0, 7.2)
    }
    assert columns == {3.0: 1, 7.2: 2}


@pytest.mark.slow
def test_panels_stay_where_they_were_laid_out():
    figure, axes = page()
    before = [each.get_position().bounds for each in axes]
    canvas.save_bytes(figure)
    figure.savefig(io.BytesIO(), bbox_inches="tight")
    assert [each.get_position().bounds for each in axes] == before
    assert figure.finish() is figure


def test_a_page_is_drawn_once(monkeypatch):
    drawn = []
    plain = canvas.Canvas.draw
    monkeypatch.setattr(canvas.Canvas, "draw", lambda *args: (drawn.append(1), plain(*args)))
    canvas.save_bytes(page()[0])
    assert len(drawn) == 1


def test_panels_without_room_are_refused():
    with house_style(), canvas.wide(2.67):
        figure, (axes,) = canvas.new_page("Title", foot="foot")
        axes.set_yticks([0.0], ["1" + "000," * 40])
        with pytest.raises(NothingToDrawError, match="room"):
            figure.finish()


@pytest.mark.slow
def test_a_notebook_a_file_and_a_tight_file_show_the_same_page():
    figure, _ = page()
    plain = imread(io.BytesIO(canvas.save_bytes(figure)))
    assert figure._repr_png_() == canvas.save_bytes(figure)
    tight = io.BytesIO()
    with house_style():
        figure.savefig(tight, dpi=canvas.DPI, bbox_inches="tight", pad_inches=0.0)
    tight.seek(0)
    inner = imread(tight)
    # a tight page cuts white margins only: no ink is lost
    assert int((inner[..., :3] < 0.9).sum()) == pytest.approx(
        int((plain[..., :3] < 0.9).sum()), rel=0.02
    )


@given(st.text("ab \u03b1\u7814\u7a76\uff0c\uff08", max_size=60), st.floats(0.3, 3.0))
def test_lines_fit_and_nothing_is_lost(text, width):
    lines = canvas.wrapped(text, SMALL, width)
    assert "".join(lines).replace(" ", "") == canvas.drawable(text).replace(" ", "")
    assert all(len(one) == 1 or canvas.text_width(one, SMALL) <= width for one in lines)


@pytest.mark.parametrize(
    ("step", "decimals"), [(1.0, 0), (0.5, 1), (0.25, 2), (2.5, 1), (1000.0, 0), (1e-4, 4)]
)
def test_ticks_have_as_many_decimals_as_their_step(step, decimals):
    assert canvas.decimals_of_steps(step) == decimals


def test_foreign_names():
    assert shown("a $5 $b") == r"a \$5 \$b"
    assert shown("\u00c9cole \u03b1") == "\u00c9cole \u03b1"
    assert shown("\U0010fffd\ud800\n!") == "\u25a1\u25a1 !"
    long = "a" * 40 + "b" * 40
    assert shown(long) == "a" * 30 + "\u2026" + "b" * 29, "points differ at either end"
    assert shown(long[:60]) == long[:60]
    assert "\u2026" in canvas.fitting("a very long name", 0.5, 8.0, "bold")
    assert (
        canvas.text_width(canvas.fitting("a very long name", 0.5, 8.0, "bold"), 8.0, "bold") <= 0.5
    )
    assert canvas.fitting("", 0.5, 8.0) == ""


def test_provinces_can_be_told_apart():
    looks = [(look(p).colour, str(look(p).dash)) for p in range(28)]
    assert len(set(looks)) == 28
    assert len({(look(p).colour, look(p).marker) for p in range(28)}) == 28


def test_names_are_dark_enough_to_read():
    from matplotlib.colors import to_rgb

    for p in range(7):
        part = np.array(to_rgb(look(p).ink))
        linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
        luminance = float(linear @ [0.2126, 0.7152, 0.0722])
        assert 1.05 / (luminance + 0.05) > 4.5


def test_names_that_wish_for_one_place_stand_around_it():
    places = canvas.spread(np.array([0.5, 0.5, 0.5, 0.9]), 0.1)
    np.testing.assert_allclose(places, [0.4, 0.5, 0.6, 0.9])


@pytest.mark.parametrize("width", [20, 33, 60])
def test_a_long_name_is_cut_between_its_words_and_keeps_both_ends(width):
    text = "Exchange passing borders, odds × 2; R&D grants rate 0.1; Border joint work 0.3"
    found = shorten_inside(text, width, "…", words=True)
    first, last = found.split("…")
    assert len(found) <= width
    assert text.startswith(f"{first} ")
    assert text.endswith(f" {last}")
    assert shorten_inside("a" * 90, width, "…", words=True).count("a") == width - 1
    assert shorten_inside(text, 99) == text
