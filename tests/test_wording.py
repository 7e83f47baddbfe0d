"""Lists, tables and pages of text."""

import pytest

from ydsim.wording import between, listed, markdown_table, small, text_table


def test_names_are_listed_in_a_sentence():
    assert [listed(names) for names in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_a_table_in_markdown_holds_any_cell():
    found = markdown_table(["x", "n"], [["a|b", "1"], ["two\nlines", "2"]], right=[1])
    assert found == ["| x | n |", "| --- | ---: |", "| a\\|b | 1 |", "| two lines | 2 |"]
    assert markdown_table(["x"], []) == ["| x |", "| --- |"]


def test_a_table_in_text_has_columns_of_one_width():
    assert text_table(["x", "n"], [["abc", "1"], ["d", "22"]]) == ["x    n", "abc  1", "d    22"]
    right = text_table(["x", "n"], [["abc", "1"], ["d", "22"]], right=range(2))
    assert right == ["  x   n", "abc   1", "  d  22"]


def test_a_page_is_changed_between_its_marks_only():
    page = "before <in>old<out> after <in>stays<out>"
    assert between(page, "<in>", "<out>", "new") == (
        "before <in>\n\nnew\n\n<out> after <in>stays<out>"
    )
    for lacks in ("no mark", "<in> no end", "<out> no begin"):
        assert between(lacks, "<in>", "<out>", "new") == lacks


@pytest.mark.parametrize(
    ("value", "text"),
    [(-8.2e-5, "-0.00008"), (0.0004, "+0.0004"), (9.6e-5, "+0.0001"), (1.04e-6, "+0.000001"),
     (2e-9, "+2e-09"), (0.004, "+0.004")],
)  # fmt: skip
def test_small_numbers_are_written_out(value, text):
    assert small(value) == text
