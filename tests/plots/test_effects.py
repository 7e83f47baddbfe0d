"""The figure of effects: its finding, what it draws, and hard cases."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from matplotlib.figure import Figure

from tests.support.compared import Plant, none, setting
from tests.support.figures import marks_of, require_readable
from ydsim.errors import NothingToDrawError
from ydsim.plots import drawing
from ydsim.plots.effects import PANELS, PLACES, POLICIES, draw_effects
from ydsim.plots.page import save_bytes
from ydsim.results.compare import Alternative, Compared
from ydsim.studies.comparison import draw, read

REGION = 4


def plant(**factors: dict[int, float]) -> Plant:
    """Return what multiplies an indicator by its name and the number of the place."""
    return lambda name, place, replicate: factors.get(name, {}).get(place, 1.0)


@cache
def base(replicates: int = 5) -> Alternative:
    return setting(name="baseline", replicates=replicates)


def against(planted: Plant = none, replicates: int = 5, **asked: object) -> Compared:
    other = setting(planted, name="open_roads", who=2, replicates=replicates)
    return read([base(replicates), other], **asked)


def launches(factors: dict[int, float], **options: int) -> Compared:
    return against(plant(launches=factors), outcomes=["launches"], **options)


def texts(figure: Figure) -> str:
    every = figure.findobj(lambda artist: hasattr(artist, "get_text"))
    return " ".join(text.get_text() for text in every).replace("\n", " ")


def test_points_are_filled_where_effects_are_beyond_zero_and_the_page_says_what_made_it() -> None:
    found = against(plant(launches={0: 1.05, REGION: 1.03}))
    figure = draw_effects(found)
    first = figure.axes[0]
    filled = marks_of(first).sort_values("y")["filled"].tolist()
    assert filled == [True, True, False, False, False]  # region, Shanghai, the others
    assert [label.get_text() for label in first.get_yticklabels()] == [
        "Region", "Shanghai", "Jiangsu", "Zhejiang", "Anhui",
    ]  # fmt: skip
    assert len(figure.axes) == PANELS
    words = texts(figure)
    for fact in ("baseline, open_roads", "pairs: 5", "seed 1", "scale 0.05", "ydsim", "2019-2023",
                 "95 % interval", f"all {found.tests} tests"):  # fmt: skip
        assert fact in words
    assert save_bytes(figure) == save_bytes(draw_effects(found))


@pytest.mark.slow
@pytest.mark.parametrize("replicates", [1, 3])
def test_hard_cases(replicates: int) -> None:
    one = base(replicates)
    many = [
        setting(name=f"a_policy_with_a_rather_long_name_{k}", who=k, replicates=replicates)
        for k in range(2, 8)
    ]
    long = replace(one, title="A title that goes on " * 12)
    figures = [
        draw_effects(read([long, *many])),
        draw_effects(read([one, many[0]], by="city")),
        draw_effects(read([one, many[0]], by="field")),
        draw_effects(read([one, many[0]], by="kind", outcomes=["launches"])),
        draw_effects(read([one, many[0]], outcomes=["herfindahl", "talent_net_outside"])),
        draw_effects(read([one, one])),
    ]
    for figure in figures:
        require_readable(figure)
    assert f"at most {POLICIES} policies" in texts(figures[0])
    assert len(figures[1].axes[0].get_yticklabels()) <= PLACES
    assert "rest on prior shares" in texts(figures[1])


@pytest.mark.slow
@pytest.mark.parametrize("number", [POLICIES + 1, PLACES + 2])
def test_of_many_policies_each_is_a_row_with_its_change_in_the_region(number: int) -> None:
    others = [
        setting(plant(launches={0: 1.0 + k / 50.0}), name=f"policy_{k}", who=k + 1)
        for k in range(1, number + 1)
    ]
    found = read([base(), *others], outcomes=["launches"])
    figure = draw_effects(found)
    (axes,) = figure.axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    points = marks_of(axes).sort_values("y")["x"].tolist()
    whole = [row.change.estimate for row in found.rows if row.level == "region"]
    require_readable(figure)
    if number <= PLACES:
        assert (names, points) == ([f"Policy {k}" for k in range(1, number + 1)], whole)
    else:
        assert (len(names), points) == (PLACES, sorted(points, reverse=True))
        assert set(points) < set(whole)
        assert f"Of {number} policies" in texts(figure)


@pytest.mark.slow
def test_the_catalogue_draws_it_from_results() -> None:
    first, other = base(), setting(plant(launches={0: 1.1}), who=2)
    both = first.results, other.results
    figure = drawing.draw("effects", *both, indicator="launches", years="2020")
    assert "raises launches" in texts(figure)
    assert len(figure.axes) == 1
    with pytest.raises(NothingToDrawError):
        draw(first.results)
    assert "effects" not in [kind.name for kind in drawing.unasked([first.results], {})]
    assert "effects" in [kind.name for kind in drawing.unasked(both, {})]
    with pytest.raises(NothingToDrawError, match="baseline: first year"):
        drawing.draw("effects", first.results, setting(start=2016).results)
