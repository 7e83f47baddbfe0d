"""Figures of resonance and bottleneck, in usual and hard cases."""

import numpy as np
import pandas as pd
import pytest

from tests.support import fake_sweep, planted
from ydsim.plots.catalogue import KINDS
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.interactions import draw_interactions
from ydsim.plots.render import save_bytes
from ydsim.studies import bottleneck, interactions


def words(figure):
    found = figure.findobj(match=lambda artist: hasattr(artist, "get_text"))
    return [text.get_text() for text in found if text.get_text()]


@pytest.fixture(scope="module")
def groups(tmp_path_factory):
    sweep = interactions.design(
        "six_actor_community", {"end": 2022}, groups=planted.GROUPS, replicates=3
    )
    return planted.run(sweep, tmp_path_factory.mktemp("groups") / "out", planted.Noisy)


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    sweep = bottleneck.design(
        "baseline", {"end": 2014}, only=list(planted.ELASTICITY), replicates=3
    )
    return planted.run(sweep, tmp_path_factory.mktemp("chain") / "out", planted.Noisy)


@pytest.mark.slow
def test_each_suits_its_own_runs(groups, chain, tmp_path):
    other = fake_sweep.run(tmp_path / "out")
    assert [interactions.suits(r) for r in (groups, chain, other)] == [True, False, False]
    assert [bottleneck.suits(r) for r in (groups, chain, other)] == [False, True, False]
    for kind in ("interactions", "bottleneck"):
        with pytest.raises(NothingToDrawError):
            KINDS[kind].draw(other)


@pytest.mark.slow
def test_bars_are_parts_and_rings_are_single_effects(groups):
    found = interactions.read(groups, outcomes=["launches"])
    figure = found.plot()
    (axes,) = figure.axes
    shown = found.table[(found.table["scale"] == "raw") & (found.table["cells"] == "run")]
    of = {k: own["estimate"].tolist() for k, own in shown.groupby("quantity")}
    (none,) = of["none"]
    widths = [bar.get_width() for bar in axes.patches]
    parts = [100.0 * part / none for part in (*of["part"], *of["alone"], *of["together"])]
    assert widths == pytest.approx(parts)
    rings = next(line for line in axes.lines if line.get_marker() == "o")
    assert rings.get_xdata().tolist() == pytest.approx(
        [100.0 * effect / none for effect in of["single"]]
    )
    assert [t.get_text() for t in axes.get_yticklabels()] == [
        *planted.GROUPS, "sum of each alone", "all together",
    ]  # fmt: skip


@pytest.mark.slow
def test_points_are_elasticities_and_filled_where_told(chain):
    found = bottleneck.read(chain, outcomes=["launches"])
    figure = found.plot()
    points = [line for line in figure.axes[0].lines if line.get_marker() in ("o", "D")]
    table = found.table.sort_values(["kind", "rank"], ascending=[False, True])
    assert [float(line.get_xdata()[0]) for line in points] == pytest.approx(
        table["estimate"].tolist()
    )
    hollow = [line.get_markerfacecolor() == "white" for line in points]
    assert hollow == [bool(low <= 0.0 <= high) for low, high in zip(table["low"], table["high"],
                                                                   strict=True)]  # fmt: skip


@pytest.mark.slow
def test_bytes_are_the_same(groups, chain):
    for kind, results in (("interactions", groups), ("bottleneck", chain)):
        first, again = (save_bytes(KINDS[kind].draw(results)) for _ in range(2))
        assert first == again


def test_long_foreign_names_stay_on_the_page():
    """Twelve groups of long names, one outcome without a name in words, no intervals."""
    rows = []
    groups = [f"group of many interests and a long name {k}" for k in range(12)]
    base = {"outcome": "rd_funds_foreign", "unit": "1", "scale": "raw", "cells": "run",
            "low": np.nan, "high": np.nan, "n": 1}  # fmt: skip
    rows += [{**base, "quantity": q, "group": "", "estimate": 100.0} for q in ("none", "all")]
    for quantity in ("alone", "together", "excess", "s", "lack"):
        rows.append({**base, "quantity": quantity, "group": "", "estimate": 5.0})
    for quantity in ("single", "part", "share"):
        rows += [{**base, "quantity": quantity, "group": g, "estimate": 1.0} for g in groups]
    figure = draw_interactions(pd.DataFrame(rows), "made by a test " * 20)
    figure.draw_without_rendering()
    inside = figure.get_window_extent()
    for axes in figure.axes:
        for label in axes.get_yticklabels():
            assert label.get_window_extent().x0 >= inside.x0 - 1.0
    for text in figure.texts:
        assert text.get_window_extent().x1 <= inside.x1 + 1.0
