"""Figures of a run in hard cases: one replicate, one or many years, long names, many provinces."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.support.figures import require_readable
from tests.support.made import WORLD, make_results, zeros
from ydsim.plots import canvas, maps
from ydsim.plots.drawing import draw

LONG = "A name of a place or a scenario that has as many as 60 letters"


@pytest.mark.slow
@pytest.mark.parametrize("width", [2.67, 4.0, 7.2, 10.7])
@pytest.mark.parametrize(
    "options",
    [
        {"replicates": 1, "start": 2011, "end": 2012, "name": LONG},
        {"start": 2011, "end": 2030},
        {"value": zeros, "end": 2019},
        {"provinces": tuple(f"{LONG} {p}" for p in range(12))},
    ],
)
def test_words_lie_on_the_page_and_none_over_another(
    width: float, options: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    results, other = make_results(**options), make_results(**options)
    if provinces := options.get("provinces"):
        world = replace(WORLD, provinces=provinces, city_province=np.arange(WORLD.n_cities) % 12)
        monkeypatch.setattr(maps, "world_of", lambda _: world)
    period = results.scenario.start, results.scenario.end
    with canvas.wide(width):
        figures = [
            draw("map", results),
            draw("map", results, years=period),
            draw("link_map", results),
            draw("difference_map", results, other),
            draw("inequality", results),
            draw("supply_to_nation", results),
            draw("money", results),
        ]
    for figure in figures:
        assert figure.get_figwidth() == width
        require_readable(figure)
