"""Memory: how much there is, what runs need; models and large arrays are free at once.

glibc gives an array of some size memory of its own and smaller ones a part of one heap, and with
every array that is freed it raises this size, up to 32 MiB. At the region's real size nearly all
arrays then share the heap, and what they leave there are holes. A size that stays ends that. What
has memory of its own is given to the process anew, page by page, and from 1 MiB on this took the
system nearly a third of the time of a run at the real size. Other C libraries are left alone, and
so are processes that only import ydsim: how they use memory is their business.

A Mesa model refers to itself, so that only a search for garbage would find it, and that looks at
all objects of the process.
"""

from __future__ import annotations

import ctypes
import math
import os
import sys
from contextlib import suppress
from typing import Final

from ydsim import fmt
from ydsim.errors import ResourceError
from ydsim.translation import gettext as _t

LARGE: Final = 2**22
"""Bytes from which an array gets memory of its own."""

_M_MMAP_THRESHOLD: Final = -3
_M_TRIM_THRESHOLD: Final = -1


def give_back_large_arrays() -> None:
    """Let this process return arrays of `LARGE` bytes and more as soon as they are freed."""
    if sys.platform != "linux":
        return
    with suppress(AttributeError, OSError):  # a C library without these switches
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, LARGE)
        mallopt(_M_TRIM_THRESHOLD, 16 * LARGE)


def release(model: object) -> None:
    """Empty a model that nobody needs any more."""
    vars(model).clear()


def machine_memory(unknown: float) -> float:
    """Return the bytes of memory of this machine, ``unknown`` where the system does not say."""
    try:
        return float(os.sysconf("SC_PAGE_SIZE")) * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return unknown


# -- what runs need --------------------------------------------------------------------------------

GROWTH: Final = 2.5
"""Firms alive at the end over those of the world's own year, at most: 385,000 over 161,000."""

BYTES_PER_FIRM: Final = 4000.0
"""Memory of a run over firms alive at its end; 1,522 MiB at scale 1 with 385,000."""

FIRMS: Final = 161_000
"""Firms of the packaged region in its own year."""


def bytes_of_run(firms: float) -> float:
    """Return the memory of a run with so many simulated firms in the world's own year."""
    return firms * GROWTH * BYTES_PER_FIRM


def runs_at_once(scale: float) -> int:
    """Return how many runs of the packaged region this machine has memory for, at least one."""
    return max(1, int(min(machine_memory(math.inf) / bytes_of_run(scale * FIRMS), 1e6)))


def refuse_too_large(scale: float, firms: int) -> None:
    """Refuse a run of so many firms at a scale that would not fit.

    `ResourceError` with the need and what is there.
    """
    need, have = bytes_of_run(scale * firms), machine_memory(math.inf)
    if need > have:
        message = _t(
            "scale {scale:g} of {firms:,} firms needs about {need} of memory, this machine has "
            "{have}; lower scale"
        )
        sizes = {"need": fmt.size(need), "have": fmt.size(have)}
        raise ResourceError(message.format(scale=scale, firms=firms, **sizes))
