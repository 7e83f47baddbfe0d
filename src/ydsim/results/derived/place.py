"""Where results happened: names of provinces, and the world when a table needs it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from ydsim.errors import ResultsError, YdsimError
from ydsim.world.loader import load_world
from ydsim.world.world import World


class Place:
    """The region of results.

    Attributes
    ----------
    provinces
        Names, in the order of the world.
    whole
        Name of the region as a whole.

    Parameters
    ----------
    manifest
        Of the results.
    worlds
        Digests of their worlds by name.
    table
        The table that is made, for messages.
    """

    def __init__(self, manifest: Mapping[str, Any], worlds: Mapping[str, str], table: str) -> None:
        *provinces, self.whole = manifest["regions"]
        self.provinces = tuple(provinces)
        self._worlds = worlds
        self._until = manifest.get("until")
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
