"""Pages of ``docs/`` that are made from the code: keys, policies, shocks and the table of figures.

    python -m tools.reference                      makes all of them again
    python -m tools.reference parameters shocks    makes these

Nothing in them is written by hand, but for what surrounds the table of figures. Keys come from the
schema, policies from their classes, rules of shocks from the docstrings of the modules that carry
them out, figures from their catalogue.
"""

from __future__ import annotations

import argparse
import inspect
import re
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, Final

from tools import DOCS, between
from ydsim.explain import COMBINED, card_of, own_keys, shared_keys
from ydsim.fmt import markdown_table
from ydsim.plots.catalogue import KINDS as FIGURES
from ydsim.plots.catalogue import OF, FigureKind, flag_of
from ydsim.policies.library import FAMILIES, shipped
from ydsim.scenario.read.node import dotted
from ydsim.scenario.schema.key_index import Bounds, Key, keys_of, scenario_keys, written
from ydsim.scenario.schema.shocks import KINDS, Shock, Unit
from ydsim.shocks.kinds import RULES, Lottery


def parameters_table(keys: Sequence[Key], name: str = "parameter") -> str:
    """Return a table of keys, a row each."""
    head = (name, "default", "unit", "range", "mark", "source", "meaning")
    return _table(head, list(map(_row, keys)))


def _row(key: Key) -> tuple[str, ...]:
    limits = "" if key.bounds == Bounds() else str(key.bounds)
    span = f"{key.kind}, {limits}" if limits and key.kind.startswith("list") else limits or key.kind
    source = "" if key.source == "assumed" else key.source
    default = "required" if key.required else f"`{written(key.default)}`"
    return f"`{dotted(key.path)}`", default, key.unit, span, key.mark, source, key.meaning


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(markdown_table(head, rows)) + "\n"


# -- parameters ------------------------------------------------------------------------------------

_PARAMETERS = """\
# Parameters

Every key of a scenario, with the default that holds when a file says nothing. This page is
generated from the schema by `python -m tools.reference parameters`; do not edit it.

Marks: **data** is fixed by official series, **prior** comes from literature and is passed through
as an ensemble, **calibrated** is fitted here, **assumed** has no source, **control** is a setting
of the experiment rather than a property of the region. Unit `1` is a pure number or share.

A file may begin with `extends:`, the name of a shipped scenario or a path relative to the file. The
settings of a policy may name its kind with `policy:`, a name below or `package.module.Class`; by
default the kind is the key.

Parameters of rules, those under `parameters`, and the numbers in them, an entry of a list for one
(switches and words have none):
"""


def parameters_page() -> str:
    """Return ``docs/parameters.md``: counts, and a table for each section and each policy."""
    sections: dict[str, list[Key]] = {}
    for key in scenario_keys():
        if key.path[0] == "policies" and key.path[1] not in shipped():
            continue  # of another package
        depth = 2 if key.path[0] in ("parameters", "policies") else 1
        sections.setdefault(dotted(key.path[:depth]) if len(key.path) > 1 else "", []).append(key)
    pages = [_PARAMETERS, _counts()]
    for name, keys in sections.items():
        title = f"`{name}`" if name else "Experiment"
        pages.append(f"## {title}\n\n{parameters_table(keys, 'key')}")
    return "\n".join(pages)


def _counts() -> str:
    """Return how many parameters of rules there are, and how many numbers, by mark."""
    rules = [key for key in scenario_keys() if key.path[0] == "parameters"]
    rows = []
    for mark in sorted({key.mark for key in rules}):
        numbers = [_numbers(key.default) for key in rules if key.mark == mark]
        rows.append((mark, str(len(numbers)), str(sum(numbers))))
    total = ("all", str(len(rules)), str(sum(_numbers(key.default) for key in rules)))
    return _table(("mark", "parameters", "numbers"), [*rows, total])


def _numbers(value: Any) -> int:
    """Return how many numbers a default has."""
    if isinstance(value, (list, tuple)):
        return sum(map(_numbers, value))
    return int(isinstance(value, (int, float)) and not isinstance(value, bool))


# -- policies --------------------------------------------------------------------------------------

