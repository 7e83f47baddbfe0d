"""What the pages of the model quote: ``python -m tools.odd``.

The pages, `docs/odd.md` and those in `docs/odd/`, are written by hand, but for the parts between
two comments, which are made from the code or from another page:

    <!-- formulas: processes/explore.py -->     the indented blocks of a docstring; `: NAME` is that
    <!-- end -->                                of a class or function, `# 1, 2` are some of them
    <!-- state -->                              a row for each state variable, from its field or the
    <!-- end -->                                section `Attributes` of the class that holds it
    <!-- parameters: explore, match.far -->     default, unit and mark of parameters, or of all of
    <!-- end -->                                a section; without names where each is described
    <!-- calibrated -->                         the parameters that were set on data, with the data
    <!-- end -->
    <!-- draws: explore, match: agents/search.py -->    draws of a phase, or of a file in it, from
    <!-- end -->                                        the table in `docs/odd/reference.md`
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from textwrap import dedent
from typing import Final, NamedTuple

import ydsim
from tools import DOCS
from ydsim.agents.generations import Arena, Generations, Slots, Waiting
from ydsim.agents.ledger import Ledger
from ydsim.agents.organisations import Organisations
from ydsim.agents.projects import Deals, Ended, Projects
from ydsim.agents.state import Adoptions, Books, Launches, Market, Nation, State
from ydsim.agents.tables import Brokers, Consortia, Outlets, Patents, Talent
from ydsim.agents.ties import Ties
from ydsim.fmt import markdown_table
from ydsim.scenario.schema.key_index import Key, scenario_keys, written

PACKAGE: Final = Path(ydsim.__file__).parent
OVERVIEW: Final = DOCS / "odd.md"
REFERENCE: Final = DOCS / "odd" / "reference.md"

TABLES: Final[dict[str, tuple[str, type]]] = {
    "organisations": ("organisation", Organisations),
    "projects": ("project", Projects),
    "ties": ("tie", Ties),
    "consortia": ("innovation consortium", Consortia),
    "generations": ("generation", Generations),
    "slots": ("firm and generation", Slots),
    "arena": ("firm and generation", Arena),
    "waiting": ("firm and generation", Waiting),
    "market": ("market", Market),
    "nation": ("rest of the nation", Nation),
    "books": ("government", Books),
    "ledger": ("books", Ledger),
    "brokers": ("intermediary", Brokers),
    "outlets": ("media", Outlets),
    "patents": ("city", Patents),
    "talent": ("place", Talent),
    "launches": ("launch of the quarter", Launches),
    "deals": ("agreement of the quarter", Deals),
    "adoptions": ("adoption of the quarter", Adoptions),
    "ended": ("project that ended in the quarter", Ended),
    "": ("region", State),
}
"""By name in `State`: of what entity a row or an object is, and the class that holds it."""

LEFT: Final = re.compile(r"(\S.*?)(?= +[=~:] | {2,}|:| (?:with|proportional|when)\b)")
"""What an equation is of: up to its sign, or to the words that say how it is drawn."""


class Variable(NamedTuple):
    """A state variable as its class documents it."""

    name: str
    kind: str
    unit: str
    changes: str
    entity: str
    meaning: str


def variables(cls: type) -> Iterator[Variable]:
    """Yield what a class says of each variable of the state.

    It says ``type; unit; static or dynamic`` and, where the variable is of another entity than the
    class, ``; entity``, then its meaning. Other attributes have no type.
    """
    for name, message, meaning in (*_beside(cls), *_listed(cls)):
        kind, unit, changes, *entity = message.split("; ")
        yield Variable(name, kind, unit, changes, "".join(entity), " ".join(meaning.split()))


def _beside(cls: type) -> Iterator[tuple[str, str, str]]:
    """Yield name, type and meaning of the variables that are documented below their field."""
    (found,) = ast.parse(dedent(inspect.getsource(cls))).body
    assert isinstance(found, ast.ClassDef)
    for field, below in pairwise(found.body):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ) if "; " in text.partition(". ")[0]:
                message, _, meaning = text.partition(". ")
                yield name, message, meaning


def _listed(cls: type) -> Iterator[tuple[str, str, str]]:
    """Yield the same of those in the section `Attributes`, ``name : type`` over the meaning."""
    text = inspect.getdoc(cls) or ""
    _, _, attributes = text.partition("Attributes\n----------\n")
    for head, meaning in re.findall(r"^(\S.*)\n((?:    .*(?:\n|$))+)", attributes, re.MULTILINE):
        name, typed, message = head.partition(" : ")
        if typed:
            yield name, message, meaning


def state_table() -> str:
    """Return the table of all state variables."""
    rows = []
    for prefix, (entity, cls) in TABLES.items():
        for v in variables(cls):
            name = f"`{prefix}.{v.name}`" if prefix else f"`{v.name}`"
            message = v.meaning.removesuffix(".")
            rows.append((v.entity or entity, name, v.unit, v.kind, v.changes, message))
    head = ("entity", "variable", "unit", "type", "changes", "meaning")
    return "\n".join(markdown_table(head, rows))


def blocks(text: str) -> list[str]:
    """Return the indented blocks of a docstring: set off by an empty line, deeper than before."""
    found: list[list[str]] = []
    depth, inside, gap = 0, False, True
    for line in inspect.cleandoc(text).splitlines():
        if not line.strip():
            gap = True
            continue
        indent = len(line) - len(line.lstrip())
        if inside and indent > depth:
            found[-1] += [""] * gap + [line]
        elif gap and indent > depth:
            inside = True
            found.append([line])
        else:
            inside, depth = False, indent
        gap = False
    return [dedent("\n".join(lines)) for lines in found]


def docstring(path: str, name: str = "") -> str:
    """Return the docstring of a file of the package, or of a class or function in it."""
    node: ast.AST = ast.parse((PACKAGE / path).read_text(encoding="utf-8"))
    for part in name.split(".") if name else ():
        node = next(n for n in ast.iter_child_nodes(node) if getattr(n, "name", None) == part)
    return ast.get_docstring(node) or ""  # type: ignore[arg-type]


def formulas(place: str) -> list[str]:
    """Return the blocks that ``place`` asks for, as ``path``, ``path: name`` or ``path # 1, 2``."""
    where, _, which = (part.strip() for part in place.partition("#"))
    path, _, name = (part.strip() for part in where.partition(":"))
    found = blocks(docstring(path, name))
    if not found:
        raise ValueError(f"{where}: no indented block in the docstring")
    return [found[int(k) - 1] for k in which.split(",")] if which else found


