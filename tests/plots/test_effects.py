"""The figure of effects: its finding in words, what it draws, and hard cases."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from matplotlib.figure import Figure

from tests.support.compared import none, setting
from ydsim.errors import NothingToDrawError
from ydsim.plots import drawing
from ydsim.plots.effects import PANELS, PLACES, POLICIES, draw_effects, finding
from ydsim.plots.messages import say, speak
from ydsim.plots.messages.effects import MESSAGES
from ydsim.plots.page import save_bytes
from ydsim.results.compare import Compared
from ydsim.studies.comparison import draw, read

REGION = 4


def plant(**factors: dict[int, float]):
    """Return what multiplies an indicator by its name and the number of the place."""
    return lambda name, place, replicate: factors.get(name, {}).get(place, 1.0)


def against(planted=none, *, name: str = "open_roads", **options: object) -> Compared:
    base = setting(name="baseline", **options)
    return read([base, setting(planted, name=name, who=2, **options)])


def texts(figure: Figure) -> str:
    return "\n".join(text.get_text() for text in figure.findobj(lambda a: hasattr(a, "get_text")))


@pytest.mark.slow
def test_the_title_is_the_finding() -> None:
    found = against(plant(launches={0: 1.05, 1: 1.04, REGION: 1.03}))
    words = finding(found)
    start, _, end = words.partition(" launches by ")
    assert start == "\u2018Open roads\u2019 raises"
    assert end.endswith(
        " % in the region, against \u2018Baseline\u2019; clear in Shanghai and Jiangsu"
    )
    assert words in texts(draw_effects(found)).replace("\n", " ")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("factors", "said"),
    [
        ({REGION: 0.9}, "lowers launches by 10 % in the region"),
        ({2: 0.9}, "lowers launches by 10 % in Zhejiang"),
        (
            {0: 1.1, REGION: 0.9},
            "by 10 % in the region, against \u2018Baseline\u2019; raised in Shanghai",
        ),
        (
            dict.fromkeys(range(5), 1.1),
            "raises launches by 10 % in the region, against \u2018Baseline\u2019; clear in every",
        ),
        (
            {2: 0.9, 3: 0.92},
            "lowers launches by 10 % in Zhejiang, against \u2018Baseline\u2019; clear in 2 of 5",
        ),
    ],
)
def test_findings(factors: dict[int, float], said: str) -> None:
    text = finding(against(plant(launches=factors)))
    assert said in re.sub(r"\b(9|10)\.\d %", "10 %", text)


@pytest.mark.slow
def test_one_setting_of_one_replicate_leaves_the_intervals_of_others() -> None:
    base = setting(name="baseline")
    many = setting(plant(launches={REGION: 1.1}), name="open_roads", who=2)
    one = setting(plant(launches={REGION: 1.2}), name="once", who=3, replicates=1)
    found = read([base, many, one])
    assert (found.replicates, found.most_replicates) == (1, 5)
    assert finding(found).startswith("\u2018Open roads\u2019 raises launches")
    said = texts(draw_effects(found)).replace("\n", " ")
    assert "1 to 5 pairs of the same draws" in said
    assert "pairs: 1 to 5" in said
    assert "one replicate" not in said.lower()
    alone = read([base, one])
    assert finding(alone).startswith("One replicate: ")


@pytest.mark.slow
def test_bars_that_are_cut_are_said_to_be() -> None:
    said = "Bars are cut where they leave the panel."
    found = against(plant(launches={REGION: 1.0001}), replicates=2)
    assert said in texts(draw_effects(found)).replace("\n", " ")
    large = setting(plant(launches=dict.fromkeys(range(5), 1.5)), name="open_roads", who=2)
    sure = read([setting(name="baseline"), large], outcomes=["launches"])
    assert said not in texts(draw_effects(sure)).replace("\n", " ")


@pytest.mark.slow
def test_no_finding_where_there_is_none() -> None:
    side = setting(name="baseline")
    same = read([side, side])
    assert finding(same).endswith("give the same figures: nothing differs")
    assert finding(against()) == (
        "No effect of \u2018Open roads\u2019 against \u2018Baseline\u2019 can be "
        "distinguished from chance (5 pairs, 45 tests)"
    )
    four = [setting(name=f"plan_{k}", who=k) for k in range(2, 6)]
    assert finding(read([side, *four])).startswith(
        "No effect of \u2018Plan 2\u2019, \u2018Plan 3\u2019 and 2 more against "
        "\u2018Baseline\u2019"
    )
    one = against(plant(rd_expenditure={REGION: 1.2}), replicates=1)
    assert re.fullmatch(r"One replicate: .Open roads. raises R&D by \d+(\.\d)? % in the region, "
                        "or it is chance", finding(one))  # fmt: skip


@pytest.mark.slow
def test_the_largest_estimate_is_not_called_clear_where_it_is_not() -> None:
    found = against(plant(launches={0: 1.05, REGION: 1.03}))
    rows = [replace(row, p_holm=0.5) if row.place == "Shanghai" else row for row in found.rows]
    assert "Shanghai" not in finding(replace(found, rows=tuple(rows)))


@pytest.mark.slow
def test_points_are_filled_where_effects_are_beyond_zero() -> None:
    figure = draw_effects(against(plant(launches={0: 1.05, REGION: 1.03})))
    first = figure.axes[0]
    points = [line for line in first.lines if line.get_marker() == "o"]
    filled = [line.get_markerfacecolor() != "white" for line in points]
    assert filled == [True, True, False, False, False]  # region, Shanghai, the others
    assert [label.get_text() for label in first.get_yticklabels()] == [
        "Region", "Shanghai", "Jiangsu", "Zhejiang", "Anhui",
    ]  # fmt: skip
    assert len(figure.axes) == PANELS


@pytest.mark.slow
def test_what_made_it_is_on_the_page() -> None:
    found = against(replicates=3)
    words = texts(draw_effects(found))
    for fact in ("baseline, open_roads", "pairs: 3", "seed 1", "scale 0.05", "ydsim", "2019-2023",
                 "95 % interval", f"all {found.tests} tests"):  # fmt: skip
        assert fact in words.replace("\n", " ")


def inside(figure: Figure) -> bool:
    """Tell whether all text is on the page."""
    figure.draw_without_rendering()
    page = figure.bbox
    for text in figure.findobj(lambda artist: hasattr(artist, "get_text")):
        if text.get_text() and text.get_visible():
            box = text.get_window_extent()
            if box.x0 < page.x0 - 1 or box.x1 > page.x1 + 1 or box.y0 < page.y0 - 1:
                return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize("replicates", [1, 3])
def test_hard_cases(replicates: int) -> None:
    base = setting(name="baseline", replicates=replicates)
    many = [
        setting(none, name=f"a_policy_with_a_rather_long_name_{k}", who=k, replicates=replicates)
        for k in range(2, 8)
    ]
    long = replace(base, title="A title that goes on " * 12)
    figures = [
        draw_effects(read([long, *many])),
        draw_effects(read([base, many[0]], by="city")),
        draw_effects(read([base, many[0]], by="field")),
        draw_effects(read([base, many[0]], by="kind", outcomes=["launches"])),
        draw_effects(read([base, many[0]], outcomes=["herfindahl", "talent_net_outside"])),
        draw_effects(read([base, base])),
    ]
    for figure in figures:
        assert inside(figure)
    said = texts(figures[0]).replace("\n", " ")
    assert f"provinces are drawn for at most {POLICIES} policies" in said
    places = len(figures[1].axes[0].get_yticklabels())
    assert places <= PLACES
    assert "rest on prior shares" in texts(figures[1]).replace("\n", " ")


@pytest.mark.slow
def test_of_many_policies_each_is_a_row_with_its_change_in_the_region() -> None:
    base = setting(name="baseline")
    grown = {f"policy_{k}": 1.0 + k / 50.0 for k in range(1, POLICIES + 2)}
    others = [
        setting(plant(launches={0: factor}), name=name, who=k)
        for k, (name, factor) in enumerate(grown.items(), start=2)
    ]
    found = read([base, *others], outcomes=["launches"])
    figure = draw_effects(found)
    (axes,) = figure.axes
    assert [t.get_text() for t in axes.get_yticklabels()] == [f"Policy {k}" for k in range(1, 6)]
    whole = [r.change.estimate for r in found.rows if r.level == "region"]
    points = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "o"]
    assert points == whole
    assert inside(figure)


@pytest.mark.slow
def test_of_very_many_policies_the_clearest_are_rows() -> None:
    base = setting(name="baseline")
    others = [setting(plant(launches={0: 1.05}), name=f"p{k}", who=k) for k in range(2, 16)]
    figure = draw_effects(read([base, *others], outcomes=["launches"]))
    assert len(figure.axes[0].get_yticklabels()) == PLACES
    assert "Of 14 policies those whose change is clearest" in texts(figure).replace("\n", " ")


@pytest.mark.slow
def test_equal_comparisons_give_equal_bytes() -> None:
    planted = plant(launches={0: 1.05})
    first, second = (save_bytes(draw_effects(against(planted))) for _ in range(2))
    assert first == second


@pytest.mark.slow
def test_the_catalogue_draws_it_from_results() -> None:
    base, other = setting(name="baseline"), setting(plant(launches={0: 1.1}), who=2)
    both = base.results, other.results
    figure = drawing.draw("effects", *both, indicator="launches", years="2020")
    assert "raises launches" in texts(figure)
    assert len(figure.axes) == 1
    with pytest.raises(NothingToDrawError, match="ask for a base and something to compare"):
        draw(base.results)
    assert "effects" not in [kind.name for kind in drawing.unasked([base.results], {})]
    assert "effects" in [kind.name for kind in drawing.unasked(both, {})]
    longer = setting(start=2016)
    with pytest.raises(NothingToDrawError, match="cannot be compared with baseline: first year"):
        drawing.draw("effects", base.results, longer.results)


@pytest.mark.slow
def test_words_are_those_of_the_table() -> None:
    with speak({"effects.by_chance": "{policy}: rien"}):
        assert finding(against()) == "\u2018Open roads\u2019: rien"
    assert all(say(key, **dict.fromkeys(re.findall(r"{(\w+)}", text), 1))
               for key, text in MESSAGES.items())  # fmt: skip
