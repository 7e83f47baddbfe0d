"""Runs that are measured where they are made, on the engines of sweeps."""

import ast
import gc
import os
import signal
from pathlib import Path

import pytest

import ydsim
from ydsim.engines import PoolEngine
from ydsim.errors import ScenarioError
from ydsim.model import Model
from ydsim.run.progress import RunTimeoutError, Stopped, time_limit
from ydsim.run.replicate import ReplicateFailedError
from ydsim.scenario.load import load_scenario
from ydsim.studies.fit import measure_runs

SMALL = load_scenario("ten_firms", {"end": 2011, "parameters.population.burn_in": 0})


def counted(model):
    ideas = model.recorder.series("ideas")
    return len(ideas), model.noise.replicate, float(ideas.sum())


class Failing(Model):
    """The third quarter of replicate 1 fails."""

    def step(self) -> None:
        super().step()
        if self.noise.replicate == 1 and self.state.quarter == 2:
            self.fail()

    def fail(self) -> None:
        raise ZeroDivisionError("no")


class Refusing(Failing):
    def fail(self) -> None:
        raise ScenarioError("no")


class Killing(Failing):
    def fail(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class Signalling(Failing):
    def fail(self) -> None:
        signal.raise_signal(signal.SIGINT)


def measured(make_model=None, engine=None, replicates=3, report=None):
    return measure_runs(SMALL, range(replicates), counted, engine, report, make_model=make_model)


@pytest.mark.slow
def test_every_engine_finds_the_same():
    one = measured()
    assert [one[k][:2] for k in range(3)] == [(4, 0), (4, 1), (4, 2)]
    assert measured(engine=PoolEngine(2)) == one


def test_progress_counts_runs_and_quarters():
    seen = []
    found = measured(report=seen.append, replicates=2)
    assert [found[k][:2] for k in range(2)] == [(4, 0), (4, 1)]
    shares = sorted({round(now.share, 6) for now in seen})
    assert shares == [k / 8 for k in range(9)]
    assert (seen[-1].done, seen[-1].total) == (2, 2)


def test_a_failure_ends_the_analysis_and_is_named():
    with pytest.raises(ReplicateFailedError, match="replicate 1: ZeroDivisionError: no"):
        measured(Failing)


def test_a_message_to_the_user_stays_one():
    with pytest.raises(ScenarioError, match="no"):
        measured(Refusing)


@pytest.mark.slow
def test_a_worker_that_dies_twice_is_named():
    said = []
    with pytest.raises(ReplicateFailedError, match=r"replicate 1: WorkerLost: .*SIGKILL, twice"):
        measured(Killing, PoolEngine(1), report=lambda now: said.append(now.message))
    assert any("trying it once more" in line for line in said)


def test_a_signal_stops_after_the_quarter():
    said = []
    with pytest.raises(Stopped):
        measured(Signalling, report=lambda now: said.append(now.message))
    assert "stopping after the current quarter (once more to stop at once)" in said


def test_processes_are_started_by_engines_only():
    """Elsewhere nothing of the standard library that starts one is named."""
    starters = {"ProcessPoolExecutor", "ProcessPool", "Process", "get_context", "Popen"}
    root = Path(ydsim.__file__).parent
    wrong = []
    for path in root.rglob("*.py"):
        if path.relative_to(root).parts[0] == "engines.py":
            continue
        text = path.read_text(encoding="utf-8")
        if not any(name in text for name in starters):
            continue
        for node in ast.walk(ast.parse(text)):
            names = {getattr(node, "id", ""), getattr(node, "attr", ""), getattr(node, "name", "")}
            wrong += [f"{path.name}: {name}" for name in names & starters]
    assert wrong == []


# -- A limit on the time of a run holds also where Python drops what the alarm raises


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_alarm_in_a_callback_of_the_garbage_collector_counts():
    rang: list[str] = []

    def callback(phase: str, info: dict[str, int]) -> None:
        if not rang:
            rang.append(phase)
            signal.raise_signal(signal.SIGALRM)

    def collect() -> None:
        with time_limit(100.0):
            gc.collect()

    gc.callbacks.append(callback)
    try:
        with pytest.raises(RunTimeoutError, match="took longer than 100 s"):
            collect()
    finally:
        gc.callbacks.remove(callback)
    assert rang


def test_in_time_nothing_is_raised_and_the_old_handler_is_back():
    before = signal.getsignal(signal.SIGALRM)
    with time_limit(100.0):
        pass
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
