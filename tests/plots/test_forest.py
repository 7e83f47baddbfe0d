"""The forest plot of studies: marks and whiskers of a table, names of rows, hard cases."""

import numpy as np
import pandas as pd
import pytest

from tests.support import fake_sweep
from tests.support.figures import marks_of, require_readable, whiskers_of
from ydsim.errors import NothingToDrawError
from ydsim.plots import canvas
from ydsim.plots.canvas import look
from ydsim.plots.drawing import draw
from ydsim.plots.effects import draw_forest


def drawn(table, name="Launches", **more):
    heads = {each: (f"{name} {each}", "unit") for each in dict.fromkeys(table["outcome"])}
    return draw_forest(table, heads, **{"title": "t", "note": "e", "foot": "f", **more})


def table(rows, panels=1, **columns):
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


def names_of(axes):
    return [label.get_text() for label in axes.get_yticklabels()]


def test_a_mark_is_where_its_row_says_and_filled_where_it_is_sure():
    rows = table(4)
    rows.loc[3, ["low", "high"]] = np.nan
    (axes,) = drawn(rows).axes
    found = marks_of(axes).sort_values("y")
    assert found["x"].tolist() == rows["estimate"].tolist()
    assert found["y"].tolist() == axes.get_yticks().tolist() == [0.0, 1.0, 2.0, 3.0]
    assert found["filled"].tolist() == rows["sure"].tolist()
    assert whiskers_of(axes) == {
        float(y): (low, high)
        for y, low, high in rows[["low", "high"]].dropna().itertuples(name=None)
    }
    assert names_of(axes) == rows["label"].tolist()
    assert axes.get_ylim()[0] > axes.get_ylim()[1]


def test_a_row_with_one_mark_has_it_at_its_name_whatever_its_series():
    (axes,) = drawn(table(3, block=[0, 0, 1], series=["one", "one", "two"])).axes
    assert sorted(marks_of(axes)["y"]) == axes.get_yticks().tolist() == [0.0, 1.0, 2.6]


def test_series_have_colours_and_a_key_and_blocks_a_rule_between_them():
    rows = pd.concat([table(3, block=[0, 0, 1], series=name) for name in ("one", "two")])
    figure = drawn(rows)
    (axes,) = figure.axes
    assert [text.get_text() for key in figure.legends for text in key.get_texts()] == ["one", "two"]
    found = marks_of(axes).sort_values("y").groupby("colour", sort=False)["y"].agg(list)
    assert found.index.tolist() == [look(0).colour, look(1).colour]
    assert all(one < two for one, two in zip(*found, strict=True))
    (rule,) = [line.get_ydata()[0] for line in axes.lines if line.get_gid() == "rule"]
    assert found.iloc[1][1] < rule < found.iloc[0][2]


def test_errors_of_rounding_are_zero_and_many_rows_have_one_rule():
    rows = table(40, block=[0] * 13 + [1] * 27)
    tiny = {"estimate": 3e-17, "low": 2e-17, "high": 4e-17, "sure": True}
    rows.loc[0, list(tiny)] = list(tiny.values())
    (axes,) = drawn(rows.astype({"sure": bool})).axes
    first = marks_of(axes).sort_values("y").iloc[0]
    assert (first["x"], first["filled"]) == (0.0, False)
    assert len([line for line in axes.lines if line.get_gid() == "rule"]) == 1


@pytest.mark.slow
def test_panels_side_by_side_with_the_same_rows_share_their_names():
    of = [names_of(axes) for axes in drawn(table(2, 4)).axes]
    assert of == [["row 0", "row 1"], ["", ""], ["", ""], ["row 0", "row 1"]]
    own = drawn(table(2, 2, label=["a", "b", "b", "c"]))
    assert [names_of(axes) for axes in own.axes] == [["a", "b"], ["b", "c"]]
    with canvas.wide(2.67):
        assert {tuple(names_of(axes)) for axes in drawn(table(2, 4)).axes} == {("row 0", "row 1")}


def test_wide_intervals_do_not_hide_marks_and_are_said_to_be_cut():
    figure = drawn(table(3, low=[-100.0, -2.0, 0.0]))
    low, high = figure.axes[0].get_xlim()
    assert -6.0 < low < 0.0 < high < 6.0
    assert figure.note.startswith("e ")
    assert drawn(table(3)).note == "e"
    far = drawn(table(2, estimate=[5.0, 6.0], low=[4.0, 5.0], high=[6.0, 7.0])).axes[0]
    assert far.get_xlim()[0] < 0.0, "zero is shown"
    for value in (0.0, np.nan):
        alone = drawn(table(1, estimate=value, low=np.nan, high=np.nan)).axes[0].get_xlim()
        assert alone[0] < 0.0 < alone[1]


@pytest.mark.parametrize(
    ("width", "panels", "columns"),
    [
        (7.2, 2, 3),
        *(
            pytest.param(width, panels, columns, marks=pytest.mark.slow)
            for width in (2.67, 4.0, 7.2, 10.7)
            for panels, columns in ((1, 3), (5, 3), (4, 2))
        ),
    ],
)
def test_long_foreign_names_stay_on_the_page(width, panels, columns):
    rows = table(12, panels)
    rows["label"] = [f"group of many interests and a $ long name {k}" for k in range(12)] * panels
    with canvas.wide(width):
        figure = drawn(rows, "a rather long name in words", foot="test " * 90, columns=columns)
    require_readable(figure)


def test_a_folder_is_drawn_by_its_study_and_others_are_refused(tmp_path):
    assert canvas.save_bytes(drawn(table(3, 2))) == canvas.save_bytes(drawn(table(3, 2)))
    other = fake_sweep.run(tmp_path / "out")
    with pytest.raises(NothingToDrawError):
        draw("forest", other)
