"""What the page says: the numbers of the tables, the words of strangers as text, the same bytes."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from tests.support.made import OFFICIAL, make_results
from tests.support.made_page import gathered, one, page_of_two, two
from ydsim import fmt
from ydsim.measures.effects import interval
from ydsim.plots.effects import finding
from ydsim.report.again import scenario_text
from ydsim.report.basis import MARKS, counts, settings_of
from ydsim.report.fit import MISS, Beside, beside
from ydsim.report.gather import results_of
from ydsim.report.limits import TRUST
from ydsim.report.markup import VOID, element, paragraph, table, written
from ydsim.report.page import page_of
from ydsim.report.pictures import Pictures
from ydsim.report.scenario import date, shocks_of
from ydsim.report.values import Values
from ydsim.results.summary import compare_official, official_as_text
from ydsim.scenario.load import load_scenario, plain_scenario
from ydsim.scenario.schema.scenario import Scenario
from ydsim.studies.alternatives import alternative_of
from ydsim.studies.comparison import change_of

ROOT = Path(__file__).parents[2]


class Reader(HTMLParser):
    """Texts, tables and elements of a page; an element that is not closed is a fault."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave figures out, which take longest."""
    monkeypatch.setattr(Pictures, "drawn", lambda self, kind, results: paragraph(kind))


@pytest.fixture(scope="module")
def read() -> Reader:
    return Reader(page_of_two())


@pytest.mark.slow
def test_the_title_is_the_finding_and_all_effects_are_those_of_the_comparison(read: Reader) -> None:
    found = two().found
    assert found is not None
    assert finding(found) in read.text
    for row in found.rows:
        where = "region" if row.level == "region" else row.place
        mine = [each for each in read.rows if each[0].endswith(f", {where}")
                and each[0].lower().startswith(f"{row.outcome.label} [".lower())]  # fmt: skip
        assert [fmt.number(row.effect.plain), change_of(row)] in [each[1:] for each in mine]


@pytest.mark.slow
def test_who_gains_and_who_loses_is_what_was_planted(read: Reader) -> None:
    assert re.search(
        r"Launches: gain: Shanghai \(\+29\.\d %\); lose: Anhui \(\W9\.\d+ %\)", read.text
    )


@pytest.mark.slow
@pytest.mark.usefixtures("undrawn")
def test_headline_numbers_are_means_with_intervals_over_replicates() -> None:
    gathered_one = one(replicates=4)
    values = Values(gathered_one.base)
    whole = values.of["rd_expenditure", "yrd", 2023]
    n, mean, low, high = interval(whole)
    assert (n, len(whole)) == (4, 4)
    assert low is not None
    assert high is not None
    expected = fmt.interval(mean, low, high)
    table = results_table(gathered_one)
    assert whole.tolist() == table
    assert [expected] == [row[-1] for row in Reader(page_of(gathered_one)).rows
                          if row[0].startswith("R&D [")][:1]  # fmt: skip


def results_table(found: object) -> list[float]:
    """Return the same numbers from the table that users read."""
    results = found.base.results  # type: ignore[attr-defined]
    rows = results.table("province_year")
    mine = rows[(rows.indicator == "rd_expenditure") & (rows.region == "yrd") & (rows.year == 2023)]
    return [float(value) for value in mine.sort_values("replicate").value]


@pytest.mark.usefixtures("undrawn")
def test_one_replicate_has_no_interval_and_says_so() -> None:
    text = Reader(page_of(one(replicates=1))).text
    assert "One replicate: numbers have no interval" in text
    assert "It rests on one replicate" in text


@pytest.mark.slow
def test_every_foreign_text_is_text() -> None:
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


def test_texts_and_attributes_are_escaped() -> None:
    node = element("p", "<b>&", title='"><script>', class_="x")
    assert written(node) == '<p title="&quot;&gt;&lt;script&gt;" class="x">&lt;b&gt;&amp;</p>'
    assert written("47\u00a0%") == "47\u00a0%"


