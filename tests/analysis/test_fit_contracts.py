"""The fit of contracts finds what was planted; the figures it rests on are those of the file."""

from __future__ import annotations

import numpy as np
import pytest

from ydsim.analysis.fit_contracts import SCIENCE_NUMBER, split
from ydsim.world.contract_figures import contract_figure


@pytest.mark.parametrize(("price", "market"), [(2.0, 0.5), (0.1, 3.0), (8.0, 0.01)])
def test_planted_factors_are_found(price: float, market: float) -> None:
    projects, sold = np.array([3.0, 5.0, 9.0]), np.array([20.0, 22.0, 60.0])
    official = price * projects + market * sold
    part = price * projects.sum() / official.sum()
    found = split(projects, sold, official, part)
    assert found == pytest.approx((price, market), rel=1e-12)


def test_part_and_mean_log_hold_whatever_the_shape() -> None:
    projects, sold = np.array([1.0, 7.0]), np.array([4.0, 4.0])
    official = np.array([100.0, 10.0])
    a, b = split(projects, sold, official, 0.3)
    assert a * projects.sum() / (a * projects + b * sold).sum() == pytest.approx(0.3)
    assert np.log((a * projects + b * sold) / official).mean() == pytest.approx(0.0, abs=1e-12)


def test_the_part_of_science_by_number_is_that_of_the_file() -> None:
    science = sum(
        contract_figure("seller", who, "number_first_half", 2020)
        for who in ("universities", "institutes")
    )
    whole = contract_figure("total", "total", "number_first_half", 2020)
    assert science / whole == pytest.approx(SCIENCE_NUMBER, abs=0.005)


def test_a_figure_that_is_not_there_is_named() -> None:
    with pytest.raises(LookupError, match="China, 1999, seller, firms, value_share"):
        contract_figure("seller", "firms", "value_share", 1999)
