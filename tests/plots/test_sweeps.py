"""Figures of sweeps: values at points, paired changes, and pages in plain and hard cases."""

import json

import numpy as np
import pytest
from scipy import stats

from tests.support.figures import require_readable
from tests.support.made_sweep import BORDER, RATE, SPAN, make_sweep, noise
from ydsim.errors import NothingToDrawError, UsageError
from ydsim.plots import canvas, sweeps
from ydsim.plots.drawing import draw, unasked
from ydsim.plots.factors import read_outcome, texts_of
from ydsim.plots.sweeps import drawn_points, kind_for

FIVE, THREE = [0.1, 0.3, 0.5, 0.7, 0.9], [0.05, 0.1, 0.2]
GRANTS = "policies.rd_grants"
SCENARIOS = ["baseline", "closed_borders", "open_platforms", "membership_replay"]
RANGES = {name: {"from": 0.1, "to": 0.2} for name in (BORDER, RATE)}


def value(factors, replicate, years):
    """Launches of 1000 (1 - border / 2), luck that all points share, 5 per cent more a year."""
    own = 2.0 * noise(100 * replicate + int(100 * factors.get(BORDER, 0.5)))
    size = 1000.0 - 500.0 * factors.get(BORDER, 0.5) + 300.0 * factors.get(RATE, 0.1)
    south = 2.0 if factors["region"] == "South" else 1.0
    return south * (size + 50.0 * noise(replicate) + own) * (1.0 + 0.05 * years)


def luck(factors, replicate, years):
    return 1000.0 + 50.0 * noise(9 * replicate + int(100 * factors[BORDER])) + 0.0 * years


def sweep(factors=None, value=value, kind="grid", **options):
    design = {"kind": kind, "factors": factors or {BORDER: FIVE}}
    if kind not in ("grid", "one_at_a_time"):
        design |= {"seed": 1, "trajectories" if kind == "morris" else "n": 8}
    return make_sweep(design, value, **options)


def marks(axes, gid):
    return [line for line in axes.lines if line.get_gid() == gid]


def dots(axes):
    """Return x, y and whether it is filled of all marks but the ring around the base point."""
    lines = [line for line in axes.lines if line.get_marker() not in ("None", "|", "_", "x")]
    return sorted(
        (x, y, line.get_markerfacecolor() != "white")
        for line in lines
        if line.get_gid() is None
        for x, y in zip(*map(list, line.get_data()), strict=True)
    )


# -- values ----------------------------------------------------------------------------------------


def test_values_are_those_of_the_last_year_of_another_year_and_of_a_province():
    results = sweep()
    outcome = read_outcome(results)
    assert (outcome.what.name, outcome.year, outcome.place) == ("launches", 2016, "")
    table = results.runs.pivot(index="point", columns="replicate", values="launches")
    np.testing.assert_allclose(outcome.values, table)
    south = read_outcome(results, "launches", "South", 2015)
    cube = results.cube(["launches"], places=["South"], years=(2015, 2015))["launches"]
    np.testing.assert_allclose(south.values, cube.droplevel(["place", "year"]).unstack())
    assert (south.place, south.year) == ("South", 2015)
    assert read_outcome(results, region="South").year == 2016


def test_points_that_end_in_other_years_have_no_year_in_common():
    results = sweep({"end": [2015, 2016]})
    outcome, south = read_outcome(results), read_outcome(results, region="South")
    runs = results.runs.pivot(index="point", columns="replicate", values="launches")
    np.testing.assert_allclose(outcome.values, runs)
    assert outcome.year is None
    assert "last year of each run" in draw("sweep_lines", results).heading
    assert south.values.notna().any(axis=1).tolist() == [False, True]


