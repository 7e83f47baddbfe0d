"""Pages of text."""

import pytest

from ydsim.wording import between, small


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
