"""The Sellke construction against the dense rule: compare H with E / fit for every pair."""

import numpy as np
import pytest

from tests.support.scalar_relocate import threshold
from tests.support.small import model, scenario
from ydsim.agents.state import BY_BIRTH, BY_CELL, BY_MOVE
from ydsim.model import Model
from ydsim.noise import NoiseSource, identity
from ydsim.processes import adopt
from ydsim.typing import Floats


class Shadow:
    """Every firm and generation pair, looked at in every quarter; no pointers, no marks."""

    def __init__(self, m: Model) -> None:
        self.m = m
        self.noise = NoiseSource(m.settings.seed, 0).phase("adopt", 0)
        self.adopted = set()
        self.known = {}  # thresholds, by what of them could change
        state = m.state
        for row in state.firms.tolist():
            for g in self.held(row):
                self.adopted.add((g, row))
        self.first = len(state.organisations)

    def held(self, row: int) -> list[int]:
        state = self.m.state
        holder = state.slots.holder[state.organisations.industry[row]]
        return holder[state.slots.adopted[row] & (holder >= 0)].tolist()

    def quarter(self, hazard: dict[int, Floats], live: list[int], rows: list[int]) -> set:
        """Pairs that the dense rule lets adopt now."""
        state = self.m.state
        table = state.organisations
        events = set()
        for row in rows:
            mine = [g for g in live if state.generations.industry[g] == table.industry[row]]
            for g in mine:
                if (g, row) in self.adopted:
                    continue
                key = g, row, float(table.absorptive[row])
                if key not in self.known:
                    self.known[key] = threshold(state, self.noise, g, row)
                if hazard[g][table.city[row]] >= self.known[key]:
                    events.add((g, row))
        self.adopted |= events
        return events

    def follow(self, rows: list[int], n_rows: int) -> list[int]:
        """Let what firms that moved have adopted go with them; return their new rows."""
        table = self.m.state.organisations
        before = {int(table.key[row]): row for row in rows}
        moved = [r for r in range(n_rows, len(table)) if int(table.key[r]) in before]
        for row in moved:
            old = before[int(table.key[row])]
            self.adopted |= {(g, row) for g, i in self.adopted if i == old}
        return moved


def launched(state) -> list[tuple[int, int]]:
    """Generations that launches of the quarter found or join, and the firms behind them."""
    table, launches, found = state.organisations, state.launches, []
    for g, owner, members in zip(
        launches.generation.tolist(),
        launches.owner.tolist(),
        launches.members.tolist(),
        strict=True,
    ):
        for firm in [owner, *members]:
            if g >= 0 and firm >= 0 and table.industry[firm] == state.generations.industry[g]:
                found.append((g, firm))
    return found


def follow(m: Model, quarters: int) -> dict[str, int]:
    """Step a model beside its shadow, phase by phase; return how much was compared."""
    shadow, state = Shadow(m), m.state
    seen = {"events": 0, "late": 0, "born with": 0, "retired": 0, "exits": 0, "moved": 0}
    for _ in range(quarters):
        for phase in (
            m._enact, m._fund, m._move_talent, m._invest, m._explore, m._match, m._learn,
            m._advance,
        ):  # fmt: skip
            phase()
        n = len(state.generations)
        m._found()
        assert len(state.generations) >= n
        shadow.adopted |= set(launched(state))
        live = state.generations.living().tolist()
        founded = len(state.adoptions.firm)
        m._cover()
        m._adopt()
        hazard = {g: state.generations.hazard[g].copy() for g in live}
        rows = state.firms.tolist()
        want = shadow.quarter(hazard, live, rows)
        got = pairs(state.adoptions, founded, BY_CELL)
        assert got == sorted(want)
        seen["events"] += len(got)
        seen["late"] += sum(row >= shadow.first for _, row in got)
        m._compete()
        n_events, n_rows = len(state.adoptions.firm), len(state.organisations)
        m._renew()
        moved = shadow.follow(rows, n_rows)
        want = shadow.quarter(hazard, live, moved)
        assert pairs(state.adoptions, n_events, BY_MOVE) == sorted(want)
        entrants = list(range(n_rows + len(moved), len(state.organisations)))
        want = shadow.quarter(hazard, live, entrants)
        born = pairs(state.adoptions, n_events, BY_BIRTH)
        assert born == sorted(want)
        seen["moved"] += len(moved)
        seen["born with"] += len(born)
        alive = set(np.flatnonzero(state.organisations.alive).tolist())
        seen["exits"] += len(set(rows) - alive)
        ended = [g for g in live if not state.generations.live[g]]
        seen["retired"] += len(ended)
        held = {(g, row) for row in state.firms.tolist() for g in shadow.held(row)}
        assert held == {
            (g, row) for g, row in shadow.adopted if row in alive and state.generations.live[g]
        }
        m._record()
    return seen


