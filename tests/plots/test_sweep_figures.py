"""Figures of sweeps: what is on them, in plain and in hard cases."""

from __future__ import annotations

import re

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.text import Text

from tests.support.made_sweep import BORDER, RATE, SPAN, make_sweep, noise
from ydsim.errors import NothingToDrawError, UsageError
from ydsim.plots.drawing import draw, unasked
from ydsim.plots.page import save_bytes
from ydsim.plots.style import house_style

MANY = [round(0.1 + 0.04 * k, 3) for k in range(20)]
FIVE = [0.1, 0.3, 0.5, 0.7, 0.9]
SCENARIOS = [
    "baseline", "baseline_2018", "closed_borders", "one_region", "open_platforms", "tournament",
    "coordinated", "fragmented", "g60_only", "talent_war", "chain_innovation", "membership_replay",
]  # fmt: skip


def value(factors, replicate, years):
    place = sum(
        3.0 * k * len(str(name)) for k, name in enumerate(factors.values()) if name != "yrd"
    )
    border = factors.get(BORDER, 0.5)
    luck = 40.0 * noise(replicate) + 3.0 * noise(100 * replicate + int(1000 * border))
    return (1000.0 - 300.0 * border + place + luck) * (1.0 + 0.01 * years)


def sweep(**options):
    factors = options.pop("factors", {BORDER: FIVE})
    return make_sweep({"kind": "grid", "factors": factors}, options.pop("value", value), **options)


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def ticks_beyond(axes):
    """Return the labels of ticks beyond the ends of their axis, which are not drawn."""
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        for tick in axis.get_major_ticks():
            if not low <= tick.get_loc() <= high:
                yield from (tick.label1, tick.label2)


def boxes(figure):
    """Return the boxes of the texts that can be seen, in shares of the page."""
    canvas = FigureCanvasAgg(figure)
    with house_style():  # text is as wide as in the file
        canvas.draw()
    renderer = canvas.get_renderer()
    wide, high = canvas.get_width_height()
    beyond = [label for axes in figure.axes for label in ticks_beyond(axes)]
    for text in figure.findobj(Text):
        if text.get_text().strip() and text not in beyond:
            with house_style():
                box = text.get_window_extent(renderer)
            yield text.get_text(), box.x0 / wide, box.y0 / high, box.x1 / wide, box.y1 / high


def assert_nothing_is_cut(figure):
    for text, left, low, right, top in boxes(figure):
        assert left > -0.001, text
        assert low > -0.001, text
        assert right < 1.001, text
        assert top < 1.001, text


def assert_identity(figure, results):
    said = " ".join(texts(figure))
    for fact in (results.name, f"hash {results.manifest['hash'][:10]}", "seed 1", "scale 0.01"):
        assert fact in said


def flat(factors, replicate, years):
    return 1.0 + 0.0 * years


