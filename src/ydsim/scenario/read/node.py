"""Values with the place where they were written, and what is wrong with them, a line each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any, TypeAlias

from ydsim.errors import ScenarioError
from ydsim.translation import gettext as _t
from ydsim.untrusted_input import one_line
from ydsim.wording import shorten

# -- values with the place they were written -------------------------------------------------------

Path: TypeAlias = tuple[str | int, ...]

DEEPEST = 50
"""Levels of a tree."""


@dataclass(frozen=True)
class Mark:
    """A place in a file; ``line`` and ``column`` count from 1."""

    source: str  # the file as the user would name it, or `SET` for an override; "" for a default
    line: int = 0
    column: int = 0
    via: str = ""  # for a file that was extended: where it is named, as ``child.yaml:1``
    rank: int = 0  # position of the file in the chain of ``extends``, 0 for the file asked for

    def at(self, line: int, column: int) -> Mark:
        """Return another place in the same file."""
        return replace(self, line=line, column=column)

    @property
    def origin(self) -> str:
        """The place without its column: ``scenarios/baseline.yaml:12``."""
        return f"{self.source}:{self.line}" if self.line else self.source


SET = Mark("--set", rank=-1)
"""The place of values given on the command line or by a caller."""

WITH = Mark("--with", rank=-1)
"""The place of values that an alternative of a comparison has."""


@dataclass(frozen=True)
class Node:
    """One value with the places of itself and of its key."""

    value: Any  # a mapping or a list of nodes, or a scalar: text, int, float, bool or None
    mark: Mark  # where the value is
    key: Mark  # where its key is; the place of the value itself for list items
    text: str = ""  # the scalar as written
    # Number of nodes, aliases written out, and levels of the tree below and including this one.
    size: int = 1
    height: int = 1

    @property
    def is_mapping(self) -> bool:
        """The value is a mapping."""
        return isinstance(self.value, Mapping)

    @property
    def kind(self) -> str:
        """What was found, in plain words."""
        if self.is_mapping:
            return _t("a mapping")
        if isinstance(self.value, list):
            return _t("a list")
        if self.value is None:
            return _t("nothing")
        if isinstance(self.value, bool):
            return self.text
        if isinstance(self.value, (int, float)):
            return _t("the number {text}").format(text=self.text)
        if isinstance(self.value, str):
            return _t("text {text!r}").format(text=shorten(self.value))
        return f"a {type(self.value).__name__}"


def dotted(path: Sequence[str | int]) -> str:
    """Return a path as users write it: ``policies.grants.target.cities[2]``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def plain(node: Node) -> Any:
    """Return the value without places."""
    if node.is_mapping:
        return {key: plain(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [plain(child) for child in node.value]
    return node.value


def flat(content: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[Any, Any]]:
    """Yield path and value of everything in plain data that is not a mapping."""
    for key, value in content.items():
        if isinstance(value, dict):
            yield from flat(value, (*path, key))
        else:
            yield (*path, key), value


def find(node: Node, path: Sequence[str | int]) -> tuple[Node, Path]:
    """Return the deepest node that exists along ``path``, and how far that is."""
    here: list[str | int] = []
    for part in path:
        inside = node.value
        listed = isinstance(inside, list) and isinstance(part, int) and 0 <= part < len(inside)
        if not (listed or (node.is_mapping and part in inside)):
            break
        node = inside[part]
        here.append(part)
    return node, tuple(here)


def drop(node: Node, path: Sequence[str | int]) -> Node:
    """Return the tree without the value at ``path``, which must exist; a list goes as a whole."""
    head, rest = path[0], path[1:]
    children = dict(node.value)
    child = children[str(head)]
    if rest and child.is_mapping and rest[0] in child.value:
        children[str(head)] = drop(child, rest)
    else:
        del children[str(head)]
    return replace(node, value=children)


def merge(base: Node, child: Node) -> Node:
    """Return ``child`` laid over ``base``: mappings key by key, everything else replaced.

    Overrides leave the places of mappings as they are.
    """
    if not (base.is_mapping and child.is_mapping):
        return child
    merged = dict(base.value)
    for key, node in child.value.items():
        merged[key] = merge(merged[key], node) if key in merged else node
    return replace(base if child.mark in (SET, WITH) else child, value=merged)


def at_path(path: Iterable[str], node: Node) -> Node:
    """Return a tree that has ``node`` at ``path``, every key standing where its key does."""
    for part in reversed(list(path)):
        node = Node({part: node}, node.mark, node.key)
    return node


def placed(node: Node, mark: Mark) -> Node:
    """Return a tree whose every value is at one place."""
    inner: Any = node.value
    if node.is_mapping:
        inner = {key: placed(child, mark) for key, child in node.value.items()}
    elif isinstance(inner, list):
        inner = [placed(child, mark) for child in inner]
    return replace(node, value=inner, mark=mark, key=mark)


def leaves(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Yield every value that is not a mapping, with its path."""
    if node.is_mapping:
        for key, child in node.value.items():
            yield from leaves(child, (*path, key))
    else:
        yield path, node


def from_plain(value: Any, mark: Mark, depth: int = 0) -> Node:
    """Return plain data as a tree whose every value is at ``mark``.

    `ScenarioError`: it is nested too deeply, for instance because it holds itself.
    """
    if isinstance(value, Node):
        return value
    if depth > DEEPEST:
        message = _t("{name}: values are nested deeper than {n} levels")
        raise ScenarioError(message.format(name=mark.source, n=DEEPEST))
    if isinstance(value, Mapping):
        children = {str(k): from_plain(child, mark, depth + 1) for k, child in value.items()}
        return Node(children, mark, mark)
    if isinstance(value, (list, tuple)):
        return Node([from_plain(child, mark, depth + 1) for child in value], mark, mark)
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        return from_plain(value.tolist(), mark, depth + 1)
    if isinstance(value, PurePath):
        value = str(value)
    if isinstance(value, float):
        value += 0.0  # no negative zero
    return Node(value, mark, mark, text=_written(value))


def _written(value: Any) -> str:
    """Return a scalar as a file would have it, in short where it is no text."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int) and value.bit_length() > 1000:
        return f"{'-' * (value < 0)}2**{value.bit_length() - 1} or more"
    try:
        return str(value)
    except Exception:  # of any class
        return type(value).__name__


# -- what is wrong with a scenario -----------------------------------------------------------------

MOST = 20
"""Problems shown at once."""


@dataclass(frozen=True)
class Problem:
    """One line for the user."""

    mark: Mark  # where it is
    path: str  # dotted key, empty for the file as a whole
    message: str  # what is wrong, and what would be right
    text: str | None = ""  # the value as given, for overrides; None where it is not shown

    def __str__(self) -> str:
        """Return ``file:line:column: key: message``."""
        if self.mark.rank < 0:
            given = "" if self.text is None else f"={shorten(self.text, 40)}"
            return one_line(f"{self.mark.source} {self.path}{given}: {self.message}", 2000)
        where = self.mark.origin + (f":{self.mark.column}" if self.mark.column else "")
        via = _t(" (extended by {file})").format(file=self.mark.via) if self.mark.via else ""
        message = ": ".join(filter(None, (where, self.path, self.message)))
        return one_line(message + via, 2000)

    @property
    def order(self) -> tuple[int, int, int, str]:
        """Sort key: the file asked for first, then its bases; by line and column in each."""
        rank = self.mark.rank if self.mark.rank >= 0 else 1_000_000
        return rank, self.mark.line, self.mark.column, self.path


def problem(node: Node, path: Path, message: str, *, at_key: bool = False) -> Problem:
    """Return a problem of the value at ``path``, or of its key."""
    text = "{...}" if node.is_mapping else "[...]" if isinstance(node.value, list) else node.text
    return Problem(node.key if at_key else node.mark, dotted(path), message, text)


def fail(problems: Collection[Problem]) -> None:
    """Raise all problems as one error; do nothing without any."""
    if problems:
        raise failure(problems)


def failure(problems: Iterable[Problem]) -> ScenarioError:
    """Return all problems, at least one, as one error, sorted and without repetition."""
    listed = sorted(set(problems), key=lambda p: (*p.order, p.message))
    lines = list(dict.fromkeys(str(p) for p in listed[:MOST]))
    if len(listed) > MOST:
        rest = replace(listed[0].mark, line=0, column=0, via="").source
        lines.append(_t("{name}: ... and {n} more").format(name=rest, n=len(listed) - MOST))
    return ScenarioError(*lines)
