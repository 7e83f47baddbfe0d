"""Models of a tab: the run that the command gives, one burn-in for both, an end with the tab."""

import gc
import threading
import tracemalloc
import weakref

import numpy as np
import pytest

from tests.support.explored import choices
from ydsim.agents.projects import STAGES
from ydsim.errors import ScenarioError
from ydsim.explorer import session as module
from ydsim.explorer.pictures import Pictures, View
from ydsim.explorer.session import Session
from ydsim.explorer.settings import Choice
from ydsim.explorer.watch import yearly
from ydsim.model import Model
from ydsim.record.yearly import policy_cost_table
from ydsim.world.loader import load_world


class Told:
    """Waits for states of a session."""

    def __init__(self):
        self.changed = threading.Condition()
        self.session = Session(self)

    def __call__(self):
        with self.changed:
            self.changed.notify_all()

    def until(self, reached):
        with self.changed:
            assert self.changed.wait_for(lambda: reached(self.session.progress), timeout=200)


@pytest.fixture
def told():
    one = Told()
    yield one
    one.session.close()


def test_both_models_are_those_of_the_command(session):
    for choice, watch in zip(choices(), session.watches, strict=True):
        plain = Model(choice.resolved().scenario)
        for _ in range(10):
            plain.step()
        for name in ("rd_expenditure", "launches", "adoptions", "adopted_share"):
            assert np.array_equal(plain.recorder.series(name), watch.model.recorder.series(name))


@pytest.mark.slow
def test_the_burn_in_of_both_is_simulated_once(monkeypatch):
    made = []
    monkeypatch.setattr(module, "Model", lambda one, **more: made.append(one) or Model(one, **more))
    one = Session(lambda: None)
    a, b = (choice.resolved().scenario for choice in choices())
    one._begin((a, b))
    one._begin((a, b))
    assert len(made) == 1
    other = Choice("synthetic", {**choices()[0].values, "seed": 9}).resolved().scenario
    one._begin((other,))
    assert len(made) == 2


@pytest.mark.slow
def test_steps_run_pause_and_end(told):
    told.session.start(*choices())
    told.until(lambda now: now.state == "paused")
    told.session.step(3)
    told.until(lambda now: now.state == "paused" and now.quarter == 3)
    told.session.run()
    told.until(lambda now: now.state == "over")
    assert [watch.quarters for watch in told.session.watches] == [16, 16]
    told.session.start(choices()[0])
    told.until(lambda now: now.state == "paused" and now.quarter == 0)
    assert len(told.session.watches) == 1


def test_a_pause_stops_a_run_that_waits_for_its_next_quarter(told):
    told.session.start(choices()[0])
    told.until(lambda now: now.state == "paused")
    told.session.speed = 1000.0
    told.session.run()
    told.until(lambda now: now.quarter == 1)
    told.session.pause()
    told.until(lambda now: now.state == "paused" and now.quarter == 1)


@pytest.mark.slow
def test_a_closed_session_ends_its_thread_and_frees_its_models(told):
    told.session.start(choices()[0])
    told.until(lambda now: now.state == "paused")
    thread, model = told.session._thread, weakref.ref(told.session.watches[0].model)
    burnt = weakref.ref(told.session._burnt[0][1])
    told.session.run()
    told.session.close()
    thread.join(timeout=100)
    assert not thread.is_alive()
    gc.collect()
    assert model() is None
    assert burnt() is None


def test_the_end_of_the_program_waits_for_no_burn_in(monkeypatch):
    begun = threading.Event()

    def burn_in(*_, **__):
        begun.set()
        while True:
            sum(range(1000))

    one = Session(lambda: None)
    monkeypatch.setattr(module, "Model", burn_in)
    monkeypatch.setattr(module, "_SESSIONS", {one})
    one.start(choices()[0])
    assert begun.wait(100)
    thread = one._thread
    module.end_all(100.0)
    assert not thread.is_alive()


@pytest.mark.slow
def test_memory_does_not_grow_with_quarters_that_are_run(told, monkeypatch):
    monkeypatch.setattr(module, "PICTURES", 0.0)
    pictures = Pictures(load_world("synthetic"), "synthetic")

    def show():
        if told.session.watches:
            pictures.all(told.session.watches, View())
        told()

    told.session._show = show

    def after(runs):
        for _ in range(runs):  # of 16 quarters each
            told.session.start(choices()[0])
            told.until(lambda now: now.state == "paused" and now.quarter == 0)
            told.session.run()
            told.until(lambda now: now.state == "over")
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        after(2)
        before, then = after(4), after(6)
    finally:
        tracemalloc.stop()
    assert then - before < 100_000


def test_a_scenario_that_is_wrong_is_refused_where_it_is_asked_for(told):
    with pytest.raises(ScenarioError):
        told.session.start(Choice("synthetic", {"scale": 7.0}))


def test_amounts_of_quarters_are_shown_at_the_rate_of_a_year():
    values = np.array([1.0, 3.0, 2.0, 4.0, 5.0, 6.0])
    assert yearly(values).tolist() == [4.0, 8.0, 8.0, 10.0, 14.0, 17.0]
    assert np.array_equal(yearly(np.stack([values, values], axis=1))[:, 1], yearly(values))


def test_public_money_is_that_of_the_recorded_table(session):
    watch = session.watches[1]
    table = policy_cost_table(watch.model.state, watch.model.settings.start)
    for name, (paid, leaked, asked, left) in watch.public_money().items():
        mine = table["instrument"] == name
        for column, values in zip(("amount", "leaked", "asked", "left_over"),
                                  (paid, leaked, asked, left), strict=True):  # fmt: skip
            assert np.isclose(table[column][mine].sum(), values.sum(), rtol=1e-9, atol=1e-12)
    assert watch.public_money()["rd_grants"][0].sum() > 0.0


def test_of_100_projects_all_pass_or_stop(session):
    passed, lost = session.watches[0].passing()
    assert passed.shape == (len(STAGES),)
    reach = np.concatenate([[100.0], passed[:-1]])
    done = reach > 0.0
    assert np.allclose((passed + lost.sum(axis=0))[done], reach[done])


def test_shares_of_adopters_are_shares(session):
    lines = session.watches[0].generation_lines()
    assert lines
    for first, shares in lines:
        assert 0 <= first < 10
        assert ((shares >= 0.0) & (shares <= 1.0)).all()
        assert first + len(shares) <= 10
