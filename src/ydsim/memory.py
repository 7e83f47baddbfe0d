"""Memory: how much there is, and what nobody needs any more free at once, models and large arrays.

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
import os
import sys
from contextlib import suppress
from typing import Final

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
