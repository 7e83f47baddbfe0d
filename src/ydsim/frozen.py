"""Values that nobody can change in place, and say so in a line of ours."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

import numpy as np
from numpy.typing import NDArray

from ydsim.errors import UsageError
from ydsim.untrusted_input import one_line

K = TypeVar("K")
V = TypeVar("V")
A = TypeVar("A", bound=np.generic)


class ReadOnlyError(UsageError, AttributeError, TypeError, ValueError):
    """Something was written into that is read only.

    It is also what Python, NumPy and pydantic raise for an attribute, an item or an array.
    """


class Unchanging:
    """Refuses assignment to public attributes; base of the groups of keys of a scenario."""

    def __setattr__(self, name: str, value: object) -> None:
        if not name.startswith("_"):
            raise ReadOnlyError(_said(self, name))
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        raise ReadOnlyError(_said(self, name))


def _said(owner: object, name: str) -> str:
    return (
        f"{type(owner).__name__}.{one_line(name, 60)}: cannot be changed; load the scenario again "
        "with overrides, or make another policy"
    )


class FrozenDict(dict[K, V]):
    """A dictionary that is only read; ``dict(...)`` of it is one that can be changed."""

    def _refuse(self, *args: object, **options: object) -> NoReturn:
        raise ReadOnlyError(
            "what a scenario or results hold cannot be changed; load the scenario again with "
            "overrides, or change a copy: dict(...) of it"
        )

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)


class FrozenList(list[V]):
    """A list that is only read; ``list(...)`` of it is one that can be changed."""

    def _refuse(self, *args: object, **options: object) -> NoReturn:
        raise ReadOnlyError("what results hold cannot be changed; change a copy: list(...) of it")

    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = extend = insert = pop = remove = clear = sort = reverse = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (list(self),)


def frozen_tree(content: Any) -> Any:
    """Return a copy of plain data of which no mapping and no list can be changed."""
    if isinstance(content, dict):
        return FrozenDict({key: frozen_tree(value) for key, value in content.items()})
    if isinstance(content, list):
        return FrozenList(map(frozen_tree, content))
    return content


def plain_tree(content: Any) -> Any:
    """Return a copy of plain data that can be changed."""
    if isinstance(content, dict):
        return {key: plain_tree(value) for key, value in content.items()}
    if isinstance(content, list):
        return [plain_tree(value) for value in content]
    return content


def frozen(array: NDArray[A]) -> NDArray[A]:
    """Return a read-only view of an array that becomes read-only itself."""
    array.setflags(write=False)
    return array.view()


class ReadOnlyArray(np.ndarray[Any, Any]):
    """An array that says in a line of ours that it is read-only.

    What is computed from one is a plain array, and a copy can be changed.
    """

    __array_priority__ = -1.0

    def __array_wrap__(
        self, array: Any, context: object = None, return_scalar: bool = False
    ) -> Any:
        plain = np.asarray(array)
        return plain[()] if return_scalar else plain


def _refusing(name: str) -> Any:
    changed = getattr(np.ndarray, name)

    def change(self: ReadOnlyArray, *args: object, **options: object) -> Any:
        if not self.flags.writeable:
            raise ReadOnlyError("an array of a world is read-only; change a copy: .copy() of it")
        return changed(self, *args, **options)

    return change


for _name in ("__setitem__", "__iadd__", "__isub__", "__imul__", "__itruediv__", "fill", "sort"):
    setattr(ReadOnlyArray, _name, _refusing(_name))


def guarded(array: NDArray[A]) -> NDArray[A]:
    """Return the same as `frozen`, as an array that says so."""
    return frozen(array).view(ReadOnlyArray)