_POLICIES = """\
# Policies

Every policy that a scenario can name, as `ydsim explain NAME` prints it. This page is generated
from the classes by `python -m tools.reference policies`; do not edit it. Policies of your
own: [own_policies.md](own_policies.md). Whether published signs show: [signs.md](signs.md).

A policy moves named fields of the policy environment, or hands over a scheme (rules or money under
conditions); it touches nothing else. Marks of parameters: **data** is fixed by official figures or
by law, **prior** comes from literature, **assumed** has no source, **control** is a setting of the
experiment; see [parameters.md](parameters.md).
"""

_SHARED = """\
## What all policies have

The strength in force in a quarter is `strength` from `start` to `end`, rising over `ramp` and
falling with `decay`. A field moves by strength times the difference of what the policy wants and
the baseline. How the wishes of several policies for one field combine:
"""


def policies_page() -> str:
    """Return ``docs/policies.md``: a table, what all policies share, and each policy by group."""
    cards = {name: card_of(name, cls) for name, cls in shipped().items()}
    rules = "".join(f"- **{rule}**: {meaning}.\n" for rule, meaning in COMBINED.items())
    pages = [_POLICIES, _overview(cards), _SHARED, rules, parameters_table(shared_keys())]
    for family in FAMILIES:
        pages.append(f"## {group_title(family)}\n")
        pages += [_page(cards[name]) for name in names_of(family)]
    return "\n".join(pages)


def names_of(family: ModuleType) -> list[str]:
    """Return the names of the policies of one module, sorted."""
    return [name for name, cls in shipped().items() if cls.__module__ == family.__name__]


def group_title(family: ModuleType) -> str:
    """Return the first sentence of what a module says of itself, without its end."""
    first = (inspect.getdoc(family) or "").partition("\n\n")[0].replace("\n", " ")
    return re.split(r"(?<=\w)[.:;](?:\s|$)", first, maxsplit=1)[0].strip()


def _overview(cards: dict[str, dict[str, Any]]) -> str:
    rows = []
    for card in cards.values():
        moved = [*(f"`{item['field']}`" for item in card["writes"]), *["a scheme"] * card["scheme"]]
        name = f"[`{card['name']}`](#{card['name']})"
        rows.append(
            (
                name,
                card["title"],
                "<br>".join(moved),
                ", ".join(sorted({key["mark"] for key in card["parameters"]})),
            )
        )
    return _table(("name", "title", "writes", "marks of its parameters"), rows)


def _page(card: dict[str, Any]) -> str:
    parts = [f"### `{card['name']}`\n\n{card['title']}.\n\n{_tidy(card['summary'])}\n"]
    parts += [f"**{name}.** {_tidy(text)}\n" for name, text in card["sections"].items()]
    if card["writes"]:
        rows = [(f"`{w['field']}`", w["rule"], w["meaning"]) for w in card["writes"]]
        parts.append(_table(("writes", "combines by", "meaning"), rows))
    if card["scheme"]:
        parts.append("It hands over a scheme: rules or money under conditions of its own.\n")
    target_keys = ", ".join(f"`{key}`" for key in card["target"]) or "none"
    parts.append(f"Keys of `target` that are of use: {target_keys}.\n")
    if keys := own_keys(shipped()[card["name"]]):
        parts.append(parameters_table(keys))
    parts.append(f"```yaml\n{card['example']}\n```\n")
    return "\n".join(parts)


def _tidy(text: str) -> str:
    """Return text whose displayed equations are apart, so that they are set as they are."""
    return re.sub(r"(?m)(^\S.*)\n(?= {2,}\S)", r"\1\n\n", text)


# -- shocks ----------------------------------------------------------------------------------------

EXAMPLE: Final = """\
extends: synthetic
end: 2016
record: {projects: true}
shocks:
  - name: part                  # one organisation in ten loses a partner
    kind: delete_ties
    year: 2012
    share: 0.1
    arms: firms                 # nobody is in two shocks of these arms
  - name: lottery               # of the others one firm in ten wins a voucher
    kind: vouchers
    year: 2012
    share: 0.1
    years: 2
    arms: firms
  - name: rail                  # hours of a tenth of the pairs of cities are halved
    kind: travel_time
    year: 2013.5
    share: 0.1
    factor: 0.5
"""

