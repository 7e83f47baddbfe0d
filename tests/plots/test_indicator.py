"""Lines of any indicator: provinces of one scenario, several scenarios on one axis."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes

from tests.support.made import FOUR, make_results, nothing, plain
from ydsim.errors import UsageError
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.indicator import draw_lines
from ydsim.plots.scenarios import names_of, scenario_look, together
from ydsim.results.results import Results
from ydsim.typing import Floats


def lines_of(axes: Axes) -> dict[str, Floats]:
    skip = ("policy", "official", "hairline", "zero")
    return {
        str(line.get_label()): np.array(line.get_ydata())
        for line in axes.lines
        if line.get_gid() not in skip
    }


def words(figure: object) -> str:
    return " ".join(text.get_text() for text in figure.texts).replace("\u00a0", " ")


def means(results: Results, indicator: str, region: str) -> Floats:
    table = results.table("province_year")
    mine = table[(table.indicator == indicator) & (table.region == region)]
    return mine.groupby("year").value.mean().to_numpy()


def scaled(factor: float, jitter: float = 0.0):
    def value(name: str, place: int, replicate: int, quarters: Floats) -> Floats:
        return plain(name, place, replicate, quarters) * (factor + jitter * replicate)

    return value


def test_one_scenario_has_a_line_for_each_province() -> None:
    results = make_results()
    figure = draw_lines(results, indicator="launches")
    (axes,) = figure.axes
    found = lines_of(axes)
    assert list(found) == list(FOUR)
    for name in FOUR:
        np.testing.assert_allclose(found[name], means(results, "launches", name))
    whole = means(results, "launches", "yrd")
    last = [found[name][-1] for name in FOUR]
    share = 100.0 * max(last) / sum(last)
    assert f"Launches: up {whole[-1] / whole[0]:.1f}-fold from 2018 to" in words(figure)
    assert f"; Anhui has {share:.0f} %" in words(figure)
    assert any(text.get_text() == "Anhui" for text in axes.texts)


def test_several_scenarios_have_the_region_above_and_provinces_below() -> None:
    results = [make_results(name="a"), make_results(name="b", value=scaled(1.1))]
    large, *small = draw_lines(*results).axes
    assert len(small) == 4
    for axes, region in zip((large, *small), ("yrd", *FOUR), strict=True):
        drawn = [line for line in axes.lines if line.get_gid() is None]
        for line, each in zip(drawn, results, strict=True):
            np.testing.assert_allclose(line.get_ydata(), means(each, "rd_expenditure", region))
        assert [line.get_color() for line in drawn] == [
            scenario_look(0).colour,
            scenario_look(1).colour,
        ]
    assert len({axes.get_ylim() for axes in small}) == 1


@pytest.mark.slow
def test_differences_are_paired_and_tested() -> None:
    title = words(draw_lines(make_results(name="a"), make_results(name="b", value=scaled(1.1))))
    assert "in b: +10.0 % [+10.0, +10.0]" in title
    assert "95 % interval over n = 3 pairs of replicates" in title
    # +0 %, +1 % and -1 %: the interval holds nothing
    uneven = make_results(name="b", value=lambda *a: plain(*a) * (1.0, 1.01, 0.99)[a[2]])
    title = words(draw_lines(make_results(name="a"), uneven))
    assert "no difference beyond chance" in title
    one = [make_results(name="a", replicates=1), make_results(name="b", replicates=1)]
    title = words(draw_lines(*one))
    assert "the same in one replicate" in title
    assert "interval over" not in title
    other = make_results(name="b", value=scaled(1.1))
    other.manifest["seed"] = 7
    assert "other seeds or scales, so not tested" in words(draw_lines(make_results(), other))


@pytest.mark.slow
def test_many_scenarios_are_named_by_their_extremes() -> None:
    results = [
        make_results(name=f"s{i}", replicates=2, value=scaled(1.0 + 0.1 * i)) for i in range(5)
    ]
    figure = draw_lines(*results)
    assert "(s0) to " in words(figure)
    assert "(s4)" in words(figure)
    assert "with more than 3 scenarios no bands are drawn" in words(figure)
    assert not figure.axes[0].collections


def test_only_years_that_all_have_are_drawn() -> None:
    longer, later = make_results(start=2018, end=2023), make_results(start=2020, end=2025, name="b")
    figure = draw_lines(longer, later)
    (first, _) = [line for line in figure.axes[0].lines if line.get_gid() is None]
    np.testing.assert_array_equal(first.get_xdata(), [2020, 2021, 2022, 2023])
    np.testing.assert_allclose(first.get_ydata(), means(longer, "rd_expenditure", "yrd")[2:])


def test_one_region_alone() -> None:
    results = make_results()
    figure = draw_lines(results, region="Jiangsu")
    (axes,) = figure.axes
    assert list(lines_of(axes)) == ["Jiangsu"]
    assert "R&D, Jiangsu: up " in words(figure)
    (whole,) = draw_lines(results, region="yrd").axes
    np.testing.assert_allclose(lines_of(whole)["yrd"], means(results, "rd_expenditure", "yrd"))
    several = draw_lines(results, make_results(name="b"), region="Jiangsu")
    assert len(several.axes) == 1


def test_an_indicator_of_the_region_has_no_provinces() -> None:
    def of_the_region(name: str, place: int, *rest: object) -> Floats:
        return plain(name, place, *rest) if place == 4 else nothing(*rest)

    results = make_results(value=of_the_region)
    figure = draw_lines(results, indicator="launches")
    assert list(lines_of(figure.axes[0])) == ["yrd"]
    two = draw_lines(results, make_results(value=of_the_region, name="b"), indicator="launches")
    assert len(two.axes) == 1


def test_levels_are_told_from_to() -> None:
    title = words(draw_lines(make_results(), indicator="productivity_log"))
    assert "Productivity of firms: " in title
    assert " in 2018, " in title
    assert "; highest in Anhui, " in title


def test_what_is_not_known_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"no indicator 'launch' .*did you mean 'launches'"):
        draw_lines(make_results(), indicator="launch")
    with pytest.raises(UsageError, match=r"no region 'Jiangsue' .*did you mean 'Jiangsu'"):
        draw_lines(make_results(), region="Jiangsue")
    with pytest.raises(NothingToDrawError, match="lines over time needs two years"):
        draw_lines(make_results(start=2011, end=2011))
    with pytest.raises(NothingToDrawError, match="no series was recorded"):
        draw_lines(make_results(leave_out=("series",)))

    def without(name: str, *rest: object) -> Floats:
        return nothing(*rest) if name == "launches" else plain(name, *rest)

    with pytest.raises(NothingToDrawError, match="launches was not recorded"):
        draw_lines(make_results(value=without), indicator="launches")


def test_names_differ() -> None:
    alike = [make_results(name="x"), make_results(name="x"), make_results(name="y")]
    assert names_of(alike) == ("x", "x #2", "y")
    alike[1].manifest["seed"] = 9
    assert names_of(alike) == ("x, seed 1", "x, seed 9", "y")


def test_pairs_need_one_seed_scale_and_world() -> None:
    results = [make_results(), make_results(name="b")]
    assert together(results, "x").paired
    results[1].manifest["scenario"]["scale"] = 0.5
    assert not together(results, "x").paired
