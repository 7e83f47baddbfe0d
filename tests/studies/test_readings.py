"""Readings find what is planted, zero where nothing is, and each its own effect alone."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest

from tests.support import made_firms as made
from tests.support.made_firms import made_firms
from tests.support.made_run import CITIES as CITY_NAMES
from tests.support.made_run import FIRST, ORGANISATIONS, WON, made_run
from ydsim.policies.borders import COMMITTEE
from ydsim.studies import panels, readings
from ydsim.studies.readings import PART, RAIL, read

CLOSE = {"abs": 1e-6}
RATIOS = ("joint_ratio", "rail_ratio", "grant_reach", "technology_ratio", "tie_spillover")
CITIES = (readings._of_partners, readings._of_vouchers, readings._of_grants, readings._of_rail,
          readings._of_lines, readings._of_projects, readings._of_members)  # fmt: skip
MARKETS = (readings._of_demand, readings._of_firm_grants, readings._of_consortia,
           readings._of_protection)  # fmt: skip
FIELDS = (readings._of_technology, readings._of_ties)
BY_LOT = [one.placebo for one in readings.DESIGNS if one.reading in FIELDS]


def _zero(found):
    for name, value in found.items():
        if name not in RATIOS:
            assert value == pytest.approx(0.0, abs=0.1 if name == "voucher_launch" else 1e-6), name


@pytest.mark.slow
def test_nothing_planted_is_nothing_found():
    every = [(CITIES, made_run()), (MARKETS, made_firms(steady=True))]
    every += [(FIELDS, made_firms()), (BY_LOT, made_firms())]
    for which, run in every:
        for one in which:
            _zero(one(run))


PLANTED = [
    ("lines", made_run, {"line": 0.05}, {"line": 0.05}),
    ("rail", made_run, {"near": 0.3, "far": 0.1}, {"rail_near": 0.3, "rail_far": 0.1}),
    ("grants", made_run, {"grant": 0.2}, {"grant_own": 0.2}),
    ("vouchers", made_run, {"productivity": 0.02}, {"voucher_productivity": 0.02}),
    ("members", made_run, {"member": 0.1}, {"member": 0.1, "member_imputed": 0.1}),
    ("demand", made_firms, {"early": 0.02, "late": 0.1, "low": 0.03, "sold": 0.15},
     {"demand": 0.1, "demand_build_up": 0.08, "demand_lower": 0.03, "demand_upper": 0.07,
      "demand_sales": 0.15}),
    ("firm_grants", made_firms, {"little": 0.08, "grand": 0.01, "steady": True},
     {"grant_firm": 0.08, "grant_large": 0.01, "grant_order": 0.07}),
    ("consortia", made_firms, {"during": 0.1, "after": -0.04},
     {"consortium": 0.1, "consortium_after": -0.04}),
]  # fmt: skip
"""Readings, what is planted, and what is found, which the same units have more than without it."""


@pytest.mark.quick(4)
@pytest.mark.parametrize(("name", "make", "effects", "wanted"), PLANTED)
def test_what_is_planted_is_found_and_counted(name, make, effects, wanted):
    run, plain = make(**effects), make(**{k: v for k, v in effects.items() if k == "steady"})
    found, count = getattr(readings, f"_of_{name}")(run), getattr(readings, f"_count_{name}")
    counted = count(run, plain)
    for key, value in wanted.items():
        assert found[key] == pytest.approx(value, **CLOSE), key
        assert counted[key] == pytest.approx(value, abs=1e-9), key
    same = count(plain, plain)
    assert all(value == 0.0 for value in same.values() if not isinstance(value, tuple))


def test_members_count_to_the_last_year_with_controls():
    """In 2018 cohort 2013 gains .2 more; what comes after 2018 does not count."""
    run = made_run(member=0.1)
    early, late = (sum(int(date) == year for date in COMMITTEE.values()) for year in (2013, 2018))
    first = run.cities["city"].map(COMMITTEE).between(2013.0, 2014.0, inclusive="left")
    more = first * run.cities["year"].map({2018: 0.2, 2019: 5.0}).fillna(0.0)
    after = run.cities.assign(inventions=run.cities["inventions"] * np.exp(more))
    found = readings._of_members(replace(run, cities=after))["member"]
    assert found == pytest.approx(0.1 + 0.2 * early / (6 * early + late), abs=1e-9)


def test_rail_by_distance():
    found = readings._of_rail(made_run(near=0.3, far=0.1))
    assert 0.1 < found["rail"] < 0.3
    assert found["rail_expected"] == pytest.approx(found["rail"], **CLOSE)
    far, near = found["rail_ratio"]
    assert far / near == pytest.approx(1.0 / 3.0, abs=1e-5)


def test_the_reach_of_grants():
    run = made_run(grant=0.2, ring=0.04)
    found = readings._of_grants(run)
    assert found["grant_own"] == pytest.approx(0.2, **CLOSE)
    total, own = found["grant_reach"]
    panel = panels.with_grants(run, readings.GRANTS)
    n, own_sum, ring_sum = panel["inventions"], panel["grant"], panel["ring"]
    expected = 1.0 + 0.04 * (n * ring_sum).sum() / (0.2 * (n * own_sum).sum())
    assert total / own == pytest.approx(expected, abs=1e-5)


def test_the_loss_of_a_partner_builds_up():
    found = readings._of_partners(made_run(tie=-0.16))
    assert found["tie_late"] == pytest.approx(-0.16 * 7 / 8, abs=1e-3)
    assert found["tie_build_up"] == pytest.approx(0.16 * 6 / 8, abs=1e-3)


def test_joint_work_by_lot_has_no_premium():
    run = made_run(premium=0.1, selected=0.05)
    found = readings._of_projects(run)
    for name, value in {"joint_raw": 0.15, "joint_birth": 0.05, "joint_owner": 0.15}.items():
        assert found[name] == pytest.approx(value, **CLOSE), name
    assert found["joint_ratio"] == (found["joint_owner"], found["joint_raw"])
    assert abs(readings._of_lots(run)["joint_raw"]) < 0.08


def test_vouchers():
    found = readings._of_vouchers(made_run(productivity=0.02))
    assert found["voucher_productivity"] == pytest.approx(0.02, abs=1e-9)
    launched = np.arange(ORGANISATIONS) % 3 == 0
    expected = launched[WON].mean() - launched[~WON].mean()
    assert found["voucher_launch"] == pytest.approx(expected)


def test_pairs_against_a_loop():
    run = made_run(near=0.3)
    panel = panels.pairs(run, RAIL)
    table = run.ties[(run.ties["channel"] == "co-invention") & (run.ties["to_city"] != "outside")]
    wanted = {(row.year, row.from_city, row.to_city): row.realised for row in table.itertuples()}
    rows = zip(panel["year"], panel["o"], panel["d"], panel["joint"], strict=True)
    assert all(wanted[year, o, d] == joint for year, o, d, joint in rows)
    assert len(panel) == len(wanted)


def test_those_who_lose_a_partner_through_another_are_in_no_arm():
    run = made_run()
    shocks = run.shocks.copy()
    for key, other in ((1, 2), (5, 9)):  # the fifth is treated, and so is the ninth
        shocks.loc[(shocks["shock"] == PART) & (shocks["key"] == key), "other"] = np.uint64(other)
    panel = panels.organisations(replace(run, shocks=shocks), PART)
    assert len(panel["unit"]) == (ORGANISATIONS - 2) * (run.last - FIRST + 1)


def test_a_lot_keeps_how_many_are_joint_in_each_group():
    values = pd.Series([1.0, 0.0, 0.0, 1.0, 1.0, 0.0])
    group = pd.DataFrame({"field": [7, 3, 7, 3, 7, 5], "year": 2000})
    assert panels.by_lot(values, group).tolist() == [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]


def test_pools_by_matrices():
    run, survivors = made_firms(), slice(0, made.N - made.LEFT)
    rivals = (made.INDUSTRY[:, None] == made.INDUSTRY) & ~np.eye(made.N, dtype=bool)
    panel, _ = panels.technology(run, lot=False)
    for name, wanted in (
        ("technology", made.NEAR_IN_TECHNOLOGY), ("own", made.HELD), ("rivals", rivals @ made.HELD),
    ):  # fmt: skip
        np.testing.assert_allclose(_later(panel, name), np.log(wanted[survivors, :-1]).ravel())
    linked = np.flatnonzero(made.NEAR_IN_TIES[:, 0] > 0.0)
    steps = [np.linalg.matrix_power((made.LINKED > 0.0) + np.eye(made.N), k) > 0 for k in (2, 3)]
    panel, _ = panels.ties(run, lot=False)
    for name, wanted in (
        ("ties", made.NEAR_IN_TIES), ("far", (steps[1] & ~steps[0]) @ made.HELD),
    ):  # fmt: skip
        np.testing.assert_allclose(_later(panel, name), np.log(wanted[linked, :-1]).ravel())


def _later(panel, name):
    return panel.loc[panel["year"] > FIRST, name].to_numpy()


def test_technology_and_its_margin():
    run = made_firms(own=0.05, technology=0.2)
    found = readings._of_technology(run)
    assert found["technology_spillover"] == pytest.approx(0.2, **CLOSE)
    assert found["technology_within"] == pytest.approx(0.2, **CLOSE)
    assert found["technology_own"] == pytest.approx(0.05, **CLOSE)
    whole, own = found["technology_ratio"]
    half = made.T // 2
    output = run.firms.loc[run.firms["year"] == made.YEARS[half], "sales"].to_numpy(copy=True)
    output[made.N - made.LEFT :] = 0.0
    weights, stocks = made.COSINES, made.HELD[:, half]
    gained = (output[:, None] * weights / (weights @ stocks)[:, None]).sum()
    weight = gained / (output / stocks).sum()
    assert whole / own == pytest.approx(1.0 + weight * 0.2 / 0.05, rel=1e-6)
    by_lot_ = readings._of_technology(made_firms(technology=0.2), lot=True)
    for name in ("technology_spillover", "technology_within"):
        assert abs(by_lot_[name]) < 0.1, name


def test_ties_and_their_instrument():
    run = made_firms(own=0.05, ties=0.02)
    found = readings._of_ties(run)
    assert found["tie_pool"] == pytest.approx(0.02, **CLOSE)
    assert found["tie_pool_far"] == pytest.approx(0.02, abs=1e-4)
    whole, own = found["tie_spillover"]
    weight, of_fields = panels.ties(run, lot=False)[1], panels.technology(run, lot=False)[1]
    assert own == pytest.approx(0.05, **CLOSE)
    assert whole == pytest.approx(own + weight * found["tie_pool"])
    technology_ = readings._of_technology(run)["technology_spillover"]
    assert found["tie_less_technology"] == pytest.approx(
        weight * found["tie_pool"] - of_fields * technology_
    )
    assert abs(readings._of_ties(run, lot=True)["tie_pool"]) < 0.01


def test_firms_that_left_count_as_zero_by_market():
    run = made_firms()
    panel, table = panels.markets(run, readings.DEMAND), run.firms
    for year in (2014, 2022):
        made_in = panel.loc[panel["year"] == year, "inventions"].sum()
        assert made_in == pytest.approx(table.loc[table["year"] == year, "inventions"].sum())
    assert set(np.bincount(panel["cell"]).tolist()) == {made.T}
    assert panel["cell"].nunique() == 12


def test_a_firm_has_the_market_of_the_year_before_the_shocks():
    """One that moves counts where it was; one that begins later, where it began."""
    run = made_firms()
    first, late, rest = run.firms["firm"].unique()[[0, 1, 2]]
    table = run.firms[(run.firms["firm"] != late) | (run.firms["year"] >= 2016)].copy()
    moved = table["year"] >= 2014
    table.loc[(table["firm"] == first) & moved, "province"] = "moved"
    table.loc[(table["firm"] == late) & (table["year"] > 2016), "province"] = "moved"
    panel = panels.firms_of(replace(run, firms=table), 2014).panel
    for firm, year in ((first, 2013), (late, 2016), (rest, 2013)):
        wanted = table.loc[(table["firm"] == firm) & (table["year"] == year), "province"].item()
        assert set(panel.loc[firm, "province"]) == {wanted}
    assert set(panels.firms_of(replace(run, firms=table)).panel.loc[first, "province"]) == {"moved"}
    assert not panel.loc[late, "throughout"].any()
    assert panel.loc[rest, "throughout"].all()


def test_who_is_small_and_who_is_a_member():
    panel = panels.granted(made_firms(), readings.FIRM_GRANTS, 3)
    assert 0 < panel["small"].sum() < len(panel)
    panel = panels.members(made_firms())
    assert (panel["during"] * panel["after"] == 0.0).all()
    assert panel["after"].sum() == 5 * 33


def test_protection_in_standard_deviations_of_lost_access():
    """The pair of the first and the last province is protected, of equal and of less size."""
    found = readings._of_protection(made_firms(guard=-0.02))
    gdp = 3.0 * np.bincount(np.arange(len(CITY_NAMES)) % 3)
    lost = np.array([gdp[2], 0.0, gdp[0]])
    spread = np.outer(lost, made.YEARS >= made.YEAR).std()
    assert found["segmentation"] == pytest.approx(-0.02 / (lost[0] / spread), **CLOSE)


def test_what_the_loss_of_a_partner_and_vouchers_move_is_counted():
    plain = made_run()
    found = readings._count_partners(made_run(tie=-0.16), plain)
    late = np.log(np.exp(-0.16 * np.arange(6, 9) / 8).mean())
    assert (found["tie_late"], found["tie_launch"]) == pytest.approx((late, 0.0), abs=1e-9)
    found = readings._count_vouchers(made_run(productivity=0.02), plain)
    assert found["voucher_launch"] == pytest.approx(0.0, abs=1e-9)


def test_what_grants_gain_here_near_and_in_all_is_counted():
    plain, run = made_run(), made_run(grant=0.2, ring=0.04)
    found = readings._count_grants(run, plain)
    more = run.cities["inventions"] - plain.cities["inventions"]
    panel = panels.with_grants(run, readings.GRANTS)
    here, near = panel["grant"] > 0.0, panel["ring"] > 0.0
    assert found["grant_total"] == pytest.approx((more.sum(), more[here].sum()))
    assert found["grant_reach"] == pytest.approx((more[here | near].sum(), more[here].sum()))
    assert found["grant_total"][0] > found["grant_total"][1] > 0.0


def test_counted_protection_is_that_of_what_is_found():
    run, plain = made_firms(guard=-0.02), made_firms()
    counted = readings._count_protection(run, plain)["segmentation"]
    assert counted == pytest.approx(readings._of_protection(run)["segmentation"], **CLOSE)


def test_draws_are_of_the_run_where_nobody_is_treated():
    """Counts are fixed effects alone there, so that any treatment finds zero."""
    design = next(one for one in readings.DESIGNS if one.few == "grant_own")
    again = readings.drawn_again(made_run(), design, 3, 4)
    np.testing.assert_allclose(again, np.zeros(4), atol=1e-6)
    assert np.abs(readings.drawn_again(made_run(grant=0.2), design, 3, 4)).max() > 0.01


def test_treatments_drawn_again_are_as_many_and_others():
    run = made_run()
    again = [run.drawn_again(RAIL, seed).drawn(RAIL)["treated"].to_numpy() for seed in (1, 1, 2)]
    assert {one.sum() for one in again} == {run.drawn(RAIL)["treated"].sum()}
    assert (again[0] == again[1]).all()
    assert (again[0] != again[2]).any()


def test_what_is_missing_is_said():
    bare = replace(made_firms(), firms=None)
    for one in (*MARKETS, *FIELDS):
        assert read(partial(one, bare)) == ({}, ["firms are not recorded"])
    run = made_firms()
    for part, reading, said in (
        ({"firm_ties": run.firm_ties.iloc[:0]}, readings._of_ties, "tie"),
        ({"firm_ties": None}, readings._of_ties, "tie"),
        ({"joined": None}, readings._of_consortia, "member"),
        ({"last": 2018}, readings._of_demand, "5 years"),
        ({"last": 2018}, readings._of_partners, "ends 4 years after a partner is lost, not 8"),
        ({"last": 2016}, readings._of_firm_grants, "3 years"),
        ({"shocks": run.shocks.assign(treated=False)}, readings._of_protection, "access"),
        ({"shocks": run.shocks.iloc[:0]}, readings._of_rail, "'rail'"),
    ):
        with pytest.raises(ValueError, match=said):
            reading(replace(run, **part))
