"""The Chinese pages stay beside the English ones: commands, headings, terms."""

import re

import pytest

from tests.support.pages import page
from ydsim.report import MEANINGS, words
from ydsim.translation import catalogue, speak

PAIRS = {
    "../README.md": "zh/README.md",
    "first_hour.md": "zh/first_hour.md",
    "glossary.md": "zh/glossary.md",
}
FENCE = re.compile(r"^```\w+\n.*?^```$", re.M | re.S)


def told(text):
    """Return commands, files and programs of a page, without remarks behind commands."""
    blocks = [block for block in FENCE.findall(text) if not block.startswith("```text")]
    lines = "\n".join(blocks).splitlines()
    lines += re.findall(r"^    (?=python3 |ydsim ).*$", text, re.M)
    return [re.sub(r" +# .*", "", line) for line in lines]


@pytest.mark.parametrize("english", PAIRS)
def test_pages_have_the_same_headings_in_number_and_the_same_commands(english):
    one, other = page(english), page(PAIRS[english])
    levels = [re.findall(r"^#+(?= )", FENCE.sub("", text), re.M) for text in (one, other)]
    assert levels[0] == levels[1]
    assert told(one) == told(other)


def test_the_glossaries_have_the_same_terms():
    english = re.findall(r"^\*\*(.+?)\.\*\*", page("glossary.md"), re.M)
    chinese = re.findall(r"^\*\*[^*（]+（([^）]+)）。\*\*", page("zh/glossary.md"), re.M)
    assert len(english) > 50
    assert [" ".join(term.split()) for term in chinese] == english


def test_the_glossaries_lead_to_the_same_pages():
    english = re.findall(r"\]\(([\w./#-]+)\)", page("glossary.md"))
    chinese = re.findall(r"\]\(\.\./([\w./#-]+)\)", page("zh/glossary.md"))
    assert [link for link in chinese if link != "glossary.md"] == english


def meanings(name):
    """Return what a glossary says of each word, without links, spaces and emphasis."""
    found = re.findall(r"^\*\*(.+?)[.。]\*\*(.+?)(?=\n\n|\Z)", page(name), re.M | re.S)
    return {term: plain(re.sub(r"\[[^]]*\]\([^)]*\)[,、]?", "", said)) for term, said in found}


def plain(text):
    return re.sub(r"[\s*]", "", text)


def test_the_report_and_the_live_page_say_what_the_glossaries_say():
    there = {term: plain(said) for term, said in MEANINGS.items()}
    assert there.items() <= meanings("glossary.md").items()
    with speak(catalogue("zh")):
        shown = words()
    there = {
        f"{word.term}（{term}）": plain(word.meaning)
        for term, word in zip(MEANINGS, shown, strict=True)
    }
    assert there.items() <= meanings("zh/glossary.md").items()
