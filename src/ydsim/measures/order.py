"""Orders of integers and searches along an order, by sorts of integers, which have one answer.

Equal integers are one as good as the other, so a sort of them need not be stable, and the one of
numpy that is not runs ten times as fast. An order says more, where each came from; it has one
answer where all keys differ, which the positions in their lowest bits see to.
"""

from __future__ import annotations

import numpy as np

from ydsim.typing import Floats, Ints, Keys


def sort_integers(values: Ints | Keys) -> None:
    """Sort integers in place."""
    if values.dtype.kind not in "iu":
        raise TypeError(f"sorts of {values.dtype} may have several answers")
    values.sort()


def order_in_groups(group: Ints, key: Keys) -> Ints:
    """Return the order by group, then key: ``np.lexsort((key, group))``.

    Groups are not negative. As many bits of the keys as there is room for decide; the few rows
    whose bits are equal are ordered by their whole keys.
    """
    bits = len(group).bit_length()
    room = 64 - bits - int(group.max(initial=0)).bit_length()
    if room > 0:
        packed = group.astype(np.uint64) << np.uint64(room)
        packed |= key >> np.uint64(64 - room)
        order = _order(packed << np.uint64(bits), bits)
        packed = packed[order]
        first = np.concatenate([[True], packed[1:] != packed[:-1]])[: len(packed)]
        tied = np.flatnonzero(~(first & np.append(first[1:], True)))
        rows = order[tied]
        order[tied] = rows[np.lexsort((key[rows], packed[tied]))]
        return order
    return np.lexsort((key, group))


def positions_after(edges: Floats, targets: Floats) -> Ints:
    """Return the number of ascending ``edges`` up to each target: `np.searchsorted`, side right.

    Targets are looked up one after another in their order, in which neighbours take nearly the
    same way through memory. It is that of their bits, but for the lowest and negative ones: what
    is looked up out of its turn takes longer.
    """
    bits = len(targets).bit_length()
    order = _order(targets.view(np.uint64) & ~np.uint64((1 << bits) - 1), bits)
    found = np.empty(len(targets), dtype=np.int64)
    found[order] = np.searchsorted(edges, targets[order], side="right")
    return found


def positions_of(keys: Ints | Keys, ascending: Ints | Keys) -> Ints:
    """Return the position of each key in an ascending list, -1 for those that are not in it."""
    if not len(ascending):
        return np.full(keys.shape, -1, dtype=np.int64)
    at = np.searchsorted(ascending, keys)
    np.minimum(at, len(ascending) - 1, out=at)
    at[ascending[at] != keys] = -1
    return at


def rows_of(keys: Ints | Keys, of_rows: Ints | Keys) -> Ints:
    """Return the row that has each key, the first of equal ones, -1 for keys of no row."""
    order = np.argsort(of_rows, kind="stable")
    return np.append(order, -1)[positions_of(keys, of_rows[order])]  # -1 is the last


def _order(key: Keys, bits: int) -> Ints:
    """Return the order by keys whose lowest ``bits`` are free, and write positions into these."""
    key |= np.arange(len(key), dtype=np.uint64)
    sort_integers(key)
    return (key & np.uint64((1 << bits) - 1)).view(np.int64)
