"""The border game: changes, closed provinces, equilibria and gains as the tables have them."""

import numpy as np
import pytest
from matplotlib.collections import LineCollection

import ydsim
from tests.support import fake_sweep
from tests.support.figures import marks_of, require_readable
from tests.support.games import FOUR, played, runs_of
from ydsim.errors import NothingToDrawError
from ydsim.measures.game import closed_in
from ydsim.plots import canvas
from ydsim.plots.canvas import look

TWO = ("East", "West")


def dilemma(noise=0.0, replicates=3):
    """Closing gains 5, and costs the other 10: all closed is the only rest, all open is best."""
    closed = closed_in(2)
    payoff = 100.0 + 5.0 * closed - 10.0 * closed[:, ::-1]
    shake = noise * np.array([-1.0, 0.0, 1.0])[:replicates, None, None]
    return payoff + shake * closed.sum(axis=1)[None, :, None]


def of(axes, gid):
    return [artist for artist in (*axes.patches, *axes.texts) if artist.get_gid() == gid]


def test_the_matrix_shows_changes_in_per_cent_and_marks_equilibria():
    matrix, _ = played(TWO, dilemma()).plot().axes
    image = matrix.images[0].get_array()
    np.testing.assert_allclose(
        image, [[0.0] * 3, [5.0, -10.0, -2.5], [-10.0, 5.0, -2.5], [-5.0] * 3]
    )
    assert [frame.get_y() for frame in of(matrix, "equilibrium")] == [2.5]
    assert sorted(mark.xy[1] for mark in of(matrix, "mark")) == [0]  # the best
    bars = {(round(bar.get_x() + 0.5), round(bar.get_y())) for bar in of(matrix, "closed")}
    assert bars == {(0, 1), (1, 2), (0, 3), (1, 3)}
    written = [text.get_text() for text in matrix.texts if not text.get_gid()]
    assert written[3:6] == ["+5.0", "\u221210.0", "\u22122.5"]
    assert [label.get_text() for label in matrix.get_xticklabels()] == [*TWO, "region"]


def test_rows_of_the_matrix_are_sorted_by_the_number_of_the_closed():
    payoff = 100.0 - np.arange(8)[None, :, None] * np.ones((1, 8, 3))
    payoff[0, 3] = 150.0  # A and B closed, the first of the pairs
    matrix = played(("A", "B", "C"), payoff).plot().axes[0]
    image = -matrix.images[0].get_array()[:, 0]
    assert image.round(6).tolist() == [0.0, 1.0, 2.0, 4.0, -50.0, 5.0, 6.0, 7.0]
    assert [frame.get_y() for frame in of(matrix, "equilibrium")] == [-0.5, 3.5]
    bars = [(round(bar.get_y()), round(bar.get_x() + 0.5)) for bar in of(matrix, "closed")]
    assert sorted(bars)[:5] == [(1, 0), (2, 1), (3, 2), (4, 0), (4, 1)]
    assert [label.get_text() for label in matrix.get_yticklabels()] == [
        "none", "A", "B", "C", "A, B", "A, C", "B, C", "all",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("payoff", "bracket"),
    [
        (dilemma(), False),
        (dilemma(noise=30.0), True),
        (dilemma(30.0, replicates=2), False),
        (dilemma(30.0, replicates=1), False),
    ],
)
def test_changes_that_may_be_chance_stand_in_brackets(payoff, bracket):
    written = [text.get_text() for text in played(TWO, payoff).plot().axes[0].texts]
    assert any(text.startswith("(") for text in written) == bracket
    assert ("(+5.0)" in written) == bracket


@pytest.mark.parametrize("noise", [1.0, 30.0])
def test_gains_of_closing_have_their_intervals_by_the_number_of_closed_others(noise):
    found = played(TWO, dilemma(noise))
    found.closing["high"] += 0.25  # Student's intervals are as far up as down
    gains, closing = found.plot().axes[1], found.closing
    marks = marks_of(gains)
    for place, style in zip(TWO, map(look, (0, 1)), strict=True):
        own = closing[closing["place"] == place]
        mine = marks[marks["colour"] == style.colour].sort_values("x")
        assert mine["x"].round().tolist() == [0.0, 1.0]
        # of payoffs of 100 with all open
        assert mine["y"].tolist() == pytest.approx(own["estimate"].tolist())
        assert mine["filled"].tolist() == own["significant"].tolist()
    lines = [each for each in gains.collections if isinstance(each, LineCollection)]
    ends = [tuple(part[:, 1]) for each in lines for part in each.get_segments() if len(part)]
    assert np.array(sorted(ends)) == pytest.approx(
        np.array(sorted(map(tuple, closing[["low", "high"]].to_numpy())))
    )


def test_gains_are_beside_one_another_and_lines_are_their_means():
    rng = np.random.default_rng(1)
    found = played(("A", "B", "C"), rng.normal(100.0, 1.0, (2, 8, 3)))
    gains = found.plot().axes[1]
    closing = found.closing.assign(
        k=found.closing["others_closed"].map(lambda who: who.count(",") + (who != "none"))
    )
    scale = found.mean[0]
    lines = [
        line for line in gains.lines if line.get_marker() == "None" and len(line.get_xdata()) == 3
    ]
    assert len(lines) == 3
    for p, line in enumerate(lines):
        own = closing[closing["place"] == "ABC"[p]].groupby("k")["estimate"].mean()
        assert line.get_ydata().tolist() == pytest.approx((100.0 * own / scale[p]).tolist())
    marks = marks_of(gains)
    assert marks["x"].round(6).is_unique
    assert len(marks) == 3 * 4
    assert sorted(marks["x"].round()) == sorted([*closing["k"]])


def test_it_is_drawn_of_runs_by_name(tmp_path):
    results = runs_of(np.random.default_rng(2).normal(100.0, 1.0, (2, 16, 4)))
    figure = ydsim.plot.game(results)
    assert isinstance(figure, canvas.Canvas)
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == [*FOUR, "region"]
    other = fake_sweep.run(tmp_path / "out")
    with pytest.raises(NothingToDrawError):
        ydsim.plot.draw("game", other)


@pytest.mark.parametrize(
    ("width", "provinces", "replicates"),
    [
        (7.2, 2, 2),
        *(
            pytest.param(width, provinces, replicates, marks=pytest.mark.slow)
            for width in (2.67, 4.0, 7.2, 10.7)
            for provinces, replicates in ((1, 2), (4, 1), (6, 2))
        ),
    ],
)
def test_words_lie_on_the_page_and_none_over_another(width, provinces, replicates):
    names = tuple(f"A province with a long $ name, number {p}" for p in range(provinces))
    shape = (replicates, 2**provinces, provinces)
    with canvas.wide(width):
        require_readable(played(names, np.random.default_rng(1).normal(100.0, 1.0, shape)).plot())
