"""The cube: equal to the tidy tables, reductions and rows by hand, and refusals."""

import numpy as np
import pandas as pd
import pytest

from tests.support.made import FOUR, make_results
from tests.support.made_sweep import BORDER, grid, make_sweep
from ydsim.errors import ResultsError, UsageError
from ydsim.results import cube as cubes
from ydsim.results.cube import long, outcomes_at
from ydsim.store.tables import keyed, normalise

LAUNCHES, SHARE = "launches", "contract_cross_province_share"
MANY = ["launches", "rd_personnel_fte", "firms", SHARE]
"""A flow, a mean, a stock and a ratio."""

FROM_FUNNEL = {
    "projects_failed": "failed",
    "projects_died_waiting": "died_waiting",
    "projects_live": "live",
}


def value(name, place, replicate, quarters):
    """A value that tells name, place, replicate and quarter apart."""
    return len(name) + 10.0 * place + 1000.0 * replicate + quarters**1.5


def sweep(**options):
    return make_sweep(
        grid(**{BORDER.replace(".", "__"): [0.2, 0.5, 0.8]}),
        lambda factors, replicate, years: 100.0 * factors[BORDER] + 10.0 * replicate + years,
        **options,
    )


@pytest.fixture(scope="module")
def results():
    return make_results(value=value, replicates=2, start=2018, end=2020)


# -- equal to the tidy tables ---------------------------------------------------------------------


@pytest.mark.quick(1)
@pytest.mark.parametrize(("by", "table"), [("province", "province_year"), ("city", "city_year")])
def test_every_cell_is_that_of_the_tidy_table(results, by, table):
    names = list(outcomes_at(by, results.manifest["indicators"]))
    found = results.cube(names, by=by)
    tidy = results.table(table)
    wide = tidy.pivot(
        index=["point", "replicate", "region", "year"], columns="indicator", values="value"
    )
    for name in names:
        want = wide.get(name, pd.Series(dtype=float)).dropna().sort_index()
        got = found[name].dropna().sort_index()
        assert got.to_numpy().tobytes() == want.to_numpy().tobytes(), name
        assert got.index.to_list() == want.index.to_list(), name


def test_a_year_of_a_flow_a_mean_a_stock_and_a_ratio_by_hand(results):
    one = results.cube(MANY, places=["Zhejiang"], years=(2019, 2019)).xs(1, level="replicate")
    quarters = np.arange(4.0, 8.0)
    of = outcomes_at("province", results.manifest["indicators"])[SHARE].of
    above, below = (value(name, 2, 1, quarters).sum() for name in of)
    launches, personnel, firms = (value(name, 2, 1, quarters) for name in MANY[:3])
    want = [launches.sum(), personnel.mean(), firms[-1], above / below]
    assert one.iloc[0].tolist() == pytest.approx(want)


def test_rows_come_by_point_replicate_place_and_year():
    found = sweep(replicates=2).cube([LAUNCHES])
    frame = found.index.to_frame(index=False)
    assert list(frame) == ["point", "replicate", "place", "year"]
    rank = {"yrd": 0, "North": 1, "South": 2}
    order = frame.assign(place=frame["place"].map(rank))
    assert order.equals(order.sort_values(list(order), kind="stable"))
    assert len(frame) == 3 * 2 * 3 * 3


# -- years ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("reduce", ["mean", "sum", "last"])
def test_reductions_are_those_of_the_yearly_values(results, reduce):
    yearly = results.cube(MANY, years=(2019, None))
    found = results.cube(MANY, years=(2019, None), reduce=reduce)
    groups = yearly.groupby(["point", "replicate", "place"], sort=False)
    want = getattr(groups, reduce)()
    pd.testing.assert_frame_equal(found, want, check_index_type=False, rtol=1e-12)


def test_a_period_is_a_mean_a_last_year_and_a_ratio_of_sums(results):
    found = results.cube(MANY, years=(2019, 2020), reduce="period")
    yearly = results.cube(MANY, years=(2019, 2020))
    groups = yearly.groupby(["point", "replicate", "place"], sort=False)
    of = outcomes_at("province", results.manifest["indicators"])[SHARE].of
    sums = results.cube(list(of), years=(2019, 2020), reduce="sum")
    assert np.allclose(found[MANY[:2]], groups[MANY[:2]].mean())
    assert np.allclose(found["firms"], groups["firms"].last())
    assert np.allclose(found[SHARE], sums[of[0]] / sums[of[1]])
    assert not np.allclose(found[SHARE], groups[SHARE].mean(), rtol=1e-6)


