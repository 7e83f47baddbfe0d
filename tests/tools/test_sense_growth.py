"""Growth after the data is held against that of the four years before."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from tools import sense as sense_growth
from ydsim.model import Model
from ydsim.world.loader import load_world

WORLD = load_world("yrd")


def grown(rate: float) -> Any:
    """A yearly series of 2011-2025 that grows by ``rate`` in logs."""
    return lambda model, name: np.exp(rate * np.arange(15.0))


def rows(monkeypatch: pytest.MonkeyPatch, rate: float) -> dict[str, bool]:
    monkeypatch.setattr(sense_growth, "yearly", grown(rate))
    model = cast("Model", SimpleNamespace(world=WORLD, settings=SimpleNamespace(start=2011)))
    return {row.what: row.holds for row in sense_growth.growth_rows([model, model])}


def test_official_rates_are_those_of_the_sums_of_provinces() -> None:
    totals = WORLD.series["rd_expenditure"].values[:-1, -5:].sum(axis=0)
    asked = [100.0 * float(np.log(b / a)) for a, b in pairwise(totals)]
    assert sense_growth.official_rates(WORLD, "rd_expenditure") == pytest.approx(asked)
    assert len(sense_growth.official_rates(WORLD, "hitech_enterprises_recognised_in_year")) == 2


def test_a_growth_in_the_range_holds_and_a_stop_or_a_jump_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    what = "growth of R&D of the region a year, 2021-23"
    assert rows(monkeypatch, 0.10)[what]
    assert not rows(monkeypatch, 0.0)[what]
    assert not rows(monkeypatch, 0.3)[what]
    assert len(rows(monkeypatch, 0.1)) == len(sense_growth.SERIES)
