"""Tables made on demand, against planted curves and flows, networkx, and sums by hand."""

import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from ydsim.errors import ResultsError, UsageError
from ydsim.measures.diffusion import bass
from ydsim.measures.places import Network, beta, dagum, theil
from ydsim.results import derived
from ydsim.results.derived import made, number_of
from ydsim.results.results import Results, open_results
from ydsim.run.api import simulate, sweep
from ydsim.world.loader import synthetic_world

SHORT = {"scale": 0.01, "end": 2012, "parameters.population.burn_in": 4}
WORLD = synthetic_world(2, 3)
CITIES, N = WORLD.city_names, WORLD.n_cities


def place_of(**changes):
    """The place of a world that differs from the synthetic one."""
    return SimpleNamespace(provinces=WORLD.provinces, whole="yrd", world=replace(WORLD, **changes))


PLACE = place_of()


def text(*words):
    return np.array(words, dtype=object)


def keyed(n, replicate=0):
    return {"point": np.zeros(n, dtype=np.int64), "replicate": np.full(n, replicate)}


def row(table, **where):
    """The one row in which columns have given values."""
    frame = pd.DataFrame(table)
    ((_, found),) = frame[(frame[[*where]] == where).all(axis=1)].iterrows()
    return found


# -- rows ------------------------------------------------------------------------------------------


def test_tables_have_their_columns_even_without_any_row():
    empty = made("funnel_stages", {"funnel": {}}, PLACE)
    kinds = {name: column.dtype.kind for name, column in empty.items()}
    assert [kinds[name] for name in ("point", "lead", "stay", "slowest")] == ["i", "O", "f", "b"]
    with pytest.raises(ValueError, match="no city 'Nowhere'"):
        number_of(CITIES, ["Nowhere"], "no city {name!r}")


# -- funnel ----------------------------------------------------------------------------------------


def funnel_rows():
    """Two years, two kinds of owners; what is not named is zero."""
    keys = [
        (year, stage, lead, partnership)
        for year in (2011, 2012)
        for stage in derived.STAGES
        for lead in derived.LEADS[1:]
        for partnership in ("alone", "partnered")
    ]
    stage, lead, partnership = (text(*[key[i] for key in keys]) for i in (1, 2, 3))
    names = ("completed", "failed", "died_waiting", "shelved", "owner_left", "sold_outside", "live",
             "waited")  # fmt: skip
    table = {
        **keyed(len(keys)),
        "year": np.array([key[0] for key in keys]),
        "stage": stage,
        "lead": lead,
        "partnership": partnership,
        **{name: np.zeros(len(keys)) for name in names},
    }

    def put(where, **values):
        at = keys.index(where)
        for name, value in values.items():
            table[name][at] = value

    put((2011, "pilot", "firm", "alone"), completed=6.0, failed=4.0, live=20.0, waited=5.0)
    put((2011, "pilot", "university", "partnered"), completed=1.0, died_waiting=9.0, live=40.0)
    put((2011, "invention", "firm", "alone"), completed=30.0, shelved=10.0, live=500.0)
    put((2012, "pilot", "firm", "alone"), completed=10.0, live=40.0)
    return table


def test_stages_of_the_funnel_by_hand():
    table = made("funnel_stages", {"funnel": funnel_rows()}, PLACE)
    assert len(table["year"]) == 2 * len(derived.LEADS) * len(derived.STAGES)
    firm = row(table, year=2011, lead="firm", stage="pilot")
    assert (firm["left"], firm["lost"], firm["passed"]) == (10.0, 4.0, 0.6)
    assert (firm["stay"], firm["wait"], firm["failed"]) == (8.0, 0.5, 1.0)
    whole = row(table, year=2011, lead="all", stage="pilot")
    assert (whole["left"], whole["lost"]) == (20.0, 13.0)
    assert whole["died_waiting"] == pytest.approx(9.0 / 13.0)
    assert whole["stay"] == pytest.approx(4.0 * 60.0 / 20.0)
    assert whole["valley_of_death"]
    assert not whole["slowest"]
    invention = row(table, year=2011, lead="all", stage="invention")
    assert not invention["valley_of_death"]
    assert invention["slowest"]
    assert invention["passed"] == pytest.approx(2.0 / 3.0)
    # projects of 2012 in the stage: the mean of both ends
    assert row(table, year=2012, lead="firm", stage="pilot")["stay"] == 4.0 * 30.0 / 10.0
    nothing = row(table, year=2012, lead="institute", stage="launch")
    assert (nothing["left"], nothing["valley_of_death"]) == (0.0, False)
    assert np.isnan([nothing[name] for name in ("passed", "reached", "stay", "failed")]).all()
    # of stages that lose the same share, or hold as long, the first
    keys = [(year, lead) for year in (2011, 2012) for lead in derived.LEADS]
    for name in ("valley_of_death", "slowest"):
        most = [table[name][(table["year"] == y) & (table["lead"] == k)].sum() for y, k in keys]
        assert max(most) == 1


