"""What must hold in every quarter of every run."""

import numpy as np
import pytest

from tests.model.small import model, run
from ydsim.agents.ledger import SECTORS
from ydsim.agents.organisations import FIRM

YEARS = 4


@pytest.fixture(
    scope="module",
    params=[
        {},
        {
            "policies": {
                "rd_grants": {"rate": 0.2, "leakage": 0.5},
                "border_friction": {"level": 1.0},
            }
        },
        {"parameters": {"population.exit_high": 0.8, "population.growth": 0.1}},
        {"parameters": {"fund.university_share": 0.5, "fund.institute_share": 0.5}},
        {"scale": 0.002},
        {"burn_in": 0},
    ],
    ids=["plain", "policies", "turnover", "no base grants", "few firms", "no burn-in"],
)
def lived(request):
    """Snapshots of a run after each quarter."""
    m = model(years=YEARS, **request.param)
    shots = []
    while m.running:
        state = m.state
        n = len(state.organisations)
        before = {
            "alive": state.organisations.alive.copy(),
            "adopted": state.slots.adopted[:n].copy(),
            "holder": state.slots.holder.copy(),
            "technology": state.organisations.technology.copy(),
        }
        for phase in (m._enact, m._fund, m._invest, m._explore):
            phase()
        table = state.organisations
        stand = np.where(table.kind == FIRM, 1.0, state.scale) * table.alive
        knowledge = (stand[:, None] * table.knowledge).sum(axis=0) / stand.sum()
        for phase in (m._advance, m._found, m._adopt, m._compete):
            phase()
        acting = (state.launches.owner.copy(), state.adoptions.firm.copy())
        m._renew()
        shots.append(snapshot(m, before, knowledge, acting))
        m._record()
    return m, shots


def snapshot(m, before, knowledge, acting):
    state = m.state
    table, firms = state.organisations, state.firms
    group = table.industry[firms] * m.world.n_provinces + table.province[firms]
    return {
        "before": before,
        "knowledge": knowledge,
        "acting": acting,
        "imbalance": state.ledger.imbalance(),
        "balance": dict(state.ledger.balance),
        "cash": float(table.cash[firms].sum()),
        "cash of the dead": float(np.abs(table.cash[~table.alive]).sum()),
        "shares": np.bincount(group, weights=table.share[firms])[np.unique(group)],
        "arrivals": state.market.share.sum(axis=1),
        "adopted": state.slots.adopted.copy(),
        "holder": state.slots.holder.copy(),
        "alive": table.alive.copy(),
        "technology": table.technology.copy(),
        "events": len(set(zip(state.adoptions.generation.tolist(), state.adoptions.firm.tolist(),
                              strict=True))) == len(state.adoptions.firm),
    }  # fmt: skip


def test_money_is_conserved(lived):
    m, shots = lived
    for shot in shots:
        assert shot["imbalance"] < 1e-9
        scale = max(1.0, abs(shot["cash"]))
        assert shot["balance"]["firms"] == pytest.approx(shot["cash"], abs=1e-9 * scale)
        assert shot["cash of the dead"] == 0.0
    for name in SECTORS:
        if name not in ("economy", "firms"):
            flows = sum(e.amount.sum() for e in m.state.ledger.entries if name == e.payer)
            assert abs(shots[-1]["balance"][name]) <= 1e-9 * max(1.0, flows), name


def test_no_money_flows_backwards(lived):
    m, _ = lived
    wrong = sorted({e.flow for e in m.state.ledger.entries if (e.amount < -1e-12).any()})
    assert wrong == []


def test_shares_sum_to_one(lived):
    _, shots = lived
    for shot in shots:
        assert shot["shares"] == pytest.approx(1.0, abs=1e-12)
        assert shot["arrivals"] == pytest.approx(1.0, abs=1e-12)


def test_knowledge_has_mean_zero_in_every_field(lived):
    _, shots = lived
    for shot in shots:
        assert np.abs(shot["knowledge"]).max() < 1e-12


