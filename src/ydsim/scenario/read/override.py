"""Values that a caller lays over a scenario: ``--set a.b=1`` and the ``overrides`` argument."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeAlias

from ydsim.arguments import refuse
from ydsim.errors import ScenarioError, UsageError
from ydsim.scenario.read.node import (
    DEEPEST,
    SET,
    Mark,
    Node,
    at_path,
    from_plain,
    merge,
    placed,
    plain,
)
from ydsim.scenario.read.yaml import parse
from ydsim.translation import gettext as _t
from ydsim.translation import mark as marked
from ydsim.untrusted_input import one_line
from ydsim.wording import shorten

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
