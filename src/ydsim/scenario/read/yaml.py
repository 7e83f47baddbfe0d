"""A strict reading of YAML 1.2 that knows where everything is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from ydsim.errors import ScenarioError
from ydsim.scenario.read.node import DEEPEST, Mark, Node, Problem, fail, failure
from ydsim.translation import gettext as _t
from ydsim.translation import mark as marked
from ydsim.wording import DATE, comparable, is_invisible, name_of_character, shorten, years_in

# -- plain scalars of YAML 1.2 ---------------------------------------------------------------------

# Numbers are decimal, booleans are ``true`` and ``false``; everything else is text.

_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]*)?(\.[0-9]*)?([eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"([-+]?)\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_GROUPED = re.compile(r"[-+]?[0-9]{1,3}([,_' ][0-9]{3})+(\.[0-9]+)?")
_LONGEST = 400  # digits; longer integers are infinite for every purpose
_YES = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def resolve(text: str) -> Any:
    """Return the value of a plain scalar: None, bool, int, float or the text itself."""
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "false"):
        return text == "true"
    if _INT.fullmatch(text):
        return int(text) if len(text) <= _LONGEST else float("-inf" if text[0] == "-" else "inf")
    if any(c.isdigit() for c in text) and _FLOAT.fullmatch(text):
        try:
            return float(text) + 0.0  # no negative zero
        except ValueError:
            return text
    if special := _SPECIAL.fullmatch(text):
        return float("nan" if special[3] else f"{special[1]}inf")
    return text


def suggest_number(text: str) -> str | None:
    """Return the right spelling of a number that was written in another way, if it is clear."""
    wide = unicodedata.normalize("NFKC", text).strip()
    if wide.endswith("%"):
        share = suggest_number(wide[:-1]) or wide[:-1].strip()
        value = resolve(share)
        return _spell(value / 100.0) if _finite(value) else None
    if _finite(resolve(wide)):
        return _spell(resolve(wide))
    if _GROUPED.fullmatch(wide):
        return re.sub(r"[,_' ]", "", wide)
    if re.fullmatch(r"[-+]?0+[1-9][0-9]*(\.[0-9]+)?", wide):
        return re.sub(r"^([-+]?)0+", r"\1", wide)
    if re.fullmatch(r"[0-9]+(_[0-9]+)+", wide):
        return wide.replace("_", "")
    if re.fullmatch(r"[0-9]+,[0-9]+", wide):
        return wide.replace(",", ".")
    years = years_in(wide) if DATE.fullmatch(wide) else []
    return _spell(years[0]) if years else None


def suggest_boolean(text: str) -> str | None:
    """Return ``true`` or ``false`` for what other systems take for a boolean."""
    word = text.strip().lower()
    return word if word in ("true", "false") else _YES.get(word)


def _finite(value: Any) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and abs(value) < float("inf")


def _spell(value: float) -> str:
    # 12 digits, so that 7 % reads 0.07
    return str(value) if isinstance(value, int) else f"{value:.12g}"


# -- from text to a tree ---------------------------------------------------------------------------

# ruamel.yaml splits the text into events; this module builds the tree from them and refuses what
# a scenario has no use for: tags, merge keys, several documents, keys that are not text, repeated
# keys, and trees that are too deep or, with aliases written out, too large.

MOST_NODES = 100_000
LONGEST_LINE = 100_000
LONGEST_KEPT = 20_000
"""Characters of texts whose trees are kept, as the scenarios that others extend are read often."""
_WIDE_COLON = "\uff1a"
_WIDE_KEY = re.compile(rf"\s*[^\s:#'\"]+{_WIDE_COLON}")
_CORE = "tag:yaml.org,2002:"
_IN_PLAIN = (
    ("flow sequence.*; ", marked("list not closed: '[' without ']'")),
    ("flow mapping.*; ", marked("mapping not closed: '}' is missing")),
    ("quoted scalar.*; .*end of stream", marked("quote not closed")),
    (
        "; .*mapping values are not allowed",
        marked("a second ': ' in one value, or a key indented too far; quote text with ': '"),
    ),
    ("; .*could not find expected ':'", marked("expected `key: value`")),
    (
        "; .*<(block end|document start)>",
        marked("does not fit the lines before it; check the indentation"),
    ),
)
"""What ruamel.yaml says, while it does what, and the same in plain words."""
_NO_COLON = marked("full-width {colon!r} (U+FF1A) is not a colon; write ': '")


def parse(text: str, mark: Mark) -> Node:
    """Return the tree of a YAML text; ``mark`` names its file. Nobody may change the tree.

    `ScenarioError`: the text is not YAML, or uses what scenarios refuse.
    """
    for i, line in enumerate(text.split("\n"), 1):
        if len(line) > LONGEST_LINE:
            message = _t("line longer than {n:,} characters").format(n=LONGEST_LINE)
            raise failure([Problem(mark.at(i, 1), "", message)])
    return _kept(text, mark) if len(text) <= LONGEST_KEPT else _Reader(text, mark).document()


@lru_cache(maxsize=32)
def _kept(text: str, mark: Mark) -> Node:
    return _Reader(text, mark).document()


class _Reader:
    """Builds nodes from events, one level of the tree a call."""

    def __init__(self, text: str, mark: Mark) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.mark = mark
        self.anchors: dict[str, Node | None] = {}
        self.problems: list[Problem] = []
        self.size = 0
        self.events = self._events()

    def document(self) -> Node:
        """Return the root, which may be any node; empty text gives None as its value."""
        root: Node | None = None
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                if root is not None:
                    self._stop(event, _t("one scenario a file; a second document starts here"))
                if event.version not in (None, (1, 2)):
                    self._stop(event, _t("only YAML 1.2 is read; delete the %YAML line"))
                root = self._node(next(self.events), 1)
        fail(self.problems)
        return root or Node(None, self.mark.at(1, 1), self.mark.at(1, 1))

    def _events(self) -> Iterator[Any]:
        yaml = YAML(typ="safe", pure=True)
        try:
            yield from yaml.parse(self.text)
        except ScenarioError:
            raise
        except MarkedYAMLError as error:
            self._explain(error)
        except Exception as error:  # ruamel.yaml asserts on some nonsense
            reason = shorten(" ".join(str(error).split()), 80)
            self._note(self.mark, _t("not valid YAML: {reason}").format(reason=reason))
            raise failure(self.problems) from None

    def _node(self, event: Any, depth: int) -> Node:
        mark = self._at(event)
        self.size += 1
        if depth > DEEPEST:
            self._stop(event, _t("nested deeper than {n} levels").format(n=DEEPEST))
        alias = isinstance(event, AliasEvent)
        if getattr(event, "tag", None):
            tag = str(event.tag).replace(_CORE, "!!")
            self._stop(event, _t("tags such as {tag!r} are not allowed").format(tag=shorten(tag)))
        if event.anchor and not alias:
            self.anchors[event.anchor] = None
        if alias:
            node = self._alias(event, depth)
        elif isinstance(event, ScalarEvent):
            node = self._scalar(event, mark)
        elif isinstance(event, SequenceStartEvent):
            items = []
            while not isinstance(inner := next(self.events), SequenceEndEvent):
                items.append(self._node(inner, depth + 1))
            node = _group(items, items, mark)
        else:
            node = self._mapping(mark, depth)
        if self.size > MOST_NODES:
            message = _t("more than {n:,} values, aliases written out")
            self._stop(event, message.format(n=MOST_NODES))
        if event.anchor and not alias:
            self.anchors[event.anchor] = node
        return node

    def _mapping(self, mark: Mark, depth: int) -> Node:
        children: dict[str, Node] = {}
        seen: dict[str, Node] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            where = self._at(event)
            key = self._node(event, depth + 1)
            value = replace(self._node(next(self.events), depth + 1), key=where)
            if not isinstance(key.value, str):
                self._note(where, _t("keys must be text, found {found}").format(found=key.kind))
            elif key.value == "<<":
                self._note(where, _t("merge keys (<<) are not supported; use `extends`"))
            elif key.value != key.value.strip() or not key.value:
                message = _t("key {key!r} has spaces around it or is empty")
                self._note(where, message.format(key=key.value))
            elif (form := comparable(key.value)) in seen:
                first, message = seen[form], _t("key {key!r} appears twice, first in line {line}")
                if first.value != key.value:
                    message = _t("key {key!r} differs only in form from {other!r} in line {line}")
                line = first.mark.line
                self._note(where, message.format(key=key.value, other=first.value, line=line))
            else:
                seen[form] = replace(key, mark=where)
                children[key.value] = value
        return _group(children, list(children.values()), mark)

    def _alias(self, event: Any, depth: int) -> Node:
        if event.anchor not in self.anchors:
            message = _t("alias *{name} has no anchor before it")
            self._stop(event, message.format(name=shorten(event.anchor)))
        node = self.anchors[event.anchor]
        if node is None:
            message = _t("alias *{name} refers to itself")
            self._stop(event, message.format(name=shorten(event.anchor)))
        self.size += node.size
        if depth + node.height - 1 > DEEPEST:
            message = _t("nested deeper than {n} levels, aliases written out")
            self._stop(event, message.format(n=DEEPEST))
        return node

    def _scalar(self, event: Any, mark: Mark) -> Node:
        text: str = event.value
        for char in text:
            if is_invisible(char):
                message = _t("character {name} is not allowed")
                self._note(mark, message.format(name=name_of_character(char)))
        return Node(resolve(text) if event.style is None else text, mark, mark, text=text)

    def _at(self, event: Any) -> Mark:
        return self.mark.at(event.start_mark.line + 1, event.start_mark.column + 1)

    def _note(self, mark: Mark, message: str) -> None:
        self.problems.append(Problem(mark, "", message))

    def _stop(self, event: Any, message: str) -> NoReturn:
        self._note(self._at(event), message)
        raise failure(self.problems)

    def _explain(self, error: MarkedYAMLError) -> NoReturn:
        """Say in plain words what ruamel.yaml says in its own."""
        here = error.problem_mark or error.context_mark
        context, sentence = error.context or "", error.problem or _t("not valid YAML")
        opened = error.context_mark is not None and "<stream end>" in sentence
        if opened or "unexpected end of stream" in sentence:
            here = error.context_mark
        line, column = (here.line, here.column) if here else (0, 0)
        raw = self.lines[min(line, len(self.lines) - 1)]
        wide = (i for i, text in enumerate(self.lines[: line + 1]) if _WIDE_KEY.match(text))
        first = next(wide, None)
        if re.match(r" *\t", raw) or "'\\t'" in sentence:
            message = _t("tab used for indentation; use spaces")
        elif first is not None:
            line, column = first, self.lines[first].index(_WIDE_COLON)
            message = _t(_NO_COLON).format(colon=_WIDE_COLON)
        else:
            known = (
                plain for form, plain in _IN_PLAIN if re.search(form, f"{context}; {sentence}")
            )
            other = _t("not valid YAML: {reason}")
            other = other.format(reason=shorten(" ".join(sentence.split()), 80))
            plain = next(known, "")
            message = _t(plain) if plain else other
        self._note(self.mark.at(line + 1, column + 1), message)
        raise failure(self.problems)


def _group(value: Any, children: list[Node], mark: Mark) -> Node:
    size = 1 + sum(child.size for child in children)
    height = 1 + max((child.height for child in children), default=0)
    return Node(value, mark, mark, size=size, height=height)


def check_mapping(root: Node, text: str, needs: str = "") -> None:
    """Refuse a document whose top level is not a mapping; ``needs`` says how to begin one."""
    if root.is_mapping:
        return
    where = root.mark
    if root.value is None:
        needs = needs or _t("start with `extends: baseline`")
        message = _t("the file is empty; {needs}").format(needs=needs)
    elif _WIDE_COLON in text:
        lines = text.split("\n")
        line = next(i for i, raw in enumerate(lines) if _WIDE_COLON in raw)
        where = where.at(line + 1, lines[line].index(_WIDE_COLON) + 1)
        message = _t(_NO_COLON).format(colon=_WIDE_COLON)
    else:
        message = _t("expected a mapping of keys to values, found {found}").format(found=root.kind)
    raise failure([Problem(where, "", message)])
