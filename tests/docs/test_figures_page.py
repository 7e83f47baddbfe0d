"""The page on figures: its table is that of the catalogue, and its commands and Python work."""

import re
import shlex

from tests.support.pages import page, section
from ydsim.cli import command
from ydsim.plots.catalogue import KINDS, OPTIONS
from ydsim.plots.drawing import kind_of

PAGE = page("figures.md")


def commands() -> list[list[str]]:
    """Return the words of every `ydsim plot` on the page, those of the table included."""
    shown = re.findall(r"^\$ (ydsim plot .+)$", PAGE, flags=re.MULTILINE)
    shown += re.findall(r"`(ydsim plot .+?)`", section(PAGE, "All kinds"))
    return [shlex.split(line, comments=True)[2:] for line in shown]


def test_commands_parse_and_their_options_are_those_of_their_kind():
    parser = command("plot")
    assert len(commands()) >= len(KINDS)
    for words in commands():
        given = parser.make_context("plot", list(words)).params
        kinds = [kind_of(name) for name in given["kind"] or ()]
        taken = {option for kind in kinds for option in kind.options}
        asked = {name for name in OPTIONS if given[name] is not None}
        assert not kinds or asked <= taken, words
