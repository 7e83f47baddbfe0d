"""The factorial of actor groups, on outcomes that are known."""

import itertools

import numpy as np
import pytest

from ydsim.analysis.paired import by_setting, run_jobs
from ydsim.design.load import load_sweep
from ydsim.design.points import points
from ydsim.pages import factorial

SMALL = {"scale": 0.01, "end": 2020}
SWEEPS = {full: factorial.design_of(SMALL, full=full) for full in (False, True)}
CELLS = {full: factorial.cells(sweep) for full, sweep in SWEEPS.items()}
NAMES = [factor.label for factor in SWEEPS[True].factors]
SIGNS = {full: np.where(cells, 1.0, -1.0) for full, cells in CELLS.items()}


def test_half_of_the_cells_hold_none_all_and_every_pair_evenly():
    half = CELLS[False]
    assert half.shape == (32, 6)
    assert {factorial.label(half[0]), factorial.label(half[-1])} == {"000000", "111111"}
    assert (half.sum(axis=0) == 16).all()
    for i, j in itertools.combinations(range(6), 2):
        assert (half[:, i] & half[:, j]).sum() == 8
    assert CELLS[True].shape == (64, 6)


@pytest.mark.parametrize("full", [False, True])
def test_contrasts_find_effects_and_interactions_of_two(full):
    signs = SIGNS[full]
    # three groups together are not told apart from the other three in the half fraction only
    y = 10.0 + 3.0 * signs[:, 0] - signs[:, 4] + 0.5 * signs[:, 1] * signs[:, 2]
    y = (y + 0.25 * signs[:, 0] * signs[:, 1] * signs[:, 3])[:, None]
    terms = {name: signs[:, k] for k, name in enumerate(NAMES)}
    terms["pair"] = signs[:, 1] * signs[:, 2]
    found = {name: factorial.contrast(sign, y)[0] for name, sign in terms.items()}
    assert found == pytest.approx(
        dict.fromkeys(NAMES, 0.0) | {NAMES[0]: 6.0, NAMES[4]: -2.0, "pair": 1.0}, abs=1e-12
    )


def outcomes(together, *, product=False):
    y = {}
    for on in CELLS[True]:
        single = np.arange(1.0, 7.0)[on]
        value = 100.0 * np.prod(1.0 + single / 100.0) if product else 100.0 + single.sum()
        y[factorial.label(on)] = np.full(4, value + together * (on.sum() == 6))
    return y


def test_sums_have_no_resonance_and_more_than_sums_do():
    over, under = factorial.resonance(outcomes(0.0))
    assert over.tolist() == pytest.approx([0.0] * 4)
    over, under = factorial.resonance(outcomes(10.5))
    assert (over / under).tolist() == pytest.approx([0.5] * 4)
    logs = {cell: np.log(v) for cell, v in outcomes(0.0, product=True).items()}
    assert factorial.resonance(logs)[0].tolist() == pytest.approx([0.0] * 4, abs=1e-12)


def test_the_interval_of_a_ratio_is_about_right():
    draw = np.random.default_rng(3)
    hits = 0
    for seed in range(100):
        under = draw.normal(10.0, 1.0, 20)
        over = 5.0 + draw.normal(0.0, 1.0, 20)
        found = factorial.bootstrap(over, under, seed)
        hits += found.low <= 0.5 <= found.high
    assert 85 <= hits <= 99


def test_the_cells_are_those_of_the_shipped_sweep():
    sweep = load_sweep("actor_groups")
    assert [point.values for point in points(sweep)] == [
        dict(zip(NAMES, on.tolist(), strict=True)) for on in CELLS[False]
    ]
    jobs = factorial.jobs(SWEEPS[False], 2)
    assert [job.setting for job in jobs[:32]] == [factorial.label(on) for on in CELLS[False]]
    groups = sweep.spec["factors"]
    off = next(job for job in jobs if job.setting == "101110").scenario.policies
    on = jobs[31].scenario.policies
    changed = {name for name in on if off[name].strength != on[name].strength}
    assert changed == {"joint_rd_fund", "open_bids", "consortia", "media_coverage"}
    assert len(groups) == 6


@pytest.mark.slow
def test_half_the_factorial_runs():
    """Every policy of a group is in the scenario, and no two cells find the same."""
    todo = factorial.jobs(SWEEPS[False], 2)
    assert len(todo) == 64
    values = by_setting(todo, run_jobs(factorial.measure, todo, workers=2))
    found = {tuple(float(f[name][0]) for name in factorial.OUTCOMES) for f in values.values()}
    assert len(found) == 32
    assert min(float(f["launches"].min()) for f in values.values()) > 0.0
    page = factorial.as_markdown(values, SWEEPS[False], "the command")
    assert page.count("\n| ") == 2 + 6 + 15
    assert "S_log" not in page


def test_an_end_before_the_policies_is_refused(capsys):
    with pytest.raises(SystemExit) as caught:
        factorial.main(["--end", "2011"])
    assert caught.value.code == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.endswith("error: --end 2011: policies start in 2019; take 2019 or later")
