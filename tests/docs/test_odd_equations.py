"""Equations on the ODD pages are those of the code, and each names its code and its reference."""

import ast
import re
from functools import cache
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest

from tests.support.pages import REFERENCE, model_pages, page, rows, section
from tests.support.small import model
from tools.odd import (
    PACKAGE,
    TABLES,
    blocks,
    docstring,
    equations,
    formulas,
    marks,
    renewed,
    state_table,
    variables,
)
from ydsim.policies.library import shipped
from ydsim.scenario.schema.parameters import GovernanceParameters, Parameters

TESTS = Path(__file__).parents[1]
PAGES = model_pages()
PLACES = [place for text in PAGES.values() for place in marks(text, "formulas")]
TABLE = rows(section(page(REFERENCE), "Equations, code and references"))


@cache
def defined(path: Path) -> set[str]:
    """Return the names of functions, classes and methods of a file, and names that it assigns."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            inside = [f for f in node.body if isinstance(f, ast.FunctionDef)]
            found |= {f"{node.name}.{f.name}" for f in inside}
    return found


def missing(cell: str, root: Path) -> list[str]:
    """Return what a cell `path: name, name` names that is not there; it may name several files."""
    said = re.findall(r"`([^`]+)`", cell)
    assert ", ".join(f"`{place}`" for place in said) == cell
    absent = []
    for place in said:
        path, _, names = place.partition(": ")
        there = defined(root / path) if (root / path).is_file() else set()
        absent += [f"{path}: {name}" for name in names.split(", ") if name not in there]
    return absent


@pytest.mark.parametrize("name", list(PAGES))
def test_the_pages_quote_what_the_code_says(name):
    """If they do not: ``python -m tools.odd``."""
    assert renewed(PAGES[name]) == PAGES[name]


def test_every_formula_of_a_process_is_quoted_once():
    quoted = [block for place in PLACES for block in formulas(place)]
    assert len(quoted) == len(set(quoted))
    for path in sorted((PACKAGE / "processes").glob("*.py")):
        place = f"processes/{path.name}"
        if path.stem not in ("populate", "reference"):  # the page says these in words
            assert set(blocks(docstring(place))) <= set(quoted), place


@pytest.mark.parametrize("name", list(PAGES))
def test_no_equation_is_written_by_hand(name):
    by_hand = re.sub(r"<!-- formulas.+?<!-- end -->", "", PAGES[name], flags=re.S)
    assert re.findall(r"^    \S.*", by_hand, flags=re.MULTILINE) == []


def test_every_equation_has_a_row_and_every_row_an_equation():
    def file_of(place: str) -> str:
        return place.partition(" #")[0]

    said = {
        where: sorted(name for row in part for name in re.findall(r"`([^`]+)`", row[1]))
        for where, part in groupby(sorted(TABLE), lambda row: row[0].strip("`"))
    }
    stated = {
        where: sorted(name for place in part for name in equations(place))
        for where, part in groupby(sorted(PLACES), file_of)
    }
    assert said == stated


def test_code_and_reference_exist():
    assert TABLE
    for row in TABLE:
        assert missing(row[2], PACKAGE) + missing(row[3], TESTS.parent) == [], row[:2]


def test_the_state_table_has_type_unit_change_and_meaning_of_each_variable():
    assert state_table() in page(REFERENCE)
    for _, cls in TABLES.values():
        found = list(variables(cls))
        assert found, cls
        for variable in found:
            assert variable.changes in ("static", "dynamic"), variable
            assert all(variable[:4]), variable
            assert variable.meaning, variable


OTHERS = {*TABLES, "quarter", "recording", "near", "crowded_at"}
"""Attributes of the state that are no variables: its parts, and what is read off others."""


def test_the_state_table_has_the_variables_of_a_run_with_their_types_and_shapes():
    found = model(burn_in=4)
    found.step()
    letters = {"real": "f", "boolean": "b", "integer": "iu", "64-bit integer": "iu"}
    world = found.world
    sizes = {
        "C": world.n_cities,
        "C + 1": world.n_cities + 1,
        "F": len(world.fields),
        "J": len(world.industries),
        "O": world.n_provinces + 1,
        "P": world.n_provinces,
    }
    for prefix, (_, cls) in TABLES.items():
        part = getattr(found.state, prefix) if prefix else found.state
        held = set(getattr(part, "names", ())) or {n for n in vars(part) if not n.startswith("_")}
        assert held ^ {variable.name for variable in variables(cls)} <= OTHERS, prefix
        for variable in variables(cls):
            value = getattr(part, variable.name)
            if not isinstance(value, np.ndarray):
                continue
            kind = re.sub(r" \(32 bits\)|,.*", "", variable.kind)
            assert value.dtype.kind in letters[kind], variable
            shape = re.search(r"\((.*?),?\)", variable.kind.replace(" (32 bits)", ""))
            if shape:
                asked = [item.split(" quarters")[0] for item in shape[1].split(", ")]
                assert len(asked) == value.ndim, variable
                known = [sizes.get(item, int(item) if item.isdigit() else None) for item in asked]
                got = [
                    n if k is not None else None for n, k in zip(value.shape, known, strict=True)
                ]
                assert got == known, variable


def test_defaults_that_are_named_hold():
    text = "\n".join(PAGES.values())
    said = re.findall(r"`([a-z]+)\.(\w+)`\s\(?(\d*\.?\d+)( %)?", text)
    assert len(said) > 60
    parameters = {**dict(Parameters()), "governance": GovernanceParameters()}
    for group, key, number, percent in said:
        value = getattr(parameters[group], key)
        assert float(number) / (100.0 if percent else 1.0) == pytest.approx(value), (group, key)


def test_every_shipped_policy_is_among_those_that_the_purpose_names():
    text = section(page("odd.md"), "1. Purpose and patterns")
    assert {name for name in shipped() if f"`{name}`" not in text} == set()
