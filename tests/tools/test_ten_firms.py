"""The page of ten firms is that of the run, and what is computed by hand is compared."""

from dataclasses import replace
from pathlib import Path

import pytest

from tools import ten_firms
from tools.ten_firms import Watched
from ydsim.model import Model

PAGE = Path(__file__).parents[2] / "docs" / "ten_firms.md"
MAKE = "python -m tools.ten_firms > docs/ten_firms.md"


@pytest.fixture(scope="module")
def lived():
    model = Watched(ten_firms.SCENARIO)
    while model.running:
        model.step()
    return model


@pytest.mark.slow
def test_the_page_is_up_to_date():
    assert PAGE.is_file(), f"make it with: {MAKE}"
    assert PAGE.read_text(encoding="utf-8") == ten_firms.page(), f"stale page: {MAKE}"


@pytest.mark.slow
def test_watching_changes_nothing(lived):
    plain = Model(ten_firms.SCENARIO).run().recorder.tables()
    for name, columns in lived.recorder.tables().items():
        for key, values in columns.items():
            assert repr(values.tolist()) == repr(plain[name][key].tolist()), (name, key)


@pytest.mark.slow
@pytest.mark.parametrize("column", ["log_after", "rd", "researchers"])
def test_a_decision_that_the_model_makes_otherwise_is_noticed(lived, column):
    row = lived.row_of(ten_firms.FOLLOWED)
    right = lived.decisions[ten_firms.DECISION][row]
    wrong = replace(right, **{column: getattr(right, column) * 1.0001})
    ten_firms._research(lived)
    lived.decisions[ten_firms.DECISION][row] = wrong
    try:
        with pytest.raises(AssertionError, match="by hand"):
            ten_firms._research(lived)
    finally:
        lived.decisions[ten_firms.DECISION][row] = right


@pytest.mark.slow
@pytest.mark.parametrize("column", ["gain", "outside", "adopters", "awareness", "rise", "hazard"])
def test_a_hazard_that_the_model_raises_otherwise_is_noticed(lived, column):
    g, _, quarter = ten_firms._chosen(lived)
    right = lived.pressures[quarter][g]
    wrong = replace(right, **{column: getattr(right, column) * 1.001})
    ten_firms.adoption(lived)
    lived.pressures[quarter][g] = wrong
    try:
        with pytest.raises(AssertionError, match="by hand"):
            ten_firms.adoption(lived)
    finally:
        lived.pressures[quarter][g] = right
