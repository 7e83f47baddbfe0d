"""Catalogues are whole: every sentence is translated, with its fields, and compiled."""

import pytest
from babel.messages.catalog import Catalog

from tools import translate
from tools.translate import Sentence, problems
from ydsim.translation import FOLDERS, catalogue, gettext, ngettext, pgettext, speak

LANGUAGES = [name for name, folder in FOLDERS.items() if folder]


@pytest.fixture
def one_sentence(tmp_path, monkeypatch):
    """Return a function that writes a catalogue of one sentence, and says what it lacks."""
    monkeypatch.setattr(translate, "LOCALE", tmp_path)
    monkeypatch.setattr(translate, "messages", lambda: {Sentence("{n} of {m}"): ["a.py"]})
    file = translate.file_of("zh")
    file.parent.mkdir(parents=True)

    def lacks(string: str, message: str = "{n} of {m}", *flags: str, compiled: bool = True):
        made = Catalog(locale="zh_CN")
        made.add(message, string, flags=flags)
        file.write_bytes(translate.as_po(made))
        mo = translate.as_mo(translate.read("zh")) if compiled else b""
        file.with_suffix(".mo").write_bytes(mo)
        return [*problems("zh")]

    return lacks


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_missing_fuzzy_or_stale(language):
    assert [*problems(language)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_is_what_the_tool_writes(language):
    assert translate.as_po(translate.updated(language)) == translate.file_of(language).read_bytes()


def test_what_a_catalogue_may_lack(one_sentence):
    assert one_sentence("{m}中的{n}") == []
    for string, message, flags in [
        ("", "{n} of {m}", ()),
        ("{m}中的", "{n} of {m}", ()),
        ("{m}中的{n}{k}", "{n} of {m}", ()),
        ("{m}中的{n}", "{n} of {m}", ("fuzzy",)),
    ]:
        assert len(one_sentence(string, message, *flags)) == 1
    assert len(one_sentence("{m}中的{n}", compiled=False)) == 1
    assert len(one_sentence("{m}", "{m} is gone")) == 2, "one is missing, one is of no use"


def test_sentences_are_found_wherever_they_stand():
    found = translate.messages()
    assert "cli/run.py" in found[Sentence("{n} point")]
    assert found[Sentence("Contents")] == ["report/templates/report.html.j2"]
    assert Sentence("firms", "unit") in found
    assert Sentence(("{n} replicate", "{n} replicates")) in found
    assert Sentence("{n} replicate") not in found
    places = translate.places()
    assert (places["Suzhou"], places["Suzhou (Anhui)"], places["Zhejiang"]) == (
        "苏州",
        "宿州",
        "浙江",
    )


def test_words_of_one_form_or_of_several_senses():
    assert (gettext(""), pgettext("unit", "firms"), gettext("firms")) == ("", "firms", "firms")
    with speak(catalogue("zh")):
        assert gettext("") == ""
        assert (pgettext("unit", "firms"), gettext("firms")) == ("家", "企业")
        assert gettext("{n} replicate") == ngettext("{n} replicate", "{n} replicates", 1)
        assert gettext("a sentence of nobody") == "a sentence of nobody"