def pairs(adoptions, start, channel):
    mine = start + np.flatnonzero(adoptions.channel[start:] == channel)
    generation, firm = adoptions.generation[mine].tolist(), adoptions.firm[mine].tolist()
    listed = list(zip(generation, firm, strict=True))
    assert len(set(listed)) == len(listed)
    return sorted(listed)


@pytest.mark.slow
def test_sellke_equals_the_dense_rule():
    rules = {"generations.lifetime": 14, "population.exit": 0.4}
    m = model(years=4, scale=0.005, burn_in=12, parameters=rules)
    seen = follow(m, 16)
    assert seen.pop("moved") == 0  # all provinces are alike
    assert min(seen.values()) > 20, seen


@pytest.mark.slow
def test_sellke_equals_the_dense_rule_in_the_delta():
    m = Model(scenario(years=2, scale=0.01, burn_in=40, world="yrd"))
    seen = follow(m, 8)
    assert seen["events"] > 1000
    assert seen["moved"] > 2


def events_under(monkeypatch, marks, crowded):
    monkeypatch.setattr(adopt, "MARK_QUARTERS", marks)
    m = model(years=4, scale=0.01, parameters={"population.exit": 0.3})
    for _ in range(16):
        if crowded is not None:
            m.state.waiting.crowded_at = crowded
        m.step()
    table = m.recorder.tables()["adoption"]
    return {name: column.tolist() for name, column in table.items()}


@pytest.fixture(scope="module")
def usual():
    with pytest.MonkeyPatch.context() as patch:
        return events_under(patch, adopt.MARK_QUARTERS, None)


@pytest.mark.slow
@pytest.mark.parametrize("marks", [0.0, 1e-6, 1.0, 1e9])
@pytest.mark.parametrize("crowded", [0, 50, 10**9])
def test_marks_matter_for_speed_only(monkeypatch, usual, marks, crowded):
    assert events_under(monkeypatch, marks, crowded) == usual
    assert len(usual["firm"]) > 500


@pytest.mark.slow
def test_chunks_matter_for_memory_only(monkeypatch):
    first = model(years=1).run().recorder.tables()["adoption"]
    monkeypatch.setattr(adopt, "CHUNK", 1)
    second = model(years=1).run().recorder.tables()["adoption"]
    assert {k: v.tolist() for k, v in first.items()} == {k: v.tolist() for k, v in second.items()}


def test_thresholds_are_exponential_over_fit():
    noise = NoiseSource(1, 0).phase("adopt", 0)
    n = 200_000
    key = adopt.thresholds(
        identity("firm", np.arange(n)), identity("generation", 7), np.full(n, 2.0), noise
    )
    assert key.mean() == pytest.approx(0.5, rel=0.01)
    assert (key > 0.0).all()
    assert (key == key.astype(np.float32)).all()


@pytest.mark.parametrize("seed", range(5))
def test_order_in_segments(seed):
    draw = np.random.default_rng(seed)
    n = int(draw.integers(0, 60))
    segment = draw.integers(0, 7, n)
    key = draw.integers(1, 5, n).astype(np.float32) / 4  # many ties
    want = sorted(range(n), key=lambda i: (segment[i], key[i], i))
    assert adopt.sorted_in_segments(segment, key).tolist() == want
    wide = segment + (1 << 40)  # too wide to be packed
    assert adopt.sorted_in_segments(wide, key).tolist() == want


@pytest.mark.parametrize("seed", range(5))
def test_bisection_of_segments(seed):
    draw = np.random.default_rng(seed)
    blocks = [np.sort(draw.random(int(k)).astype(np.float32)) for k in draw.integers(0, 9, 12)]
    ends = np.cumsum([len(block) for block in blocks])
    begin = ends - [len(block) for block in blocks]
    hazard = draw.random(12)
    hazard[0] = float(blocks[0][0]) if len(blocks[0]) else 0.0  # a tie counts as passed
    got = adopt.advanced(np.concatenate(blocks), begin, ends, hazard)
    want = [
        b + sum(float(t) <= h for t in block)
        for b, block, h in zip(begin, blocks, hazard, strict=True)
    ]
    assert got.tolist() == want
