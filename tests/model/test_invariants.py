"""What must hold in every quarter of every run."""

import numpy as np
import pytest

from tests.support.small import PHASES, RESTLESS, SHORT_CHAIN, model, run, tilted, world
from ydsim.agents.columns import NEVER
from ydsim.agents.ledger import SECTORS
from ydsim.agents.organisations import FIRM
from ydsim.agents.projects import INVENTION, LAUNCH, NOBODY, OUTSIDER, PILOT, STAGES
from ydsim.agents.ties import Neighbours
from ydsim.processes.talent import leavers, place_keys
from ydsim.record import measures

YEARS = 3
KEEPS = ("economy", "firms", "outside")
"""Sectors that may end a quarter with something; the others spend all that they receive."""

CROSSING = {**RESTLESS, "border.joint_work": 0.7, "talent.retirement": 0.1}


def slow(options):
    return pytest.param(options, marks=pytest.mark.slow)


NOBODY_ELSE = {
    f"actors.{group}": False
    for group in ("universities", "institutes", "funding", "intermediaries", "media")
}


@pytest.fixture(
    scope="module",
    params=[
        {},
        {
            "policies": {
                "rd_grants": {"rate": 0.2, "leakage": 0.5},
                "border_friction": {"passes": 0.0},
            }
        },
        slow({"parameters": {"population.exit": 0.6}}),
        slow({"parameters": {"fund.university_share": 0.5, "fund.institute_share": 0.5}}),
        slow({"parameters": CROSSING, "scale": 0.03}),
        slow({"parameters": NOBODY_ELSE}),
        slow({"scale": 0.002}),
        {"burn_in": 0, "parameters": SHORT_CHAIN},
    ],
    ids=[
        "plain", "policies", "turnover", "no base grants", "restless", "firms alone", "few firms",
        "no burn-in",
    ],
)  # fmt: skip
def lived(request):
    """Snapshots of a run around each quarter."""
    m = model(years=YEARS, place=tilted(world()), **request.param)
    shots = []
    while m.running:
        m.state.begin(m.state.quarter)
        shot = {"before": before(m), "entries": len(m.state.ledger.entries)}
        for phase in PHASES[:-1]:
            if phase == "_renew":
                acting = (m.state.launches.owner, m.state.adoptions.firm, members(m))
                shot["acting"] = [rows.copy() for rows in acting]
                shot["began"] = (m.state.projects.born == m.state.quarter).sum()
            getattr(m, phase)()
            if phase == "_explore":
                shot["knowledge"] = mean_knowledge(m)
                shot["started"] = started(m)
        shot |= after(m)
        shots.append(shot)
        m._record()
    return m, shots


def before(m):
    state = m.state
    n = len(state.organisations)
    return {
        "alive": state.organisations.alive.copy(),
        "adopted": state.slots.adopted[:n].copy(),
        "holder": state.slots.holder.copy(),
        "technology": state.organisations.technology.copy(),
        "balance": dict(state.ledger.balance),
        "stock": state.talent.stock.copy(),
        "projects": by_stage(state),
        "in_force": state.patents.in_force.copy(),
    }


def mean_knowledge(m):
    table = m.state.organisations
    stand = np.where(table.kind == FIRM, 1.0, m.state.scale) * table.alive
    return (stand[:, None] * table.knowledge).sum(axis=0) / stand.sum()


def members(m):
    inside = m.state.projects.members
    return inside[inside >= 0].astype(np.int64)


def by_stage(state):
    """Live projects by stage and kind of the first owner."""
    found = np.zeros((len(STAGES), 3))
    np.add.at(found, (state.projects.stage, state.projects.origin.astype(int)), 1.0)
    return found


def started(m):
    new = m.state.projects.born == m.state.quarter
    return np.bincount(m.state.projects.origin[new], minlength=3)