@pytest.mark.parametrize(
    ("name", "value", "said"), [("failed", -1.0, "failed"), ("shelved", 90.0, "shelved")]
)
def test_counts_that_no_funnel_has_are_refused(name, value, said):
    table = funnel_rows()
    table[name][-1] = value
    with pytest.raises(ValueError, match=said):
        made("funnel_stages", {"funnel": table}, PLACE)


# -- links -----------------------------------------------------------------------------------------


def tie_rows(expected, channel="co-invention", replicate=0, year=2011):
    """Rows of pairs and their expected links; the rest of the nation is linked to all."""
    pairs = [*expected.items(), *(((city, "outside"), 9.0) for city in CITIES)]
    n = len(pairs)
    return {
        **keyed(n, replicate),
        "year": np.full(n, year),
        "channel": text(*[channel] * n),
        "from_city": text(*[a for (a, _), _ in pairs]),
        "to_city": text(*[b for (_, b), _ in pairs]),
        "realised": np.zeros(n),
        "expected": np.array([value for _, value in pairs]),
    }


PAIRS = {
    (0, 1): 2.0, (1, 2): 0.4, (2, 1): 0.4, (0, 2): 3.0, (2, 3): 1.0, (3, 4): 5.0, (4, 5): 0.69,
    (3, 3): 50.0,
}  # fmt: skip
EXPECTED = {(CITIES[a], CITIES[b]): links for (a, b), links in PAIRS.items()}


def test_networks_are_of_links_that_are_likely():
    one = row(made("networks", {"ties": tie_rows(EXPECTED)}, PLACE), year=2011)
    # .4 + .4 is likely enough, .69 in one direction is below ln 2 = .6931
    weights = np.zeros((N, N))
    for (a, b), links in {(0, 1): 2.0, (1, 2): 0.8, (0, 2): 3.0, (2, 3): 1.0, (3, 4): 5.0}.items():
        weights[a, b] = weights[b, a] = links
    net = Network(weights)
    assert (one["places"], one["links"], one["broker"]) == (N, 5, CITIES[2])
    assert one["density"] == pytest.approx(net.density)
    assert one["clustering"] == pytest.approx(net.clustering.mean())
    assert one["clustering_weighted"] == pytest.approx(net.weighted_clustering.mean())
    assert one["betweenness"] == pytest.approx(net.betweenness.max())
    assert one["path_length"] == pytest.approx(net.mean_path)
    assert one["modularity"] == pytest.approx(net.modularity([0, 0, 0, 1, 1, 1], 2))
    assert one["e_i"] == pytest.approx((1.0 - 10.8) / 11.8)
    pairs = [2.0, 0.8, 3.0, 1.0, 5.0, 0.69]
    assert one["density_expected"] == pytest.approx(sum(1 - math.exp(-x) for x in pairs) / 15)


def test_any_value_of_goods_links():
    table = tie_rows({(CITIES[0], CITIES[1]): 0.01}, "supply")
    one = row(made("networks", {"ties": table}, PLACE), channel="supply")
    assert (one["links"], one["density"]) == (1, one["density_expected"])


def test_runs_and_years_are_apart():
    kinds = (("co-invention", EXPECTED), ("contract", dict(list(EXPECTED.items())[3:])))
    many = [
        tie_rows(expected, channel, r, y)
        for channel, expected in kinds
        for y in (2012, 2011)
        for r in (1, 0)
    ]
    table = {name: np.concatenate([t[name] for t in many]) for name in many[0]}
    found = made("networks", {"ties": table}, PLACE)
    columns = (found[name].tolist() for name in ("replicate", "year", "channel", "links"))
    of_channel = (("co-invention", 5), ("contract", 3))
    assert list(zip(*columns, strict=True)) == [
        (r, y, channel, links)
        for r in (0, 1)
        for y in (2011, 2012)
        for channel, links in of_channel
    ]


