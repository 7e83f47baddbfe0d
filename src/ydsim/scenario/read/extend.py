"""From the name of a scenario to its file, its text, and one tree with bases and overrides."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from ydsim.arguments import refuse
from ydsim.errors import InputError, ScenarioError, UsageError
from ydsim.scenario.read.node import (
    DEEPEST,
    SET,
    Mark,
    Node,
    Problem,
    at_path,
    fail,
    failure,
    from_plain,
    merge,
    placed,
    plain,
)
from ydsim.scenario.read.yaml import check_mapping, parse
from ydsim.translation import gettext as _t
from ydsim.translation import mark as marked
from ydsim.untrusted_input import OutsideFileError, one_line, read_bytes
from ydsim.wording import is_invisible, name_of_character, nearest, shorten
from ydsim.world.loader import PACKAGED

# -- where scenario files are ----------------------------------------------------------------------

SUFFIXES = (".yaml", ".yml", ".json")


@lru_cache(maxsize=1)
def shipped() -> dict[str, Path]:
    """Return the files of the scenarios that come with ydsim, by name.

    They are inside an installed package, and beside ``src`` in a checkout.
    """
    return _files("scenarios")


@lru_cache(maxsize=1)
def shipped_sweeps() -> dict[str, Path]:
    """Return the files of the sweeps that come with ydsim, by name, from where scenarios are."""
    return _files("scenarios/sweeps")


def _files(where: str) -> dict[str, Path]:
    package = Path(str(resources.files("ydsim")))
    for folder in (package / where, package.parents[1] / where):
        if folder.is_dir():
            return {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    return {}


def described(file: Path) -> str:
    """Return the description in a file that comes with ydsim, without a look at the rest."""
    mark = Mark(f"{file.parent.name}/{file.name}")
    text = read_text(file, mark)
    tree = parse(text, mark)
    check_mapping(tree, text)
    return str(tree.value["description"].value) if "description" in tree.value else ""


def is_name(text: str) -> bool:
    """Tell whether ``text`` is the bare name of a shipped scenario rather than a path."""
    return not (
        "/" in text or "\\" in text or text in (".", "..") or text.lower().endswith(SUFFIXES)
    )


def locate(text: str, asked: str = "", *, what: str = "scenario") -> tuple[Path, str]:
    """Return the file of a ``what`` by bare name or path, and how messages name it.

    ``asked`` is who asks for it, as a prefix of messages. `InputError` when no scenario or sweep
    has this name.
    """
    if not is_name(text):
        return Path(text), one_line(text)
    known, folder = (
        (shipped_sweeps(), "scenarios/sweeps") if what == "sweep" else (shipped(), "scenarios")
    )
    if text in known:
        return known[text], f"{folder}/{text}.yaml"
    message = _t("{asked}no {what} is called {name!r}{hint}; see `{command}`")
    kind = _t("sweep") if what == "sweep" else _t("scenario")
    facts = {"name": shorten(text), "hint": meant(text, known), "command": f"ydsim list {what}s"}
    raise InputError(message.format(asked=asked, what=kind, **facts))


def meant(text: str, known: Iterable[str]) -> str:
    """Return what an unknown bare name probably means, as the middle of a message."""
    close = nearest(text[:100], known)
    hint = _t("; did you mean {name}?").format(name=repr(close)) if close else ""
    try:
        found = any(Path(text + suffix).is_file() for suffix in SUFFIXES)
    except (OSError, ValueError):  # too long for a file, or with a NUL
        found = False
    file = _t("; the file is {file!r}, with its ending").format(file=text + SUFFIXES[0])
    return hint + (file if found else "")


# -- from a file to clean text: what is refused before YAML is read at all -------------------------

LARGEST = 5_000_000
"""Bytes of a scenario file."""


def read_text(
    path: Path, mark: Mark, asked: str = "", *, largest: int = LARGEST, what: str = "scenario"
) -> str:
    """Return the text of a scenario file with plain line ends and without byte order mark.

    ``mark`` is how the user names it; ``asked`` who asks for it, as a prefix of messages:
    ``child.yaml:1:10: extends: ``. `InputError`: the file is missing, unreadable, not a plain file,
    larger than ``largest`` bytes or not text. `ScenarioError`: it holds control, bidirectional or
    invisible characters.
    """
    name = mark.source
    try:
        raw = read_bytes(path, largest, what)
    except FileNotFoundError:
        message = _t("{name}: no such file{hint}")
        raise InputError(message.format(name=f"{asked}{name}", hint=_close_file(path))) from None
    except OutsideFileError as error:
        raise InputError(f"{asked}{name}: {error}") from None
    text = _decode(raw, f"{asked}{name}")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    _refuse_hidden(text, mark)
    return text


def _close_file(path: Path) -> str:
    try:
        names = sorted(p.name for p in path.parent.iterdir() if p.suffix in (".yaml", ".yml"))
    except OSError:
        return ""
    close = nearest(path.name, names)
    if not close:
        return ""
    return _t("; did you mean {name}?").format(name=repr(str(path.parent / close)))


def _decode(raw: bytes, name: str) -> str:
    encoding = "utf-8-sig"
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        message = _t("{name}: not UTF-8 at byte {byte}{hint}; save it as UTF-8")
        hint = _looks_like(raw)
        raise InputError(message.format(name=name, byte=error.start, hint=hint)) from None


def _looks_like(raw: bytes) -> str:
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    hint = _t(" (looks like GB18030)")
    return hint if any("\u4e00" <= c <= "\u9fff" for c in text) else ""


def _refuse_hidden(text: str, mark: Mark) -> None:
    message = _t("character {name} is not allowed; delete it")
    fail(
        [
            Problem(mark.at(i, j), "", message.format(name=name_of_character(char)))
            for i, line in enumerate(text.split("\n"), 1)
            if not line.replace("\t", "").isprintable()
            for j, char in enumerate(line, 1)
            if is_invisible(char)
        ]
    )


# -- ``extends:``, from one file through its bases to a single tree --------------------------------

LONGEST = 10
"""Bases of a scenario, one extending the other."""

_OWN = ("name", "description")  # say what a file is, so its children do not inherit them


def read_tree(name_or_path: str) -> Node:
    """Return the tree of a scenario laid over those that it extends.

    The mark of the root is the file itself. A policy without settings counts as an empty mapping.
    `InputError`: a file is missing or cannot be read as text. `ScenarioError`: a file is not a
    mapping in YAML, or the chain is too long or a circle.
    """
    path, display = locate(name_or_path)
    return _extended(path, Mark(display), "", {})


def _extended(path: Path, mark: Mark, asked: str, children: Mapping[str, str]) -> Node:
    """Return the tree of a file over its bases; ``children`` extend it, each in a line."""
    tree = _read(path, mark, asked)
    base = tree.value.pop("extends", None)
    if base is None:
        return tree
    children = {**children, _identity(path): base.mark.origin}
    asked = f"{base.mark.origin}:{base.mark.column}: extends: "
    there, display = _base(base, path, mark, asked)
    if _identity(there) in children:
        circle = " -> ".join([*children.values(), display])
        message = _t("goes round in a circle: {circle}").format(circle=circle)
        raise failure([Problem(base.mark, "extends", message)])
    if len(children) > LONGEST:
        message = _t("more than {n} files extend each other").format(n=LONGEST)
        raise failure([Problem(base.mark, "extends", message)])
    mark = Mark(display, via=base.mark.origin, rank=len(children))
    below = _extended(there, mark, asked, children)
    kept = {key: value for key, value in below.value.items() if key not in _OWN}
    return merge(replace(below, value=kept), tree)


def _identity(path: Path) -> str:
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):  # `read_text` says what is wrong with it
        return str(path)


def _base(node: Node, path: Path, mark: Mark, asked: str) -> tuple[Path, str]:
    """Return the file that ``extends`` of a file names, and how messages name it."""
    if not isinstance(node.value, str) or not node.value.strip():
        message = _t("expected the name or path of a scenario, found {found}")
        message = message.format(found=node.kind)
        raise failure([Problem(node.mark, "extends", message)])
    if is_name(node.value):
        return locate(node.value, asked)
    return path.parent / node.value, one_line(str(PurePosixPath(mark.source).parent / node.value))


def _read(path: Path, mark: Mark, asked: str) -> Node:
    text = read_text(path, mark, asked)
    tree = parse(text, mark)
    check_mapping(tree, text)
    children = dict(tree.value)
    policies = children.get("policies")
    if policies is not None and policies.is_mapping:
        named = policies.value.items()
        filled = {k: replace(v, value={}) if v.value is None else v for k, v in named}
        children["policies"] = replace(policies, value=filled)
    world = children.get("world")
    if world is not None and isinstance(world.value, str):
        children["world"] = replace(world, value=_beside(world.value, path))
    return replace(tree, value=children, mark=mark, key=mark)


def _beside(world: str, file: Path) -> str:
    """Return the folder of a world: beside the file if it is there or begins with a point."""
    if world in PACKAGED or not world.strip() or "\0" in world:
        return world
    there = os.path.normpath(file.parent / world)
    if os.path.basename(there) in ("", ".", ".."):
        there = os.path.abspath(there)
    pointed = world.replace("\\", "/").split("/")[0] in (".", "..")
    try:
        found = pointed or os.path.isdir(there)
    except (OSError, ValueError):
        found = False
    if there in PACKAGED:  # a folder of that name, not the world that comes with ydsim
        there = os.path.join(os.curdir, there)
    return there if found else world


# -- values that a caller lays over it: ``--set a.b=1`` and the ``overrides`` argument -------------

Overrides: TypeAlias = Mapping[str, object] | Iterable[str]
"""Nested mappings, dotted keys, or ``key=value`` texts."""

_EXPECTED = marked("a mapping from keys to values, or texts KEY=VALUE")


def parse_assignments(texts: Iterable[str], mark: Mark = SET) -> dict[str, object]:
    """Return ``key=value`` texts as dotted keys with values; the last of a key wins.

    A value is read as in a file: ``0.1``, ``true``, ``[Shanghai, Jiangsu]``, ``{rate: 0.1}``.
    `UsageError`: a text has no ``=`` or no key. `ScenarioError`: a value is not a YAML scalar, list
    or mapping.
    """
    return {key: plain(node) for key, node in _assignments(texts, mark)}


def override_tree(overrides: Overrides, mark: Mark = SET) -> Node:
    """Return overrides as one tree whose values are at ``mark``.

    `UsageError`: they are neither a mapping nor texts ``key=value``. `ScenarioError`: a value
    cannot be in a scenario.
    """
    if isinstance(overrides, Mapping):
        for key in overrides:
            if not isinstance(key, str):
                raise refuse("overrides", _t("keys that are text"), key)
        pairs = [(key, from_plain(value, mark)) for key, value in overrides.items()]
    else:
        texts = [overrides] if isinstance(overrides, (str, bytes)) else overrides
        try:
            each = iter(texts)  # of which the first may be wrong and the last a billion away
        except TypeError:
            raise refuse("overrides", _t(_EXPECTED), overrides) from None
        pairs = list(_assignments(each, mark))
    tree = Node({}, mark, mark)
    for key, node in pairs:
        path = key.split(".")
        if not all(path) or len(path) > DEEPEST:
            message = _t("{option} {key}: not a dotted key such as parameters.chain.span")
            raise UsageError(message.format(option=mark.source, key=one_line(key, 60)))
        if len(path) == 2 and path[0] == "policies" and node.value is None:
            node = replace(node, value={})
        tree = merge(tree, at_path(path, node))
    return tree


def _assignments(texts: Iterable[str], mark: Mark) -> Iterable[tuple[str, Node]]:
    for text in texts:
        if not isinstance(text, str):
            raise refuse("overrides", _t(_EXPECTED), text)
        key, equals, value = text.partition("=")
        key = key.strip()
        if not equals or not key:
            message = _t("{option} {text}: expected KEY=VALUE, as in scale=0.02")
            raise UsageError(message.format(option=mark.source, text=shorten(text)))
        try:
            node = parse(value, Mark("value"))
        except ScenarioError as error:
            message = error.problems[0].split(": ", 1)[1]
            raise ScenarioError(f"{mark.source} {key}={shorten(value, 40)}: {message}") from None
        yield key, placed(node, mark)
