"""Transfer: each forecast is what its formula says, and a region that was fitted is refused."""

import math

import numpy as np
import pandas as pd
import pytest

from tests.support.numbers import close, rng
from ydsim.errors import ResultsError, UsageError
from ydsim.measures import forecasts
from ydsim.studies import skill, transfer
from ydsim.studies.study import Facts
from ydsim.studies.transfer import BARE, FORECASTERS, KEPT, LEVELS, SCORED, Printed, Transfer

YEARS, PLACES = 10, ("East", "West", "whole")
F, Q, R = len(SCORED), len(PLACES), 3
FACTS = Facts("made", "made", "made up", None, (2011, 2020), R, 0, 1)


def made(*, off=0.0, growth=0.0):
    """Figures that grow evenly, and runs that are off by a level and a growth (1/year)."""
    draw, t = rng(3), np.arange(YEARS)
    level = draw.uniform(3.0, 9.0, (F, Q, 1))
    known = level + draw.uniform(0.02, 0.2, (F, Q, 1)) * t
    runs = (known + off + growth * t)[:, :, None] + np.array([-0.1, 0.0, 0.1])[:, None]
    sold = {name: np.full((R, YEARS), 2.0) for name in PLACES[:-1]}
    nation = np.full((F, YEARS), 8.0) + 0.1 * t
    printed = (Printed("West", 2013, 2015, 5.0, "as printed"),)
    return Transfer(FACTS, PLACES, known, nation, runs, sold, printed)


def errors(study, name):
    scores = study.scores
    return scores.loc[scores["forecaster"] == name, ["median", "bias"]].to_numpy()


def test_runs_that_are_right_have_no_error():
    close(errors(made(), BARE), 0.0, atol=1e-9)
    assert set(made().growth["order"]) == {"", "as official"}


def test_a_wrong_level_is_gone_where_levels_are_those_of_the_first_year():
    study = made(off=0.3)
    close(errors(study, BARE), [[100.0 * math.expm1(0.3), 30.0]] * 3, 1e-9)
    close(errors(study, LEVELS), 0.0, atol=1e-9)
    wrong = made(growth=0.05).forecasts
    close(wrong[LEVELS] - made().known, 0.05 * np.arange(YEARS) * np.ones((F, Q, 1)), 1e-9)


def test_shares_kept_and_trends_follow_figures_alone():
    study, other = made(), made(off=1.0, growth=0.3)
    t = np.arange(YEARS)
    close(study.forecasts[KEPT], study.known[:, :, :1] + 0.1 * t, 1e-9)
    for name in FORECASTERS[2:]:
        assert np.array_equal(study.forecasts[name], other.forecasts[name], equal_nan=True)
    own = forecasts.naive(study.known[0, :, :3], YEARS - 3)[forecasts.NAIVE[-1]]
    close(study.forecasts[FORECASTERS[-1]][0, :, 3:], own, 1e-12)


def test_compared_are_figures_that_all_forecast():
    study = made()
    study.known[0, 0, 0] = study.known[1, 1, -1] = np.nan
    table = study.families.set_index("family")
    assert table.loc[SCORED[0], "n"] == YEARS - 3  # nothing without a figure of the first year
    assert table.loc[SCORED[1], "n"] == 2 * (YEARS - 3) - 1
    assert not set(study.scores["forecaster"]) - set(FORECASTERS)


def test_printed_contracts_are_summed_over_their_years():
    study = made(off=math.log(0.5))
    row = study.contracts.iloc[0]
    assert (row["place"], row["years"], row["estimate"], row["printed"]) == (
        "West", "2013-15", 6.0, 5.0,
    )  # fmt: skip
    whole = np.exp(study.known[SCORED.index(transfer.SOLD), 1, 2:5]).sum()
    close([row["share"], row["printed_share"]], [100.0 * 6.0 / (0.5 * whole), 500.0 / whole], 1e-9)


def test_the_order_of_provinces_is_that_of_the_last_year():
    study = made()
    study.runs[0, 0] += 20.0
    study.runs[0, 1] -= 20.0
    study.known[0, 0, -1] = study.known[0, 1, -1] - 1.0
    own = study.growth.set_index(["family", "place"])["order"]
    assert own[SCORED[0], "whole"] == "another"
    assert own[SCORED[1], "whole"] == "as official"


def test_a_fitted_region_and_other_years_are_refused():
    with pytest.raises(UsageError, match="world 'yrd' has a fit"):
        transfer.design("baseline")
    with pytest.raises(UsageError, match="needs 2011 to 2020"):
        transfer.design("jjj", {"end": 2018})


@pytest.mark.slow
def test_it_reads_its_own_runs_and_no_others(tmp_path):
    found = transfer.run("jjj", {"scale": 0.02}, replicates=2, out=tmp_path / "own", jobs=2)
    assert {*found.table["place"]} == {"Beijing", "Tianjin", "Hebei", "jjj"}
    assert {*found.contracts["place"]} == {"Beijing"}
    rd = found.table[found.table["outcome"].isin(("rd_expenditure", "rd_personnel_fte"))]
    close(rd[rd["year"] == 2015]["error, runs as they are"].to_numpy(), 0.0, atol=16.0)
    pd.testing.assert_frame_equal(transfer.read(tmp_path / "own").table, found.table)
    names = {path.name for path in found.write(tmp_path / "written")}
    assert {"transfer.csv", "transfer.md", "transfer.png"} <= names
    with pytest.raises((UsageError, ResultsError), match="study skill"):
        skill.read(tmp_path / "own")
