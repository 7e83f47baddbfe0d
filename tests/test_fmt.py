"""Numbers, lists and tables as people read them."""

import ast
import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ydsim
from ydsim.fmt import (
    MINUS,
    columns_of,
    counted,
    duration,
    fixed,
    interval,
    listed,
    markdown_table,
    number,
    p_value,
    percent,
    size,
    text_table,
)

NAN, INF = math.nan, math.inf
REAL = st.floats(-1e15, 1e15)
DIGITS = st.integers(1, 6)


def read(text: str) -> float:
    return float(text.replace(",", "").replace(MINUS, "-"))


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0, 4, "0"),
        (-0.0, 4, "0"),
        (None, 4, "-"),
        (NAN, 4, "-"),
        (INF, 4, "∞"),
        (-INF, 4, f"{MINUS}∞"),
        (3, 4, "3"),
        (0.5, 4, "0.5"),
        (12.345, 4, "12.35"),
        (9.9996, 4, "10"),
        (99.996, 4, "100"),
        (999.5, 4, "999.5"),
        (999.5, 3, "1,000"),
        (999.96, 4, "1,000"),
        (-999.96, 4, f"{MINUS}1,000"),
        (1000.4, 6, "1,000"),
        (1234567.8, 4, "1,234,568"),
        (123.4, 2, "123"),
        (960.0, 1, "960"),
        (1e20, 4, "100,000,000,000,000,000,000"),
        (1e-7, 4, "0.0000001"),
        (-0.000082, 1, f"{MINUS}0.00008"),
        (1e-9, 4, "0"),
        (-1e-300, 4, "0"),
    ],
)
def test_a_number(value, digits, text):
    assert number(value, digits) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(2.0, "+2"), (-2.0, f"{MINUS}2"), (0.0, "0"), (-1e-12, "0"), (1e-12, "0"),
     (1500.0, "+1,500"), (NAN, "-"), (INF, "+∞")],
)  # fmt: skip
def test_a_number_with_its_sign(value, text):
    assert number(value, 3, sign=True) == text


@pytest.mark.parametrize(
    ("value", "decimals", "sign", "text"),
    [(1.0, 2, False, "1.00"), (-0.004, 2, True, "0.00"), (0.3, 0, True, "0"),
     (5.0, 1, True, "+5.0"), (-1234.5, 1, False, f"{MINUS}1,234.5"), (NAN, 2, True, "-"),
     (None, 2, False, "-")],
)  # fmt: skip
def test_a_number_with_fixed_decimals(value, decimals, sign, text):
    assert fixed(value, decimals, sign=sign) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0712, "7.1 %"), (0.07, "7 %"), (0.996, "100 %"), (1.234, "123 %"), (0.00012, "0.012 %"),
     (0.0, "0 %"), (12.0, "1,200 %"), (NAN, "-"), (None, "-")],
)  # fmt: skip
def test_a_share_in_per_cent(share, text):
    assert percent(share) == text


@pytest.mark.parametrize(
    ("values", "unit", "text"),
    [
        ((3.14159, 1.0, 5.2), "%", "+3.1 % [+1.0, +5.2]"),
        ((0.5, -0.25, 1.25), "", f"+0.50 [{MINUS}0.25, +1.25]"),
        ((0.5, -9.0, 10.0), "", f"+0.5 [{MINUS}9.0, +10.0]"),
        ((12.0, -488.0, 512.0), "", f"+12 [{MINUS}488, +512]"),
        ((7107.6, 7050.2, 7166.0), "", "+7,108 [+7,050, +7,166]"),
        ((12345.678, 12345.628, 12345.728), "", "+12,345.68 [+12,345.63, +12,345.73]"),
        ((12345.678, 12345.678, 12345.678), "", "+12,346 [+12,346, +12,346]"),
        ((0.3 + 1e-12, 0.3, 0.3 + 2e-12), "", "+0.300 [+0.300, +0.300]"),
        ((0.0, 0.0, 0.0), "%", "0 % [0, 0]"),
        ((-0.001, -0.4, 0.4), "", f"0.00 [{MINUS}0.40, +0.40]"),
        ((2.0, NAN, 5.0), "%", "+2 %"),
        ((2.0, 1.0, NAN), "%", "+2 %"),
        ((2.0, None, None), "", "+2"),
        ((2.0, 1.0, INF), "", "+2.00 [+1.00, +∞]"),
        ((NAN, 1.0, 2.0), "%", "-"),
        ((None, None, None), "", "-"),
    ],
)
def test_an_estimate_with_its_interval(values, unit, text):
    assert interval(*values, unit, sign=True) == text
    assert interval(*values, unit) == text.replace("+", "")


def test_an_end_of_a_change_that_is_not_zero_is_not_written_as_zero():
    assert interval(0.15, 0.001, 0.3, sign=True) == "+0.150 [+0.001, +0.300]"
    assert interval(0.15, -0.001, 0.3, sign=True) == f"+0.150 [{MINUS}0.001, +0.300]"
    assert interval(2000.0, 0.3, 4000.0, sign=True) == "+2,000.0 [+0.3, +4,000.0]"
    assert interval(0.15, 0.0, 0.3, sign=True) == "+0.15 [0.00, +0.30]"


