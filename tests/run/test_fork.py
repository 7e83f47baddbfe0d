"""Runs of a part that share what they have in common are as they are alone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.support.small import differing
from ydsim.design.load import load_sweep
from ydsim.engines import PoolEngine
from ydsim.model import Model
from ydsim.policies.base import Policy
from ydsim.run import replicate
from ydsim.run.api import carry_on
from ydsim.run.replicate import Forks, RunContext, first_difference, forks_of, make_task
from ydsim.run.scheduler import RunOptions
from ydsim.run.sweep import prepare
from ydsim.scenario.load import load_scenario
from ydsim.store.points import EMPTY, TOGETHER, extended

BASE = {"start": 2014, "end": 2016, "scale": 0.003, "parameters.population.burn_in": 4}


def scenario(**changes):
    """A short scenario; keys have ``__`` for dots."""
    return load_scenario("baseline", BASE | {k.replace("__", "."): v for k, v in changes.items()})


GRANTS = {"policies.rd_grants.start": 2015.5}
TIES = {"name": "cut", "kind": "delete_ties", "year": 2015.25, "share": 0.5}
VOUCHERS = {"name": "paid", "kind": "vouchers", "year": 2015.75, "share": 0.5, "years": 1}
COORDINATED = {"governance.mode": "coordinated", "governance.start": 2015, "governance.period": 1}
MEMBERS = {"ensemble": {"match": {"reserve": [2.0, 2.9]}, "explore": {"ideas": [0.1, 0.2]}}}
VARIANTS = {
    "plain": {},
    "grants": GRANTS,
    "stopped grants": GRANTS | {"policies.rd_grants.end": 2016.0},
    "more grants": {"policies.rd_grants.start": 2015.0, "policies.rd_grants.rate": 0.1},
    "always": {"policies.closure": {}},
    "ties": {"shocks": [TIES]},
    "ties and vouchers": {"shocks": [TIES, VOUCHERS]},
    "decisions": COORDINATED,
    "adaptive": GRANTS | {"governance.mode": "adaptive", "governance.start": 2016},
    "members": MEMBERS,
    "members and grants": MEMBERS | GRANTS,
}


@pytest.mark.parametrize(
    ("one", "other", "quarter"),
    [
        ("plain", "plain", 12),
        ("plain", "grants", 6),
        ("grants", "stopped grants", 8),
        ("grants", "more grants", 4),
        ("plain", "always", 0),
        ("plain", "ties", 5),
        ("ties", "ties and vouchers", 7),
        ("ties and vouchers", "grants", 5),
        ("plain", "decisions", 4),
        ("grants", "adaptive", 8),
        ("members", "members and grants", 6),
    ],
)
def test_runs_part_where_something_differs(one, other, quarter):
    two = [load_scenario("baseline", BASE | VARIANTS[name]) for name in (one, other)]
    assert first_difference(*two) == first_difference(*two[::-1]) == quarter


class Diary(Policy):
    """A policy of somebody else, which may keep what it likes."""


class Honest(Diary):
    stateless = True


class Moody(Honest):
    """One whose strength is its own affair, and cannot be asked for beside a run."""

    def strength_at(self, year):
        raise ZeroDivisionError("today not")


@pytest.mark.parametrize(("policy", "quarter"), [(Diary, 0), (Honest, 6), (Moody, 0)])
def test_a_policy_that_may_remember_shares_the_burn_in_alone(policy, quarter):
    plain, later = (
        scenario().model_copy(update={"policies": {"own": policy(start=start)}})
        for start in (2015.5, 2016.5)
    )
    assert first_difference(plain, later) == quarter


@pytest.mark.slow
@pytest.mark.parametrize("name", VARIANTS)
def test_a_branch_is_a_run(name):
    """Every variant from every earlier quarter that it shares with the plain one, and alone."""
    plain = load_scenario("baseline", BASE | (MEMBERS if "members" in name else {}))
    varied = load_scenario("baseline", BASE | VARIANTS[name])
    alone = Model(varied, replicate=1).run().recorder.tables()
    trunk = Model(plain, replicate=1)
    last = first_difference(plain, varied)
    for quarter in range(last + 1):
        if quarter in (0, last // 2, last):
            assert differing(alone, trunk.branch(varied).run().recorder.tables()) == []
        if quarter < last:
            trunk.step()
    if last < plain.quarters:  # what they do not share is not equal, or nothing was tested
        trunk.step()
        late = trunk.branch(varied).run().recorder.tables()
        assert differing(alone, late) != [] or name in ("decisions", "adaptive")


VARIED = ("policies.rd_grants.start=2014,2015,2016", "policies.rd_grants.rate=0.05,0.1")


def sweep(vary=VARIED):
    return load_sweep("baseline", BASE, vary=vary, replicates=2)


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*.parquet"))
    }


def run(folder: Path, engine=None, **options):
    run_options = RunOptions(engine=engine, **options)
    return carry_on(sweep(), folder, run_options, RunContext())


@pytest.mark.slow
def test_bytes_are_those_without_forks(tmp_path, monkeypatch):
    run(tmp_path / "off", fork="off")
    quarters = []
    step = Model.step
    monkeypatch.setattr(Model, "step", lambda m: quarters.append(m.state.quarter) or step(m))
    run(tmp_path / "auto")
    assert tree(tmp_path / "auto") == tree(tmp_path / "off")
    # grants from 2014, 2015 and 2016 on, at two rates each
    assert len(quarters) == 2 * (12 + 12 + 12 + 8 + 8 + 4)
    monkeypatch.undo()
    run(tmp_path / "pool", PoolEngine(2))
    assert tree(tmp_path / "pool") == tree(tmp_path / "off")


@pytest.mark.slow
@pytest.mark.parametrize("room", [0, 2**40])
def test_a_copy_that_is_not_there_costs_time_only(tmp_path, monkeypatch, room):
    """Without room for copies, or where the first run of a part is taken up or fails."""
    run(tmp_path / "off", fork="off")
    monkeypatch.setattr(replicate, "MOST_BYTES", room)
    step, failed = Model.step, []

    def fails_once(model):
        if not failed and model.state.quarter == 3:
            failed.append(model)
            raise ZeroDivisionError("once")
        step(model)

    monkeypatch.setattr(Model, "step", fails_once)
    results = run(tmp_path / "auto")
    assert len(results.failures) == 1
    run(tmp_path / "auto")
    assert tree(tmp_path / "auto") == tree(tmp_path / "off")


def test_copies_are_forgotten_when_they_are_used():
    class Copied:
        def __init__(self, settings):
            self.settings = settings

        def branch(self, settings):
            return Copied(settings)

    names = ("plain", "grants", "more grants", "ties")
    runs = {name: (0, "family", load_scenario("baseline", BASE | VARIANTS[name])) for name in names}
    forks = Forks(runs, firms=100.0)
    assert forks.start("plain", runs["plain"][2]) is None
    for quarter in range(13):
        forks.leave("plain", quarter, Copied(runs["plain"][2]), ["a remark"])
    for name, quarter in zip(names[1:], (6, 4, 5), strict=True):
        start = forks.start(name, runs[name][2])
        assert (start.quarter, start.warned, start.model.settings) == (
            quarter, ("a remark",), runs[name][2],
        )  # fmt: skip
        assert forks.start(name, runs[name][2]) is None


def test_runs_of_a_family_are_in_one_part():
    hashes = [f"{k:064x}" for k in range(3)]
    costs = dict.fromkeys(hashes, 30.0)
    wanted = dict.fromkeys(hashes, 4)
    found = [extended(EMPTY, wanted, costs, None, family) for family in (str, len)]
    assert [len(set(plan.parts)) for plan in found] == [12, 4]
    assert len(set(extended(EMPTY, wanted, costs, 2, len).parts)) == 6
    many = [f"{k:064x}" for k in range(20)]
    costs = dict.fromkeys(many, 30.0)
    plan = extended(EMPTY, dict.fromkeys(many, 1), costs, None, len)
    assert np.bincount(plan.parts).tolist() == [TOGETHER, TOGETHER, 4]


@pytest.mark.parametrize(
    ("key", "families", "sharing"),
    [("policies.rd_grants.rate=0.05,0.1", 1, 5), ("parameters.invest.intensity=0.01,0.02", 2, 4)],
)
def test_a_family_has_equal_parameters(key, families, sharing):
    loaded = sweep((VARIED[0], key))
    contents = prepare(loaded, 6, RunContext())
    assert len(set(map(contents.points.family, contents.points.rows))) == families
    task = make_task(None, contents, RunContext(), 0)
    assert len(forks_of(task, task.runs).saved) == sharing
    assert not forks_of(replace(task, fork=False), task.runs).saved
