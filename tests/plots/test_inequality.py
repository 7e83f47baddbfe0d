"""Inequality by year: equal to the measures of the same numbers, with parts that sum up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.support.made import WORLD, make_results, plain, zeros
from ydsim.measures.inequality import dagum, theil
from ydsim.plots import cities as module
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.inequality import draw_inequality, read_inequality, residents
from ydsim.typing import Floats

GROUP, P = WORLD.city_province, WORLD.n_provinces


def mixed(name: str, place: int, replicate: int, quarters: Floats) -> Floats:
    """Values that overlap between provinces."""
    return plain(name, 5 * place % 7, replicate, quarters)


def test_parts_are_those_of_the_measures(monkeypatch: pytest.MonkeyPatch) -> None:
    people = WORLD.city_population * (1.0 + np.arange(WORLD.n_cities) % 4)[:, None]
    world = replace(WORLD, city_population=people)
    monkeypatch.setattr(module, "world_of", lambda _: world)
    found = read_inequality(make_results(value=mixed), "inventions")
    heads = residents(world, np.array([2021]))[0]
    quarters = np.arange(12.0, 16.0)
    made = [mixed("inventions", city, 1, quarters).sum() for city in range(WORLD.n_cities)]
    entropy = theil(np.array(made) / heads, GROUP, P, heads)
    gini = dagum(np.array(made) / heads, GROUP, P)
    assert min(gini.within, gini.between, gini.overlap) > 0.001
    np.testing.assert_allclose(found.theil[1, 3], [entropy.within, entropy.between])
    np.testing.assert_allclose(found.gini[1, 3], [gini.within, gini.between, gini.overlap])


def test_residents_beyond_the_known_years_are_those_of_the_nearest() -> None:
    first, last = int(WORLD.years[0]), int(WORLD.years[-1])
    found = residents(WORLD, np.array([first - 5, first, last, last + 5]))
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[1], WORLD.city_population[:, 0])
    np.testing.assert_array_equal(found[3], WORLD.city_population[:, -1])


@pytest.mark.parametrize(("growing", "word"), [(True, "rises"), (False, "falls")])
def test_the_title_tells_the_direction(growing: bool, word: str) -> None:
    def made(name: str, place: int, replicate: int, quarters: Floats) -> Floats:
        rise = np.floor(quarters / 4.0)
        lead = 2.0 + rise if growing else 8.0 - rise
        return lead if place == 0 else np.ones(len(quarters))

    world = replace(WORLD, city_population=np.ones_like(WORLD.city_population))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "world_of", lambda _: world)
        figure = draw_inequality(make_results(value=made), indicator="ideas")
    title = " ".join(text.get_text() for text in figure.texts[:2])
    assert title.startswith(f"Inequality of ideas per resident {word} from 0.")
    assert "2018\u20132023" in title


def test_areas_stack_up_to_the_total() -> None:
    results = make_results()
    found = read_inequality(results, "rd_expenditure")
    left, right = draw_inequality(results).axes
    for axes, parts in ((left, found.theil), (right, found.gini)):
        np.testing.assert_allclose(axes.lines[0].get_ydata(), parts.mean(axis=0).sum(axis=1))
        areas = [area for area in axes.collections if area.get_gid()]
        assert len(areas) == parts.shape[2]
        top = areas[-1].get_paths()[0].vertices[:, 1].max()
        assert top == pytest.approx(parts.mean(axis=0).sum(axis=1).max())


def test_replicates_give_an_interval_of_the_change() -> None:
    def noisy(name: str, place: int, replicate: int, quarters: Floats) -> Floats:
        return plain(name, place, 0, quarters) * (1.0 + 0.1 * replicate * (place % 3))

    results = make_results(value=noisy)
    texts = " ".join(text.get_text() for text in draw_inequality(results).texts)
    assert "95\u00a0% interval" in texts
    single = draw_inequality(make_results(replicates=1))
    texts = " ".join(text.get_text() for text in single.texts)
    assert "95\u00a0% interval" not in texts
    assert "n\u00a0=\u00a01, no interval" in texts


def test_what_cannot_be_shown_is_said() -> None:
    with pytest.raises(NothingToDrawError, match="one year, 2020: no path"):
        draw_inequality(make_results(start=2020, end=2020))
    with pytest.raises(NothingToDrawError, match="zero in all cities"):
        draw_inequality(make_results(value=zeros))
    with pytest.raises(NothingToDrawError, match="was not recorded"):
        draw_inequality(make_results(), indicator="gdp_alt")
