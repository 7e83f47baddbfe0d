"""The page of faults has every case once, and every test that it names exists."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([A-Z]\d\d) \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)

CASES = {"Y": 25, "V": 20, "I": 13, "D": 14, "R": 27, "S": 20, "X": 14, "P": 15}
IDS = [f"{letter}{k:02d}" for letter, count in CASES.items() for k in range(1, count + 1)]


def test_every_case_stands_once():
    assert len(IDS) == 148
    assert [row[0] for row in ROWS] == IDS
    assert max(Counter(row[1] for row in ROWS).values()) == 1


def test_every_test_that_is_named_exists():
    for case, _, state in ROWS:
        named = re.findall(r"`(\S+?\.py)::(\w+)(?:\[([^`]+)\])?`", state)
        assert named or state.startswith(("untested: ", "n/a: ", "not done: ")), case
        for file, function, parameters in named:
            source = (ROOT / "tests" / file).read_text(encoding="utf-8")
            assert f"def {function}(" in source, (case, file, function)
            for parameter in filter(None, [parameters]):
                assert known(source, parameter), (case, file, parameter)


def known(source: str, parameter: str) -> bool:
    """Tell whether a file has the text, or the words, of which a parameter is made."""
    if f'"{parameter}"' in source:
        return True
    words = re.split(r"[ -]", parameter)
    return all(re.search(rf"\b{re.escape(word)}\b", source) for word in words)
