"""Known games of two actions. Cells: both open, first closed, second closed, both closed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ydsim.results.game import PlayedGame, write_game
from ydsim.typing import Floats

PRISONERS = np.array([[3.0, 3.0], [5.0, 0.0], [0.0, 5.0], [1.0, 1.0]])
STAG = np.array([[4.0, 4.0], [3.0, 0.0], [0.0, 3.0], [2.0, 2.0]])
PENNIES = np.array([[1.0, -1.0], [-1.0, 1.0], [-1.0, 1.0], [1.0, -1.0]])
CHICKEN = np.array([[3.0, 3.0], [4.0, 2.0], [2.0, 4.0], [0.0, 0.0]])

ABOUT = {
    "name": "made", "hash": "0123456789abcdef", "seed": 7, "first": 2019, "horizon": 2,
    "scenario": {"scale": 0.02}, "ydsim": "0.6.0", "code": "c0de", "world": "w0r1d",
}  # fmt: skip


def played(provinces: tuple[str, ...], payoff: Floats) -> PlayedGame:
    """Return a game with these payoffs, (replicates, cells, provinces), that nobody has written."""
    about = {**ABOUT, "provinces": list(provinces), "replicates": len(payoff)}
    return PlayedGame(Path("made"), about, payoff)


def write(folder: Path, provinces: tuple[str, ...], payoff: Floats) -> PlayedGame:
    """Write such a game."""
    folder.mkdir(parents=True)
    return write_game(folder, payoff, provinces, ABOUT)
