"""Chinese in figures: a font of the system, or English and a line that says what to install."""

import pytest

from ydsim.cli import main
from ydsim.cli.scenario import listed
from ydsim.errors import UsageError
from ydsim.plots import canvas
from ydsim.plots.canvas import SMALL
from ydsim.translation import catalogue, gettext, speak

CHINESE = (
    "研发经费内部支出，按执行部门分组的全时当量与基础研究经费支出（亿元），以及"
    "2011—2020年平均增速。"
)


@pytest.fixture
def without_font(monkeypatch):
    monkeypatch.setattr(canvas, "chinese", lambda: "")
    canvas.glyphs.cache_clear()
    yield
    canvas.glyphs.cache_clear()


def test_without_a_font_figures_are_in_english_and_say_so_once(without_font):
    with canvas.language_of_figures():
        assert canvas.lacking() == "", "English lacks nothing"
    with speak(catalogue("zh")):
        assert canvas.lacking() == "", "nothing was drawn"
        for _ in range(2):
            with canvas.language_of_figures():
                assert gettext("whole region") == "whole region"
        assert gettext("whole region") == "全区域"
        note = canvas.lacking()
        assert "fonts-noto-cjk" in note
        assert "\n" not in note
        assert canvas.lacking() == "", "said once"
    assert canvas.drawable("研a") == "\u25a1a"


def test_the_note_comes_with_a_figure_and_never_with_a_refusal(without_font, monkeypatch, capsys):
    def notes(code):
        assert main(["list", "--lang", "zh"]) == code
        return capsys.readouterr().err.count("fonts-noto-cjk")

    def drawn(what):
        with canvas.language_of_figures():
            return {what: ""}

    def refused(what):
        drawn(what)
        raise UsageError(what)

    for verb, code, expected in ((listed, 0, 0), (drawn, 0, 1), (refused, 2, 0), (listed, 0, 0)):
        monkeypatch.setattr("ydsim.cli.scenario.listed", verb)
        assert notes(code) == expected


def test_a_font_that_is_there_is_used(monkeypatch):
    if not canvas.chinese():
        pytest.skip("no font with Chinese characters (Debian: apt install fonts-wqy-zenhei)")
    with speak(catalogue("zh")):
        assert canvas.lacking() == ""
        with canvas.language_of_figures():
            assert gettext("whole region") == "全区域"
    assert canvas.drawable("研a") == "研a"
    assert canvas.text_width("研研", SMALL) > 1.5 * canvas.text_width("aa", SMALL)


def test_only_files_that_have_the_signs_count(monkeypatch):
    monkeypatch.setattr(canvas, "CHINESE", (canvas.HOUSE,))
    monkeypatch.setattr(canvas, "findSystemFonts", list)
    assert canvas.chinese.__wrapped__() == ""


def test_chinese_is_broken_between_signs_but_not_before_a_stop(monkeypatch):
    monkeypatch.setattr(canvas, "drawable", str)
    monkeypatch.setattr(canvas, "text_width", lambda text, *_: 0.1 * len(text))
    lines = canvas.wrapped(CHINESE, SMALL, 1.0)
    assert "".join(lines) == CHINESE
    assert len(lines) > 3
    assert not [line for line in lines if line[0] in "，。）" or line[-1] == "（"]
    assert canvas.wrapped("一。 二", SMALL, 5.0) == ["一。二"]
    assert canvas.wrapped("一 二 ab", SMALL, 5.0) == ["一 二 ab"]