def test_intervals_are_those_of_student_and_of_pairs():
    outcome = read_outcome(sweep())
    here, base = (outcome.values.loc[point].to_numpy() for point in (3, outcome.base))
    low, high = stats.t.interval(0.95, 3, here.mean(), stats.sem(here))
    mean, change = outcome.mean(3), outcome.change(3)
    assert (mean.estimate, mean.low, mean.high) == pytest.approx((here.mean(), low, high))
    ratio = here.mean() / base.mean()
    half = stats.t.ppf(0.975, 3) * stats.sem(here - ratio * base) / base.mean()
    wanted = (100.0 * (ratio * np.exp(end / ratio) - 1.0) for end in (0.0, -half, half))
    assert (change.estimate, change.low, change.high) == pytest.approx(tuple(wanted))


def test_replicates_are_paired_by_number():
    """Point 3 lacks replicate 0 and the base lacks replicate 1: two pairs are left."""
    whole, lost = read_outcome(sweep()), read_outcome(sweep(without=[(3, 0), (2, 1)]))
    here, base = whole.values.loc[3, [2, 3]], whole.values.loc[2, [2, 3]]
    assert lost.change(3).estimate == pytest.approx(100.0 * (here.mean() / base.mean() - 1.0))
    figure = draw("sweep_lines", sweep(without=[(3, 0), (2, 1)]), show="change")
    assert "2 to 3 pairs" in figure.note
    assert "2 of 20 runs are not finished, 0 of them failed" in figure.note


@pytest.mark.parametrize(
    ("indicator", "factor", "unit"),
    [("innovative_sales_share", 100.0, "percentage points"), ("productivity_log", 1.0, "log")],
)
def test_changes_of_shares_are_points_and_of_logs_differences(indicator, factor, unit):
    outcome = read_outcome(sweep(), indicator)
    apart = outcome.values.loc[4] - outcome.values.loc[2]
    assert outcome.change(4).estimate == pytest.approx(factor * apart.mean())
    assert unit in outcome.label("change")


def test_a_change_from_zero_is_a_difference():
    results = sweep({BORDER: [0.5, 0.9]}, lambda f, r, t: 10.0 * (f[BORDER] - 0.5) + 0 * t)
    assert read_outcome(results).change(1).estimate == pytest.approx(4.0)


def test_other_factors_are_held_at_the_base_point():
    results = sweep({BORDER: [0.3, 0.5], RATE: [0.02, 0.05, 0.1, 0.2]})
    outcome = read_outcome(results)
    rows = drawn_points("sweep_lines", outcome, {"x": BORDER})
    assert results.design[RATE][rows.index].unique().tolist() == [0.1]
    assert results.design[BORDER][rows.index].tolist() == [0.3, 0.5]
    assert rows["x"].tolist() == [0, 1]
    assert rows["base"].tolist() == [False, True]
    assert outcome.is_base
    mixed = read_outcome(sweep({BORDER: [0.9, 0.1, 0.5], GRANTS: ["off", {"rate": 0.1}]}))
    assert mixed.levels[BORDER].cat.categories.tolist() == [0.1, 0.5, 0.9]
    assert mixed.texts(GRANTS) == ["off", "rate 0.1"]
    first = read_outcome(sweep({BORDER: [0.1, 0.9]}))
    assert (first.base, first.is_base) == (0, False)


@pytest.mark.slow
def test_what_differs_is_what_lies_beyond_the_interval_of_pairs():
    rows = drawn_points("sweep_lines", read_outcome(sweep()), {"x": BORDER})
    assert rows["differs"].tolist() == [True, True, False, True, True]
    rows = drawn_points("sweep_lines", read_outcome(sweep(value=luck)), {"x": BORDER})
    assert not rows["differs"].any()
    assert rows["tested"].tolist() == [True, True, False, True, True]
    one = drawn_points("sweep_lines", read_outcome(sweep(replicates=1)), {"x": BORDER})
    assert not one[["tested", "differs"]].any(axis=None)
    assert one["sure"].all()
    lost = sweep({BORDER: [0.1, 0.5], RATE: [0.1, 0.2]}, without=[(1, 0), (1, 1), (1, 2)])
    rows = drawn_points("sweep_lines", read_outcome(lost), {"x": BORDER, "colour": RATE})
    assert rows["sure"].tolist() == [True, False, False, True], "one pair shows nothing"


