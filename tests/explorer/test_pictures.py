"""Pictures show the numbers of the models, and are well-formed wholes."""

import csv
import io
import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from ydsim import fmt
from ydsim.explorer.charts import Line, Map, Plot, draw_lines, draw_matrix, draw_stacks, whole_of
from ydsim.explorer.pictures import PROVINCES, REGION, Pictures, View, choices, numbers_of
from ydsim.record.yearly import policy_cost_table
from ydsim.world.loader import load_world

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def pictures(session):
    return Pictures(session.watches[0].model.world, "synthetic")


def cards(pictures, watches, **view):
    return {card["id"]: card for card in pictures.all(watches, View(**view))["cards"]}


def parsed(svg):
    return ET.fromstring(svg)


def texts(svg):
    return [one.text for one in parsed(svg).iter(f"{SVG}text")]


def points(svg):
    lines = parsed(svg).iter(f"{SVG}polyline")
    return [np.array([p.split(",") for p in line.get("points").split()], float) for line in lines]


@pytest.mark.parametrize("number", [1, 2])
def test_all_pictures_are_well_formed_and_named(pictures, session, number):
    found = pictures.all(session.watches[:number], View(links="contracts"))
    assert len(found["tiles"]) == 6
    drawn = [svg for card in found["cards"] for svg in card.get("svg", [])]
    assert len(drawn) >= 9 * number
    for svg in drawn:
        root = parsed(svg)
        assert root.get("role") == "img"
        assert root.find(f"{SVG}title").text == root.get("aria-label")
        assert "nan" not in svg
        assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


def test_a_model_before_its_first_quarter_has_pictures_too(pictures, session):
    from ydsim.explorer.watch import Watch

    begun = Watch(session._burnt[0][1].branch(session.watches[0].model.settings))
    for number in (1, 2):
        pictures.all([begun] * number, View())


def test_two_models_are_shown_with_their_difference(pictures, session):
    found = cards(pictures, session.watches, place=REGION)
    both, change = found["rd"]["svg"]
    assert len(points(both)) == 2
    assert len(points(change)) == 1
    assert {"A", "B"} <= set(texts(both))
    a, b = (watch.series("rd_expenditure") for watch in session.watches)
    ya, yb = (line[:, 1] for line in points(both))
    apart = (ya - yb)[np.abs(b - a) > 0]
    assert np.corrcoef(apart, (b - a)[np.abs(b - a) > 0])[0, 1] > 0.99
    assert len(found["map"]["map"]["parts"]) == 3


def test_one_model_has_a_line_for_each_province(pictures, session):
    found = cards(pictures, session.watches[:1], place=PROVINCES)
    world = session.watches[0].model.world
    assert len(points(found["rd"]["svg"][0])) == world.n_provinces
    one = cards(pictures, session.watches[:1], place=world.provinces[1])
    assert len(points(one["rd"]["svg"][0])) == 1


def test_what_was_asked_for_and_taken_up_is_in_the_table(pictures, session):
    rows = cards(pictures, session.watches)["policies"]["table"]["rows"]
    mine = [row for row in rows if row[0] == "R&D grants"]
    assert [row[1] for row in mine] == ["A", "B"]
    assert all(float(row[3].replace(",", "")) > 0.0 for row in mine)


def test_numbers_to_take_away_are_those_of_the_recorder(session):
    rows = list(csv.DictReader(io.StringIO(numbers_of(session.watches))))
    world = session.watches[0].model.world
    assert len(rows) == 2 * 10 * (1 + world.n_provinces)
    mine = [r for r in rows if r["scenario"] == "B" and r["region"] == world.total]
    found = np.array([float(row["rd_expenditure"]) for row in mine])
    assert np.allclose(found, session.watches[1].model.recorder.series("rd_expenditure"))
    assert (mine[4]["year"], mine[4]["quarter"]) == ("2012", "1")


def test_lines_begin_and_end_where_their_values_say():
    line = Line("x", np.array([0.0, 5.0, 10.0]), "#000000")
    plot = Plot("t", "u", np.array([2011.0, 2012.0, 2013.0]), [line], (2011.0, 2015.0))
    (found,) = points(draw_lines(plot))
    assert np.allclose(np.diff(found[:, 0]), np.diff(found[:, 0])[0])
    assert np.allclose(np.diff(found[:, 1]), np.diff(found[:, 1])[0], atol=0.11)
    assert found[0, 1] > found[-1, 1]


