"""The notebooks show what is stored in them, and nothing of a machine."""

import json
import re

import pytest

from tools import notebooks

STEMS = [path.stem for path in notebooks.paths()]
LIMIT = 150_000
"""Bytes of a notebook with all that it shows."""


def stored(stem):
    return notebooks.read(notebooks.FOLDER / f"{stem}.ipynb")


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("stem", STEMS)
def test_a_notebook_shows_what_is_stored(stem, tmp_path):
    pytest.importorskip("nbclient")
    made = notebooks.executed(notebooks.FOLDER / f"{stem}.ipynb", tmp_path)
    again = f"stale: python -m tools.notebooks {stem}"
    assert notebooks.texts(made) == notebooks.texts(stored(stem)), again


def test_there_are_four_and_each_shows_text_a_bar_and_a_picture():
    assert len(STEMS) == 4
    for stem in STEMS:
        shown = [text for cell in notebooks.texts(stored(stem)) for text in cell]
        assert any(re.fullmatch(r"\d+/\d+ runs, 100 %", text) for text in shown), stem
        assert stem == "own_policy" or "<picture>" in shown
        assert len(shown) >= 4


@pytest.mark.parametrize("stem", STEMS)
def test_what_is_stored_is_tidy_and_small(stem):
    path = notebooks.FOLDER / f"{stem}.ipynb"
    text = path.read_text(encoding="utf-8")
    assert notebooks.tidy(stored(stem), bytes) == stored(stem)
    assert len(text) < LIMIT
    assert not re.search(r"/tmp|/home|/root|\.py:\d|0x[0-9a-f]{6}|20\d\d-\d\d-\d\d", text)
    ids = [cell["id"] for cell in stored(stem)["cells"]]
    assert len(set(ids)) == len(ids)


def test_a_notebook_becomes_a_page_with_its_pictures():
    text, pictures = notebooks.page(notebooks.FOLDER / "what_if.ipynb")
    assert text.startswith("# What if?")
    assert "```python\nimport ydsim\n" in text
    assert set(re.findall(r"\((what_if_\d\.png)\)", text)) == set(pictures)
    assert all(drawn.startswith(b"\x89PNG") for drawn in pictures.values())


def test_outputs_lose_times_paths_and_remarks():
    outputs = [
        {"output_type": "stream", "name": "stderr", "text": "/tmp/x.py:3: UserWarning"},
        {"output_type": "stream", "name": "stdout", "text": "a\nb\n"},
        {
            "output_type": "execute_result",
            "execution_count": 7,
            "metadata": {"x": 1},
            "data": {"text/html": "<b>c</b>", "text/plain": "c"},
        },
    ]
    cell = {"cell_type": "code", "id": "one", "source": "x\n", "execution_count": 3}
    cell |= {"metadata": {"execution": {"iopub.status.busy": "now"}}, "outputs": outputs}
    book = notebooks.tidy({"cells": [cell], "metadata": {"language_info": {"version": "3.11.7"}}})
    assert notebooks.texts(book) == [["a\nb\n", "c"]]
    for lost in ("now", "3.11.7", "html", "Warning", "7"):
        assert lost not in json.dumps(book).replace('"name": "python"', "")
