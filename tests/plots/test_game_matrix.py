"""The matrix of the game: changes against all open, equilibria and the best cell marked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import ydsim
from tests.support.games import played, write
from tests.support.made import make_results
from ydsim.cli import main
from ydsim.errors import ResultsError, UsageError
from ydsim.measures.game import closed_in
from ydsim.plots.gamematrix import draw_game_matrix, read_game
from ydsim.plots.payoffs import draw_payoffs, title_of
from ydsim.results.game import open_game
from ydsim.results.results import Results
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
    figure = draw_game_matrix(played(TWO, dilemma()))
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
        axes = draw_game_matrix(played(TWO, payoff)).axes[1]
        return [text.get_text() for text in axes.texts]

    assert "+5.0" in written(dilemma())
    assert "(+5.0)" in written(dilemma(noise=30.0))
    single = written(dilemma(noise=30.0, replicates=1)[:1])
    assert not any(text.startswith("(") for text in single)


def test_titles_of_games_without_rest_and_of_games_that_rest_at_the_best() -> None:
    closed = closed_in(2)
    pennies = np.where(closed[:, 0] == closed[:, 1], 1.0, -1.0)
    payoff = (10.0 + np.column_stack([pennies, -pennies]))[None]
    words = " ".join(t.get_text() for t in draw_game_matrix(played(TWO, payoff)).texts)
    assert words.startswith("The game comes nowhere to rest")
    open_pays = (100.0 - 5.0 * closed - 1.0 * closed[:, ::-1])[None]
    title = draw_game_matrix(played(TWO, open_pays)).texts[0].get_text()
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
    assert draw_payoffs(played(TWO, payoff)).texts[0].get_text() == title


def test_the_title_of_payoffs_tells_where_chance_may_be_behind_it() -> None:
    sure = "Whatever the others do, closing pays for every province"
    assert title_of(TWO, dilemma(noise=0.1)) == sure
    assert title_of(TWO, dilemma(noise=30.0)) == (
        f"{sure}, by the means: not all of it is beyond chance"
    )


def test_the_foot_tells_what_made_a_game() -> None:
    for draw in (draw_game_matrix, draw_payoffs):
        foot = draw(played(TWO, dilemma())).texts[-2].get_text()
        assert foot.split(" \u00b7 ") == [
            "scenario made", "3 replicates", "seed 7", "scale 0.02", "hash 0123456789",
            "ydsim 0.6.0",
        ]  # fmt: skip


# -- a folder --------------------------------------------------------------------------------------


def test_a_game_is_read_as_it_was_written(tmp_path: Path) -> None:
    payoff = dilemma(noise=1.0) + np.arange(2)
    written = write(tmp_path / "g", TWO, payoff)
    found = open_game(tmp_path / "g")
    assert found.manifest == written.manifest
    assert (found.name, found.provinces, found.years) == ("made", TWO, (2019, 2020))
    np.testing.assert_array_equal(found.payoff, payoff)
    again = tmp_path / "h"
    write(again, TWO, payoff)
    for name in ("game.json", "payoffs.csv"):
        assert (again / name).read_bytes() == (tmp_path / "g" / name).read_bytes()


def test_games_that_do_not_say_what_made_them_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "g"
    write(folder, TWO, dilemma())
    table, about = folder / "payoffs.csv", folder / "game.json"
    whole, sealed = table.read_bytes(), about.read_bytes()
    table.write_bytes(whole.replace(b"105.0", b"106.0", 1))
    with pytest.raises(
        ResultsError, match=r"payoffs.csv: is not the table that game.json is about"
    ):
        open_game(folder)
    table.write_bytes(whole)
    about.write_bytes(sealed.replace(b'"seed": 7', b'"seed": 8'))
    with pytest.raises(ResultsError, match=r"game.json: is damaged or was edited"):
        open_game(folder)
    about.unlink()
    with pytest.raises(
        ResultsError, match=r"payoffs.csv does not say what made it, .* `ydsim game`"
    ):
        open_game(folder)
    table.unlink()
    with pytest.raises(ResultsError, match=r"it has no game, there is no game.json"):
        open_game(folder)


@pytest.mark.slow
def test_plot_draws_a_game_and_runs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "results" / "mine", TWO, dilemma())
    assert main(["plot", "mine", "--kind", "game", "-o", "m.svg"]) == 0
    assert b"The game comes to rest with all closed" in (tmp_path / "m.svg").read_bytes()
    assert main(["plot", "mine"]) == 0
    figures = tmp_path / "results" / "mine" / "figures"
    assert sorted(path.name for path in figures.iterdir()) == ["game_matrix.png", "payoffs.png"]
    capsys.readouterr()
    assert main(["plot", "mine", "--list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [
        "game_matrix", "payoffs",
    ]  # fmt: skip
    for words, said in (
        (
            ["mine", "--kind", "map"],
            "map shows one run of a scenario, and here is a game; what fits",
        ),
        (["mine", "mine", "-o", "x"], "no kind of figure shows 2 results, 2 of them games"),
        (["mine", "--kind", "payoffs", "--year", "2019"], "--year is no option of payoffs"),
    ):
        assert main(["plot", *words]) == 2
        assert said in capsys.readouterr().err


def test_a_game_is_drawn_from_python_and_runs_have_no_game(results: Results) -> None:
    game = played(TWO, dilemma())
    assert ydsim.plot.game_matrix(game).finding == draw_game_matrix(game).finding
    with pytest.raises(UsageError, match="shows one game of `ydsim game`, and here is a run"):
        ydsim.plot.payoffs(results)


@pytest.fixture(scope="module")
def results() -> Results:
    return make_results()


@pytest.mark.slow
def test_six_provinces_fit() -> None:
    names = tuple(f"Province number {p}" for p in range(6))
    payoff = np.random.default_rng(1).normal(100.0, 1.0, (2, 64, 6))
    figure = draw_game_matrix(played(names, payoff))
    assert figure.get_figheight() < 11.0
    assert len(draw_payoffs(played(names, payoff)).axes) == 6