def test_years_that_are_far_apart_are_an_axis_too():
    line = Line("a", np.arange(2.0), "#000000")
    picture = draw_lines(Plot("t", "u", np.array([2011.0, 5000.0]), [line], (2011.0, 5000.0)))
    assert 2 <= len(re.findall(r">[2-5][0-9]{3}<", picture)) <= 8


def test_missing_values_leave_a_gap():
    line = Line("x", np.array([1.0, 2.0, np.nan, 2.0, 1.0]), "#000000")
    plot = Plot("t", "u", np.arange(5.0), [line], (0.0, 4.0))
    assert [len(each) for each in points(draw_lines(plot))] == [2, 2]


def test_foreign_names_are_text():
    bad = "<script>&\"'"
    line = Line(bad, np.array([1.0, 2.0]), "#000000")
    other = Line("b", np.array([1.0, 2.0]), "#000000")
    for svg in (
        draw_lines(Plot(bad, bad, np.arange(2.0), [line, other], (0.0, 1.0))),
        draw_matrix(bad, [bad, "b"], np.eye(2), "x", "y"),
        draw_stacks(bad, [(bad, [1.0], "w")], ["#000000"], [bad]),
    ):
        assert bad in texts(svg)


def test_the_map_has_all_cities_inside_and_areas_that_are_amounts():
    world = load_world("yrd")
    made = Map(world, "yrd")
    amounts = np.linspace(10.0, 100.0, world.n_cities)
    marks = parsed(f'<svg xmlns="http://www.w3.org/2000/svg">'
                   f"{made.bubbles(amounts, 100.0, 'u')}</svg>")  # fmt: skip
    circles = [one for one in marks.iter(f"{SVG}circle") if one.find(f"{SVG}title") is not None]
    assert len(circles) == world.n_cities == 41
    by_name = {one.find(f"{SVG}title").text.split(":")[0]: one for one in circles}
    area = np.array([float(by_name[name].get("r")) ** 2 for name in world.city_names])
    assert np.allclose(area / amounts, area[-1] / amounts[-1], rtol=0.05)
    x, y = (np.array([float(one.get(k)) for one in circles]) for k in ("cx", "cy"))
    assert ((x > 0) & (x < 420) & (y > 0) & (y < made.height)).all()
    assert made.ground.count("<path") == 4
    named = [one.text for one in marks.iter(f"{SVG}text")]
    assert len(named) > 8


def test_links_are_the_strongest_between_two_cities():
    world = load_world("yrd")
    made = Map(world, "yrd")
    strength = np.zeros((41, 41))
    strength[0, 1] = strength[1, 0] = 2.0
    strength[5, 5] = 100.0
    assert made.links(strength).count("<path") == 1
    assert made.links(np.zeros((41, 41))) == ""


@pytest.mark.parametrize(("most", "bound"), [(0.0, 1.0), (8.0, 10.0), (10.0, 10.0), (10.1, 15.0)])
def test_bubbles_are_measured_by_a_round_number(most, bound):
    assert whole_of(np.array([0.0, most])) == bound


def test_the_selects_offer_what_views_take():
    world = load_world("yrd")
    offered = choices(world)
    assert list(offered["place"])[:2] == [PROVINCES, REGION]
    assert len(offered["place"]) == 2 + world.n_provinces


def test_the_table_of_money_says_budget_used_and_claims_met(pictures, session):
    """Of the recorded table; rd_grants has no budget here."""
    watch = session.watches[1]
    table = policy_cost_table(watch.model.state, watch.model.settings.start)
    card = cards(pictures, [watch])["policies"]
    assert card["unit"].endswith(str(watch.model.settings.start))
    row = next(row for row in card["table"]["rows"] if row[0] == "R&D grants")
    mine = table["instrument"] == "rd_grants"
    claimed, paid, unspent = (table[c][mine].sum() for c in ("asked", "amount", "left_over"))
    assert row[1:4] == [fmt.number(x, 3) for x in (claimed, paid, unspent)]
    assert row[4:] == ["no budget", fmt.percent(paid / claimed, 3)]