GRID = {BORDER: FIVE, RATE: FIVE}
HARD = {
    "five by five": ("heat_map", {"factors": GRID}, {}),
    "twenty by twenty": (
        "heat_map", {"factors": {BORDER: MANY, RATE: MANY}, "replicates": 2}, {"show": "change"},
    ),
    "one replicate": ("heat_map", {"factors": GRID, "replicates": 1}, {}),
    "all the same": (
        "heat_map", {"factors": GRID, "value": flat}, {},
    ),
    "policies": (
        "heat_map",
        {"factors": {"policies.rd_grants": ["off", {"rate": 0.1}, {"rate": 0.2}], RATE: FIVE}}, {},
    ),
    "a line": ("sweep_lines", {}, {"show": "change"}),
    "a line of one replicate": ("sweep_lines", {"replicates": 1}, {}),
    "a line of two levels": ("sweep_lines", {"factors": {BORDER: [0.1, 0.9]}}, {"year": 2015}),
    "colours": ("sweep_lines", {"factors": {BORDER: FIVE, RATE: [0.001, 0.01, 0.1]}}, {"x": RATE}),
    "panels": (
        "sweep_lines", {"factors": {BORDER: FIVE, RATE: FIVE[:2], SPAN: FIVE}}, {"region": "South"},
    ),
    "scenarios": (
        "dot_plot", {"factors": {"scenario": SCENARIOS}, "settings": {"world": "yrd"}}, {},
    ),
    "scenarios and colours": (
        "dot_plot",
        {"factors": {"scenario": SCENARIOS, BORDER: [0.2, 0.5, 0.8]}, "settings": {"world": "yrd"}},
        {"show": "change"},
    ),
    "paths": ("small_multiples", {"factors": {BORDER: MANY, RATE: MANY}, "replicates": 1}, {}),
    "paths of scenarios": (
        "small_multiples", {"factors": {"scenario": SCENARIOS}, "settings": {"world": "yrd"}},
        {"years": (2015, 2016)},
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("case", HARD)
def test_nothing_is_cut_and_everything_is_said(case):
    kind, options, asked = HARD[case]
    results = sweep(**options)
    figure = draw(kind, results, **asked)
    assert_nothing_is_cut(figure)
    assert_identity(figure, results)
    said = " ".join(texts(figure))
    assert "Base point" in said
    if options.get("replicates") == 1:
        assert "One replicate (n = 1): no interval, any difference may be chance." in said
        assert "95 %" not in said
    else:
        assert re.search(r"n = \d", said)


@pytest.mark.slow
def test_missing_points_are_hatched_and_counted():
    lost = {"without": [(3, r) for r in range(4)], "failed": [(7, r) for r in range(4)]}
    results = sweep(factors={BORDER: FIVE, RATE: [0.05, 0.1, 0.2]}, **lost)
    for kind in ("heat_map", "sweep_lines"):
        figure = draw(kind, results)
        said = " ".join(texts(figure))
        assert "Hatched: 2 of 15 points without a finished run (1 failed)." in said
        assert "4 of 60 runs failed. 4 of 60 runs are to go." in said
        assert "no finished run" in said
        hatched = [p for axes in figure.axes for p in axes.patches if p.get_hatch()]
        assert len(hatched) == 2
    whole = draw("heat_map", sweep(factors={BORDER: FIVE, RATE: [0.05, 0.1, 0.2]}))
    assert not [p for axes in whole.axes for p in axes.patches if p.get_hatch()]


@pytest.mark.slow
def test_a_heat_map_shows_the_means_the_highest_and_what_is_sure():
    results = sweep(factors={BORDER: FIVE, RATE: [0.05, 0.1, 0.2]})
    figure = draw("heat_map", results)
    (image,) = figure.axes[0].images
    means = results.runs.groupby([RATE, BORDER])["launches"].mean().unstack()
    np.testing.assert_allclose(image.get_array(), means.to_numpy())
    frames = [p.get_xy() for p in figure.axes[0].patches if p.get_linewidth() == 1.6]
    i, j = np.unravel_index(np.argmax(means.to_numpy()), means.shape)
    assert frames == [(j - 0.5, i - 0.5)]
    dots = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert len(dots) >= 10
    assert "differs from the base point" in texts(figure)


def sampled(value, *, points=40, replicates=2, **options):
    """A Latin hypercube of three numbers, and of a policy that is off or on."""
    factors = {key: {"from": 0.1, "to": 0.5} for key in (BORDER, RATE, SPAN)}
    factors["policies.rd_grants"] = ["off", {"rate": 0.1}]
    design = {"kind": "latin_hypercube", "n": points, "seed": 1, "factors": factors}
    return make_sweep(design, value, replicates=replicates, **options)


def rising(factors, replicate, years):
    """Launches fall with the rate, rise less with the border, and hear of nothing else."""
    luck = 5.0 * noise(int(1e6 * factors[SPAN]) + replicate)
    return 1000.0 - 500.0 * factors[RATE] + 400.0 * factors[BORDER] + luck + 0.0 * years


@pytest.mark.slow
def test_a_scatter_plot_has_a_mark_for_each_point_and_what_goes_with_most_first():
    results = sampled(rising)
    figure = draw("scatter", results)
    assert figure.finding == "Launches: down with learn rate most clearly; 2 of 4 factors show"
    assert_nothing_is_cut(figure)
    assert_identity(figure, results)
    first = figure.axes[0]
    marks, means = first.lines[:2]
    runs = results.runs.groupby("point")[["launches", RATE, BORDER]].mean()
    np.testing.assert_allclose(marks.get_xdata(), runs[RATE])
    np.testing.assert_allclose(marks.get_ydata(), runs["launches"])
    order = np.array_split(np.argsort(runs[RATE].to_numpy()), 6)  # 40 points, 6 in each at least
    np.testing.assert_allclose(
        means.get_ydata(), [runs["launches"].to_numpy()[g].mean() for g in order]
    )
    colours = [axes.lines[0].get_color() for axes in figure.axes]
    assert colours[0] == colours[1] != colours[2] == colours[3]
    rho = runs["launches"].corr(runs[RATE], method="spearman")
    assert any(text.startswith(f"\u03c1 \u2212{abs(rho):.2f} (") for text in texts(figure))
    one = draw("scatter", results, x=BORDER)
    assert len(one.axes) == 1
    assert one.finding == "Launches: up with adopt border"


@pytest.mark.slow
def test_a_scatter_plot_in_hard_cases():
    lost = sampled(rising, replicates=1, without=[(3, 0), (4, 0)], points=20)
    figure = draw("scatter", lost, region="South", year=2015)
    said = " ".join(texts(figure))
    assert "one replicate each" in said
    assert "2 of 20 points without a finished run are left out." in said
    assert "Launches of South in 2015." in said
    assert_nothing_is_cut(figure)
    same = draw("scatter", sampled(flat, points=8))
    assert "no factor goes with it beyond chance" in same.finding
    assert "\u03c1: all values are equal" in " ".join(texts(same))
    assert "values without order" not in " ".join(texts(same))
    with pytest.raises(NothingToDrawError, match="needs 6 points with a finished run, there are 4"):
        draw("scatter", sampled(rising, points=4))
    assert [kind.name for kind in unasked([lost], {})] == ["scatter", "prim"]


@pytest.mark.slow
def test_a_change_is_zero_at_the_base_point():
    figure = draw("heat_map", sweep(factors={BORDER: FIVE, RATE: FIVE}), show="change")
    (image,) = figure.axes[0].images
    assert (image.norm.vmin, image.norm.vcenter) == (-image.norm.vmax, 0.0)
    assert "Launches: change from the base point (per cent)" in texts(figure)
    (spot,) = [p for p in figure.axes[0].patches if p.get_linewidth() == 1.0]
    i, j = (round(place + 0.42) for place in spot.get_xy())
    assert image.get_array()[j, i] == 0.0


@pytest.mark.slow
def test_values_on_lines_are_means_and_filled_where_they_differ_from_the_base():
    results = sweep()
    figure = draw("sweep_lines", results)
    marks = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    filled = [m for m in marks if m.get_markerfacecolor() == m.get_markeredgecolor()]
    means = results.runs.groupby(BORDER)["launches"].mean()
    np.testing.assert_allclose(filled[0].get_ydata(), means.to_numpy())

    def luck(factors, replicate, years):
        return 1000.0 + 50.0 * noise(9 * replicate + int(100 * factors[BORDER])) + 0.0 * years

    figure = draw("sweep_lines", sweep(value=luck))
    hollow = [m for m in figure.axes[0].lines if m.get_markerfacecolor() == "white"]
    assert sum(len(mark.get_xdata()) for mark in hollow) == 4


@pytest.mark.parametrize("kind", ["sweep_lines", "dot_plot"])
def test_axes_hold_intervals_much_wider_than_the_means_are_apart(kind):
    def wild(factors, replicate, years):
        return 1000.0 + factors[BORDER] + 400.0 * noise(replicate) + 0.0 * years

    axes = draw(kind, sweep(value=wild, replicates=2)).axes[0]
    side = 1 if kind == "sweep_lines" else 0
    bars = [bar for bar in axes.collections if isinstance(bar, LineCollection)]
    ends = np.concatenate([path.vertices[:, side] for bar in bars for path in bar.get_paths()])
    assert len(ends) == 10
    low, high = axes.get_ylim() if side else axes.get_xlim()
    assert low < ends.min() < ends.max() < high
    assert ends.max() - ends.min() > 0.5 * (high - low)


@pytest.mark.slow
def test_levels_that_are_no_numbers_come_by_value():
    results = sweep(factors={"scenario": SCENARIOS}, settings={"world": "yrd"})
    figure = draw("dot_plot", results)
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    means = results.runs.groupby("scenario")["launches"].mean().sort_values(ascending=False)
    assert sorted(names) == sorted(SCENARIOS)
    assert means[names].is_monotonic_decreasing


@pytest.mark.parametrize(
    ("kind", "factors", "asked", "said"),
    [
        ("heat_map", {BORDER: FIVE}, {}, "a heat map needs two factors"),
        ("heat_map", {BORDER: FIVE, RATE: FIVE}, {"x": RATE, "y": RATE}, "cannot be on two axes"),
        ("sweep_lines", {"policies.rd_grants": ["off", "on"]}, {}, "no factor has numbers"),
        (
            "sweep_lines",
            {BORDER: FIVE, "policies.rd_grants": ["off", "on"]},
            {"x": "policies.rd_grants"},
            "policies.rd_grants has no numbers for levels",
        ),
        (
            "dot_plot",
            {BORDER: [k / 100 for k in range(10, 60)]},
            {},
            "has 50 levels, more than",
        ),
        ("small_multiples", {BORDER: FIVE}, {"years": (2015, 2015)}, "needs two years"),
    ],
)
def test_what_does_not_fit_is_said(kind, factors, asked, said):
    results = sweep(factors=factors, replicates=1)
    with pytest.raises(NothingToDrawError, match=said):
        draw(kind, results, **asked)


def test_points_of_a_sample_lie_on_no_grid():
    ranges = {name: {"from": 0.1, "to": 0.2} for name in (BORDER, RATE)}
    design = {"kind": "latin_hypercube", "n": 10, "seed": 1, "factors": ranges}
    results = make_sweep(design, value, replicates=1)
    with pytest.raises(NothingToDrawError, match="lie on no grid of adopt border: only 1 of 10"):
        draw("sweep_lines", results, x=BORDER)
    with pytest.raises(NothingToDrawError, match="only 10 of 100 combinations"):
        draw("heat_map", results)


def test_unasked_is_what_suits_the_factors():
    def kinds(**options):
        found = unasked([sweep(replicates=1, **options.pop("made", {}))], options)
        return {kind.name for kind in found}

    ours = {"heat_map", "sweep_lines", "dot_plot", "small_multiples"}
    assert kinds() & ours == {"sweep_lines"}
    assert kinds(indicator="launches") & ours == {"sweep_lines"}
    assert kinds(y=BORDER) & ours == {"heat_map", "dot_plot", "small_multiples"}
    with pytest.raises(UsageError, match="no figure of a sweep takes --show --x --year --years"):
        kinds(x=1, years=1, year=1, show=1)


@pytest.mark.slow
def test_bytes_are_the_same():
    first, second = (draw("heat_map", sweep(factors={BORDER: FIVE, RATE: FIVE})) for _ in range(2))
    for format in ("png", "svg", "pdf"):
        assert save_bytes(first, format, dpi=50) == save_bytes(second, format, dpi=50)