@pytest.mark.slow
def test_equal_results_give_equal_bytes() -> None:
    assert page_of(two()) == page_of_two()


@pytest.mark.slow
def test_no_path_no_date_nothing_from_elsewhere(read: Reader) -> None:
    page = page_of_two()
    for tag, attributes in read.tags:
        for name in ("src", "href"):
            target = attributes.get(name) or ""
            assert not target or target.startswith(("#", "data:image/png;base64,")), (tag, target)
    assert not re.search(r"url\(|@import|/tmp|/home", page)
    assert ("html", {"lang": "en"}) in read.tags


@pytest.mark.slow
def test_heads_of_tables_have_a_scope_and_links_lead_somewhere(read: Reader) -> None:
    assert all(at.get("scope") in ("col", "row") for tag, at in read.tags if tag == "th")
    places = {at["id"] for _, at in read.tags if "id" in at}
    links = [at["href"] for tag, at in read.tags if tag == "a"]
    assert len(links) == 9
    assert {str(link)[1:] for link in links} <= places
    assert all(at.get("alt") for tag, at in read.tags if tag == "img")


@pytest.mark.usefixtures("undrawn")
def test_misses_are_named() -> None:
    assert Beside("launches", "yrd", 2020, 126.0, 100.0).missed
    assert not Beside("launches", "yrd", 2020, 125.0, 100.0).missed
    assert Beside("launches", "yrd", 2020, 74.0, 100.0).missed
    assert MISS == 0.25
    gathered_one = one()
    found = beside(Values(gathered_one.base))
    assert {each.indicator for each in found} <= set(OFFICIAL)
    assert {each.year for each in found} == {2020}
    missed = sum(each.missed for each in found)
    text = Reader(page_of(gathered_one)).text
    assert missed > 3
    assert f"Of {len(found)} official figures of 2020" in text
    assert f"{missed} are missed by more than 25 %" in text


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(("start", "end"), [(2018, 2023), (2011, 2012)])
def test_the_end_of_a_run_the_export_and_the_page_say_the_same(start: int, end: int) -> None:
    """The same value, unit, years and rounding, and the same official figures beside it."""
    setting = one(start=start, end=end)
    results = results_of(setting.base)
    values, page = Values(setting.base), page_of(setting)
    figures = compare_official(results)
    ended = {(f.indicator, f.region, f.year): f for f in figures.itertuples()}
    shown = {(b.indicator, b.place, b.year): b for b in beside(values)}
    assert {
        key for key, figure in ended.items() if figure.official == figure.official
    } == shown.keys()
    table = results.table("province_year")
    lines, rows = official_as_text(figures).splitlines(), Reader(page).rows
    for key, figure in ended.items():
        mine = (table.indicator == key[0]) & (table.region == key[1]) & (table.year == key[2])
        assert figure.mean == pytest.approx(float(table[mine].value.mean()), rel=1e-12)
        assert {figure.unit} == set(table[mine].unit)
        assert f"{key[0]} ({figure.unit})" in lines
        if key in shown:
            one_row = shown[key]
            assert (one_row.simulated, one_row.official) == (figure.mean, figure.official)
            said = [row for row in rows if row[1:2] == [str(key[2])] and row[3:4]
                    == [fmt.number(one_row.official)]]  # fmt: skip
            assert any(
                fmt.interval(figure.mean, figure.low, figure.high) == row[2] for row in said
            ), key


def test_values_that_a_scenario_sets_are_listed_with_mark_and_source() -> None:
    scenario = load_scenario("open_platforms", {"parameters.adopt.border": 0.3})
    results = make_results(replicates=1)
    results.manifest["scenario"] = {**plain_scenario(scenario), "world": "synthetic"}
    settings = settings_of(alternative_of(results))
    changed = {".".join(each.path): each for each in settings if each.changed}
    assert changed["parameters.adopt.border"].value == 0.3
    assert changed["parameters.adopt.border"].key.mark in MARKS  # type: ignore[union-attr]
    assert changed["policies.membership.relief"].value == 0.05
    assert "policies.membership.growth" not in changed
    assert "parameters.adopt.internal" not in changed
    assert all(each.key is not None for each in settings)
    total = sum(counts(settings).values())
    control = sum(each.key.mark == "control" for each in settings if each.key is not None)
    assert total == len(settings) - control


