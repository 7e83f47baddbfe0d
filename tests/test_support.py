"""What tests share is in tests/support: no file of tests imports another."""

import re
from pathlib import Path

TESTS = Path(__file__).parent
IMPORT = re.compile(
    r"^\s*from \.[\w.]*|\b(?:from|import) tests\b(?!\.support\b| import support\b)[\w.]*", re.M
)
"""The import of another file of the tests, also in a program that a file holds as text."""


def test_no_file_of_tests_imports_another():
    files = sorted(set(TESTS.rglob("*.py")) - {Path(__file__)})
    assert len(files) > 100
    found = {path: IMPORT.findall(path.read_text(encoding="utf-8")) for path in files}
    assert {path: names for path, names in found.items() if names} == {}


def test_an_import_of_another_file_is_found():
    code = (
        "from tests.cli.test_run import x\nfrom .test_show import y\nimport tests.golden\n"
        "from tests.support.small import z\n'import sys; from tests.run.test_sweep import *'\n"
        "from tests import support\n    from tests import golden"
    )
    assert IMPORT.findall(code) == [
        "from tests.cli.test_run", "from .test_show", "import tests.golden",
        "from tests.run.test_sweep", "from tests",
    ]  # fmt: skip
