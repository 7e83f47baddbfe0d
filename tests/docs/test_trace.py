"""The page on TRACE: its elements, its links, and figures that are those of the pages it names."""

import re
from pathlib import Path

import pytest

from tests.support.pages import DOCS, page

ROOT = DOCS.parent
ELEMENTS = (
    "Problem formulation", "Model description", "Data evaluation", "Conceptual model evaluation",
    "Implementation verification", "Model output verification", "Model analysis",
    "Model output corroboration",
)  # fmt: skip
FIGURES = (
    ("parameters.md", r"\| all \| (\d+) \|", "Of {} parameters"),
    ("parameters.md", r"\| assumed \| (\d+) \|", "{} are assumed"),
    ("parameters.md", r"\| calibrated \| (\d+) \|", "and {} fitted"),
    ("validation.md", r"train set .+?; (\d+ of \d+) targets are", "training set {} are in range"),
    ("validation.md", r"test set .+?; (\d+ of \d+) targets are", "test set {}"),
    ("signs.md", r"\d+ of (\d+) signs show", "Of {} published signs"),
    ("signs.md", r"(\d+) of \d+ signs show", "signs {} show"),
    ("skill.md", r"With official inputs it is (.+? %\))", "and of {}"),
    ("skill.md", r"shares of the nation kept have (.+? %\))", "errors of {} and of"),
)
"""Page, where it has a figure, and how this page says it."""


def words():
    return " ".join(page("trace.md").split())


def test_the_elements_are_those_of_trace_each_with_its_weak_points():
    text = page("trace.md")
    heads = re.findall(r"^## (\d)\. (.+)$", text, flags=re.MULTILINE)
    assert heads == [(str(n), name) for n, name in enumerate(ELEMENTS, 1)]
    assert text.count("**Done.**") == text.count("**Weak.**") == len(ELEMENTS)
    assert len(text.split()) <= 1500


def test_pages_and_files_that_it_names_are_there():
    text = page("trace.md")
    links = re.findall(r"\]\(([^)#]+)", text)
    assert len(set(links)) > 20
    assert [link for link in links if not (DOCS / link).is_file()] == []
    paths = re.findall(r"`((?:src|tests|docs)/[\w./]+)`", text)
    assert [path for path in paths if not Path(ROOT / path).exists()] == []


@pytest.mark.parametrize(("name", "pattern", "said"), FIGURES)
def test_figures_are_those_of_the_pages(name, pattern, said):
    found = re.search(pattern, " ".join(page(name).split()))
    assert found
    assert said.format(found[1]) in words()