@pytest.mark.parametrize(
    ("options", "ask", "said"),
    [
        ({"factors": {BORDER: [0.5]}}, {}, "factors"),
        ({"without": [(p, r) for p in range(5) for r in range(4)]}, {}, "finished"),
        ({}, {"indicator": "inventions"}, "inventions.*yrd"),
        ({}, {"indicator": "inventions", "region": "North"}, "inventions.*North"),
        ({"record": {"series": 0}}, {"year": 2015}, "series"),
    ],
)
def test_what_is_not_there_is_said(options, ask, said):
    with pytest.raises(NothingToDrawError, match=said):
        read_outcome(sweep(**options), **ask)


# -- which figure, and which factor on which axis --------------------------------------------------


@pytest.mark.parametrize(
    ("factors", "kind", "fits"),
    [
        ({BORDER: FIVE, RATE: THREE}, "grid", "heat_map"),
        ({BORDER: FIVE, RATE: THREE[:2]}, "grid", "sweep_lines"),
        ({BORDER: FIVE, GRANTS: ["off", {"rate": 0.1}]}, "grid", "sweep_lines"),
        ({GRANTS: ["off", {"rate": 0.1}]}, "grid", "dot_plot"),
        ({RATE: [0.05, 0.2]}, "one_at_a_time", "sweep_lines"),
        ({RATE: [0.2], GRANTS: [{"rate": 0.1}]}, "one_at_a_time", ""),
        (RANGES, "latin_hypercube", ""),
    ],
)
def test_which_figure_suits_a_sweep(factors, kind, fits):
    results = sweep(factors, kind=kind, replicates=1)
    assert kind_for(results) == fits
    ours = {"heat_map", "sweep_lines", "dot_plot"}
    if kind == "grid":
        assert ours & {kind.name for kind in unasked([results], {})} == {fits}


@pytest.mark.parametrize(
    ("kind", "factors", "asked", "said"),
    [
        ("heat_map", {BORDER: FIVE}, {}, f"two factors.*{BORDER}.*dot_plot"),
        ("heat_map", {BORDER: FIVE, RATE: FIVE}, {"x": RATE, "y": RATE}, f"{RATE}.*two axes"),
        ("sweep_lines", {GRANTS: ["off", "on"]}, {}, "dot_plot"),
        ("sweep_lines", {BORDER: FIVE, GRANTS: ["off", "on"]}, {"x": GRANTS}, "dot_plot"),
        ("sweep_lines", {BORDER: FIVE, RATE: [0.1]}, {"colour": RATE}, f"{RATE}.*every point"),
    ],
)
def test_what_does_not_fit_is_said(kind, factors, asked, said):
    with pytest.raises(NothingToDrawError, match=said):
        draw(kind, sweep(factors, replicates=1), **asked)


def test_one_factor_of_those_moved_alone_is_a_line_of_its_own():
    results = sweep({BORDER: [0.1, 0.9], RATE: [0.2]}, kind="one_at_a_time")
    axes = draw("sweep_lines", results, x=BORDER).axes[0]
    own = results.runs[results.runs[RATE] == 0.1].groupby(BORDER)["launches"].mean()
    assert {x: y for x, y, _ in dots(axes)} == pytest.approx(own.to_dict())


def test_too_many_dots_and_grids_with_holes_are_refused(monkeypatch):
    monkeypatch.setitem(sweeps.MOST_POINTS, "dot_plot", 4)
    with pytest.raises(NothingToDrawError, match=r"5.*4"):
        draw("dot_plot", sweep(replicates=1))
    points = [{BORDER: k / 10, RATE: k / 10} for k in range(1, 6)]
    holes = make_sweep({"kind": "list", "points": points}, value, replicates=1)
    assert kind_for(holes) == ""
    with pytest.raises(NothingToDrawError, match="5 of 25"):
        draw("heat_map", holes)


