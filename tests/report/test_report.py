"""What the page says: the numbers of the tables, the words of strangers as text, the same bytes."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

import ydsim.report as report
from tests.support.made import make_results, packaged
from tests.support.made_page import gathered, one, page_of_two, planted, setting, two
from tests.support.made_sweep import grid, make_sweep
from ydsim import fmt
from ydsim.errors import UsageError
from ydsim.report import MEANINGS, TRUST, changed_settings, fit, numbers, page_of, scenario_text
from ydsim.results.summary import SHARES, compare_official, ranged
from ydsim.scenario.load import load_scenario, plain_scenario
from ydsim.studies.alternatives import alternative_of
from ydsim.studies.comparison import change_of

ROOT = Path(__file__).parents[2]
VOID = ("meta", "img", "source")


class Reader(HTMLParser):
    """Texts, tables and elements of a page; an element that is not closed is a fault."""

    def __init__(self, page):
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text += data
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data


@pytest.fixture
def undrawn(monkeypatch):
    """Leave figures out, which take longest."""
    monkeypatch.setattr(report, "_drawn", lambda draw, *given: {})


@pytest.fixture(scope="module")
def read():
    return Reader(page_of_two())


@pytest.mark.slow
@pytest.mark.usefixtures("undrawn")
def test_effects_are_those_of_the_comparison_and_places_are_folded():
    both = two()
    compared, page = both.compared, report._sections(both)
    assert compared is not None
    for of_region, name in ((True, "effects"), (False, "effects_by_place")):
        rows = [row for row in compared.found.rows if (row.level == "region") == of_region]
        shown = [
            [*([] if of_region else [row.place]), fmt.number(row.effect.plain), change_of(row)]
            for row in rows
        ]
        assert [row[1 : 1 + len(shown[0])] for row in page[name].rows] == shown


@pytest.mark.usefixtures("undrawn")
def test_the_answer_says_who_gains_and_who_loses_as_planted():
    answer = dict(report._answer(two()))
    assert [*answer][:3] == ["What changed", "What follows", "For whom"]
    assert answer["For whom"] == [
        "Shanghai: of 9 outcomes 1 rise and 0 fall; Anhui: of 9 outcomes 0 rise and 1 fall"
    ]
    assert "replicates" in answer["How sure"][0]
    pair = setting(name="base", replicates=2), setting(planted, replicates=2, name="other")
    (few,) = dict(report._answer(gathered(*pair)))["For whom"]
    assert "three replicates" in few
    alone = dict(report._answer(one(replicates=1, start=2018, end=2023)))
    assert "--replicates" in alone["How sure"][0]
    assert all("2018" in line and "2023" in line for line in alone["What follows"])


@pytest.mark.quick(1)
@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(("start", "end"), [(2018, 2023), (2011, 2012)])
def test_headline_figures_are_medians_and_ranges_of_the_exported_table(start, end):
    setting = one(start=start, end=end, replicates=4)
    table = setting.base.run.table("province_year")
    rows = Reader(page_of(setting)).rows
    figures = compare_official(setting.base.run)
    assert len(figures)
    whole = figures["region"] == "yrd"
    assert len(numbers(setting.base.run, 0, whole=True).rows) == whole.sum() < len(figures) / 2
    for figure in figures[figures["region"] == "yrd"].itertuples():
        mine = table[(table.indicator == figure.indicator) & (table.region == "yrd")]
        values = mine[mine.year == figure.year].value
        assert (figure.median, figure.low, figure.high) == pytest.approx(
            (values.median(), values.min(), values.max()), rel=1e-12
        )
        said = ranged(figure.median, figure.low, figure.high)
        star = " *" if figure.projection else ""
        assert [f"{figure.year}{star}", said, fmt.number(figure.official)] in [r[1:4] for r in rows]


@pytest.mark.parametrize("given", [None, 3, [None], [3]])
def test_what_is_no_folder_is_refused(given):
    with pytest.raises(UsageError, match="results"):
        report.save(given)


@pytest.mark.usefixtures("undrawn")
def test_every_foreign_text_is_text():
    evil = "<script>alert(1)</script>\"'&\u202e\x07"
    results = make_results(name="made", replicates=2)
    plain = results.manifest["scenario"]
    results.manifest["name"] = evil
    results.contents.points.columns["scenario"][:] = evil
    plain.update(name=evil, description=f"What if {evil}?")
    plain["policies"][evil] = {"policy": evil, "start": evil, "strength": evil, "x": {evil: evil}}
    plain["parameters"][evil] = {evil: evil}
    read = Reader(page_of(gathered(alternative_of(results)), evil))
    tags = {tag for tag, _ in read.tags}
    assert not tags & {"script", "iframe", "object", "link", "form"}
    assert all(not name.startswith("on") for _, attributes in read.tags for name in attributes)
    assert "<script>alert(1)</script>" in read.text
    assert "\u202e" not in read.text
    assert "\\u202e" in read.text
    assert "\x07" not in read.text


@pytest.mark.slow
def test_equal_results_give_equal_bytes():
    assert page_of(two()) == page_of_two()


@pytest.mark.slow
def test_no_path_no_date_nothing_from_elsewhere(read):
    page = page_of_two()
    for tag, attributes in read.tags:
        for name in ("src", "href"):
            target = attributes.get(name) or ""
            assert not target or target.startswith(("#", "data:image/png;base64,")), (tag, target)
    assert not re.search(r"url\(|@import|/tmp|/home", page)
    assert ("html", {"lang": "en"}) in read.tags


@pytest.mark.slow
def test_heads_of_tables_have_a_scope_and_links_lead_somewhere(read):
    assert all(at.get("scope") in ("col", "row") for tag, at in read.tags if tag == "th")
    places = {at["id"] for _, at in read.tags if "id" in at}
    links = [at["href"] for tag, at in read.tags if tag == "a"]
    assert {str(link)[1:] for link in links} <= places
    sections, meanings = {*links[:7]}, {name for name in places if str(name).startswith("word-")}
    assert len(sections) == 7
    assert len(meanings) == len(MEANINGS)
    assert len(meanings & {str(link)[1:] for link in links}) > 10
    assert all(at.get("alt") for tag, at in read.tags if tag == "img")


@pytest.mark.slow
@pytest.mark.usefixtures("undrawn")
def test_gaps_to_official_figures_are_counted_and_sorted(monkeypatch):
    assert not fit(one().base.run, 0)[1].rows  # of a world that is made up
    monkeypatch.setattr("ydsim.results.summary.MADE_UP", ())
    results = one().base.run
    figures = compare_official(results, 0, list(results.manifest["indicators"]))
    figures = figures[figures["official"].notna()]
    gaps = (figures["median"] / figures["official"] - 1.0).abs()
    monkeypatch.setattr("ydsim.report.MISS", float(gaps.median()))
    short, table = fit(results, 0)
    shown = [abs(float(row[4].strip("+\u2212% ").replace(",", ""))) for row in table.rows]
    assert shown == sorted(shown, reverse=True)
    assert shown == pytest.approx(sorted(100.0 * gaps, reverse=True), abs=0.06)
    assert f"Of {len(figures)} official figures" in short
    assert f"{int((gaps > gaps.median()).sum())} of these are missed" in short
    assert report._sections(one())["largest"].rows == table.rows[:8]
    assert not any("yrd" in row[0] for row in table.rows)
    assert not fit(one(start=2030, end=2031).base.run, 0)[1].rows


def test_values_that_a_scenario_sets_are_listed_with_mark_and_source():
    scenario = load_scenario("open_platforms", {"parameters.border.exposure": 0.3})
    results = make_results(replicates=1)
    results.manifest["scenario"] = {**plain_scenario(scenario), "world": "synthetic"}
    changed = {row[0]: row[1:] for row in changed_settings(alternative_of(results)).rows}
    assert changed["parameters.border.exposure"][:4] == ["0.3", "0.5", "1", "assumed"]
    assert changed["policies.membership.passes"][0] == "1.2"
    assert "policies.membership.growth" not in changed
    assert "parameters.adopt.internal" not in changed
    assert all(row[3] != "unknown" for row in changed.values())


def test_a_rate_that_an_amount_replaces_is_no_setting():
    found = {}
    for name, keys in {"rate": {"rate": 0.07}, "amount": {"amount": 3.0}}.items():
        policy = {f"policies.g.{key}": value for key, value in keys.items()}
        scenario = load_scenario("synthetic", {"policies.g.policy": "rd_grants", **policy})
        results = make_results(replicates=1)
        results.manifest["scenario"] = plain_scenario(scenario)
        rows = changed_settings(alternative_of(results)).rows
        found[name] = {row[0] for row in rows if row[0].startswith("policies.g.")}
    assert found["rate"] - found["amount"] == {"policies.g.rate"}
    assert "policies.g.amount" in found["amount"]


def test_the_scenario_on_the_page_loads_to_an_equal_one(tmp_path):
    scenario = load_scenario("open_platforms", {"scale": 0.02, "replicates": 3})
    results = make_results(replicates=1)
    results.manifest["scenario"] = plain_scenario(scenario)
    results.manifest["worlds"]["yrd"] = results.manifest["worlds"]["synthetic"]
    path = tmp_path / "again.yaml"
    path.write_text(scenario_text(alternative_of(results)), encoding="utf-8")
    assert plain_scenario(load_scenario(path)) == plain_scenario(scenario)
    points = make_sweep(grid(end=[2020, 2022]), lambda factors, r, years: 1.0 * years, replicates=3)
    assert "replicates: 3" in scenario_text(alternative_of(points, 1))


def test_limits_are_those_of_the_readme():
    text = " ".join((ROOT / "README.md").read_text("utf-8").split())
    assert TRUST in text


@pytest.mark.slow
def test_a_page_of_results_that_lack_tables_has_no_empty_places():
    read = Reader(page_of(one(leave_out=("series", "generations", "adoption_curves"))))
    assert all(at.get("src") for tag, at in read.tags if tag == "img")
    assert "The world is made up" in read.text


@pytest.mark.slow
@pytest.mark.usefixtures("undrawn")
def test_money_of_policies_stands_on_the_page(monkeypatch):
    head = ["policy", "first", "last", "asked", "taken", "leaked", "left", *SHARES]
    money = pd.DataFrame([["fund", 2012, 2013, 2e3, 1500.0, 0.5, 500.0, 0.75, 0.75]], columns=head)
    monkeypatch.setattr("ydsim.results.summary.policy_money", lambda results, point: money)
    rows = Reader(page_of(one())).rows
    assert ["claimed", "paid", "leaked", "unspent", "budget used", "claims met"] in [
        row[2:] for row in rows
    ]
    assert ["fund", "2012-2013", "2,000", "1,500", "0.5", "500", "75 %", "75 %"] in rows


def test_forecasts_stand_beside_projections_where_they_are_made():
    made = packaged(make_results(world="yrd"))
    found = numbers(made, 0, whole=False)
    assert len(found.head) == 6
    rows = [row for row in found.rows if "[" in row[4]]
    assert {row[1] for row in rows} == {"2023 *"}
    assert all("%" in row[5] for row in rows)
    assert len(numbers(make_results(), 0, whole=False).head) == 4
