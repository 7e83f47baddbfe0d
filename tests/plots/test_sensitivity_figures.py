"""Figures of sensitivity and of searches: what they show, hard cases too, on the page."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from tests.support import known_sweeps
from ydsim import fmt
from ydsim.plots.page import save_bytes
from ydsim.results.sample import Sample
from ydsim.studies import optimise, sensitivity
from ydsim.studies.discovery import of_interest
from ydsim.studies.search import OBJECTIVES, Risk
from ydsim.studies.study import Facts

WEIGHTS = np.array([8.0, -6.0, 5.0, -4.0, 3.0, 2.0, 1.0, 0.0])


MADE = "scenario baseline \u00b7 4 points \u00b7 2 replicates \u00b7 seed 7"


def drawn(method: str, ranking: sensitivity.Ranking) -> Figure:
    return sensitivity.draw_ranking(method, ranking, MADE)


def words(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def within(figure: Figure) -> bool:
    """Tell whether all text is on the page; labels of ticks that are not in view do not count."""
    figure.draw_without_rendering()
    page = figure.bbox
    ticks = {
        label
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in axis.get_major_ticks()
        for label in (tick.label1, tick.label2)
        if not axis.get_view_interval().min() <= tick.get_loc() <= axis.get_view_interval().max()
    }
    for text in figure.findobj(Text):
        if text.get_text() and text.get_visible() and text not in ticks:
            box = text.get_window_extent()
            if not (page.x0 - 1 <= box.x0 and box.x1 <= page.x1 + 1 and box.y0 >= page.y0 - 1):
                return False
    return True


def tornado_of(replicates: int, factors: int) -> Sample:
    """Long names and settings; some effects of either sign."""
    cards, rows = [], 1
    for j in range(factors):
        long = ["off", '{"start": 2019, "rate": 0.02}', '{"start": 2019, "rate": 0.1}']
        name = f"policies.a_rather_long_name_of_a_policy_{j}" if j % 3 == 0 else f"parameters.p{j}"
        values = long if j % 3 == 0 else ["0.5", "0.25", "1.0"]
        cards.append({"label": name, "key": "", "levels": [{"value": v} for v in values]})
        rows += 2
    rng = np.random.default_rng(1)
    size = rng.standard_normal(rows) * np.linspace(20.0, 1.0, rows)
    values = 1000.0 + rng.standard_normal((rows, replicates)) + size[:, None]
    return Sample(
        "launches", "items", "projects launched", "yrd", "in 2020", "one_at_a_time", {},
        tuple(cards), {str(card["label"]): np.zeros(rows) for card in cards}, values, True,
    )  # fmt: skip


@pytest.mark.parametrize(("replicates", "factors"), [(1, 20), (5, 20), (4, 1)])
def test_tornado(replicates, factors):
    ranking = sensitivity.tornado(tornado_of(replicates, factors))
    figure = drawn("tornado", ranking)
    assert within(figure)
    said = words(figure)
    assert "rate: 0.02" in said  # what settings have in common is left out
    assert "rate: 0.1" in said
    assert any("4 more factors" in text for text in said) == (factors == 20)
    assert any("one replicate, no interval" in text for text in said) == (replicates == 1)
    shown = set(ranking.table["factor"].head(16))
    steps = ranking.tables["tornado"]
    lengths = sorted(patch.get_width() for patch in figure.axes[0].patches)
    assert lengths == pytest.approx(sorted(steps[steps["factor"].isin(shown)]["effect"]))


@pytest.mark.slow
def test_sobol(tmp_path):
    design = {"kind": "saltelli", "n": 256, "second_order": False, "seed": 1}
    sample = known_sweeps.sample(
        tmp_path, design, 8, lambda u: u @ WEIGHTS, replicates=2, noise=0.3
    )
    ranking = sensitivity.sobol_indices(sample)
    figure = drawn("sobol", ranking)
    assert within(figure)
    assert "x1 moves launches most" in words(figure)
    assert "x1, raises" in words(figure)
    bars = [patch.get_width() for patch in figure.axes[0].patches]
    assert bars[:8] == pytest.approx(ranking.table["estimate"].tolist())
    assert bars[8:] == pytest.approx(ranking.table["first"].tolist())


@pytest.mark.parametrize("replicates", [1, 3])
def test_morris(tmp_path, replicates):
    design = {"kind": "morris", "trajectories": 8, "seed": 2}
    sample = known_sweeps.sample(
        tmp_path, design, 8, lambda u: u @ WEIGHTS, replicates=replicates, noise=0.5
    )
    ranking = sensitivity.elementary_effects(sample)
    figure = drawn("morris", ranking)
    assert within(figure)
    assert ("noise alone" in words(figure)) == (replicates > 1)
    if replicates > 1:
        assert fmt.percent(sample.noise_share, 3) in " ".join(" ".join(words(figure)).split())
    assert "1  x1, raises" in words(figure)
    assert "2  x2, lowers" in words(figure)
    marks = [line for line in figure.axes[0].lines if line.get_marker() in ("^", "v", "o")]
    places = sorted((float(m.get_xdata()[0]), float(m.get_ydata()[0])) for m in marks)
    rows = sorted(zip(ranking.table["estimate"], ranking.table["sigma"], strict=True))
    assert np.array(places) == pytest.approx(np.array(rows))


@pytest.mark.slow
def test_prim(tmp_path):
    design = {"kind": "latin_hypercube", "n": 100, "seed": 7}

    def corner(u):
        return 10.0 * ((u[:, 0] > 0.5) & (u[:, 2] < 0.5)) + u[:, 1]

    sample = known_sweeps.sample(tmp_path, design, 3, corner)
    ranking = sensitivity.discover(sample, *of_interest("launches", sample.means, 0.25))
    figure = drawn("discovery", ranking)
    assert within(figure)
    assert any(text.startswith("Points of interest lie where x1 >= 0.") for text in words(figure))
    chance = known_sweeps.sample(tmp_path, design, 3, lambda u: 0.0 * u[:, 0], noise=1.0)
    ranking = sensitivity.discover(chance, *of_interest("launches", chance.means, 0.25))
    if not ranking.box.limits:
        said = words(drawn("discovery", ranking))
        assert "No box of inputs sets the points of interest apart" in said
        assert "no limit that is not as likely by chance" in said


def test_nothing_shown(tmp_path):
    design = {"kind": "morris", "trajectories": 6, "seed": 2}
    sample = known_sweeps.sample(
        tmp_path, design, 3, lambda u: 0.0 * u[:, 0], replicates=4, noise=1.0
    )
    ranking = sensitivity.elementary_effects(sample)
    assert not ranking.table["shown"].any()
    assert "No factor is shown to move launches" in words(drawn("morris", ranking))


# -- searches --------------------------------------------------------------------------------------


def searched(aims: int, cases: int, trials: int = 24) -> optimise.Optimisation:
    names = ("launches", "public_cost", "balance", "inventions")[:aims]
    x = np.random.default_rng(5).random(trials)
    gains = np.stack([9000.0 * np.sqrt(x), 300.0 * x, 0.02 * (0.5 - x), np.full(trials, 100.0)])
    noise = np.random.default_rng(3).standard_normal((1, cases, 1))
    return optimise.Optimisation(
        Facts("x", "x", MADE, None, (2011, 2012), cases, 0, trials),
        tuple(OBJECTIVES[name] for name in names),
        Risk(1.0),
        {"scenario": "synthetic", "sampler": "tpe", "batch": 8},
        pd.DataFrame({"parameters.adopt.border": x}),
        gains[:aims].T[:, None, :] * (1.0 + 0.1 * noise),
        np.ones((cases, aims)),
        "yrd",
    )


@pytest.mark.parametrize(
    ("aims", "cases"), [(2, 5), (3, 1), pytest.param(4, 3, marks=pytest.mark.slow)]
)
def test_pareto(aims, cases):
    found = searched(aims, cases)
    figure = found.plot()
    assert within(figure)
    assert len(figure.axes) == aims * (aims - 1) // 2
    said = words(figure)
    assert f"knee, trial {found.knee}" in said
    assert any("Whiskers" in text for text in said) == (cases > 1)
    drawn = next(line for line in figure.axes[0].lines if line.get_marker() == "s")
    places = sorted(zip(drawn.get_xdata(), drawn.get_ydata(), strict=True))
    assert np.array(places) == pytest.approx(
        np.array(sorted(found.scores[found.front, :2].tolist()))
    )


@pytest.mark.slow
def test_equal_findings_give_equal_bytes(tmp_path):
    design = {"kind": "morris", "trajectories": 4, "seed": 2}
    sample = known_sweeps.sample(tmp_path, design, 3, lambda u: u @ WEIGHTS[:3])
    rankings = (sensitivity.elementary_effects(sample) for _ in range(2))
    one, two = (save_bytes(drawn("morris", ranking)) for ranking in rankings)
    assert one == two
    first, second = (save_bytes(searched(2, 2, trials=10).plot()) for _ in range(2))
    assert first == second