def test_alternatives_of_a_list_are_rows_named_by_what_they_change():
    points = [{}, {BORDER: 0.9}, {RATE: 0.2, BORDER: 0.7}]
    results = make_sweep({"kind": "list", "points": points}, lambda f, r, t: 100.0 + 0 * t)
    labels = [text.get_text() for text in draw("dot_plot", results).axes[0].get_yticklabels()]
    plain = {text.replace("\n", " ") for text in labels}
    assert plain == {"synthetic", "border exposure 0.9", "border exposure 0.7, learn rate 0.2"}


@pytest.mark.quick(1)
@pytest.mark.parametrize(("levels", "odds"), [(["x0.5", "x1", "x2"], True), ([0.3, "x2"], False)])
def test_axes_and_keys_say_that_levels_multiply_odds(levels, odds):
    passes = {"policies.border_friction.passes": levels, RATE: THREE}
    results = sweep(passes, value=lambda of, replicate, years: 1000.0 * of[RATE] + 0.0 * years)
    for kind, axis in (("heat_map", "x"), ("dot_plot", "y")):
        (axes, *_) = draw(kind, results, **{axis: next(iter(passes))}).axes
        require_readable(axes.figure)
        texts = axes.get_xticklabels() if axis == "x" else axes.get_yticklabels()
        words = [text.get_text() for text in texts]
        assert words == (["0.5", "1", "2"] if odds else ["0.3", "x2"])
    (axes, *_) = draw("heat_map", results, x=next(iter(passes))).axes
    assert ("(odds \u00d7)" in axes.get_xlabel()) == odds
    key = draw("sweep_lines", results, x=RATE).legends[0].get_texts()
    assert all(("(odds \u00d7)" in text.get_text()) == odds for text in key)


def test_words_of_levels():
    one, two = (json.dumps({"start": 2010, "rate": rate}) for rate in (0.1, 0.2))
    assert texts_of([one]) == ["start 2010, rate 0.1"]
    assert texts_of(["off", one, two]) == ["off", "rate 0.1", "rate 0.2"], "what differs"
    assert texts_of([json.dumps(["a", "b"]), False, "{broken"]) == ["a b", "off", "{broken"]
    assert texts_of([0.1625, -1.0, 2015.0]) == ["0.1625", "\u22121", "2015"]


# -- heat map --------------------------------------------------------------------------------------


def cells(figure):
    """Return the values of a heat map, rows from low to high, and their scale."""
    (image,) = figure.axes[0].images
    assert figure.axes[0].get_ylim()[0] < figure.axes[0].get_ylim()[1]
    return image.get_array().filled(np.nan), image.norm


def test_a_heat_map_shows_the_means_and_what_differs():
    results = sweep({BORDER: FIVE, RATE: THREE}, failed=[(3, r) for r in range(4)])
    figure = draw("heat_map", results)
    means = results.runs.groupby([RATE, BORDER])["launches"].mean().unstack()
    np.testing.assert_allclose(cells(figure)[0], means)
    hatched = [patch.get_xy() for patch in figure.axes[0].patches if patch.get_hatch()]
    assert hatched == [(0.5, -0.5)]
    assert "1 of 15" in figure.note
    assert "4 of 60 runs are not finished, 4 of them failed" in figure.note
    found = {(round(*d.get_xdata()), int(*d.get_ydata())) for d in marks(figure.axes[0], "differs")}
    rows = drawn_points("sweep_lines", read_outcome(results), {"x": BORDER, "y": RATE})
    assert found == set(map(tuple, rows.loc[rows["differs"], ["x", "y"]].to_numpy().tolist()))
    assert figure.axes[0].get_xlabel() == "Border exposure", "in their order"
    turned = draw("heat_map", results, x=RATE, y=BORDER)
    np.testing.assert_allclose(cells(turned)[0], means.T)


def test_a_change_is_zero_at_the_base_point():
    figure = draw("heat_map", sweep({BORDER: FIVE, RATE: THREE}), show="change")
    found, norm = cells(figure)
    assert norm.vmin == -norm.vmax
    frames = [patch.get_xy() for patch in figure.axes[0].patches if patch.get_gid() == "base"]
    i, j = (round(place + 0.42) for place in frames[0])
    assert (FIVE[i], THREE[j], found[j, i]) == (0.5, 0.1, 0.0)
    assert found[j, 0] > 0.0 > found[j, 4]
    written = {text.get_position(): text.get_text() for text in figure.axes[0].texts}
    assert written[0, j] == f"+{found[j, 0]:.3g}"
    assert "per cent" in figure.axes[0].texts[0].get_text()


