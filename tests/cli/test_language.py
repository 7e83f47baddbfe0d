"""``--lang`` and ``YDSIM_LANG``: which language a command speaks, and what stays as it is."""

import re

import pytest

from ydsim.cli import main


@pytest.fixture(autouse=True)
def _no_language(monkeypatch):
    monkeypatch.delenv("YDSIM_LANG", raising=False)


@pytest.mark.parametrize("line", ["--lang zh plot", "plot --lang zh", "plot --lang=zh_CN.UTF-8"])
def test_a_command_speaks_chinese(command, line):
    assert command.refused(line) == "error: 请给出要绘图的结果文件夹，或使用 --list\n"
    assert "results folder" in command.refused("plot"), "and the next one English again"


def test_the_variable_does_the_same_and_the_option_counts_more(command, monkeypatch):
    for name in ("zh", "zh_CN", "zh_CN.UTF-8", "zh-Hans", "ZH"):
        monkeypatch.setenv("YDSIM_LANG", name)
        assert "请给出" in command.refused("plot")
        assert "give a" in command.refused("plot --lang en")
    for name in ("", "en", "en_GB.UTF-8"):
        monkeypatch.setenv("YDSIM_LANG", name)
        assert "give a" in command.refused("plot")


@pytest.mark.parametrize("line", ["--lang de plot", "plot --lang=de", "--lang", "plot --lang ''"])
def test_an_unknown_language_is_refused(command, line):
    said = command.refused(line)
    assert re.search(r"\ben\b.*\bzh\b", said)


def test_an_unknown_language_of_the_variable_is_refused(command, monkeypatch):
    monkeypatch.setenv("YDSIM_LANG", "klingon\x1b[31m" * 9)
    said = command.refused("list")
    assert re.search(r"YDSIM_LANG .*\bzh\b", said)
    assert len(said) < 200


def test_what_follows_two_dashes_is_no_option(command):
    assert command.refused("export -- --lang", code=5)


def test_names_of_columns_and_keys_stay(command):
    plain, zh = command.json("list indicators"), command.json("list indicators --lang zh")
    assert list(plain) == list(zh)
    assert main(["--lang", "zh", "--version"]) == 0
