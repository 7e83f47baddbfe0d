"""Chinese in figures: a font of the system, or English and a line that says what to install."""

import pytest

from ydsim.cli import main
from ydsim.cli.scenario import listed
from ydsim.errors import UsageError
from ydsim.plots import canvas, fonts
from ydsim.plots.canvas import SMALL
from ydsim.translation import catalogue, gettext, speak

CHINESE = (
    "研发经费内部支出，按执行部门分组的全时当量与基础研究经费支出（亿元），以及"
    "2011—2020年平均增速。"
)


@pytest.fixture
def without_font(monkeypatch):
    monkeypatch.setattr(fonts, "chinese", lambda: "")
    fonts.glyphs.cache_clear()
    yield
    fonts.glyphs.cache_clear()


def test_without_a_font_figures_are_in_english_and_say_so_once(without_font):
    with fonts.language_of_figures():
        assert fonts.lacking() == "", "English lacks nothing"
    with speak(catalogue("zh")):
        assert fonts.lacking() == "", "nothing was drawn"
        for _ in range(2):
            with fonts.language_of_figures():
                assert gettext("whole region") == "whole region"
        assert gettext("whole region") == "全区域"
        note = fonts.lacking()
        assert "fonts-noto-cjk" in note
        assert "\n" not in note
        assert fonts.lacking() == "", "said once"
    assert canvas.drawable("研a") == "\u25a1a"


def test_the_note_comes_with_a_figure_and_never_with_a_refusal(without_font, monkeypatch, capsys):
    def notes(code):
        assert main(["list", "--lang", "zh"]) == code
        return capsys.readouterr().err.count("fonts-noto-cjk")

    def drawn(what):
        with fonts.language_of_figures():
            return {what: ""}

    def refused(what):
        drawn(what)
        raise UsageError(what)

    for verb, code, expected in ((listed, 0, 0), (drawn, 0, 1), (refused, 2, 0), (listed, 0, 0)):
        monkeypatch.setattr("ydsim.cli.scenario.listed", verb)
        assert notes(code) == expected


def test_a_font_that_is_there_is_used(monkeypatch):
    if not fonts.chinese():
        pytest.skip("no font with Chinese characters (Debian: apt install fonts-wqy-zenhei)")
    with speak(catalogue("zh")):
        assert fonts.lacking() == ""
        with fonts.language_of_figures():
            assert gettext("whole region") == "全区域"
    assert canvas.drawable("研a") == "研a"
    assert canvas.text_width("研研", SMALL) > 1.5 * canvas.text_width("aa", SMALL)


def test_only_files_that_have_the_signs_count(monkeypatch):
    monkeypatch.setattr(fonts, "CHINESE", (fonts.HOUSE,))
    monkeypatch.setattr(fonts, "findSystemFonts", list)
    assert fonts.chinese.__wrapped__() == ""


def test_chinese_is_broken_between_signs_but_not_before_a_stop(monkeypatch):
    monkeypatch.setattr(canvas, "drawable", str)
    monkeypatch.setattr(canvas, "text_width", lambda text, *_: 0.1 * len(text))
    lines = canvas.wrapped(CHINESE, SMALL, 1.0)
    assert "".join(lines) == CHINESE
    assert len(lines) > 3
    assert not [line for line in lines if line[0] in "，。）" or line[-1] == "（"]
    assert canvas.wrapped("一。 二", SMALL, 5.0) == ["一。二"]
    assert canvas.wrapped("一 二 ab", SMALL, 5.0) == ["一 二 ab"]