# -- lines and dots --------------------------------------------------------------------------------


def test_multiples_of_odds_are_numbers_along_a_line():
    passes = "policies.border_friction.passes"
    results = sweep({passes: ["x2", "x1", "x0.5"]}, lambda factors, _, years: 5.0 + 0.0 * years)
    axes = draw("sweep_lines", results).axes[0]
    assert axes.lines[0].get_xdata().tolist() == [0.5, 1.0, 2.0]
    assert axes.get_xlabel().endswith("(odds ×)")


def test_lines_are_means_with_the_range_of_replicates():
    results = sweep({BORDER: FIVE, RATE: THREE})
    axes = draw("sweep_lines", results).axes[0]
    runs = results.runs.groupby([RATE, BORDER])["launches"]
    lines = [line for line in axes.lines if line.get_marker() == "None" and not line.get_gid()]
    np.testing.assert_allclose([line.get_ydata() for line in lines], runs.mean().unstack())
    assert lines[0].get_xdata().tolist() == FIVE
    ranges = runs.agg(["min", "max"]).groupby(RATE)
    for band, (_, own) in zip(axes.collections, ranges, strict=True):
        edges = band.get_paths()[0].vertices[:, 1]
        assert {*own["min"], *own["max"]} <= {*edges}
    many = draw("sweep_lines", sweep({BORDER: FIVE, RATE: [0.1, 0.2, 0.3, 0.4]})).axes[0]
    assert not many.collections, "bands of many colours would hide one another"


@pytest.mark.quick(2)
@pytest.mark.parametrize(("kind", "side"), [("sweep_lines", 1), ("dot_plot", 0)])
@pytest.mark.parametrize("show", ["change", "value"])
def test_bars_are_intervals(kind, side, show):
    results = sweep()
    axes = draw(kind, results, show=show).axes[0]
    outcome = read_outcome(results)
    found = [outcome.change(p) if show == "change" else outcome.mean(p) for p in range(5)]
    wanted = [(one.low, one.high) for one in found if np.isfinite(one.low)]
    paths = [p.vertices[:, side] for c in axes.collections for p in c.get_paths() if len(p) == 2]
    ends = np.array([ends for ends in paths if np.isfinite(ends).all()])
    if (kind, show) != ("sweep_lines", "value"):
        np.testing.assert_allclose(sorted(ends.tolist()), sorted(wanted))
        low, high = axes.get_ylim() if side else axes.get_xlim()
        assert low < ends.min() < ends.max() < high
        assert (low > 0.0) == (show == "value"), "only changes are from zero on"


@pytest.mark.quick(1)
@pytest.mark.parametrize(("kind", "side"), [("sweep_lines", 1), ("dot_plot", 0)])
def test_marks_are_filled_where_they_differ_and_missing_points_have_none(kind, side):
    def filled(results):
        return sum(dot[2] for dot in dots(draw(kind, results).axes[0]))

    results = sweep(without=[(3, r) for r in range(4)])
    figure = draw(kind, results)
    means = results.runs.groupby(BORDER)["launches"].mean()
    assert sorted(dot[side] for dot in dots(figure.axes[0])) == pytest.approx(sorted(means))
    bases = [one.get_data()[side][0] for one in marks(figure.axes[0], "base")]
    assert bases == pytest.approx([means[0.5]] * (1 + side)), "a line, and a ring"
    assert "1 of 5 points" in figure.note
    assert filled(results) == 3, "the base point is not tested"
    assert filled(sweep(value=luck)) == 0
    assert filled(sweep(replicates=1)) == 5