@pytest.mark.parametrize(
    ("value", "text"),
    [(NAN, "-"), (None, "-"), (0.0, "<0.0001"), (9.9e-5, "<0.0001"), (0.0001, "0.0001"),
     (0.0234, "0.023"), (0.5, "0.5"), (1.0, "1")],
)  # fmt: skip
def test_a_p_value(value, text):
    assert p_value(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "0 s"), (7.4, "7 s"), (59.6, "1 min 00 s"), (65, "1 min 05 s"), (3599.7, "1 h 00 min"),
     (9960, "2 h 46 min"), (3.6e6, "1,000 h 00 min")],
)  # fmt: skip
def test_a_time_in_words(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("n_bytes", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "0.977 KiB"), (3 * 2**29, "1.5 GiB"),
     (5e18, "4,547,474 TiB"), (INF, "∞ TiB")],
)  # fmt: skip
def test_a_size_has_the_unit_that_fits(n_bytes, text):
    assert size(n_bytes) == text


@pytest.mark.parametrize(
    ("n", "noun", "text"),
    [(1, "run", "1 run"), (0, "run", "0 runs"), (1200, "run", "1,200 runs"),
     (2, "capacity", "2 capacities"), (1, "capacity", "1 capacity"), (2, "day", "2 days")],
)  # fmt: skip
def test_a_number_with_its_noun(n, noun, text):
    assert counted(n, noun) == text


def test_names_are_listed_in_a_sentence():
    assert [listed(names) for names in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]


@given(REAL, DIGITS)
def test_a_number_reads_back_within_its_digits(value, digits):
    text = number(value, digits)
    assert re.fullmatch(rf"{MINUS}?[\d,]+(\.\d+)?", text)
    allowed = 0.5 if abs(value) >= 999.0 else max(abs(value) * 0.5 * 10.0 ** (1 - digits), 5e-9)
    assert read(text) == pytest.approx(value, abs=allowed, rel=1e-12)


@given(REAL, REAL, DIGITS)
def test_a_larger_number_is_never_written_as_a_smaller_one(one, other, digits):
    low, high = sorted((one, other))
    assert read(number(low, digits)) <= read(number(high, digits))


@given(REAL, st.floats(0.0, 1e6), st.floats(0.0, 1e6))
def test_an_interval_has_one_number_of_decimals_and_its_order(value, below, above):
    text = interval(value, value - below, value + above)
    assert "e" not in text
    middle, low, high = re.split(r" \[|, ", text.removesuffix("]"))
    assert len({len(part.partition(".")[2]) for part in (middle, low, high)}) == 1
    assert read(low) <= read(middle) <= read(high)
    assert (read(low) < read(high)) or below + above <= 2e-9 * abs(value) or below + above < 1e-7


def test_a_table_in_markdown_holds_any_cell():
    found = markdown_table(["x", "n"], [["a|b", "1"], ["two\nlines", "2"]], right=[1])
    assert found == ["| x | n |", "| --- | ---: |", "| a\\|b | 1 |", "| two lines | 2 |"]
    assert markdown_table(["x"], []) == ["| x |", "| --- |"]


def test_a_table_in_text_has_columns_of_one_width():
    assert text_table(["x", "n"], [["abc", "1"], ["d", "22"]]) == ["x    n", "abc  1", "d    22"]
    right = text_table(["x", "n"], [["abc", "1"], ["d", "22"]], right=range(2))
    assert right == ["  x   n", "abc   1", "  d  22"]
    label = "contracts with other provinces [100 million RMB]"
    found = text_table(
        ["x", "n"], [["all"], [label, "1 %"], ["研发经费" * 9, "2"]], right=[1], width=40
    )
    assert found[1] == "all"
    assert found[2:4] == [f"{label[:30]:36} 1 %", "  [100 million RMB]"]
    assert max(map(columns_of, found)) <= 40
    assert text_table(["x"], [["a" * 50]], right=[0], width=40)[1] == "a" * 50  # of no use cut


PACKAGE = Path(ydsim.__file__).parent
ROOMS = ("agents", "design", "engines", "plots", "policies", "record", "report", "results", "run",
         "scenario", "shocks", "store", "studies", "cli", "world")  # fmt: skip
IN_FULL = {
    "plots/canvas.py": "the step between marks of an axis, whose digits are counted",
    "run/api.py": "values that should be equal",
    "studies/discovery.py": "bounds of a box, to be copied",
    "studies/estimators.py": "the year of an event, a label",
    "results/summary.py": "values of factors",
    "world/priors.py": "a column of a CSV file",
}
"""Modules that write a number with so many digits for another end than to be read, and why."""


@pytest.mark.slow
def test_numbers_are_rounded_for_people_in_one_module():
    wrong = [
        f"{name}:{spec.lineno}"
        for room in ROOMS
        for path in sorted((PACKAGE / room).rglob("*.py"))
        if (name := path.relative_to(PACKAGE).as_posix()) not in IN_FULL
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FormattedValue) and (spec := node.format_spec) is not None
        if re.search(r"\+|,\.|\.[^1]?[g%e]", ast.unparse(spec))
    ]
    assert wrong == []