def quoted(place: str) -> str:
    """Return blocks as a page shows them."""
    lines = "\n\n".join(formulas(place)).splitlines()
    return "\n".join(f"    {line}".rstrip() for line in lines)


def equations(place: str) -> list[str]:
    """Return the left sides of the equations of ``place``, each once, in their order."""
    lines = "\n".join(formulas(place)).splitlines()
    sides = [LEFT.match(line) for line in lines if line[:1].strip()]
    return list(dict.fromkeys(side[1] for side in sides if side))


def _keys() -> dict[str, Key]:
    """Return the parameters and the keys of governance by their names on the pages."""
    named = {}
    for key in scenario_keys():
        if key.path[0] == "parameters":
            named[".".join(key.path[1:])] = key
        elif key.path[0] == "governance":
            named[".".join(key.path)] = key
    return named


def parameters(names: str) -> list[str]:
    """Return the parameters that a mark names: single ones, or all of a section."""
    asked = [name.strip() for name in names.split(",")]
    known = list(_keys())
    found = [key for name in asked for key in known if key == name or key.startswith(f"{name}.")]
    for name in asked:
        if name not in known and not any(key.startswith(f"{name}.") for key in known):
            raise ValueError(f"no parameter {name}")
    return found


def parameters_table(names: str) -> str:
    """Return default, unit and mark of the parameters that a mark names."""
    keys = _keys()
    rows = [
        (f"`{name}`", f"`{written(keys[name].default)}`", keys[name].unit, keys[name].mark)
        for name in parameters(names)
    ]
    return "\n".join(markdown_table(("parameter", "default", "unit", "mark"), rows))


def parameters_index() -> str:
    """Return the parameters of each page on a submodel."""
    rows = []
    for path in submodels():
        for names in marks(path.read_text(encoding="utf-8"), "parameters"):
            message = ", ".join(f"`{name}`" for name in parameters(names))
            rows.append((f"[{path.name}]({path.name})", message))
    return "\n".join(markdown_table(("page", "parameters"), rows))


def calibrated_table() -> str:
    """Return the parameters that were set on data, with the data."""
    rows = [
        (f"`{name}`", f"`{written(key.default)}`", key.source)
        for name, key in _keys().items()
        if key.mark == "calibrated"
    ]
    return "\n".join(markdown_table(("parameter", "default", "set on"), rows))


def draws(asked: str) -> list[list[str]]:
    """Return the rows of the table of draws that a mark asks for."""
    text = REFERENCE.read_text(encoding="utf-8").partition("\n## Draws\n")[2].partition("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    found = []
    for item in asked.split(","):
        phase, _, path = (part.strip() for part in item.partition(":"))
        rows = [row for row in table if row[0] == f"`{phase}`" and row[6][1:].startswith(path)]
        if not rows:
            raise ValueError(f"no draw of {item}")
        found += rows
    return found


def draws_list(asked: str) -> str:
    """Return draws as a list: what is decided, by which distribution, for each what."""
    message = (f"- {row[4]}, for each {row[2]}: {row[5]}" for row in draws(asked))
    return "\n".join(message)


def pages() -> list[Path]:
    """Return the paths of all pages: the overview, the submodels in their order, the tables."""
    return [OVERVIEW, *submodels(), REFERENCE]


def submodels() -> list[Path]:
    """Return the paths of the pages on submodels in the order in which the overview lists them."""
    listed = re.findall(r"^\| \[.+?\]\(odd/(\w+\.md)\)", OVERVIEW.read_text(encoding="utf-8"), re.M)
    return [DOCS / "odd" / name for name in listed if name != REFERENCE.name]


def marks(page: str, kind: str) -> list[str]:
    """Return what the marks of a kind on a page ask for."""
    return re.findall(rf"<!-- {kind}: (.+?) -->", page)


def renewed(page: str) -> str:
    """Return the page with all that is quoted made again."""
    made = {
        "formulas": quoted,
        "state": lambda _: state_table(),
        "parameters": lambda names: parameters_table(names) if names else parameters_index(),
        "calibrated": lambda _: calibrated_table(),
        "draws": draws_list,
    }

    def fill(found: re.Match[str]) -> str:
        kind, place = found[1], found[2].strip()
        inside = made[kind](place)
        return f"<!-- {kind}{': ' + place if place else ''} -->\n\n{inside}\n\n<!-- end -->"

    kinds = "|".join(made)
    return re.sub(rf"<!-- ({kinds}):?(.*?) -->\n.*?<!-- end -->", fill, page, flags=re.DOTALL)


if __name__ == "__main__":
    for target in pages():
        target.write_text(renewed(target.read_text(encoding="utf-8")), encoding="utf-8")