def after(m):
    state = m.state
    table, firms = state.organisations, state.firms
    group = table.industry[firms] * m.world.n_provinces + table.province[firms]
    pairs = zip(state.adoptions.generation.tolist(), state.adoptions.firm.tolist(), strict=True)
    return {
        "imbalance": state.ledger.imbalance(),
        "balance": dict(state.ledger.balance),
        "posted": state.ledger.entries[:],
        "shares": np.bincount(group, weights=table.share[firms])[np.unique(group)],
        "arrivals": state.market.share.sum(axis=1),
        "adopted": state.slots.adopted.copy(),
        "holder": state.slots.holder.copy(),
        "alive": table.alive.copy(),
        "technology": table.technology.copy(),
        "events": len(set(pairs)) == len(state.adoptions.firm),
        "talent": (state.talent, m._draws("talent")),
        "projects": by_stage(state),
        "funnel": {name: found.copy() for name, found in state.tally.funnel.items()},
        "consortia": (state.projects.owner.copy(), state.projects.members.copy()),
        "ties": (state.ties.key.copy(), state.ties.strength.copy()),
        "neighbours": Neighbours(state.ties, table.key),
        "died": table.died.copy(),
        "quarter": state.quarter,
        "counts": counts_of_adopters(state),
    }  # fmt: skip


def counts_of_adopters(state):
    """Adopters of living generations by city as counted, and as the matrix of firms has them."""
    found, table = state.generations, state.organisations
    live, rows = found.living(), state.firms
    has = np.zeros((len(live), state.world.n_cities))
    for i, g in enumerate(live.tolist()):
        theirs = rows[table.industry[rows] == found.industry[g]]
        theirs = theirs[state.slots.adopted[theirs, found.slot[g]]]
        has[i] = np.bincount(table.city[theirs], minlength=state.world.n_cities)
    return found.adopters[live].copy(), has


# -- money -----------------------------------------------------------------------------------------


def test_money_is_conserved(lived):
    _, shots = lived
    for shot in shots:
        assert shot["imbalance"] < 1e-9


def test_every_sector_has_what_its_entries_say(lived):
    """And all but households, firms and the rest of the nation spend in the quarter what comes."""
    _, shots = lived
    for shot in shots:
        posted = shot["posted"][shot["entries"] :]
        for name in SECTORS:
            comes = sum(e.amount.sum() for e in posted if name == e.receiver)
            goes = sum(e.amount.sum() for e in posted if name == e.payer)
            change = shot["balance"][name] - shot["before"]["balance"][name]
            size = max(1.0, comes, goes, abs(shot["balance"][name]))
            assert change == pytest.approx(comes - goes, abs=1e-9 * size), name
            if name not in KEEPS:
                assert change == pytest.approx(0.0, abs=1e-9 * size), name


def test_no_money_flows_backwards(lived):
    m, _ = lived
    wrong = sorted({e.flow for e in m.state.ledger.entries if (e.amount < -1e-12).any()})
    assert wrong == []


# -- counts ----------------------------------------------------------------------------------------


def test_shares_sum_to_one(lived):
    _, shots = lived
    for shot in shots:
        assert shot["shares"] == pytest.approx(1.0, abs=1e-12)
        assert shot["arrivals"] == pytest.approx(1.0, abs=1e-12)


def test_knowledge_stays_near_the_mean_of_the_burn_in(lived):
    """Its mean by field may leave zero, as growth and policies move it."""
    m, shots = lived
    assert all(np.abs(shot["knowledge"]).max() < 0.5 for shot in shots)
    moved = np.abs(shots[-1]["knowledge"]).max()
    assert moved < 1e-12 if m.constants is None else moved > 1e-6