def test_levels_that_are_no_numbers_come_by_value():
    def by_name(factors, replicate, years):
        return 100.0 + 7.0 * (len(factors["scenario"]) % 5) + noise(replicate) + 0.0 * years

    results = sweep({"scenario": SCENARIOS}, by_name, settings={"world": "yrd"}, replicates=1)
    axes = draw("dot_plot", results).axes[0]
    names = [label.get_text() for label in axes.get_yticklabels()]
    means = results.runs.groupby("scenario")["launches"].mean()
    assert sorted(names) == sorted(SCENARIOS)
    assert means[names].is_monotonic_decreasing
    assert {y: x for x, y, _ in dots(axes)} == dict(enumerate(means[names]))


@pytest.mark.slow
def test_panels_and_colours_split_the_points():
    results = sweep({BORDER: FIVE, RATE: THREE[:2], SPAN: [0.5, 1.0]}, replicates=2)
    figure = draw("sweep_lines", results, colour=SPAN, panels=RATE, region="South")
    outcome = read_outcome(results, region="South")
    assert len(figure.axes) == 2
    (legend,) = figure.legends
    signs = zip(legend.texts, legend.get_lines(), strict=True)
    key = {text.get_text(): sign.get_color() for text, sign in signs}
    for axes, rate in zip(figure.axes, THREE, strict=False):
        lines = [line for line in axes.lines if line.get_marker() == "None" and not line.get_gid()]
        for line, span in zip(lines, [0.5, 1.0], strict=True):
            design = results.design.query(f"`{RATE}` == {rate} and `{SPAN}` == {span}")
            wanted = outcome.values.loc[design["point"]].mean(axis=1)
            np.testing.assert_allclose(line.get_ydata(), wanted)
            assert key[f"chain span {span:g}"] == line.get_color()


# -- scatter ---------------------------------------------------------------------------------------


def sampled(value, *, points=40, replicates=2, **options):
    """A Latin hypercube of three numbers, and of a policy that is off or on."""
    factors = {key: {"from": 0.1, "to": 0.5} for key in (BORDER, RATE, SPAN)}
    factors[GRANTS] = ["off", {"rate": 0.1}]
    design = {"kind": "latin_hypercube", "n": points, "seed": 1, "factors": factors}
    return make_sweep(design, value, replicates=replicates, **options)


def rising(factors, replicate, years):
    """Launches fall with the rate, rise less with the border, and hear of nothing else."""
    own = 5.0 * noise(int(1e6 * factors[SPAN]) + replicate)
    return 1000.0 - 500.0 * factors[RATE] + 400.0 * factors[BORDER] + own + 0.0 * years


def test_a_scatter_plot_has_a_mark_for_each_point_and_what_goes_with_most_first():
    results = sampled(rising, replicates=3)
    figure = draw("scatter", results)
    points, means = figure.axes[0].lines[:2]
    runs = results.runs.groupby("point")[["launches", RATE]].mean()
    np.testing.assert_allclose(points.get_xdata(), runs[RATE])
    np.testing.assert_allclose(points.get_ydata(), runs["launches"])
    order = np.array_split(np.argsort(runs[RATE].to_numpy()), 6)  # 40 points, 6 in each at least
    np.testing.assert_allclose(
        means.get_ydata(), [runs["launches"].to_numpy()[g].mean() for g in order]
    )
    colours = [axes.lines[0].get_color() for axes in figure.axes]
    assert colours[0] == colours[1] != colours[2] == colours[3]
    rho = runs["launches"].corr(runs[RATE], method="spearman")
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert any(f"\u2212{abs(rho):.2f}" in text for text in texts)
    one = draw("scatter", results, x=BORDER)
    assert [len(one.axes), "border exposure" in one.heading] == [1, True]
    assert [kind.name for kind in unasked([results], {})] == ["scatter"]


