"""The table of messages, and figures as bytes."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest
from matplotlib.figure import Figure

import ydsim.plots.messages as messages
from ydsim.errors import UsageError
from ydsim.plots.messages import say, speak, unit_beside
from ydsim.plots.page import save_bytes

ROOM = Path(messages.__file__).parent
FAMILIES = sorted(path.stem for path in ROOM.glob("*.py") if path.stem != "__init__")


def table_of(family: str) -> dict[str, str]:
    module = __import__(f"ydsim.plots.messages.{family}", fromlist=["MESSAGES"])
    return dict(module.MESSAGES)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_key_begins_with_its_module_and_its_message_can_be_filled(family: str) -> None:
    for key, message in table_of(family).items():
        assert key.startswith(f"{family}."), key
        assert message, key
        for _, field, _, _ in Formatter().parse(message):
            assert field is None or re.fullmatch(r"[a-z_0-9]+", field), (key, field)


def patterns() -> list[str]:
    """Every text in code that may be a key, as a pattern: what is filled in matches anything."""
    files = [path for path in ROOM.parents[1].rglob("*.py") if path.parent != ROOM]
    found = set()
    for node in (node for path in files for node in ast.walk(ast.parse(path.read_text()))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(re.escape(node.value))
        elif isinstance(node, ast.JoinedStr):
            parts = [re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+"
                     for part in node.values]  # fmt: skip
            found.add("".join(parts))
    return [pattern for pattern in found if "\\." in pattern and " " not in pattern]


@pytest.mark.slow
def test_every_message_is_used() -> None:
    written = re.compile("|".join(f"(?:{pattern})" for pattern in patterns() if len(pattern) > 4))
    keys = [key for family in FAMILIES for key in table_of(family)]
    assert [key for key in keys if not written.fullmatch(key)] == []


def test_another_language_needs_no_drawing_code() -> None:
    plain = say("units.share")
    with speak({"units.share": "Anteil"}):
        assert say("units.share") == "Anteil"
    assert say("units.share") == plain
    with pytest.raises(KeyError), speak({"units.shore": "Anteil"}):
        pass


def test_a_unit_does_not_repeat_the_name_beside_it() -> None:
    assert unit_beside("certified high-tech firms", "firms") == "number"
    assert unit_beside("Firms founded", "firms", "flow") == "number a year"
    assert unit_beside("spin-offs of universities", "firms", "flow") == "firms a year"
    assert unit_beside("firms", "strange unit") == "strange unit"


def test_width_scales_and_bytes_are_equal() -> None:
    figure = Figure(figsize=(2.0, 1.0))
    figure.add_subplot().plot([1, 2])
    assert save_bytes(figure, dpi=50) == save_bytes(figure, dpi=50)
    assert save_bytes(figure, dpi=50)[16:24] == (100).to_bytes(4) + (50).to_bytes(4)
    assert save_bytes(figure, dpi=50, width=4.0)[16:24] == (200).to_bytes(4) + (100).to_bytes(4)
    wide = save_bytes(figure, "svg", width=4.0)
    assert b'width="288pt"' in wide
    assert b'height="144pt"' in wide
    assert b'viewBox="0 0 144 72"' in wide
    with pytest.raises(UsageError, match="PDF"):
        save_bytes(figure, "pdf", width=4.0)
    with pytest.raises(UsageError, match="jpg"):
        save_bytes(figure, "jpg")
