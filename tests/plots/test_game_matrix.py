"""The matrix of the game: changes against all open, equilibria and the best cell marked."""

from __future__ import annotations

import numpy as np
import pytest

from ydsim.measures.game import closed_in
from ydsim.plots.gamematrix import draw_game_matrix, read_game
from ydsim.plots.payoffs import draw_payoffs, title_of
from ydsim.typing import Floats

TWO = ("East", "West")


def dilemma(noise: float = 0.0, replicates: int = 3) -> Floats:
    """Closing gains 5, and costs the other 10: all closed is the only rest, all open is best."""
    closed = closed_in(2)
    payoff = 100.0 + 5.0 * closed - 10.0 * closed[:, ::-1]
    shake = noise * np.array([-1.0, 0.0, 1.0])[:replicates, None, None]
    return payoff + shake * closed.sum(axis=1)[None, :, None]


def test_a_dilemma_comes_to_rest_with_all_closed() -> None:
    game = read_game(TWO, dilemma())
    assert game.equilibria == [3]
    assert (game.best, game.worst) == (0, 3)
    assert game.cells == [0, 1, 2, 3]
    np.testing.assert_allclose(game.change[1], [5.0, -10.0, -2.5])
    np.testing.assert_allclose(game.change[3], [-5.0, -5.0, -5.0])
    figure = draw_game_matrix(TWO, dilemma(), "Payoff: p.", "foot")
    assert figure.texts[0].get_text() == (
        "The game comes to rest with all closed; with all open the region has most, 5.3\u00a0% more"
    )
    frames = [p for p in figure.axes[1].patches if p.get_gid() == "equilibrium"]
    assert [frame.get_y() for frame in frames] == [2.5]


def test_rows_are_sorted_by_the_number_of_the_closed() -> None:
    payoff = np.ones((1, 8, 3))
    game = read_game(("A", "B", "C"), payoff)
    assert game.closed.sum(axis=1).tolist() == [0, 1, 1, 1, 2, 2, 2, 3]
    assert game.cells == [0, 1, 2, 4, 3, 5, 6, 7]


def test_changes_that_may_be_chance_stand_in_brackets() -> None:
    def written(payoff: Floats) -> list[str]:
        axes = draw_game_matrix(TWO, payoff, "Payoff: p.", "foot").axes[1]
        return [text.get_text() for text in axes.texts]

    assert "+5.0" in written(dilemma())
    assert "(+5.0)" in written(dilemma(noise=30.0))
    single = written(dilemma(noise=30.0, replicates=1)[:1])
    assert not any(text.startswith("(") for text in single)


def test_titles_of_games_without_rest_and_of_games_that_rest_at_the_best() -> None:
    closed = closed_in(2)
    pennies = np.where(closed[:, 0] == closed[:, 1], 1.0, -1.0)
    payoff = (10.0 + np.column_stack([pennies, -pennies]))[None]
    words = " ".join(t.get_text() for t in draw_game_matrix(TWO, payoff, "p.", "f").texts)
    assert words.startswith("The game comes nowhere to rest")
    open_pays = (100.0 - 5.0 * closed - 1.0 * closed[:, ::-1])[None]
    title = draw_game_matrix(TWO, open_pays, "p.", "f").texts[0].get_text()
    assert title == "The game comes to rest where the region has most: all open"


@pytest.mark.parametrize(
    ("effects", "title"),
    [
        ((1.0, 1.0), "Whatever the others do, closing pays for every province"),
        ((-1.0, -1.0), "Whatever the others do, opening pays for every province"),
        ((1.0, -1.0), "Whatever the others do, closing pays for East, opening for West"),
        ((1.0, 0.0), "Whatever the others do, closing pays for East"),
        ((0.0, 0.0), "Whether closing pays depends on what the others do"),
    ],
)
def test_the_title_of_payoffs_tells_what_pays(effects: tuple[float, float], title: str) -> None:
    payoff = (10.0 + closed_in(2) * np.array(effects))[None]
    assert title_of(TWO, payoff) == title
    assert draw_payoffs(TWO, payoff, "e", "f").texts[0].get_text() == title


@pytest.mark.slow
def test_six_provinces_fit() -> None:
    names = tuple(f"Province number {p}" for p in range(6))
    payoff = np.random.default_rng(1).normal(100.0, 1.0, (2, 64, 6))
    figure = draw_game_matrix(names, payoff, "Payoff: p.", "f")
    assert figure.get_figheight() < 11.0
