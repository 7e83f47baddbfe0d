"""The model in fifteen minutes: every phase, equations of the model's pages, marks that hold."""

import re

import pytest

from tests.support.pages import page, rows, section, submodels
from tools.drawings import DOES, phases, quarter, words
from ydsim.parameter import rows_of

NAME = "fifteen_minutes.md"
TEXT = page(NAME)
SECTIONS = {part.partition("\n")[0]: part for part in re.split(r"^## ", TEXT, flags=re.M)[1:]}
PHASES = {f"{n}. {words(phase)}": phase for n, phase in enumerate(phases(), start=1)}
LONGEST = 2500


def pages(text: str) -> set[str]:
    return set(re.findall(r"\]\((odd/\w+\.md)", text))


def equations(text: str) -> list[str]:
    return [" ".join(line.split()) for line in re.findall(r"^    (\S.*|  +\S.*)$", text, re.M)]


def test_every_phase_has_its_section_in_the_order_of_the_model():
    assert [title for title in SECTIONS if title[0].isdigit()] == list(PHASES)


def test_a_section_links_all_pages_of_its_phase():
    table = rows(section(page("odd.md"), "3. Process overview and scheduling"))
    schedule = {row[1].strip("`_"): pages(row[3]) for row in table}
    for title, phase in PHASES.items():
        assert schedule[phase] - pages(SECTIONS[title]) == set(), title
    assert set(submodels()) - pages(TEXT) == set()


@pytest.mark.parametrize("title", PHASES)
def test_equations_stand_on_the_pages_that_the_section_links(title):
    known = {line for name in pages(SECTIONS[title]) for line in equations(page(name))}
    quoted = equations(SECTIONS[title])
    assert quoted or title == "14. Record"
    assert [line for line in quoted if line not in known] == []


def test_marks_and_sources_are_those_of_the_parameters():
    said = re.findall(r"`(\w+\.\w+)` \((\w+)(?:: ([^)]+))?\)", " ".join(TEXT.split()))
    assert len(said) > 30
    keys = rows_of("ydsim.scenario.schema", "parameters.csv")
    for key, mark, source in said:
        assert (keys[key]["mark"], source in keys[key]["source"]) == (mark, True), key


def test_a_quarter_of_an_hour_is_enough():
    assert len(TEXT.split()) <= LONGEST


def test_the_drawing_has_every_phase():
    assert set(DOES) == set(phases())
    drawn = {text.get_text() for text in quarter().axes[0].texts}
    assert {f"{n} {words(phase)}" for n, phase in enumerate(phases(), start=1)} <= drawn
