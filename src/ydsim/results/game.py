"""A game of opening and closing that was played: its payoffs, and what made them.

`ydsim game` leaves ``payoffs.csv`` (see `ydsim.world.payoffs`) and beside it ``game.json``: the
resolved scenario with all open, its hash, seed, replicates, the years that count, the provinces,
the versions of program, code and world, and the SHA-256 of the payoffs. It is sealed as the
manifest of a results folder is, and a function of what was played and of the version alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ydsim import arguments
from ydsim.errors import InputError, ResultsError
from ydsim.measures.game import MOST
from ydsim.store.files import read_bytes, sha256, write_atomic
from ydsim.store.layout import find_folder
from ydsim.store.manifest import NAME as MANIFEST
from ydsim.store.manifest import seal, unseal
from ydsim.typing import Floats
from ydsim.world.payoffs import read_payoffs_of_runs, written_payoffs

FILE, PAYOFFS = "game.json", "payoffs.csv"
SCHEMA, KIND = 1, "game"
AGAIN = "play it again: the same `ydsim game` command takes the runs that are kept"

_TYPES: Mapping[str, type] = {
    "name": str, "hash": str, "seed": int, "replicates": int, "first": int, "horizon": int,
    "provinces": list, "scenario": dict, "ydsim": str, "code": str, "world": str, "payoffs": str,
}  # fmt: skip


@dataclass(frozen=True)
class PlayedGame:
    """Payoffs of a game of opening and closing.

    Attributes
    ----------
    path
        The folder.
    manifest
        What ``game.json`` holds: ``name``, ``hash``, ``seed``, ``replicates``, ``first`` (year of
        the decision), ``horizon`` (years that count), ``provinces``, ``scenario``, ``ydsim``,
        ``code``, ``world`` and ``payoffs``.
    payoff
        (replicates, cells, provinces), 100m_rmb a year; cells as in `ydsim.measures.game`.
    """

    path: Path
    manifest: dict[str, Any]
    payoff: Floats

    @property
    def name(self) -> str:
        """Name of the scenario."""
        return str(self.manifest["name"])

    @property
    def provinces(self) -> tuple[str, ...]:
        """Names of the players."""
        return tuple(self.manifest["provinces"])

    @property
    def replicates(self) -> tuple[int, ...]:
        """Numbers of the replicates."""
        return tuple(range(len(self.payoff)))

    @property
    def years(self) -> tuple[int, int]:
        """First and last year that counts."""
        first = int(self.manifest["first"])
        return first, first + int(self.manifest["horizon"]) - 1


def is_game(path: str | Path) -> bool:
    """Tell whether a folder is that of a game and not of other results."""
    folder = find_folder(path)
    there = any((folder / name).is_file() for name in (FILE, PAYOFFS))
    return there and not (folder / MANIFEST).exists()


def write_game(
    folder: Path, payoff: Floats, provinces: Sequence[str], about: Mapping[str, Any]
) -> PlayedGame:
    """Write payoffs of shape (replicates, cells, provinces) with what made them.

    Parameters
    ----------
    about
        The other keys of `PlayedGame.manifest`, as plain data.
    """
    digest = write_atomic(folder / PAYOFFS, written_payoffs(provinces, payoff))
    manifest = {
        **about,
        "schema": SCHEMA,
        "kind": KIND,
        "provinces": list(provinces),
        "replicates": len(payoff),
        "payoffs": digest,
    }
    write_atomic(folder / FILE, seal(manifest))
    return PlayedGame(folder, manifest, payoff)


def open_game(path: str | Path) -> PlayedGame:
    """Return the game that was played into a folder.

    Parameters
    ----------
    path
        The folder, or the bare name of one inside ``results/``.

    Raises
    ------
    ResultsError
        When it holds no game, or a file of it is missing, damaged or of another game.
    """
    folder = find_folder(arguments.folder("path", path, "the folder of a game"))
    about, table = folder / FILE, folder / PAYOFFS
    if not about.exists():
        why = f"{PAYOFFS} does not say what made it" if table.exists() else "it has no game"
        raise ResultsError(f"{folder}: {why}, there is no {FILE}; {AGAIN}")
    manifest = unseal(read_bytes(about), about)
    if (manifest.get("schema"), manifest.get("kind")) != (SCHEMA, KIND):
        raise ResultsError(f"{about}: was written by another version of ydsim; {AGAIN}")
    _check(about, manifest)
    if sha256(read_bytes(table)) != manifest["payoffs"]:
        raise ResultsError(f"{table}: is not the table that {FILE} is about; {AGAIN}")
    try:
        payoff = read_payoffs_of_runs(table, manifest["provinces"])
    except InputError as error:
        raise ResultsError(str(error)) from None
    if len(payoff) != manifest["replicates"]:
        raise ResultsError(f"{table}: has {len(payoff)} replicates, not {manifest['replicates']}")
    return PlayedGame(folder, manifest, payoff)


def _check(path: Path, manifest: Mapping[str, Any]) -> None:
    """Refuse what no ydsim writes."""
    for key, expected in _TYPES.items():
        if type(manifest.get(key)) is not expected:
            raise ResultsError(f"{path}: {key}: expected {expected.__name__}")
    names = manifest["provinces"]
    if not 1 <= len(names) <= MOST or not all(isinstance(name, str) for name in names):
        raise ResultsError(f"{path}: provinces: expected from 1 to {MOST} names")
    if not isinstance(manifest["scenario"].get("scale"), int | float):
        raise ResultsError(f"{path}: scenario.scale: expected a number")