def test_researchers_are_conserved_to_the_unit(lived):
    """Those before, less who retires, and who graduates; moves change nothing in sum."""
    m, shots = lived
    rate = m.parameters.talent.retirement
    for shot in shots:
        talent, draws = shot["talent"]
        had = shot["before"]["stock"]
        retired = leavers(had, rate, draws.uniform(place_keys(m.world), 0))
        moves = talent.moves
        assert moves.dtype == talent.stock.dtype == np.int64
        assert (moves >= 0).all()
        assert (np.diag(moves) == 0).all()
        assert (moves.sum(axis=1) <= had - retired).all()
        new = talent.stock - (had - retired + moves.sum(axis=0) - moves.sum(axis=1))
        assert (new >= 0).all()
        if not m.parameters.talent.scarce_supply:
            wanted = int(np.floor(talent.demand.sum() + 1e-6))
            assert abs(int(new.sum()) - max(0, wanted - int((had - retired).sum()))) <= 1
        assert talent.stock.sum() == had.sum() - retired.sum() + new.sum()
        assert (talent.stock >= 0).all()


def test_projects_are_conserved_by_stage(lived):
    """By the kind of the first owner: what was there and came in, less what left and went on."""
    m, shots = lived
    for shot in shots:
        found = {k: v.sum(axis=2) * m.state.scale for k, v in shot["funnel"].items()}
        leaves = ("completed", "failed", "died_waiting", "owner_left", "sold_outside")
        left = sum(found[name] for name in leaves)
        comes = np.zeros_like(left)
        comes[0] = shot["started"]
        comes[1:] = found["completed"][:-1]
        comes[PILOT] -= found["shelved"][INVENTION]
        expected = shot["before"]["projects"] + comes - left
        assert shot["projects"] == pytest.approx(expected, abs=1e-6)
        assert found["live"] == pytest.approx(shot["projects"], abs=1e-6)
        assert found["shelved"].sum() == pytest.approx(found["shelved"][INVENTION].sum())
        assert (found["waiting"] <= found["live"] + 1e-6).all()
    assert sum(s["funnel"]["completed"][LAUNCH].sum() for s in shots) > 0.0


def test_adopters_are_counted_as_firms_have_adopted(lived):
    _, shots = lived
    for shot in shots:
        counted, has = shot["counts"]
        assert (counted == has).all()
    assert has.sum() > 0


# -- who is with whom ------------------------------------------------------------------------------


def test_members_of_consortia_are_there(lived):
    _, shots = lived
    for shot in shots:
        owner, inside = shot["consortia"]
        alive, died = shot["alive"], shot["died"]
        # a project without its owner ends in the next quarter
        assert (alive[owner] | (died[owner] == shot["quarter"])).all()
        known = inside[inside >= 0]
        assert alive[known].all()
        assert ((inside >= 0) | (inside == NOBODY) | (inside == OUTSIDER)).all()
        empty = inside == NOBODY
        assert (empty[:, 1:] | ~empty[:, :-1]).all()  # who is there stands first
        assert (inside != owner[:, None]).all()
        for row in inside[(inside >= 0).sum(axis=1) > 1].tolist():
            others = [i for i in row if i >= 0]
            assert len(set(others)) == len(others)


def test_ties_are_single_symmetric_and_between_the_living(lived):
    _, shots = lived
    for shot in shots:
        (key, strength), neighbours = shot["ties"], shot["neighbours"]
        a, b = key >> 32, key & 0xFFFFFFFF
        assert (a < b).all()
        assert (np.diff(key) > 0).all()
        assert (strength > 0.0).all()
        # ties of who died in this quarter are dropped in the next
        for end in (a, b):
            assert (shot["alive"][end] | (shot["died"][end] == shot["quarter"])).all()
        source = np.repeat(np.arange(len(neighbours.begin) - 1), np.diff(neighbours.begin))
        ways = set(zip(source.tolist(), neighbours.partner.tolist(), strict=True))
        assert len(ways) == 2 * len(key)
        assert ways == {(j, i) for i, j in ways}