# -- cities ----------------------------------------------------------------------------------------


def city_rows(values, coupling=None):
    """Quarters of three years; ``values`` (years, C) are yearly sums, late in odd cities."""
    years, n = values.shape
    city, year, quarter = (i.ravel() for i in np.indices((n, years, 4)))
    table = {
        **keyed(len(city)),
        "city": np.array(CITIES, dtype=object)[city],
        "province": np.array(WORLD.provinces, dtype=object)[WORLD.city_province[city]],
        "year": 2011 + year,
        "quarter": 1 + quarter,
    }
    part = np.where(city % 2, quarter + 1, 4 - quarter) / 10.0
    for name in derived.FLOWS:
        table[name] = values[year, city] * part
    degree = values if coupling is None else coupling
    table["coupling"] = np.where(quarter == 3, degree[year, city], np.nan)
    order = np.random.default_rng(1).permutation(len(city))
    return {name: column[order] for name, column in table.items()}


VALUES = np.array(
    [[8.0, 4.0, 2.0, 2.0, 1.0, 1.0], [8.0, 6.0, 4.0, 3.0, 2.0, 2.0], [8.0, 7.0, 6.0, 5.0, 4.0, 4.0]]
)


def test_inequality_is_that_of_the_measures():
    table = made("inequality", {"city_series": city_rows(VALUES)}, PLACE)
    assert len(table["year"]) == 3 * len(derived.QUANTITIES)
    for name in ("rd_expenditure", "coupling"):
        one, y = row(table, year=2011, indicator=name), VALUES[0]
        for index, measure in (("theil", theil), ("gini", dagum)):
            for part, value in vars(measure(y, WORLD.city_province, 2)).items():
                column = index if part == "total" else f"{index}_{part}"
                assert one[column] == pytest.approx(value), column
        assert one["variation"] == pytest.approx(y.std() / y.mean())


def test_flows_are_compared_for_each_resident():
    """Twice the residents in two cities: their flows count half, their coupling does not."""
    people = WORLD.city_population.copy()
    people[:2] *= 2.0
    place = place_of(city_population=people)
    doubled = VALUES * np.array([2.0, 2.0, 1.0, 1.0, 1.0, 1.0])
    found = made("inequality", {"city_series": city_rows(doubled, VALUES)}, place)
    plain = made("inequality", {"city_series": city_rows(VALUES)}, PLACE)
    for name in derived.QUANTITIES:
        for year in (2011, 2013):
            one, two = (row(t, year=year, indicator=name) for t in (found, plain))
            assert one["gini"] == pytest.approx(two["gini"])
    weighted = row(found, year=2011, indicator="launches")["theil"]
    assert weighted != pytest.approx(row(plain, year=2011, indicator="launches")["theil"])


def test_convergence_by_hand():
    table = made("convergence", {"city_series": city_rows(VALUES)}, PLACE)
    first = row(table, year=2011, indicator="launches")
    assert first["sigma"] == pytest.approx(np.log(VALUES[0]).std())
    assert math.isnan(first["beta"])
    last = row(table, year=2013, indicator="launches")
    people = WORLD.city_population[0, 0]
    ends = VALUES[0] / people, VALUES[2] / people, 2.0
    whole, inside = beta(*ends), beta(*ends, WORLD.city_province, 2)
    found = last[["beta", "beta_error", "speed", "beta_within", "beta_within_error"]].tolist()
    wanted = [whole.slope, whole.error, whole.speed, inside.slope, inside.error]
    assert found == pytest.approx(wanted)
    zero = VALUES.copy()
    zero[1, 5] = 0.0
    table = made("convergence", {"city_series": city_rows(zero)}, PLACE)
    assert math.isnan(row(table, year=2012, indicator="launches")["sigma"])
    assert row(table, year=2013, indicator="launches")["beta"] == pytest.approx(whole.slope)


def test_a_missing_quarter_is_refused():
    table = city_rows(VALUES)
    short = {name: column[1:] for name, column in table.items()}
    with pytest.raises(ValueError, match="lacks a quarter"):
        made("inequality", {"city_series": short}, PLACE)


# -- adoption --------------------------------------------------------------------------------------


