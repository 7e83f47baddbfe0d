"""The forest plot of studies, in usual and hard cases."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from tests.support import fake_sweep
from ydsim.errors import NothingToDrawError
from ydsim.plots.catalogue import KINDS
from ydsim.plots.forest import CUT, draw_forest
from ydsim.plots.page import save_bytes
from ydsim.plots.style import look


def marks(axes) -> list:
    return [line for line in axes.lines if line.get_marker() not in ("None", "")]


def drawn(table: pd.DataFrame, **more) -> Figure:
    heads = {name: (name, "unit") for name in dict.fromkeys(table["outcome"])}
    texts = {"title": "t", "explanation": "e", "foot": "f", **more}
    return draw_forest(table, heads, **texts)


def table(rows: int, panels: int = 1, **columns) -> pd.DataFrame:
    n = rows * panels
    return pd.DataFrame(
        {
            "outcome": np.repeat([f"outcome {k}" for k in range(panels)], rows),
            "label": [f"row {k}" for k in range(rows)] * panels,
            "estimate": np.arange(n) - 1.0,
            "low": np.arange(n) - 2.0,
            "high": np.arange(n) + 0.5,
            "sure": np.arange(n) % 2 == 0,
            **columns,
        }
    )


def test_a_mark_is_where_its_row_says_and_filled_where_it_is_sure() -> None:
    rows = table(4)
    rows.loc[3, ["low", "high"]] = np.nan
    (axes,) = drawn(rows).axes
    assert [line.get_xdata()[0] for line in marks(axes)] == rows["estimate"].tolist()
    assert [line.get_ydata()[0] for line in marks(axes)] == [0.0, 1.0, 2.0, 3.0]
    assert [line.get_markerfacecolor() != "white" for line in marks(axes)] == rows["sure"].tolist()
    bars = [each.get_segments()[0][:, 0].tolist() for each in axes.collections]
    assert bars == rows[["low", "high"]].dropna().to_numpy().tolist()
    assert [label.get_text() for label in axes.get_yticklabels()] == rows["label"].tolist()
    assert axes.get_ylim()[0] > axes.get_ylim()[1]


def test_a_row_with_one_mark_has_it_at_its_name_whatever_its_series() -> None:
    (axes,) = drawn(table(3, block=[0, 0, 1], series=["one", "one", "two"])).axes
    assert [line.get_ydata()[0] for line in marks(axes)] == axes.get_yticks().tolist()


def test_series_have_colours_and_a_key_and_blocks_a_rule_between_them() -> None:
    rows = pd.concat([table(3, block=[0, 0, 1], series=name) for name in ("one", "two")])
    figure = drawn(rows)
    (axes,) = figure.axes
    (key,) = figure.legends
    assert [text.get_text() for text in key.get_texts()] == ["one", "two"]
    assert [line.get_color() for line in marks(axes)] == [look(0).colour] * 3 + [look(1).colour] * 3
    y = np.array([line.get_ydata()[0] for line in marks(axes)])
    assert (y[3:] > y[:3]).all()
    across = [line.get_ydata() for line in axes.lines if line not in marks(axes)]
    (rule,) = [each[0] for each in across if len(set(each)) == 1]
    assert y[4] < rule < y[2]


def test_panels_with_the_same_rows_share_their_names() -> None:
    names = [[t.get_text() for t in axes.get_yticklabels()] for axes in drawn(table(2, 4)).axes]
    assert names == [["row 0", "row 1"], ["", ""], ["", ""], ["row 0", "row 1"]]
    own = table(2, 2, label=["a", "b", "b", "c"])
    names = [[t.get_text() for t in axes.get_yticklabels()] for axes in drawn(own).axes]
    assert names == [["a", "b"], ["b", "c"]]


def test_wide_intervals_do_not_hide_marks_and_are_said_to_be_cut() -> None:
    wide = table(3, low=[-100.0, -2.0, 0.0])
    figure = drawn(wide)
    low, high = figure.axes[0].get_xlim()
    assert -6.0 < low < 0.0 < high < 6.0
    assert figure.explanation == f"e {CUT}"
    assert drawn(table(3)).explanation == "e"
    for value in (0.0, np.nan):
        alone = drawn(table(1, estimate=value, low=np.nan, high=np.nan)).axes[0].get_xlim()
        assert alone[0] < 0.0 < alone[1]


@pytest.mark.parametrize(("panels", "columns"), [(1, 3), (5, 3), (4, 2)])
@pytest.mark.parametrize("beside", ["", "+12 points"])
def test_long_foreign_names_stay_on_the_page(panels, columns, beside) -> None:
    rows = table(12, panels, beside=beside)
    rows["label"] = [f"group of many interests and a $ long name {k}" for k in range(12)] * panels
    rows["outcome"] = rows["outcome"] + " of a name that is rather long in words"
    figure = drawn(rows, foot="made by a test " * 20, columns=columns)
    figure.draw_without_rendering()
    page = figure.bbox
    for text in figure.findobj(lambda artist: hasattr(artist, "get_text")):
        if text.get_text() and text.get_visible():
            box = text.get_window_extent()
            assert box.x0 >= page.x0 - 1.0, text
            assert box.x1 <= page.x1 + 1.0, text
            assert box.y0 >= page.y0 - 1.0, text


def test_bytes_are_the_same_and_other_designs_have_nothing_to_draw(tmp_path) -> None:
    assert save_bytes(drawn(table(3, 2))) == save_bytes(drawn(table(3, 2)))
    other = fake_sweep.run(tmp_path / "out")
    for kind in ("interactions", "bottleneck", "decomposition"):
        with pytest.raises(NothingToDrawError):
            KINDS[kind].draw(other)
