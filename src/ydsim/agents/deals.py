"""What was agreed in the present quarter: joint projects and hand-overs."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ydsim.typing import Bools, Floats, Ints, Keys


@dataclass
class Deals:
    """One entry for each agreement that is paid for.

    Attributes
    ----------
    project : 64-bit integer; -; dynamic
        Key of the project.
    seller : integer; -; dynamic
        Row of the organisation that sells, `OUTSIDER` in the rest of the nation.
    buyer : integer; -; dynamic
        Row of the organisation that buys, `OUTSIDER` in the rest of the nation.
    seller_place : integer; -; dynamic
        City of the seller, C for the rest of the nation.
    buyer_place : integer; -; dynamic
        City of the buyer, C for the rest of the nation.
    field : integer; -; dynamic
        Technology field.
    effort : real; researcher-quarters; dynamic
        Remaining effort to launch.
    invented : integer; quarter; dynamic
        Quarter of the invention, `NOT_YET` before it.
    hand_over : boolean; -; dynamic
        The project changes its owner; else the seller works for it.
    broker : integer; -; dynamic
        Broker who brought the two together, -1 without one.
    """

    project: Keys
    seller: Ints
    buyer: Ints
    seller_place: Ints
    buyer_place: Ints
    field: Ints
    effort: Floats
    invented: Ints
    hand_over: Bools
    broker: Ints

    def __len__(self) -> int:
        return len(self.seller)

    @staticmethod
    def none() -> Deals:
        """Return no deals."""
        none = np.empty(0, dtype=np.int64)
        return Deals(
            none.astype(np.uint64),
            *(none,) * 5,
            np.empty(0),
            none,
            none.astype(np.bool_),
            none,
        )

    @staticmethod
    def joined(one: Deals, other: Deals) -> Deals:
        """Return the deals of both, one first."""
        return Deals(
            **{
                f.name: np.concatenate([getattr(one, f.name), getattr(other, f.name)])
                for f in fields(Deals)
            }
        )

    def select(self, mask: NDArray[np.bool_]) -> Deals:
        """Return the deals in ``mask``."""
        return Deals(**{f.name: getattr(self, f.name)[mask] for f in fields(Deals)})
