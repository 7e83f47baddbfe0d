"""Mappings and arrays that nobody can change in place."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

import numpy as np
from numpy.typing import NDArray

K = TypeVar("K")
V = TypeVar("V")
A = TypeVar("A", bound=np.generic)


class FrozenDict(dict[K, V]):
    """A dictionary that is only read; ``dict(...)`` of it is one that can be changed."""

    def _refuse(self, *args: object, **options: object) -> NoReturn:
        raise TypeError("a scenario cannot be changed; load it again with overrides")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)


def frozen(array: NDArray[A]) -> NDArray[A]:
    """Return a read-only view of an array that becomes read-only itself."""
    array.setflags(write=False)
    return array.view()
