"""What is lost without collaboration, and what more of it adds: settings, expectations, page."""

import argparse

import numpy as np
import pytest

from tools import collaboration as page
from tools.pairs import run

ENDS = [end for _, end in page.PERIODS]


def made(**changes):
    """Values of three replicates: a share of 2 per cent across provinces, changed by setting."""
    plain = {page.ACROSS: 20.0, page.ALL: 1000.0, page.LAUNCHES: 100.0, page.PRODUCTIVITY: 0.5}
    noise = {name: np.array([0.99, 1.0, 1.01]) * value for name, value in plain.items()}
    values = {
        setting: {page.at(name, end): of.copy() for name, of in noise.items() for end in ENDS}
        for setting in (page.BASELINE, *page.WITHOUT, *page.BORDERS)
    }
    for setting in page.BORDERS:
        for name, factor in changes.items():
            values[setting][page.at(name, ENDS[-1])] *= factor
    return values


def test_what_is_expected_is_the_product_of_four():
    assert page.expected(0.01, 125.0) == pytest.approx((0.01 * 125 * 0.24, 0.01 * 125 * 1.2))


def test_an_interval_is_inside_beyond_or_neither():
    row = page.expectations(made(**{page.ACROSS: 2.25, page.ALL: 1.01}))[0]
    assert row[1:4] == [page.ALL, "2.00 % of all, +125 %", "+0.60 to +3.00"]
    assert (row[4], row[5]) == ("+1.00 [+1.00, +1.00]", "inside")
    values = made(**{page.ACROSS: 2.25, page.ALL: 1.01})
    values["joint work"][page.at(page.ALL, ENDS[-1])][1] *= 1.03  # a wide interval
    assert page.expectations(values)[0][5] == "undecided"
    for factor in (1.0, 1.04):
        assert page.expectations(made(**{page.ACROSS: 2.25, page.ALL: factor}))[0][5] == "outside"


def test_open_markets_let_expect_more_of_productivity():
    rows = page.expectations(made(**{page.PRODUCTIVITY: 1.02}))
    found = {(row[0], row[1]): (row[3], row[5]) for row in rows}
    assert found["joint work", page.PRODUCTIVITY] == ("+0.10 to +0.75", "outside")
    with_goods = found["joint work, knowledge and goods", page.PRODUCTIVITY]
    assert with_goods == ("+0.50 to +2.00", "inside")


def test_borders_are_lowered_by_channel_alone():
    settings = page.settings()
    assert settings[page.BASELINE] == {}
    all_three = settings["joint work, knowledge and goods"]
    found = {p["channels"][0]: p["passes"] for p in all_three.values()}
    assert found == page.RAISED
    assert settings["joint work"].items() <= all_three.items()


@pytest.mark.slow
def test_nothing_is_left_of_what_is_abolished_and_lower_borders_add_joint_work(tmp_path):
    options = argparse.Namespace(
        scenario="baseline", scale=0.01, end=2022, replicates=1, jobs=2, out=tmp_path / "runs"
    )
    runs = run("test", options, page.settings(), changes={"reference": "defaults"})
    values = page.measure(runs)
    for end in ENDS:
        across = {setting: of[page.at(page.ACROSS, end)] for setting, of in values.items()}
        assert (across["joint projects"] == 0.0).all()
        assert (across["work across provinces"] <= 0.1 * across[page.BASELINE]).all()
        assert (across["joint work"] > across[page.BASELINE]).all()
    doubled = {s: {k: np.repeat(v, 2) for k, v in of.items()} for s, of in values.items()}
    text = page.as_markdown(doubled, [])
    assert text.count("| joint work, knowledge and goods |") == 6