@pytest.mark.slow
def test_a_scatter_plot_leaves_out_what_is_missing():
    lost = sampled(rising, replicates=1, without=[(3, 0), (4, 0)], points=20)
    figure = draw("scatter", lost, region="South", year=2015)
    assert "2 of 20" in figure.note
    assert "South, 2015" in figure.heading
    points = [axes.lines[0] for axes in figure.axes]
    assert {len(one.get_xdata()) for one in points} == {18}
    p = [stats.spearmanr(one.get_xdata(), one.get_ydata()).pvalue for one in points]
    assert p[0] < 0.05 / 4 < 0.05 / 3 < p[1] < 0.05, "Holm makes a difference"
    assert points[0].get_color() != points[1].get_color() == points[3].get_color()
    with pytest.raises(NothingToDrawError, match=r"6 .* 4"):
        draw("scatter", sampled(rising, points=4))
    with pytest.raises(UsageError, match=r"2040.*2014-2016"):
        draw("scatter", lost, year=2040)


# -- pages -----------------------------------------------------------------------------------------

LONG = [
    {"rate": k / 100, "start": 2012, "target": {"provinces": ["Province 1"]}} for k in range(5, 16)
]
MANY = [round(0.1 + 0.04 * k, 3) for k in range(20)]
LOGS = [0.001, 0.01, 0.1]
HARD = {
    "heat map": ("heat_map", sweep, {"factors": {BORDER: FIVE, RATE: THREE}}, {}),
    "large map": ("heat_map", sweep, {"factors": {BORDER: MANY, RATE: MANY}}, {"show": "change"}),
    "policies across": ("heat_map", sweep, {"factors": {GRANTS: ["off", *LONG], RATE: FIVE}}, {}),
    "policies up": ("heat_map", sweep, {"factors": {RATE: FIVE, GRANTS: ["off", *LONG]}}, {}),
    "a line": ("sweep_lines", sweep, {}, {"show": "change"}),
    "a line of two levels": ("sweep_lines", sweep, {"factors": {BORDER: [0.1, 0.9]}}, {}),
    "logs": ("sweep_lines", sweep, {"factors": {BORDER: LOGS}}, {}),
    "colours": ("sweep_lines", sweep, {"factors": {RATE: MANY, GRANTS: ["off", *LONG[:5]]}}, {}),
    "panels": ("sweep_lines", sweep, {"factors": {BORDER: FIVE, RATE: THREE, SPAN: FIVE}}, {}),
    "dots": ("dot_plot", sweep, {"factors": {GRANTS: ["off", *LONG], BORDER: THREE}}, {}),
    "wide dots": ("dot_plot", sweep, {"factors": {GRANTS: ["off", *LONG]}}, {"show": "change"}),
    "sample": ("scatter", sampled, {"value": rising}, {}),
    "all alike": ("scatter", sampled, {"value": lambda f, r, t: 1.0 + 0.0 * t, "points": 8}, {}),
}  # fmt: skip


def require_readable_case(case, widths, replicates):
    kind, make, options, asked = HARD[case]
    results = make(**options, replicates=replicates)
    for width in widths:
        with canvas.wide(width):
            figure = draw(kind, results, **asked)
        require_readable(figure)
        assert ("One replicate" in figure.note) == (replicates == 1)


@pytest.mark.quick(1)
@pytest.mark.parametrize("case", ["a line", "wide dots"])
def test_words_of_usual_pages_lie_on_them(case):
    require_readable_case(case, [7.2], 2)


@pytest.mark.slow
@pytest.mark.parametrize("case", HARD)
@pytest.mark.parametrize("replicates", [1, 2])
def test_words_lie_on_the_page_and_none_over_another(case, replicates):
    require_readable_case(case, [2.67, 4.0, 7.2, 10.7], replicates)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sweep_lines", "dot_plot", "heat_map", "scatter"])
def test_names_of_strangers_are_cut_and_shown_without_control_characters(kind):
    results = sweep({BORDER: FIVE, RATE: THREE[:2]}, replicates=1)
    columns = results.contents.points.columns
    for name in (BORDER, RATE):
        columns[f"policies.{name[11]}\x07b$c.{'long_name_' * 9}"] = columns.pop(name)
    with canvas.wide(2.67):
        figure = draw(kind, results)
    require_readable(figure)
    assert "\x07" not in figure.heading + figure.note
