"""Event studies: planted profiles, placebos, the fit with dummies, what cannot be told."""

import numpy as np
import pytest

from tests.support.panels import coverage, events, least_squares
from ydsim.analysis.estimators.event_study import event_study, lead_or_lag

NAMES = ("y", "event", "unit", "year")


def decline(k):
    """Losing a partner: -.16 after eight years, by degrees."""
    return -0.02 * min(k, 8)


def test_by_hand():
    """One treated, two controls: differences from the year before, less those of the controls."""
    table = {
        "unit": ["a"] * 4 + ["b"] * 4 + ["c"] * 4,
        "year": [2000, 2001, 2002, 2003] * 3,
        "event": [2002.0] * 4 + [np.nan] * 8,
        "y": [1.0, 3.0, 9.0, 12.0, 5.0, 6.0, 7.0, 8.0, 1.0, 2.0, 1.0, 4.0],
    }
    found = event_study(table, *NAMES, window=(-2, 1))
    assert found.names == ("-2", "+0", "+1")
    np.testing.assert_allclose(found.coefficient, [(1 - 3) - (-1), 6 - 0, 9 - 2], atol=1e-9)


def test_by_hand_poisson():
    table = {
        "unit": ["a"] * 3 + ["b"] * 3 + ["c"] * 3,
        "year": [2000, 2001, 2002] * 3,
        "event": [2001.0] * 3 + [np.nan] * 6,
        "y": [4.0, 6.0, 2.0, 3.0, 3.0, 9.0, 3.0, 3.0, 9.0],
    }
    found = event_study(table, *NAMES, window=(-1, 1), poisson=True)
    np.testing.assert_allclose(found.coefficient, np.log([6 / 4, (2 / 4) / (9 / 3)]), atol=1e-7)


def test_it_is_the_fit_with_dummies_and_says_what_lies_outside():
    table = events(1, decline)
    found = event_study(table, *NAMES, window=(-3, 4))
    k = table["year"] - table["event"]
    kept = np.isnan(k) | ((k >= -3) & (k <= 4))
    assert found.dropped[0] == f"{int((~kept).sum())} rows outside (-3, 4)"
    x = np.column_stack([k[kept] == lag for lag in (-3, -2, 0, 1, 2, 3, 4)]).astype(float)
    unit, year = table["unit"][kept], table["year"][kept]
    b, v = least_squares(table["y"][kept], x, unit, year, cluster=unit, k=7 + 1 + 11)
    np.testing.assert_allclose(found.coefficient, b, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(found.covariance, v, rtol=1e-7, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("counts", [False, True])
def test_planted_profile_and_placebo(counts):
    years = {"years": 14, "counts": counts, "units": 60}
    options = {"window": (-4, 8), "poisson": counts}
    found = [event_study(events(s, decline, date=2005, **years), *NAMES, **options)
             for s in range(50)]  # fmt: skip
    for k in (-4, -2, 0, 4, 8):
        name = lead_or_lag(k)
        true = decline(k) if k >= 0 else 0.0
        assert coverage([f[name] for f in found], true) >= 0.84
    means = np.mean([f.coefficient for f in found], axis=0)
    by = dict(zip(found[0].names, means, strict=True))
    assert by["+8"] == pytest.approx(-0.16, abs=0.05)
    assert by["+1"] > by["+8"] + 0.05
    assert by["-3"] == pytest.approx(0.0, abs=0.05)


def test_a_trend_that_foresees_the_event_shows_before_it():
    table = events(2, decline, units=80)
    ahead = np.nan_to_num(table["year"] - table["event"], nan=0.0)
    table["y"] = table["y"] + 0.2 * ahead * np.isfinite(table["event"])
    found = event_study(table, *NAMES, window=(-4, 4))
    assert not found["-4"].holds(0.0)


def test_further_regressors_and_other_effects():
    table = events(3, lambda k: 0.3)
    draw = np.random.default_rng(1)
    table["x"], table["field"] = draw.normal(0, 1, len(table["y"])), table["unit"] % 2
    table["y"] = table["y"] + 0.5 * table["x"]
    found = event_study(
        table, *NAMES, window=(-2, 3), regressors=["x"], effects=["unit", ("field", "year")]
    )
    assert found.names[-1] == "x"
    assert found["x"].holds(0.5)
    assert found["+2"].holds(0.3)


def test_a_year_that_nobody_has_is_nan():
    found = event_study(events(4, decline), *NAMES, window=(-4, 9))
    assert np.isnan(found["+9"].estimate)
    assert np.isfinite(found["+5"].estimate)


def test_without_controls_it_is_an_error():
    table = events(5, decline, share=1.0)
    table["event"] = 2004.0 + table["unit"] % 3
    with pytest.raises(ValueError, match="units without an event are needed in the same years"):
        event_study(table, *NAMES, window=(-3, 3))


@pytest.mark.parametrize(
    ("change", "window", "message"),
    [
        ({}, (0, 3), "must hold -1"),
        ({}, (-1, -1), "must hold -1"),
        ({"event": np.full(480, np.nan)}, (-2, 2), "column 'event': no unit has an event within"),
        ({"event": np.full(480, 1900.0)}, (-2, 2), "column 'event': no unit has an event within"),
        ({"event": np.full(480, 2004.5)}, (-2, 2), "column 'event' must hold whole years"),
        ({"event": 2000.0 + np.arange(480)}, (-2, 2), "column 'event' has two dates for unit 0"),
        ({"year": np.full(480, np.nan)}, (-2, 2), "column 'year' must hold whole years"),
    ],
)
def test_bad_input_gets_one_line(change, window, message):
    with pytest.raises(ValueError, match=message):
        event_study({**events(6, decline), **change}, *NAMES, window=window)


def test_unknown_columns_are_named():
    with pytest.raises(ValueError, match="unknown column 'evnt'; did you mean 'event'"):
        event_study(events(6, decline), "y", "evnt", "unit", "year")
    with pytest.raises(ValueError, match="unknown column 'yy'"):
        event_study(events(6, decline), "yy", "event", "unit", "year")