def curve_rows(shares, outside, founded=((2011, 1),)):
    """Generations of equal curves; ``shares`` (P, T) by quarter since the founding."""
    provinces, length = shares.shape
    able = 1000.0 * (1 + np.arange(provinces))
    rows = []
    for g, (year, quarter) in enumerate(founded):
        start = 4 * year + quarter - 1
        for age in range(length - (start - 4 * founded[0][0])):
            rows.append((g, start + age, age))
    g, when, age = np.array(rows).T
    table = {**keyed(len(g)), "generation": g, "year": when // 4, "quarter": when % 4 + 1}
    for p, name in enumerate(WORLD.provinces):
        table[f"adopters_{name}"] = able[p] * shares[p, age]
        table[f"eligible_{name}"] = np.full(len(g), able[p])
    for what in ("adopters", "eligible"):
        table[what] = sum(table[f"{what}_{name}"] for name in WORLD.provinces)
    table["outside_share"] = outside[age]
    n = len(founded)
    generations = {
        **keyed(n),
        "generation": np.arange(n),
        "founded_year": np.array([year for year, _ in founded]),
        "founded_quarter": np.array([quarter for _, quarter in founded]),
        "founder_city": text(*[CITIES[0]] * (n - 1), ""),
    }
    return {"adoption_curves": table, "generations": generations}


def series_rows(launches, added):
    """A year of the region and its provinces."""
    facts = {"launches": np.array(launches), "value_added_secondary": np.array(added)}
    region = text("yrd", *WORLD.provinces)
    return {"series": {**keyed(3), "region": region, "year": np.full(3, 2011), **facts}}


TIME = np.arange(1, 61) / 4.0


def bass_time(share, p, q):
    """When a Bass curve reaches a share of the final adopters."""
    return math.log((1.0 + share * q / p) / (1.0 - share)) / (p + q)


def test_planted_bass_curves_are_found():
    p, q = (0.05, 0.02), (0.5, 0.6)
    shares = np.array([bass(TIME, 1.0, p[k], q[k]) for k in range(2)])
    tables = curve_rows(shares, np.zeros(60), founded=((2011, 1), (2011, 1)))
    found = made("diffusion", tables, PLACE)
    times = []
    for k, name in enumerate(WORLD.provinces):
        one = row(found, year=2011, region=name)
        assert (one["p"], one["q"], one["m"]) == pytest.approx((p[k], q[k], 1.0), rel=1e-3)
        ends = [one[f"{name}_{end}"] for name in "pq" for end in ("low", "high")]
        assert ends == pytest.approx([p[k], p[k], q[k], q[k]], rel=1e-3)  # of equal curves
        assert one["r2"] > 0.9999
        assert one["generations"] == 2
        for share, column in ((0.1, "t10"), (0.5, "t50"), (0.9, "t90")):
            assert one[column] == pytest.approx(bass_time(share, p[k], q[k]), abs=0.01)
        times.append(one["t50"])
    assert row(found, region=WORLD.provinces[0])["lag50"] == 0.0
    late = row(found, region=WORLD.provinces[1])
    assert late["lag50"] == pytest.approx(times[1] - times[0])
    whole = row(found, region="yrd")
    assert times[0] < whole["t50"] < times[1]
    assert math.isnan(whole["lag50"])


def far_apart():
    """A place with cities at 0, 150, 250, 50, 400 and 0 km from the first one."""
    km = np.abs(np.subtract.outer([0.0, 150.0, 250.0, 50.0, 400.0, 0.0], np.zeros(N)))
    return place_of(distance_km=km.T)


def test_lags_by_distance_by_hand():
    """Ten firms in each of five cities; one more firm adopts each quarter, the far ones later.

    The province of the first three cities has 30 firms, that of the others 20; the last city is at
    no distance from the first one and still another city.
    """
    begin = {0: 0, 1: 4, 2: 8, 3: 2, 4: 12}  # quarters until the first firm of a city adopts
    when = [(c, first + k) for c, first in begin.items() for k in range(10)]
    city, age = (np.array(column) for column in zip(*when, strict=True))
    order = np.random.default_rng(3).permutation(len(city))
    city, age = city[order], age[order]
    counts = np.array([[((age <= t) & (city // 3 == p)).sum() for t in range(24)] for p in (0, 1)])
    shares = counts / np.array([[30.0], [20.0]])
    tables = curve_rows(shares, np.zeros(24), founded=((2011, 1), (2011, 1)))
    # curve_rows makes generation 1 of the rest of the nation: it has no city of founding
    tables["generations"] |= {
        "origin": text("region", "outside"),
        "industry": text(*[WORLD.industries[0]] * 2),
    }
    tables["generations"] = {k: v[::-1] for k, v in tables["generations"].items()}
    tables["adoption"] = {
        **keyed(50),
        "generation": np.zeros(50, dtype=np.int64),
        "city": np.array(CITIES, dtype=object)[city],
        "year": 2011 + age // 4,
        "quarter": 1 + age % 4,
    }
    tables["agents"] = {
        **keyed(51),
        "kind": text(*["firm"] * 50, "university"),
        "city": np.append(np.array(CITIES, dtype=object)[city], CITIES[5]),
        "industry": text(*[WORLD.industries[0]] * 50, ""),
    }
    found = made("diffusion_distance", tables, far_apart())
    assert len(found["year"]) == len(derived.CLASSES)
    # the first of ten adopts in the quarter that ends .25 years after the city begins
    for name, first in (("own city", 0), ("to 100 km", 2), ("100 to 200 km", 4),
                        ("200 to 300 km", 8), ("above 300 km", 12)):  # fmt: skip
        one = row(found, distance=name)
        assert one["t10"] == pytest.approx((first + 1) / 4.0)
        assert one["t50"] == pytest.approx((first + 5) / 4.0)
        assert one["lag10"] == one["lag50"] == pytest.approx(first / 4.0)
        assert one["generations"] == 1
    assert row(found, distance="to 100 km")["km"] == 25.0
    # of a run without any generation of the region there is nothing to say
    tables["generations"]["origin"] = text("outside", "outside")
    found = made("diffusion_distance", tables, far_apart())
    assert set(found["generations"]) == {0}
    assert np.isnan(found["lag10"]).all()


def test_a_year_of_founding_follows_its_youngest_generation():
    """Times are medians; a curve that is too short has none, and no Bass curve is fitted."""
    shares = np.array([np.minimum(TIME / 2.0, 1.0)] * 2)[:, :9]
    tables = curve_rows(shares, np.zeros(9), founded=((2011, 1), (2011, 4), (2012, 1)))
    found = made("diffusion", tables, PLACE)
    first = row(found, year=2011, region="yrd")
    assert first["generations"] == 2
    assert first["t50"] == 1.0  # 0.5 at the end of the fourth quarter
    assert math.isnan(first["p"])  # six quarters
    second = row(found, year=2012, region="yrd")
    assert second["t10"] == 0.25
    assert math.isnan(second["t90"])


def test_of_an_even_number_of_leads_the_lower_middle_counts():
    early = np.minimum(TIME / 10.0, 1.0)
    shares = np.array([early, np.concatenate([np.zeros(8), early[:-8]])])[:, :40]
    tables = curve_rows(shares, np.zeros(40), founded=((2011, 1), (2011, 1)))
    curves, second = tables["adoption_curves"], tables["adoption_curves"]["generation"] == 1
    for what in ("adopters", "eligible"):
        a, b = (curves[f"{what}_{name}"] for name in WORLD.provinces)
        a[second], b[second] = b[second], a[second]
    found = made("pioneer", tables | series_rows([1.0, 1.0, 1.0], [1.0, 1.0, 1.0]), PLACE)
    leads = [row(found, year=2011, region=name)["lead"] for name in WORLD.provinces]
    assert leads == pytest.approx([-2.0, -2.0])


def test_a_generation_that_is_retired_keeps_its_last_value():
    early = np.minimum(TIME / 10.0, 1.0)[None, :40].repeat(2, axis=0)
    tables = curve_rows(early, np.zeros(40), founded=((2011, 1), (2011, 1)))
    curves = pd.DataFrame(tables["adoption_curves"])
    retired = (curves["generation"] == 0) & (curves["year"] >= 2016)
    frames = {"generations": pd.DataFrame(tables["generations"])}
    frames["adoption_curves"] = curves[~retired]
    (cohort,) = derived.cohorts(frames, WORLD.provinces)
    assert cohort.share[0, -1].tolist() == pytest.approx(
        np.minimum(early[0], early[0, 19]).tolist()
    )
    assert cohort.share[1, -1].tolist() == pytest.approx(early[0].tolist())


def test_who_comes_first_by_hand():
    """The first province leads the second by two years, and the region the nation by more."""
    early = np.minimum(TIME / 10.0, 1.0)
    late = np.concatenate([np.zeros(8), early[:-8]])
    shares = np.array([early, late])[:, :40]
    tables = curve_rows(shares, np.zeros(40), founded=((2011, 1), (2011, 2)))
    series = series_rows([10.0, 8.0, 2.0], [100.0, 40.0, 60.0])
    found = made("pioneer", tables | series, PLACE)
    one, two, whole = (row(found, year=2011, region=r) for r in (*WORLD.provinces, "yrd"))
    assert (one["lead"], two["lead"]) == (pytest.approx(2.0), pytest.approx(-2.0))
    assert (one["first_share"], two["first_share"], whole["first_share"]) == (1.0, 0.0, 1.0)
    assert (one["founded"], two["founded"], whole["founded"]) == (1, 0, 1)
    assert (one["founded_share"], whole["founded_share"]) == (0.5, 0.5)
    assert (one["launch_quotient"], two["launch_quotient"]) == (2.0, pytest.approx(1.0 / 3.0))
    assert whole["launch_quotient"] == 1.0
    # the nation never comes so far: the lead has no end
    assert math.isnan(whole["lead"])
    slow = np.concatenate([np.zeros(4), early[:36]])
    tables = curve_rows(np.array([early, early])[:, :40], slow, founded=((2011, 1), (2011, 2)))
    found = made("pioneer", tables | series, PLACE)
    assert row(found, region="yrd")["lead"] == pytest.approx(1.0)


# -- results ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole():
    return simulate("synthetic", SHORT | {"replicates": 2, "record.firms": True})


def test_what_was_not_recorded_is_said_in_a_line():
    off = {"record.ties": False, "record.cities": False}
    short = simulate("synthetic", SHORT | {"end": 2011} | off)
    for name, said in (
        ("networks", "made from ties, .* --set record.ties=true, and --output"),
        ("inequality", "made from city_series"),
        ("convergence", "made from city_series"),
    ):
        assert name not in short.tables
        with pytest.raises(UsageError, match=f"table {name} is {said}") as error:
            short.table(name)
        assert "\n" not in str(error.value)


@pytest.mark.slow
def test_a_world_that_has_changed_is_refused(whole, monkeypatch):
    digests = whole.contents.points.worlds
    monkeypatch.setitem(digests, "synthetic", "0" * 64)
    with pytest.raises(
        ResultsError, match="needs world synthetic as it was: its files have changed"
    ):
        whole.table("networks")
    assert len(whole.table("funnel_stages")) > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "rows", "said"),
    [
        ("agents", lambda n: slice(0, 0), r"\(0, 0\)"),
        ("generations", lambda n: np.arange(2 * n) % n, "Reindexing"),
    ],
)
def test_tables_that_do_not_fit_together_are_refused(whole, monkeypatch, name, rows, said):
    read = whole.raw

    def other(table):
        found = read(table)
        if table != name:
            return found
        kept = rows(len(found["replicate"]))
        return {column: values[kept] for column, values in found.items()}

    monkeypatch.setattr(whole, "raw", other)
    with pytest.raises(ResultsError, match=f"table diffusion_distance: {said}"):
        whole.table("diffusion_distance")


def test_results_of_an_earlier_version_say_what_they_lack():
    here = open_results(Path(__file__).parents[1] / "old_results" / "run")
    cards = {k: card for k, card in here.manifest["indicators"].items() if k != "launches"}
    manifest = {**here.manifest, "indicators": cards}
    old = Results(here.store, here.contents, manifest, here.receipts)
    assert "pioneer" not in old.tables
    with pytest.raises(UsageError, match="made from the indicator launches, which these results"):
        old.table("pioneer")
    assert len(old.table("funnel_stages")) > 0


@pytest.mark.slow
def test_a_sweep_that_thins_its_series_has_no_pioneers(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(
        "name: s\ndescription: Thinned.\nbase: synthetic\n"
        "set: {scale: 0.01, end: 2011, parameters.population.burn_in: 4}\n"
        "design: {kind: grid, factors: {parameters.adopt.internal: {values: [0.4, 0.5]}}}\n"
        "replicates: 1\n"
        "record: {series: 4, cities: 2, tables: [adoption_curves, generations, funnel]}\n",
        encoding="utf-8",
    )
    results = sweep(path, out=tmp_path / "r")
    assert {"funnel_stages", "diffusion"} <= set(results.tables)
    for name, need in (("pioneer", "series"), ("inequality", "city_series")):
        with pytest.raises(UsageError, match=f"is made from {need}, of which not every quarter"):
            results.table(name)
