"""Pages of text."""

from ydsim.wording import between


def test_a_page_is_changed_between_its_marks_only():
    page = "before <in>old<out> after <in>stays<out>"
    assert between(page, "<in>", "<out>", "new") == (
        "before <in>\n\nnew\n\n<out> after <in>stays<out>"
    )
    for lacks in ("no mark", "<in> no end", "<out> no begin"):
        assert between(lacks, "<in>", "<out>", "new") == lacks