_SHOCKS = f"""\
# Shocks

An experiment inside a run: units drawn by hash are treated, the others of the same kind are their
controls, and the record says who was what. One set of runs with several shocks in disjoint arms
serves several estimators. This page is generated from the code by
`python -m tools.reference shocks`; do not edit it.

A policy ([policies.md](policies.md)) is something that governments do; a shock is something that
the experimenter does. A scenario lists its shocks under `shocks:`, each with a name and a kind:

```yaml
{EXAMPLE}```

Without shocks, and with shocks of share 0, a run is the same to the last bit. The table `shocks` of
the results has a row for each unit that was drawn from, treated or not; `record.projects: true`
adds the table `projects`, a row for each project that ended ([results.md](results.md)). In a sweep
both are kept with `record: {{tables: [shocks, projects]}}` in the sweep file.
"""

_ORDER = """\
Shocks strike at the beginning of a quarter, in the order in which a scenario lists them: a later
one finds what an earlier one has left. What they change in the policy environment is laid over what
policies want; governments that decide see it.
"""

_UNITS: Final[dict[Unit, str]] = {
    "project": "projects",
    "organisation": "organisations",
    "pair": "pairs of organisations",
    "city": "cities",
    "city pair": "pairs of cities",
    "province pair": "pairs of provinces",
    "market": "industries of provinces",
}


def shocks_page() -> str:
    """Return ``docs/shocks.md``."""
    shared = [key for key in keys_of(Shock) if key.path[0] != "target"]
    who = (inspect.getdoc(Lottery) or "").partition(": ")[2].replace("``", "`")
    parts = [_SHOCKS, f"## Who is treated\n\n{who[:1].upper()}{who[1:]}\n", _ORDER]
    parts.append(f"## Keys that all have\n\n{parameters_table(tuple(shared))}\n## Kinds\n")
    return "\n".join([*parts, *(_kind(name, KINDS[name], shared) for name in RULES)])


def _kind(name: str, cls: type[Shock], shared: Sequence[Key]) -> str:
    same = {key.path: key for key in shared}
    own = [k for k in keys_of(cls) if k.path[0] not in ("target", "kind") and same.get(k.path) != k]
    aims = ", ".join(f"`{key}`" for key in cls.target_keys)
    rule = (inspect.getdoc(RULES[name]) or "").partition("\n\n")[2]
    drawn = f"Drawn are {_UNITS[cls.unit_kind]}" + (
        " unless `unit` says otherwise" if "unit" in cls.model_fields else ""
    )
    return "\n".join(
        [
            f"### `{name}`\n\n{(inspect.getdoc(cls) or '').strip()} {drawn}.\n",
            f"{rule.replace('``', '`')}\n",
            parameters_table(tuple(own)) if own else "",
            f"Keys of `target` that are of use: {aims}.\n",
        ]
    )


# -- figures ---------------------------------------------------------------------------------------

EXAMPLES: Final = {
    "run": "ydsim plot baseline --kind {name}",
    "several": "ydsim plot baseline open_platforms --kind {name} -o {name}.png",
    "two": "ydsim plot baseline open_platforms --kind {name} -o {name}.png",
    "sweep": "ydsim plot borders --kind {name}",
}


def figures_page() -> str:
    """Return ``docs/figures.md`` with its table of all kinds made again."""
    head = ("figure", "shows", "of", "options", "command")
    table = "\n".join(markdown_table(head, [_figure(kind) for kind in FIGURES.values()]))
    page = (DOCS / "figures.md").read_text(encoding="utf-8")
    return between(page, "<!-- figures -->", "<!-- end -->", table)


def _figure(kind: FigureKind) -> tuple[str, ...]:
    options = " ".join(f"`{flag_of(name)}`" for name in kind.options) or "-"
    command = EXAMPLES[kind.of].format(name=kind.name)
    return f"`{kind.name}`", kind.shows, OF[kind.of], options, f"`{command}`"


PAGES: Final[dict[str, Callable[[], str]]] = {
    "parameters": parameters_page,
    "policies": policies_page,
    "shocks": shocks_page,
    "figures": figures_page,
}


def main() -> None:
    """Write the pages that are named, all of them where none is."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("pages", nargs="*", metavar="NAME", help=", ".join(PAGES))
    options = parser.parse_args()
    for name in options.pages or PAGES:
        if name not in PAGES:
            parser.error(f"there is no page {name}; known: {', '.join(PAGES)}")
        (DOCS / f"{name}.md").write_text(PAGES[name](), encoding="utf-8")


if __name__ == "__main__":
    main()