def test_nobody_unadopts(lived):
    """While a generation lives, who has adopted it has adopted it."""
    m, shots = lived
    for shot in shots:
        had = shot["before"]
        n, width = had["adopted"].shape
        industry = m.state.organisations.industry[:n]
        same_holder = (had["holder"] == shot["holder"][:, :width])[industry]
        living = (had["alive"] & shot["alive"][:n] & (industry >= 0))[:, None]
        lost = had["adopted"] & ~shot["adopted"][:n, :width] & same_holder & living
        assert not lost.any()
        assert shot["events"]
    assert (same_holder & living & had["adopted"]).sum() > 50


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
    for name in (
        "share", "value_added", "sales", "rd", "reported_rd", "researchers", "grants",
        "profit", "contract_net",
    ):  # fmt: skip
        assert not getattr(table, name)[gone].any(), name
    assert (table.died[gone] < m.state.quarter).all()
    assert (table.died[~gone] == NEVER).all()
    assert (table.certified_until[gone] < 0).all()


def test_identities_are_unique_among_the_living(lived):
    """A firm that moves closes its row and opens another with its identity."""
    m, _ = lived
    table = m.state.organisations
    assert len(np.unique(table.key[table.alive])) == table.alive.sum()
    for part in (m.state.projects, m.state.generations):
        assert len(np.unique(part.key)) == len(part)


# -- what is recorded ------------------------------------------------------------------------------


UNKNOWN = {*measures.COLLABORATION, "hitech_industry_new_product_sales"}
"""Empty in made worlds: they have no index, and do not say which industries are high technology."""


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
            if column in UNKNOWN:
                assert np.isnan(values).all(), column
                continue
            if column in measures.NAMES:  # once a year
                last = table["quarter"][: len(values)] == 4
                assert np.isnan(values[~last]).all(), f"{name}.{column}"
                values = values[last]
            if column.endswith("_per_100m"):
                values = values[table["public_money"] > 0.0]
            assert np.isfinite(values).all(), f"{name}.{column}"


def test_the_state_is_finite(lived):
    m, _ = lived
    for part in (m.state.organisations, m.state.projects, m.state.generations):
        for name in part.names:
            values = getattr(part, name)
            if values.dtype.kind == "f" and name != "mark":
                assert np.isfinite(values).all(), name
    for values in (m.state.attention, m.state.talent.wage, m.state.ties.strength):
        assert np.isfinite(values).all()


def test_what_is_counted_is_not_negative(lived):
    m, _ = lived
    table = m.recorder.tables()["series"]
    free = {"productivity_log", "outside_productivity_log"}
    for name, values in table.items():
        if name in UNKNOWN:
            continue
        if values.dtype.kind == "f" and name not in free and not name.endswith("net_outside"):
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
    last = inputs.secondary[:, min(m.settings.quarters, inputs.secondary.shape[1]) - 1].sum()
    assert market.output.sum() == pytest.approx(last, rel=1e-9)
    assert last > 0.0


@pytest.fixture(scope="module")
def usual():
    return run(years=2, scale=0.02)


@pytest.mark.slow
def test_recorded_adoptions_are_the_events(usual):
    """Beside what firms are born with or find where they move."""
    m, events = usual, usual.recorder.tables()["adoption"]
    adopted = ~np.isin(events["channel"].astype(str), ("birth", "move"))
    number = adopted.sum() / m.settings.scale
    assert m.recorder.series("adoptions").sum() == pytest.approx(number, rel=1e-12)
    assert 0 < (~adopted).sum() < adopted.sum()


@pytest.mark.slow
def test_founded_generations_are_those_of_the_table(usual):
    m, table = usual, usual.recorder.tables()["generations"]
    new = table["founded_year"] >= 2011
    region = table["origin"] == "region"
    assert m.recorder.series("generations_founded").sum() == (new & region).sum() > 10
    outside = m.recorder.series("generations_founded_outside").sum()
    assert outside == (new & ~region).sum() > 10