def test_a_rate_that_an_amount_replaces_is_no_setting() -> None:
    found = {}
    for name, keys in {"rate": {"rate": 0.05}, "amount": {"amount": 3.0}}.items():
        policy = {f"policies.g.{key}": value for key, value in keys.items()}
        scenario = load_scenario("synthetic", {"policies.g.policy": "rd_grants", **policy})
        results = make_results(replicates=1)
        results.manifest["scenario"] = plain_scenario(scenario)
        settings = settings_of(alternative_of(results))
        found[name] = {each.path[2] for each in settings if each.path[:2] == ("policies", "g")}
    assert "rate" in found["rate"]
    assert "amount" in found["amount"]
    assert found["rate"] - found["amount"] == {"rate"}


def test_the_scenario_on_the_page_loads_to_an_equal_one(tmp_path: Path) -> None:
    scenario = load_scenario("open_platforms", {"scale": 0.02, "replicates": 3})
    results = make_results(replicates=1)
    results.manifest["scenario"] = plain_scenario(scenario)
    results.manifest["worlds"]["yrd"] = results.manifest["worlds"]["synthetic"]
    path = tmp_path / "again.yaml"
    path.write_text(scenario_text(alternative_of(results)), encoding="utf-8")
    assert plain_scenario(load_scenario(path)) == plain_scenario(scenario)
    assert Scenario.model_validate(scenario) == scenario


def test_limits_are_those_of_the_readme() -> None:
    text = " ".join((ROOT / "README.md").read_text("utf-8").split())
    assert TRUST in text


def test_dates_are_said_by_quarter() -> None:
    assert [date(2018.75), date(2019.0), date(2019.25), date(1997)] == [
        "2018 Q4", "2019", "2019 Q2", "1997",
    ]  # fmt: skip


@pytest.mark.slow
def test_missing_tables_are_said() -> None:
    text = Reader(page_of(one(leave_out=("series", "generations", "adoption_curves")))).text
    assert "there are no yearly numbers" in text
    assert "not drawn" in text


def test_a_table_scrolls_in_a_box_that_the_keyboard_reaches() -> None:
    text = written(table("what", ["a", "b"], [["x", "1"]]))
    assert text.startswith('<div class="wide" role="region" aria-label="what" tabindex="0">')
    assert '<th scope="row">x</th><td class="number">1</td>' in text


def test_shocks_are_said_in_words() -> None:
    shocks = [
        {"name": "a", "kind": "grants", "year": 2012.5, "share": 0.1},
        {"name": "b", "kind": "meetings", "year": 2013, "share": 0.1},
    ]
    scenario = load_scenario("synthetic", {"shocks": shocks})
    assert shocks_of(plain_scenario(scenario)) == "a (grants, 2012 Q3), b (meetings, 2013)"
    assert "a (grants) from 2012.5" in scenario._repr_html_()
    assert shocks_of(plain_scenario(load_scenario("synthetic"))) == ""
    assert shocks_of({"shocks": ["of a stranger", 3]}) == ""


@pytest.mark.slow
def test_money_of_policies_stands_on_the_page(monkeypatch):
    head = ["policy", "first", "last", "asked", "taken", "leaked", "left"]
    money = pd.DataFrame([["fund", 2012, 2013, 3.0, 1500.0, 0.5, 2.0]], columns=head)
    assert "left over" not in Reader(page_of(one())).text
    monkeypatch.setattr("ydsim.report.gains.policy_money", lambda results, point: money)
    rows = Reader(page_of(one())).rows
    assert ["", "years", "asked for", "taken up", "leaked", "left over"] in rows
    assert ["fund", "2012\u20132013", "3", "1,500", "0.5", "2"] in rows
