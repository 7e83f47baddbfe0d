"""Every engine answers for every task; the dead cost one task, and nobody is left behind."""

import multiprocessing
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from tests.support.tasks import alive, die, double, nap, refuse, wait_and_tell
from ydsim.engines.dask import DaskEngine
from ydsim.engines.inline import InlineEngine
from ydsim.engines.pool import PoolEngine
from ydsim.engines.protocol import Answer, Engine
from ydsim.errors import ResourceError, StoreError

ENGINES = {
    "process": InlineEngine,
    "pool": lambda: PoolEngine(2),
    "dask": lambda: DaskEngine(2),
}


def all_answers(engine: Engine, work, tasks) -> dict[int, Answer]:
    found: dict[int, Answer] = {}
    left = dict(enumerate(tasks))
    running = 0
    with engine.hands(work) as hands:
        assert hands.window >= 1
        while left or running:
            while left and running < hands.window:
                number = min(left)
                hands.submit(number, left.pop(number))
                running += 1
            for answer in hands.finished(0.5):
                assert answer.number not in found
                found[answer.number] = answer
                running -= 1
    return found


@pytest.mark.parametrize("name", ENGINES)
def test_every_task_is_answered(name):
    found = all_answers(ENGINES[name](), double, range(9))
    assert {n: a.receipt for n, a in found.items()} == {n: 2 * n for n in range(9)}
    assert all(not answer.lost and answer.error is None for answer in found.values())


@pytest.mark.parametrize("name", ENGINES)
def test_an_error_comes_back_as_it_was(name):
    found = all_answers(ENGINES[name](), refuse, range(2))
    assert [str(found[n].error) for n in range(2)] == ["task 0 is refused", "task 1 is refused"]
    assert all(isinstance(answer.error, StoreError) for answer in found.values())


@pytest.mark.parametrize("name", ["pool", "dask"])
def test_a_dead_worker_costs_its_own_task(name):
    found = all_answers(ENGINES[name](), die, range(6))
    assert sorted(n for n, answer in found.items() if answer.lost) == [1]
    assert [found[n].receipt for n in (0, 2, 3, 4, 5)] == [0, 2, 3, 4, 5]
    if name == "pool":
        assert found[1].lost == "its worker was killed by SIGKILL"


def test_workers_killed_while_they_start_cost_nothing():
    """Pebble gives up where a worker dies and no task is under way; the engine does not."""
    found: dict[int, Answer] = {}
    with PoolEngine(2).hands(double) as hands:
        for number in range(3):
            hands.submit(number, number)
        for _ in range(2):  # the pool starts anew after each
            for worker in multiprocessing.active_children():
                worker.kill()
            found |= {answer.number: answer for answer in hands.finished(0.2)}
        while len(found) < 3:
            found |= {answer.number: answer for answer in hands.finished(1.0)}
    assert {n: a.receipt for n, a in found.items()} == {0: 0, 1: 2, 2: 4}


def test_a_pool_that_cannot_start_is_said(monkeypatch):
    monkeypatch.setattr("ydsim.engines.pool._RENEWALS", 1)
    with PoolEngine(1).hands(double) as hands:
        hands.submit(0, 0)
        with pytest.raises(ResourceError, match="workers is gone: All workers expired"):  # noqa: PT012
            for _ in range(1000):
                for worker in multiprocessing.active_children():
                    worker.kill()
                hands.finished(0.05)


@pytest.mark.parametrize("name", ["pool", "dask"])
def test_whatever_ends_the_context_ends_the_workers(name, tmp_path):
    file = tmp_path / "pid"
    clock = time.monotonic()
    with suppress(KeyboardInterrupt), ENGINES[name]().hands(wait_and_tell) as hands:
        hands.submit(0, str(file))
        while not file.exists() or not file.read_text():
            hands.finished(0.1)
        raise KeyboardInterrupt
    pid = int(file.read_text())
    until = time.monotonic() + 5.0
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert not alive(pid)
    assert time.monotonic() - clock < 50.0


def test_workers_do_not_outlive_a_killed_parent(tmp_path):
    code = (
        "import sys; from tests.support.tasks import *\n"
        "with PoolEngine(2).hands(wait_and_tell) as hands:\n"
        "    hands.submit(0, sys.argv[1]); hands.submit(1, sys.argv[2])\n"
        "    hands.finished(60.0)\n"
    )
    files = [tmp_path / "a", tmp_path / "b"]
    parent = subprocess.Popen([sys.executable, "-c", code, *map(str, files)])
    until = time.monotonic() + 60.0
    while not all(f.exists() and f.read_text() for f in files) and time.monotonic() < until:
        time.sleep(0.05)
    pids = [int(f.read_text()) for f in files]
    parent.kill()
    parent.wait()
    until = time.monotonic() + 5.0
    while any(map(alive, pids)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(alive, pids))


def test_a_scheduler_that_is_not_there_is_said(monkeypatch):
    monkeypatch.setattr("ydsim.engines.dask._CONNECT_SECONDS", 1.0)
    with (
        pytest.raises(ResourceError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"),
        DaskEngine(1, "tcp://127.0.0.1:9").hands(double),
    ):
        pass


def test_a_scheduler_that_goes_away_is_said():
    import distributed

    cluster = distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    )
    with DaskEngine(1, cluster.scheduler_address).hands(nap) as hands:
        hands.submit(0, 0)
        cluster.close()
        with pytest.raises(ResourceError, match="scheduler is gone"):
            all(hands.finished(0.2) == [] for _ in range(100))


def test_a_scheduler_without_workers_is_not_waited_for_for_ever(monkeypatch):
    import distributed

    monkeypatch.setattr("ydsim.engines.dask._PATIENCE_SECONDS", 0.5)
    with (
        distributed.LocalCluster(
            n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0"
        ) as cluster,
        DaskEngine(1, cluster.scheduler_address).hands(double) as hands,
    ):
        hands.submit(0, 0)
        with pytest.raises(ResourceError, match=r"has had no workers for 0\.5 s"):
            all(hands.finished(0.2) == [] for _ in range(100))