def test_a_stock_of_a_last_year_that_was_not_run_is_missing(results):
    found = results.cube(["firms", "launches"], years=(2020, 2023), reduce="period")
    assert found["firms"].isna().all()
    assert found["launches"].notna().all()


# -- filters --------------------------------------------------------------------------------------


def test_filters_pick_what_the_whole_has(results):
    whole = results.cube(["launches", "firms"])
    some = results.cube(["firms"], places=["Anhui", "yrd"], years=(None, 2019))
    index = some.index.to_frame()
    assert list(dict.fromkeys(index["place"])) == ["Anhui", "yrd"]
    assert set(index["year"]) == {2018, 2019}
    assert (some["firms"] == whole["firms"].reindex(some.index)).all()
    three = sweep(replicates=2)
    picked = three.cube([LAUNCHES], points=[2, 0])
    assert set(picked.index.get_level_values("point")) == {0, 2}
    assert (picked[LAUNCHES] == three.cube([LAUNCHES])[LAUNCHES].reindex(picked.index)).all()


def test_points_of_equal_content_share_their_run():
    three = make_sweep(
        {"kind": "list", "points": [{BORDER: 0.2}, {BORDER: 0.5}, {BORDER: 0.2, "scale": 0.01}]},
        lambda factors, replicate, years: 100.0 * factors[BORDER] + replicate + years,
        replicates=2,
    )
    found = three.cube([LAUNCHES])[LAUNCHES]
    assert (found.xs(0, level="point") == found.xs(2, level="point")).all()
    assert (found.xs(0, level="point") != found.xs(1, level="point")).all()


def test_runs_that_are_missing_or_failed_have_no_rows():
    found = sweep(replicates=3, without=[(1, 2)], failed=[(0, 1)]).cube([LAUNCHES])
    there = {(p, r) for p, r, *_ in found.index}
    assert there == {(p, r) for p in range(3) for r in range(3)} - {(1, 2), (0, 1)}


# -- kinds and fields -----------------------------------------------------------------------------


def test_kinds_and_fields_are_sums_over_rows():
    results = make_results(replicates=2, start=2018, end=2020)
    tables = results.receipts[0]["tables"]
    tables["funnel"] = {**tables["funnel"], "live": 2.0 * tables["funnel"]["live"]}

    def summed(table, keys, name):
        return table.groupby(["point", "replicate", *keys, "year"])[name].sum()

    funnel, knowledge = results.table("funnel"), results.table("knowledge")
    found = results.cube(["launches", *FROM_FUNNEL], by="kind")
    launched = summed(funnel[funnel["stage"] == "launch"], ["lead"], "completed")
    sums = [launched, *(summed(funnel, ["lead"], column) for column in FROM_FUNNEL.values())]
    for name, want in zip(found, sums, strict=True):
        np.testing.assert_allclose(found[name].dropna().sort_index(), want)
    one = results.cube(["launches"], by="kind", places=["university"])["launches"]
    np.testing.assert_array_equal(one, found.xs("university", level="place")["launches"])
    weighed = knowledge.assign(w=knowledge["effort"] * knowledge["knowledge"])
    effort, w = (summed(weighed, ["field"], name) for name in ("effort", "w"))
    fields = results.cube(["knowledge", "effort"], by="field").dropna(how="all").sort_index()
    assert np.allclose(fields["effort"], effort)
    assert np.allclose(fields["knowledge"], w / effort, equal_nan=True)


def test_a_firm_at_the_end_of_a_run_stands_for_others():
    results = make_results(replicates=1, start=2018, end=2020)
    tables = results.receipts[0]["tables"]
    keys = {
        name: tables["funnel"][name][:3]
        for name in ("run", "replicate")
        if name in tables["funnel"]
    }
    kind = np.array(["firm", "firm", "university"], dtype=object)
    tables["agents"] = {**keys, "kind": kind, "researchers": np.array([1.0, 2.0, 4.0]),
                        "rd": np.zeros(3)}  # fmt: skip
    results.manifest = {**results.manifest, "tables": [*results.manifest["tables"], "agents"]}
    scale = results.scenario_at(0)["scale"]
    assert scale < 1.0
    found = results.cube(["researchers"], by="kind")["researchers"].dropna()
    assert found.to_dict() == {
        (0, 0, "firm", 2020): pytest.approx(3.0 / scale), (0, 0, "university", 2020): 4.0,
    }  # fmt: skip


