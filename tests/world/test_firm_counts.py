"""Growth of the number of firms from two kinds of counts."""

import math
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest

from tests.support.numbers import close
from tests.support.relabelled import relabel_provinces
from ydsim.errors import InputError
from ydsim.scenario.schema.parameters import PopulationParameters
from ydsim.world.firm_counts import growth_by_quarter
from ydsim.world.loader import load_world
from ydsim.world.places import fill_gaps
from ydsim.world.synthetic import synthetic_world

YRD = Path(load_world.__code__.co_filename).parent / "data" / "yrd"
HEAD = "region,year,indicator,value\n"


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a folder with the given rows and loads it."""

    def written(rows: str):
        folder = copytree(YRD, tmp_path / "mine")
        (folder / "firm_counts.csv").write_text(HEAD + rows, encoding="utf-8")
        return folder

    return written


def scalar_rates(counts, province):
    """Both rates of a province; ``counts`` by indicator and region, of first and last year."""

    def rate(name, region):
        if (name, region) not in counts:
            return None
        (first, a), (last, b) = counts[name, region]
        return math.log(b / a) / (last - first)

    nation = rate("industrial_firms_above_scale", "China")
    high = rate("hitech_industry_firms", province)
    whole = rate("hitech_industry_firms", "China")
    own = rate("industrial_firms_above_scale", province)
    every = rate("enterprise_legal_units", province)
    if own is None:
        own = nation if high is None or whole is None else nation * high / whole
    return own, rate("enterprise_legal_units", "China") if every is None else every


def scalar_growth(rates, year, between, damping, until, last):
    g = (1.0 - between) * rates[0] + between * rates[1]
    ahead = year - last
    if ahead <= 1:
        return g
    return g * damping**ahead * max(0.0, 1.0 - ahead / (until - last))


def test_rates_of_the_delta_equal_the_scalar_rule():
    counts: dict = {}
    lines = (YRD / "firm_counts.csv").read_text(encoding="utf-8").splitlines()[1:]
    for region, year, name, value in (line.split(",")[:4] for line in lines):
        first, _ = counts.setdefault((name, region), [(int(year), float(value))] * 2)
        counts[name, region] = [first, (int(year), float(value))]
    counts = {k: v for k, v in counts.items() if v[0][0] < v[1][0]}
    world = load_world("yrd")
    close(world.firm_growth, [scalar_rates(counts, p) for p in world.provinces])
    assert world.firm_counts_end == 2020
    assert (world.firm_growth[:, 1] > world.firm_growth[:, 0]).all()
    close(world.firm_growth[1], [math.log(46790 / 41006) / 3, math.log(2333775 / 1717140) / 4])


def test_what_stands_in_for_counts_that_lack(write):
    rows = (
        "China,2011,industrial_firms_above_scale,100\nChina,2013,industrial_firms_above_scale,121\n"
        "China,2016,enterprise_legal_units,10\nChina,2017,enterprise_legal_units,11\n"
        "Anhui,2016,enterprise_legal_units,10\nAnhui,2018,enterprise_legal_units,12\n"
    )
    world = load_world(write(rows))
    want = [[math.log(1.1), math.log(1.1)]] * 3 + [[math.log(1.1), math.log(1.2) / 2]]
    close(world.firm_growth, want)
    assert world.firm_counts_end == 2018


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("Anhui,2011,enterprise_legal_units,0\n", "must be above 0"),
        ("Anhui,2011,enterprise_units,5\n", "did you mean 'enterprise_legal_units'?"),
        ("Anhu,2011,enterprise_legal_units,5\n", "did you mean 'Anhui'?"),
        ("Anhui,2011,enterprise_legal_units,5\n" * 2, "in 2011 appears twice"),
    ],
)
def test_faults_are_named(write, rows, said):
    with pytest.raises(InputError) as caught:
        load_world(write(rows))
    (line,) = caught.value.problems
    assert "firm_counts.csv:" in line
    assert said in line


def test_a_world_without_the_file_has_no_growth(write):
    folder = write("")
    (folder / "firm_counts.csv").unlink()
    world = load_world(folder)
    assert world.firm_growth is None
    assert not growth_by_quarter(world, np.arange(2011, 2016), 0.5, 0.8, 2030).any()


@pytest.mark.parametrize("between", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("damping", [0.0, 0.8, 1.0])
def test_growth_by_quarter_equals_the_scalar_rule(between, damping):
    rates = np.array([[0.01, 0.04], [0.1, 0.1], [0.0, 0.0], [-0.02, 0.05]])
    world = replace(synthetic_world(4, 3), firm_growth=rates, firm_counts_end=2016)
    years = np.arange(2011, 2031)
    found = growth_by_quarter(world, years, between, damping, 2026)
    want = [
        [scalar_growth(r, y, between, damping, 2026, 2016) for y in years.tolist()]
        for r in rates.tolist()
    ]
    close(found, np.repeat(want, 4, axis=1), atol=1e-14)
    shorter = growth_by_quarter(world, years[:9], between, damping, 2026)
    assert (found[:, :36] == shorter).all()  # no year depends on the end


def test_rates_travel_with_their_provinces():
    rates = np.arange(8.0).reshape(4, 2)
    world = replace(synthetic_world(4, 3), firm_growth=rates)
    assert (relabel_provinces(world, (2, 0, 3, 1)).firm_growth == rates[[2, 0, 3, 1]]).all()


@pytest.mark.parametrize(
    ("column", "said"),
    [("1,0,0,0,0,0,0,0,0,", "is empty in some rows"), ("2,0,0,0,0,0,0,0,0,0", "at most 1")],
)
def test_marks_of_high_technology_are_all_or_none(tmp_path, column, said):
    folder = copytree(YRD, tmp_path / "mine")
    file = folder / "industries.csv"
    lines = [line.split(",")[:3] for line in file.read_text(encoding="utf-8").splitlines()]
    assert load_world("yrd").industry_hitech.tolist() == [True] * 3 + [False] * 7
    marks = ["high_technology", *column.split(",")]
    file.write_text(
        "".join(f"{','.join(x)},{m}\n" for x, m in zip(lines, marks, strict=True)), encoding="utf-8"
    )
    with pytest.raises(InputError, match=said):
        load_world(folder)


def test_the_damping_is_that_of_least_error_in_a_rolling_origin():
    """On the one count of ten years, one to three years ahead, as inputs are tried."""
    series = load_world("yrd").series["hitech_industry_firms"]
    lines = series.values[:, 2011 - int(series.years[0]) :].copy()
    error = {}
    for phi in np.arange(0.0, 1.01, 0.1).round(1).tolist():
        squares = []
        for line in lines:
            fill_gaps(line)
            log = np.log(line)
            for origin in range(3, len(log) - 1):
                growth = np.diff(log[max(origin - 5, 0) : origin + 1]).mean()
                ahead = np.arange(1, min(3, len(log) - 1 - origin) + 1)
                told = log[origin] + growth * np.cumsum(phi**ahead)
                squares += ((log[origin + ahead] - told) ** 2).tolist()
        error[phi] = float(np.sqrt(np.mean(squares)))
    assert min(error, key=error.__getitem__) == PopulationParameters().growth_damping
    assert error[0.6] == pytest.approx(0.085, abs=5e-4)
    assert [error[0.0], error[1.0]] == pytest.approx([0.120, 0.129], abs=5e-4)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            "Anhui,2016,enterprise_legal_units,518794\n"
            "Anhui,2017,enterprise_legal_units,727017000\n",
            "counts of enterprises make firms of Anhui change by a factor of 1.4e+03 a year",
        ),
        (
            "Anhui,2016,industrial_firms_above_scale,1000\n"
            "Anhui,2017,industrial_firms_above_scale,1e-300\n",
            "counts of industrial firms make firms of Anhui change by a factor of 1e-303 a year",
        ),
    ],
)
def test_growth_that_no_province_has_is_refused(write, rows, message):
    """A wrong digit would fill the memory with firms."""
    with pytest.raises(InputError, match=r"firm_counts.csv: value: counts") as refused:
        load_world(str(write(rows)))
    assert message in str(refused.value)
