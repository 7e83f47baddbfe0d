"""The page of the first hour prints what its commands print, and so does the Chinese one."""

import re

import pytest

from tests.support.pages import DOCS
from tools import first_hour
from tools.first_hour import PAGES, PageError, filled, pictures, small, steps, worked_through

ENGLISH, CHINESE = (path.read_text(encoding="utf-8") for path in PAGES)
MAKE = "python -m tools.first_hour"
LIMIT = 100_000
"""Bytes of a picture."""


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_pages_print_what_the_commands_print(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    printed = worked_through(ENGLISH, tmp_path)
    for page in (ENGLISH, CHINESE):
        assert filled(page, printed, compared=True) == page, f"stale page: {MAKE}"
    for name in pictures(ENGLISH):
        assert (tmp_path / f"{name}.png").stat().st_size > 10_000


@pytest.mark.parametrize("page", [ENGLISH, CHINESE])
def test_every_output_is_on_the_pages(page):
    assert "```text\n```" not in page
    marked = r"^(?:<!-- (.*?) -->\n)?```console\n(.*?)^```$"
    for mark, inside in re.findall(marked, page, re.M | re.S):
        last = inside.splitlines()[-1]
        assert last.startswith("$ ") == (mark == "shown: none" or "ydsim" not in inside), inside


def test_both_pages_tell_to_do_the_same():
    assert steps(ENGLISH) == steps(CHINESE)
    assert pictures(ENGLISH) == pictures(CHINESE) != []
    fences = [re.findall(r"^```.*?^```$", page, re.M | re.S) for page in (ENGLISH, CHINESE)]
    assert fences[0] == fences[1]


def test_its_pictures_are_few_and_small():
    assert len(pictures(ENGLISH)) <= 3
    for name in pictures(ENGLISH):
        assert (DOCS / f"first_hour_{name}.png").stat().st_size < LIMIT


PAGE = """
<!-- shown: ^b -->
```console
$ cd somewhere
$ ydsim list worlds
old
```

<!-- varies -->
```console
$ ydsim --version
12 s
```

Save it as `my.yaml`:

```yaml
a: 1
```

```python
print(open("my.yaml").read())
```

```text
old
```

![picture](first_hour_one.png)
"""


def test_outputs_go_where_they_were_printed():
    page = filled(PAGE, ["a 1\n\nb 2\nc 3  \n\nd\n", "13 s\n", "a: 1\n"])
    assert "$ cd somewhere\n$ ydsim list worlds\n...\nb 2\nc 3\n...\n```" in page
    assert "$ ydsim --version\n13 s\n```" in page
    assert "```text\na: 1\n```" in page
    assert "old" not in page
    assert filled(page, ["b 2\nc 3", "14 s", "a: 1\n"], compared=True).count("13 s") == 1
    with pytest.raises(PageError):
        filled(PAGE, ["a"] * 4)


def test_steps_are_commands_of_ours_files_and_programs(tmp_path):
    assert [(step.kind, step.file) for step in steps(PAGE)] == [
        ("command", ""), ("command", ""), ("yaml", "my.yaml"), ("python", ""),
    ]  # fmt: skip
    assert pictures(PAGE) == ["one"]
    short = PAGE.replace("list worlds", "list worlds\n$ ydsim list nothing")
    with pytest.raises(PageError, match="list nothing"):
        worked_through(short, tmp_path)


@pytest.mark.slow
def test_pictures_lose_bytes_and_keep_their_form():
    import io

    import numpy as np
    from PIL import Image

    drawn, out = np.zeros((400, 1200, 3), dtype=np.uint8), io.BytesIO()
    drawn[:, 300:] = np.random.default_rng(1).integers(0, 255, (400, 900, 3))
    Image.fromarray(drawn).save(out, "PNG")
    with Image.open(io.BytesIO(small(out.getvalue()))) as picture:
        assert picture.size == (900, 300)
        assert len(picture.getcolors()) <= 128
    assert len(small(out.getvalue())) < len(out.getvalue()) / 3
    assert first_hour.PAGES[0].parent == DOCS
