"""Figures of sensitivity and of searches: values of the tables on them, hard cases, the page."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Annotation

from tests.support import known_sweeps
from tests.support.figures import marks_of, require_readable, whiskers_of
from ydsim.errors import NothingToDrawError
from ydsim.plots import canvas
from ydsim.plots.factors import meaning_of
from ydsim.plots.sensitivity import draw_ranks
from ydsim.results.sample import Sample
from ydsim.studies import optimise, sensitivity
from ydsim.studies.optimise import OBJECTIVES
from ydsim.studies.posterior import Coverage
from ydsim.studies.study import Facts

WEIGHTS = np.array([8.0, -6.0, 5.0, -4.0, 3.0, 2.0, 1.0, 0.0])
MADE = "scenario baseline \u00b7 4 points \u00b7 2 replicates \u00b7 seed 7"
MORRIS = {"kind": "morris", "trajectories": 6, "seed": 2}
SALTELLI = {"kind": "saltelli", "n": 64, "second_order": False, "seed": 1}


def drawn(method, ranking):
    return sensitivity.draw_ranking(method, ranking, MADE)


def names_of(axes):
    """Texts above rows, names and meanings of factors, from the top."""
    texts = [text for text in axes.texts if isinstance(text, Annotation) and text.get_bbox_patch()]
    return [text.get_text() for text in sorted(texts, key=lambda text: text.xy[1])]


def labels_of(axes):
    return [label.get_text() for label in axes.get_yticklabels()]


def linear(folder, design, d=8, **more):
    return known_sweeps.sample(folder, design, d, lambda u: u @ WEIGHTS[:d], **more)


def tornado_of(replicates, factors):
    """Long names and settings; some effects of either sign."""
    cards = []
    for j in range(factors):
        long = ["off", '{"start": 2019, "rate": 0.02}', '{"start": 2019, "rate": 0.1}']
        name = f"policies.a_rather_long_name_of_a_policy_{j}" if j % 3 == 0 else f"parameters.p{j}"
        values = long if j % 3 == 0 else ["0.5", "0.25", "1.0"]
        cards.append({"label": name, "key": "", "levels": [{"value": v} for v in values]})
    rows = 1 + 2 * factors
    rng = np.random.default_rng(1)
    size = rng.standard_normal(rows) * np.linspace(20.0, 1.0, rows)
    values = 1000.0 + rng.standard_normal((rows, replicates)) + size[:, None]
    return Sample(
        "launches", "items", "projects launched", "yrd", "in 2020", "one_at_a_time", {},
        tuple(cards), {str(card["label"]): np.zeros(rows) for card in cards}, values, True,
    )  # fmt: skip


def solid(axes):
    return [patch.get_alpha() > 0.5 for patch in sorted(axes.patches, key=lambda bar: bar.get_y())]


@pytest.mark.quick(1)
@pytest.mark.parametrize("replicates", [1, 5])
def test_a_tornado_has_a_bar_with_its_interval_for_each_value_of_all_factors(replicates):
    ranking = sensitivity.tornado(tornado_of(replicates, 20))
    ranking.tables["tornado"]["high"] += 0.25  # Student's intervals are as far up as down
    figure = drawn("tornado", ranking)
    (axes,) = figure.axes
    steps = ranking.tables["tornado"].set_index("factor").loc[ranking.table["factor"]]
    bars = sorted(axes.patches, key=lambda bar: bar.get_y())
    assert [bar.get_width() for bar in bars] == steps["effect"].tolist()
    found = whiskers_of(axes)
    assert len(found) == (40 if replicates > 1 else 0)
    ends = np.array([found[y] for y in sorted(found)]).reshape(-1, 2)
    assert ends == pytest.approx(steps[["low", "high"]].dropna().to_numpy())
    assert solid(axes) == ((steps["low"] > 0.0) | (steps["high"] < 0.0)).tolist()
    texts = [
        "rate 0.02" if "0.02" in v else "rate 0.1" if "0.1" in v else f"{float(v):g}"
        for v in steps["value"]
    ]
    assert labels_of(axes) == texts  # what settings have in common is left out
    names = names_of(axes)
    assert len(names) == 20
    assert not any("_" in name or "parameters" in name for name in names)
    assert f"(base {steps['base'].iloc[0]})" in names[0]


def test_equal_replicates_are_no_change_and_never_sure():
    sample = tornado_of(3, 2)
    values = sample.values.copy()
    values[1:3] = values[0] + np.array([0.0, 2.0])[:, None]
    ranking = sensitivity.tornado(replace(sample, values=values))
    (axes,) = drawn("tornado", ranking).axes
    first = [
        ranking.table["factor"].tolist().index(sample.factors[0]["label"]) * 2 + k for k in (0, 1)
    ]
    assert [solid(axes)[at] for at in first] == [False, False]
    widths = [bar.get_width() for bar in sorted(axes.patches, key=lambda bar: bar.get_y())]
    assert [widths[at] for at in first] == pytest.approx([0.0, 2.0])


def test_factors_are_named_with_their_meaning_and_narrow_pages_cut_none():
    sample = tornado_of(3, 2)
    cards = [{**sample.factors[0], "label": "policies.rd_grants"}]
    cards += [{**sample.factors[1], "label": "parameters.learn.rate"}]
    columns = {card["label"]: np.zeros(5) for card in cards}
    ranking = sensitivity.tornado(replace(sample, factors=tuple(cards), columns=columns))
    with canvas.wide(2.67):
        figure = drawn("tornado", ranking)
    require_readable(figure)
    words = " ".join(names_of(figure.axes[0])).lower()
    for key in columns:
        assert meaning_of(key).lower() in words
    assert "learn rate (base 0.5)" in words


@pytest.mark.parametrize(("base", "odds"), [("x1", True), ("0.35", False)])
def test_multiples_of_odds_are_named_so_unless_a_value_is_a_share(base, odds):
    sample = tornado_of(3, 1)
    levels = [{"value": value} for value in (base, "x0.5", "x2")]
    cards = ({"label": "policies.border_friction.passes", "key": "", "levels": levels},)
    columns = {card["label"]: np.zeros(3) for card in cards}
    ranking = sensitivity.tornado(replace(sample, factors=cards, columns=columns))
    (axes,) = drawn("tornado", ranking).axes
    name = names_of(axes)[0]
    assert ("odds \u00d7" in name) == odds
    assert f"(base {'1' if odds else base})" in name
    assert labels_of(axes) == (["0.5", "2"] if odds else ["x0.5", "x2"])


def test_sobol_indices_are_two_marks_a_factor(tmp_path):
    ranking = sensitivity.sobol_indices(linear(tmp_path, SALTELLI, replicates=2, noise=0.3))
    (axes,) = drawn("sobol", ranking).axes
    marks = marks_of(axes).sort_values("y")
    rows = ranking.table
    assert marks["x"].tolist() == pytest.approx(rows[["first", "estimate"]].to_numpy().ravel())
    ends = rows[["first_low", "first_high", "low", "high"]].to_numpy().reshape(-1, 2)
    assert np.array([whiskers_of(axes)[y] for y in marks["y"]]) == pytest.approx(ends)
    assert marks["filled"].tolist() == (ends[:, 0] > 0.0).tolist()
    assert names_of(axes)[:2] == ["1. X1 (raises)", "2. X2 (lowers)"]


@pytest.mark.parametrize("replicates", [1, 3])
def test_elementary_effects_are_marks_beside_their_spread(tmp_path, replicates):
    ranking = sensitivity.elementary_effects(
        linear(tmp_path, MORRIS, replicates=replicates, noise=0.5)
    )
    table = ranking.table
    table.loc[3, "shown"] = False
    table.loc[0, "sigma"] = 2.0 * table["high"].max()
    (rows,) = drawn("morris", ranking).axes
    marks = marks_of(rows).sort_values("y")
    assert marks["x"].tolist() == table["estimate"].tolist()
    assert marks["filled"].tolist() == table["shown"].tolist()
    ends = np.array([whiskers_of(rows)[y] for y in marks["y"]])
    assert ends == pytest.approx(table[["low", "high"]].to_numpy())
    assert names_of(rows)[:2] == ["1. X1 (raises)", "2. X2 (lowers)"]
    (spread,) = [line for line in rows.lines if line.get_gid() == "sigma"]
    assert spread.get_xdata() == pytest.approx(table["sigma"])
    assert spread.get_ydata() == pytest.approx(marks["y"])
    assert rows.get_xlim()[1] > table[["high", "sigma"]].max(axis=None)
    floors = [patch.get_width() for patch in rows.patches]
    assert floors == pytest.approx([table.loc[0, "noise_floor"]] * (replicates > 1))


def test_a_box_has_no_figure():
    ranking = sensitivity.tornado(tornado_of(3, 2))
    with pytest.raises(NothingToDrawError, match="prim"):
        drawn("discovery", ranking)
    found = sensitivity.Sensitivity(
        Facts("x", "x", MADE, None, (2011, 2012), 3, 0, 5), "discovery", (ranking,)
    )
    assert found.figures == {}


def searched(aims, cases, trials=24):
    names = ("launches", "public_cost", "balance", "inventions")[:aims]
    x = np.random.default_rng(5).random(trials)
    gains = np.stack([9000.0 * np.sqrt(x), 300.0 * x, 0.02 * (0.5 - x), np.full(trials, 100.0)])
    noise = np.random.default_rng(3).standard_normal((1, cases, 1))
    return optimise.Optimisation(
        Facts("x", "x", MADE, None, (2011, 2012), cases, 0, trials),
        tuple(OBJECTIVES[name] for name in names),
        1.0,
        {"scenario": "synthetic", "sampler": "tpe", "batch": 8, "replicates": 3},
        pd.DataFrame({"parameters.border.exposure": x}),
        gains[:aims].T[:, None, :] * (1.0 + 0.1 * noise),
        np.ones((cases, aims)),
        "yrd",
    )


@pytest.mark.quick(1)
@pytest.mark.parametrize(("aims", "cases", "trials"), [(2, 5, 24), (3, 1, 24), (2, 3, 8)])
def test_the_front_stands_out_of_all_trials(aims, cases, trials):
    found = searched(aims, cases, trials)
    figure = found.plot()
    assert len(figure.axes) == aims * (aims - 1) // 2
    axes = figure.axes[0]
    of = {line.get_marker(): line for line in axes.lines if line.get_marker() in "osDX"}
    points = {sign: np.column_stack(line.get_data()) for sign, line in of.items()}
    assert sorted(points["s"].tolist()) == sorted(found.scores[found.front, :2].tolist())
    assert points["D"].tolist() == [found.scores[found.knee, :2].tolist()]
    assert points["X"].tolist() == [[0.0, 0.0]]
    assert len(points["o"]) == trials - len(found.front)
    table = found.table.set_index(["trial", "outcome"])
    half = (table["high"] - table["low"]) / 2.0
    clear = found.front if len(found.front) <= 12 else [found.knee]
    expected = {
        found.scores[at, 1]: found.scores[at, 0] + np.array([-1.0, 1.0]) * half[at, "launches"]
        for at in clear
    }
    ends = whiskers_of(axes)
    assert sorted(ends) == pytest.approx(sorted(expected) if cases > 1 else [])
    for y, (low, high) in ends.items():
        assert (low, high) == pytest.approx(min(expected.items(), key=lambda e: abs(e[0] - y))[1])


@pytest.mark.slow
@pytest.mark.parametrize("width", [2.67, 4.0, 7.2, 10.7])
def test_words_lie_on_the_page_and_none_over_another(width, tmp_path):
    with canvas.wide(width):
        for replicates in (1, 3):
            for factors in (1, 12):
                ranking = sensitivity.tornado(tornado_of(replicates, factors))
                require_readable(drawn("tornado", ranking))
            sample = linear(tmp_path / f"m{replicates}", MORRIS, replicates=replicates, noise=3.0)
            require_readable(drawn("morris", sensitivity.elementary_effects(sample)))
            sample = linear(tmp_path / f"s{replicates}", SALTELLI, replicates=replicates)
            require_readable(drawn("sobol", sensitivity.sobol_indices(sample)))
        for aims, cases in ((2, 5), (3, 1), (4, 3)):
            require_readable(searched(aims, cases).plot())


def test_ranks_are_drawn_as_far_from_uniform_ones_as_their_distance():
    ranks = np.random.default_rng(2).random((40, 3)) ** [1.0, 2.0, 1.0]
    found = Coverage(ranks, np.ones(2), np.ones(40))
    names = ["a", "b", "likelihood"]
    table = pd.DataFrame(ranks, columns=names)
    axes = draw_ranks(table, found.limit, title="t", note="n", foot="f").axes[0]
    lines = [line for line in axes.lines if line.get_gid() != "limit"]
    drawn = [np.abs(line.get_ydata()).max() for line in lines]
    assert drawn == pytest.approx(found.distance.tolist())
    ends = [line.get_ydata()[0] for line in axes.lines if line.get_gid() == "limit"]
    assert ends == pytest.approx([-found.limit, found.limit])
