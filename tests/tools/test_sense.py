"""Parts of the sense table can tell a miss; tests/model/test_defaults.py holds the whole table."""

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tools.sense import SERIES, Runs, counted_row, growth_rows, official_rates
from ydsim.studies.validation import counted_applications
from ydsim.world.loader import load_world

WORLD = load_world("yrd")


def grown(rate):
    """A yearly series of 2011-2025 that grows by ``rate`` in logs."""
    return lambda model, name: np.exp(rate * np.arange(15.0))


def rows(monkeypatch, rate):
    monkeypatch.setattr("tools.sense.yearly", grown(rate))
    model: Any = SimpleNamespace(world=WORLD, settings=SimpleNamespace(start=2011))
    return {row.what: row.holds for row in growth_rows(Runs([model, model]))}


def test_official_rates_are_those_of_the_sums_of_provinces():
    totals = WORLD.series["rd_expenditure"].values[:-1, -5:].sum(axis=0)
    asked = [100.0 * float(np.log(b / a)) for a, b in pairwise(totals)]
    assert official_rates(WORLD, "rd_expenditure") == pytest.approx(asked)
    assert len(official_rates(WORLD, "hitech_enterprises_recognised_in_year")) == 2


def test_a_growth_in_the_range_holds_and_a_stop_or_a_jump_does_not(monkeypatch):
    what = "growth of R&D of the region a year, 2021-23"
    assert rows(monkeypatch, 0.10)[what]
    assert not rows(monkeypatch, 0.0)[what]
    assert not rows(monkeypatch, 0.3)[what]
    assert len(rows(monkeypatch, 0.1)) == len(SERIES)


def test_the_row_of_counted_applications_names_the_three_worst_cities():
    counted = counted_applications()
    simulated = np.full((10, WORLD.n_cities), 1e9)  # the city without figures too
    for city, values in counted.items():
        simulated[:6, WORLD.city_names.index(city)] = values
    assert "log RMSE 0.00, correlation of logs 1.00" in counted_row(WORLD, simulated, 2011).found
    for city, times in {"Hefei": 3.0, "Wuhu": 0.5, "Anqing": 0.1, "Ningbo": 1.1}.items():
        simulated[:, WORLD.city_names.index(city)] *= times
    row = counted_row(WORLD, simulated, 2011)
    assert row.what.endswith("Anqing 0.10, Hefei 3.00, Wuhu 0.50")
    assert "of 40 cities" in row.what
    assert "2012-16" in row.what
    logs = np.log([3.0, 0.5, 0.1, 1.1])
    assert f"log RMSE {np.sqrt((logs**2).sum() / 40):.2f}" in row.found
