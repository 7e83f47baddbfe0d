"""The page of ten firms is that of the run, and what is computed by hand is compared."""

from dataclasses import replace
from pathlib import Path

import pytest

from tools import ten_firms
from tools.ten_firms import Watched
from ydsim.model import Model

PAGE = Path(__file__).parents[2] / "docs" / "ten_firms.md"
MAKE = "python -m tools.ten_firms > docs/ten_firms.md"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lived():
    model = Watched(ten_firms.SCENARIO)
    while model.running:
        model.step()
    return model


def test_the_page_is_up_to_date():
    assert PAGE.is_file(), f"make it with: {MAKE}"
    assert PAGE.read_text(encoding="utf-8") == ten_firms.page(), f"stale page: {MAKE}"


def test_watching_changes_nothing(lived):
    plain = Model(ten_firms.SCENARIO).run().recorder.tables()
    for name, columns in lived.recorder.tables().items():
        for key, values in columns.items():
            assert repr(values.tolist()) == repr(plain[name][key].tolist()), (name, key)


def decided(lived):
    """Decisions of a quarter, and the row of the firm whose research is computed by hand."""
    return lived.decisions[ten_firms.DECISION], lived.row_of(ten_firms.FOLLOWED)


def pressed(lived):
    """Hazards of a quarter, and the generation whose adoption is computed by hand."""
    g, _, quarter = ten_firms._chosen(lived)
    return lived.pressures[quarter], g


RESEARCH = (ten_firms._research, decided, 1.0001, ("log_after", "rd", "researchers"))
ADOPTION = (
    ten_firms.adoption,
    pressed,
    1.001,
    ("gain", "outside", "adopters", "awareness", "rise", "hazard"),
)


@pytest.mark.parametrize(
    ("compare", "of", "factor", "column"),
    [(*case, column) for *case, columns in (RESEARCH, ADOPTION) for column in columns],
)
def test_what_the_model_computes_otherwise_is_noticed(lived, compare, of, factor, column):
    kept, at = of(lived)
    right = kept[at]
    compare(lived)
    kept[at] = replace(right, **{column: getattr(right, column) * factor})
    try:
        with pytest.raises(AssertionError, match="by hand"):
            compare(lived)
    finally:
        kept[at] = right