def test_nobody_unadopts(lived):
    """While a generation lives, who has adopted it has adopted it."""
    m, shots = lived
    for shot in shots:
        before = shot["before"]
        n, width = before["adopted"].shape
        industry = m.state.organisations.industry[:n]
        same_holder = (before["holder"] == shot["holder"][:, :width])[industry]
        living = (before["alive"] & shot["alive"][:n] & (industry >= 0))[:, None]
        lost = before["adopted"] & ~shot["adopted"][:n, :width] & same_holder & living
        assert not lost.any()
        assert shot["events"]
    assert (same_holder & living & before["adopted"]).sum() > 100


def test_the_dead_never_act(lived):
    m, shots = lived
    for shot in shots:
        alive = shot["before"]["alive"]
        for rows in shot["acting"]:
            assert alive[rows].all()
        dead = np.flatnonzero(~alive)
        assert (shot["technology"][dead] == shot["before"]["technology"][dead]).all()
    table = m.state.organisations
    gone = ~table.alive
    for name in ("cash", "share", "value_added", "sales", "rd", "researchers", "grants"):
        assert not getattr(table, name)[gone].any(), name
    assert (table.died[gone] < m.state.quarter).all()
    owners = m.state.projects.owner
    assert (table.died[owners[~table.alive[owners]]] == m.state.quarter - 1).all()


def test_identities_are_unique(lived):
    m, _ = lived
    for table in (m.state.organisations, m.state.projects, m.state.generations):
        assert len(np.unique(table.key)) == len(table)


def test_nothing_recorded_is_missing(lived):
    m, _ = lived
    for name, table in m.recorder.tables().items():
        lengths = {len(column) for column in table.values()}
        assert len(lengths) == 1, name
        for column, values in table.items():
            if values.dtype.kind != "f":
                continue
            if name == "series":
                region = table["level"] == "region"
                only = np.isnan(values[~region]).all()  # recorded for the region alone
                values = values[region] if only else values
            assert np.isfinite(values).all(), f"{name}.{column}"


def test_the_state_is_finite(lived):
    m, _ = lived
    for part in (m.state.organisations, m.state.projects, m.state.generations):
        for name in part.names:
            values = getattr(part, name)
            if values.dtype.kind == "f" and name != "mark":
                assert np.isfinite(values).all(), name


def test_what_is_counted_is_not_negative(lived):
    m, _ = lived
    table = m.recorder.tables()["series"]
    free = {"productivity_log"}
    for name, values in table.items():
        if values.dtype.kind == "f" and name not in free:
            assert np.nanmin(values) >= 0.0, name


def test_firms_follow_births_and_deaths(lived):
    m, _ = lived
    firms = m.recorder.series("firms")
    change = m.recorder.series("entries") - m.recorder.series("exits")
    assert firms[1:] - firms[:-1] == pytest.approx(change[1:], abs=1e-6)


def test_levels_add_up(lived):
    m, _ = lived
    for name in ("rd_expenditure", "launches", "adoptions", "firms", "value_added_secondary"):
        region = m.recorder.series(name)
        scale = max(1.0, float(region.max()))
        for level in ("province", "city"):
            total = m.recorder.series(name, level).sum(axis=1)
            assert total == pytest.approx(region, abs=1e-9 * scale), (name, level)


def test_output_is_the_spending_on_it(lived):
    m, _ = lived
    market, inputs = m.state.market, m.state.inputs
    spent = inputs.secondary[:, m.state.now - 1].sum() if m.state.now else 0.0
    last = inputs.secondary[:, min(m.settings.quarters, inputs.secondary.shape[1]) - 1].sum()
    assert market.output.sum() == pytest.approx(last, rel=1e-9)
    assert spent > 0.0


def test_recorded_adoptions_are_the_events():
    """Beside what firms are born with."""
    m = run(years=2, scale=0.02)
    events = m.recorder.tables()["adoption"]
    adopted = events["channel"] != "birth"
    number = adopted.sum() / m.settings.scale
    assert m.recorder.series("adoptions").sum() == pytest.approx(number, rel=1e-12)
    assert 0 < (~adopted).sum() < adopted.sum()


def test_founded_generations_are_those_of_the_table():
    m = run(years=2, scale=0.02)
    table = m.recorder.tables()["generations"]
    new = table["founded_year"] >= 2011
    region = table["origin"] == "region"
    assert m.recorder.series("generations_founded").sum() == (new & region).sum() > 10
    outside = m.recorder.series("generations_founded_outside").sum()
    assert outside == (new & ~region).sum() > 10
