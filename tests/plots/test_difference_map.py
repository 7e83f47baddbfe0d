"""The map of differences: paired by replicate, grey where the interval holds zero."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex
from scipy import stats

from tests.support.made import WORLD, make_results, plain
from ydsim.plots.differencemap import UNSURE, draw_difference_map
from ydsim.plots.differences import change, read_differences
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.results.results import Results
from ydsim.typing import Floats

N = WORLD.n_cities


def raised(factor: Floats, noise: float = 0.0) -> object:
    """Values of cities times a factor each, with noise that differs by replicate and city."""

    def value(name: str, place: int, replicate: int, quarters: Floats) -> Floats:
        shake = noise * np.sin(7.0 * place + 3.0 * replicate)
        return plain(name, place, replicate, quarters) * (factor[place % N] + shake)

    return value


def pair(factor: Floats, noise: float = 0.0, **options: object) -> tuple[Results, Results]:
    other = make_results(value=raised(factor, noise), name="other", **options)
    return make_results(**options), other


def test_a_planted_difference_is_found_city_by_city() -> None:
    factor = np.where(np.arange(N) == 2, 1.5, 1.0)
    found = read_differences(*pair(factor), "ideas")
    expected = 100.0 * (factor - 1.0)
    np.testing.assert_allclose(found.values, expected, atol=1e-6)
    province = WORLD.city_province[2]
    assert [c.value > 1.0 for c in found.provinces] == (np.arange(4) == province).tolist()


def test_intervals_are_those_of_paired_differences() -> None:
    before, after = np.array([10.0, 12.0, 14.0]), np.array([11.0, 14.0, 15.0])
    found = change(before, after, relative=True)
    d = 100.0 * (after - before) / 12.0
    low, high = stats.t.interval(0.95, 2, d.mean(), stats.sem(d))
    assert (found.value, found.low, found.high) == pytest.approx((d.mean(), low, high))
    assert not found.sure
    single = change(before[:1], after[:1], relative=True)
    assert (single.low, single.high, single.sure) == (None, None, False)
    plain_difference = change(before, after, relative=False)
    assert plain_difference.value == pytest.approx(4.0 / 3.0)


def colours(*results: Results, **options: object) -> dict[str, str]:
    axes = draw_difference_map(*results, **options).axes[0]
    (bubbles,) = [c for c in axes.collections if c.get_gid() == "cities"]
    cities = read_differences(*results, "ideas")
    order = np.lexsort((np.arange(N), -cities.base))
    return {
        WORLD.city_names[c]: to_hex(colour)
        for c, colour in zip(order, bubbles.get_facecolors(), strict=True)
    }


def test_uncertain_cities_are_grey_and_more_and_less_differ() -> None:
    factor = np.ones(N)
    factor[1], factor[2] = 1.6, 0.4
    drawn = colours(*pair(factor, noise=0.02), indicator="ideas")
    grey = {name for name, colour in drawn.items() if colour == UNSURE}
    assert WORLD.city_names[1] not in grey
    assert WORLD.city_names[2] not in grey
    assert len(grey) > N / 2
    blue, red = drawn[WORLD.city_names[1]], drawn[WORLD.city_names[2]]
    assert int(blue[5:], 16) > int(blue[1:3], 16)
    assert int(red[1:3], 16) > int(red[5:], 16)


def test_one_replicate_is_drawn_without_interval() -> None:
    results = pair(np.full(N, 1.1), replicates=1)
    assert UNSURE not in colours(*results, indicator="ideas").values()
    words = " ".join(text.get_text() for text in draw_difference_map(*results).texts)
    assert "n\u00a0=\u00a01, no interval" in words


def test_the_title_tells_size_and_number() -> None:
    title = draw_difference_map(*pair(np.full(N, 1.25)), indicator="ideas").texts[0].get_text()
    assert title.startswith("25\u00a0% more ideas in 2023 under other than under made")


def test_what_is_not_a_pair_is_refused_in_one_line() -> None:
    one = make_results()
    with pytest.raises(NothingToDrawError, match="needs two results, here are 1"):
        draw_difference_map(one)
    with pytest.raises(NothingToDrawError, match="here are 3"):
        draw_difference_map(one, one, one)
    other = make_results(name="other")
    other.manifest["seed"] = 77
    with pytest.raises(NothingToDrawError, match="do not share their draws: seed is 1 and 77"):
        draw_difference_map(one, other)
    other = make_results(name="other")
    other.manifest["scenario"]["scale"] = 0.5
    with pytest.raises(NothingToDrawError, match=r"scale is .* and 0\.5"):
        draw_difference_map(one, other)
    with pytest.raises(NothingToDrawError, match=r"the first year is .* and 2030"):
        draw_difference_map(one, make_results(start=2030, end=2031))
    other = make_results(name="other")
    other.manifest["ydsim"] = "9.9.9"
    with pytest.raises(NothingToDrawError, match=r"the version of ydsim is .* and 9\.9\.9"):
        draw_difference_map(one, other)