def test_a_year_without_a_founding_counts_as_none(results):
    found = results.cube(["generations_founded"], by="field")["generations_founded"].dropna()
    assert set(found.index.get_level_values("year")) == {2018, 2019, 2020}
    assert len(found) == 2 * 3 * found.index.get_level_values("place").nunique()
    own = results.table("generations").query("origin == 'region' and founded_year >= 2018")
    count = own.groupby(["point", "replicate", "field", "founded_year"]).size()
    assert found[found > 0].to_dict() == count.to_dict()


def test_no_generation_is_counted_behind_the_end_of_its_run():
    results = make_sweep(
        grid(end=[2015, 2016]), lambda factors, replicate, years: np.ones(len(years)), replicates=1
    )
    region, field = (np.array([word], dtype=object) for word in ("region", "optics"))
    for receipt in results.receipts.values():
        receipt["tables"]["generations"] = {
            "run": receipt["tables"]["series"]["run"][:1], "field": field, "origin": region,
            "founded_year": np.array([2014]),
        }  # fmt: skip
    results.manifest = {**results.manifest, "tables": ["series", "generations"]}
    found = results.cube(["generations_founded"], by="field")["generations_founded"].dropna()
    years = {(0, 2014): 1, (0, 2015): 0, (1, 2014): 1, (1, 2015): 0, (1, 2016): 0}
    assert found.droplevel(["replicate", "place"]).to_dict() == years


# -- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda r: r.cube(["lanches"]), "launches"),
        (lambda r: r.cube([]), "outcome"),
        (lambda r: r.cube(["launches"], places=["Zhejang"]), "Zhejiang"),
        (lambda r: r.cube(["launches"], points=[1]), "points.* 1$"),
        (lambda r: r.cube(["launches"], reduce="median"), "'median'"),
        (lambda r: r.cube(["launches"], by="field"), "launches"),
        (lambda r: r.cube("lanches"), "launches"),
        (lambda r: r.cube([1]), "indicators"),
        (lambda r: r.cube(["launches"], by="provinces"), "'province'"),
        (lambda r: r.cube(["launches"], places="Zhejang"), "Zhejiang"),
        (lambda r: r.cube(["launches"], years=2012), "years"),
        (lambda r: r.cube(["launches"], years="2012:2013"), "years"),
        (lambda r: r.cube(["launches"], years=(2013, 2012)), "years"),
        (lambda r: r.cube(["launches"], years=(2031, None)), "years 2031"),
        (lambda r: r.cube(["launches"], years=(2031, 2032), reduce="sum"), "years 2031-2032"),
        (lambda r: r.cube(["launches"], points=0), "points"),
        (lambda r: r.cube(["launches"], points=""), "points"),
        (lambda r: r.cube(["launches"], places=[]), "places"),
        (lambda r: r.cube(["launches"], points=["0"]), "points"),
        (lambda r: r.cube(["launches"], points=[0.5]), "points"),
    ],
)
def test_what_is_not_there_is_named(results, call, said):
    with pytest.raises(UsageError, match=said):
        call(results)


@pytest.mark.parametrize("change", ["drop", "twice", "again"])
def test_a_year_that_lacks_a_quarter_or_has_one_twice_is_refused(change):
    results = make_results(replicates=1, provinces=FOUR)
    series = pd.DataFrame(results.receipts[0]["tables"]["series"])
    if change == "twice":
        series.loc[5, "quarter"] = 1
    rows = series.drop(5) if change == "drop" else series
    if change == "again":
        rows = pd.concat([rows, rows.iloc[-1:]])
    results.receipts[0]["tables"]["series"] = {name: rows[name].to_numpy() for name in rows}
    with pytest.raises(ResultsError, match="quarter"):
        results.cube([LAUNCHES])


def test_series_that_were_thinned_have_no_years():
    with pytest.raises(UsageError, match="quarters"):
        sweep(record={"series": 4}).cube([LAUNCHES])


