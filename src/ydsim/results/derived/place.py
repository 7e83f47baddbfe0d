"""Where results happened: names of provinces, and the world when a table needs it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ydsim.errors import ResultsError, YdsimError
from ydsim.world.loader import load_world
from ydsim.world.world import World

if TYPE_CHECKING:
    from ydsim.results.results import Results


class Place:
    """The region of results.

    Attributes
    ----------
    provinces
        Names, in the order of the world.
    whole
        Name of the region as a whole.
    """

    def __init__(self, results: Results, table: str) -> None:
        *provinces, self.whole = results.manifest["regions"]
        self.provinces = tuple(provinces)
        self._worlds: dict[str, str] = results.contents.points.worlds
        self._until = results.manifest.get("until")
        self._table = table

    @cached_property
    def world(self) -> World:
        """The world, read when it is asked for.

        Raises
        ------
        ResultsError
            When there are several, or it is not there any more, or its files have changed.
        """
        if len(self._worlds) != 1:
            raise ResultsError(
                f"table {self._table} needs one world, and these results are of {len(self._worlds)}"
            )
        name, digest = next(iter(self._worlds.items()))
        try:
            world = load_world(name) if self._until is None else load_world(name, until=self._until)
        except (YdsimError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise ResultsError(
                f"table {self._table} needs the world, which cannot be loaded: {reason}"
            ) from error
        if digest not in (world.digest, world.tables):  # the latter: fitted since
            raise ResultsError(
                f"table {self._table} needs world {name} as it was: its files have changed since"
            )
        return world
