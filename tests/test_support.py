"""What tests share is in tests/support: no file of tests imports another."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the modules that a file imports, also in programs that it holds as text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            home = "." * node.level + (node.module or "")
            yield from (f"{home}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from re.findall(r"\b(?:from|import) (tests\.[\w.]+)", node.value)


def foreign(tree: ast.AST) -> list[str]:
    """Return what a file imports of the tests besides their helpers."""
    return [
        name
        for name in imported(tree)
        if name.startswith(("tests.", ".")) and not f"{name}.".startswith("tests.support.")
    ]


@pytest.mark.slow
def test_no_file_of_tests_imports_another():
    files = sorted(TESTS.rglob("*.py"))
    assert len(files) > 100
    found = {
        str(path.relative_to(TESTS)): foreign(ast.parse(path.read_text(encoding="utf-8")))
        for path in files
        if path != Path(__file__)
    }
    assert {name: names for name, names in found.items() if names} == {}


def test_an_import_of_another_file_is_found():
    code = (
        "from tests.cli.test_run import x\nfrom .test_show import y\nimport tests.golden\n"
        "from tests.support.small import z\n'import sys; from tests.run.test_sweep import *'"
    )
    assert foreign(ast.parse(code)) == [
        "tests.cli.test_run.x",
        ".test_show.y",
        "tests.golden",
        "tests.run.test_sweep",
    ]