def test_rows_of_an_answer_are_counted_before_it_is_read(monkeypatch):
    """Of 6 runs, 3 places and 3 years, twice a value of 8 bytes and an index of 16."""
    need = 6 * 3 * 3 * (8 + 16) * 2
    monkeypatch.setattr(cubes, "machine_memory", lambda unknown: 4.0 * need)
    assert len(sweep(replicates=2).cube([LAUNCHES])) == 54
    monkeypatch.setattr(cubes, "machine_memory", lambda unknown: 4.0 * need - 4.0)
    with pytest.raises(UsageError, match=r"quarter of memory.*reduce='mean'"):
        sweep(replicates=2).cube([LAUNCHES])
    assert len(sweep(replicates=2).cube([LAUNCHES], reduce="mean")) == 18


# -- tidy tables by hand ---------------------------------------------------------------------------

PLACES = ("B", "A", "yrd")
CARDS = {
    "money": {"unit": "yuan", "kind": "flow", "prior": False},
    "firms": {"unit": "firms", "kind": "stock", "prior": False},
    "spent": {"unit": "yuan", "kind": "flow", "prior": False},
    "per_nothing": {"unit": "1", "kind": "ratio", "prior": False, "of": ["spent", "nothing"]},
    "per_money": {"unit": "1", "kind": "ratio", "prior": False, "of": ["spent", "money"]},
    "firm_money": {"unit": "1", "kind": "ratio", "prior": False, "of": ["money", "spent"]},
}


def wide():
    """Two regions, two years, written in an order of its own; money is 1, 2, 3, 4 in A."""
    rows = [(r, y, q) for y in (2012, 2011) for q in (4, 2, 1, 3) for r in ("yrd", "B", "A")]
    region, year, quarter = (np.array(c) for c in zip(*rows, strict=True))
    table = {
        "region": region,
        "year": year,
        "quarter": quarter,
        "money": quarter * np.where(region == "A", 1.0, 100.0),
        "level": region,
        "firms": np.where(region == "yrd", np.nan, (year - 2000) * 10.0 + quarter),
        "spent": np.where(quarter == 4, 7.0, 1.0),
    }
    return normalise(keyed(table, point=0, replicate=0))


def tidy(table, *, yearly=True):
    return pd.DataFrame(long(table, PLACES, "region", CARDS, yearly=yearly))


def rows_of(found, name):
    mine = found[found["indicator"] == name]
    keys = [key for key in ("region", "year", "quarter", "value") if key in mine]
    return list(mine[keys].itertuples(index=False, name=None))


def test_quarters_stay_as_they_are_and_a_ratio_is_that_of_their_flows():
    found = tidy(wide(), yearly=False)
    first = [("B", y, q, 100.0 * q) for y in (2011, 2012) for q in (1, 2, 3, 4)]
    assert rows_of(found, "money")[:8] == first
    assert len(rows_of(found, "firms")) == 16
    ratios = rows_of(found.query("region == 'A' and year == 2011"), "per_money")
    assert [value for *_, value in ratios] == [1.0, 0.5, 0.3333333333, 1.75]
    order = ["money", "firms", "spent", "firm_money", "per_money"]
    assert list(dict.fromkeys(found["indicator"])) == order


def test_a_flow_with_a_gap_and_a_ratio_to_nothing_have_no_year():
    table = wide()
    table["money"] = np.where(table["region"] == "A", 0.0, table["money"])
    table["money"][0] = np.nan
    found = tidy(table)
    years = [row[:2] for row in rows_of(found, "money")]
    assert ("yrd", 2012) not in years
    assert ("yrd", 2011) in years
    assert {region for region, *_ in rows_of(found, "per_money")} == {"B", "yrd"}


@pytest.mark.parametrize("spoil", ["drop", "double", "later", "halves"])
def test_a_year_without_its_four_quarters_is_an_error(spoil):
    table = wide()
    if spoil == "drop":
        table = {name: column[3:] for name, column in table.items()}
    elif spoil == "double":
        table["quarter"] = np.where(table["quarter"] == 2, 3, table["quarter"])
    elif spoil == "halves":  # of one year the first, of the next the second
        half = (table["quarter"] > 2) == (table["year"] == 2012)
        table = {name: column[half] for name, column in table.items()}
    else:
        table["quarter"] = table["quarter"] + 1
    with pytest.raises(ValueError, match="lacks a quarter"):
        tidy(table)
