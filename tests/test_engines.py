"""Every engine answers for every task; the dead cost one task, and nobody is left behind."""

import os
import subprocess
import sys
from contextlib import contextmanager, suppress

import pytest

from tests.support.cluster import cluster
from tests.support.strikes import PATHS, alive, wait_for
from tests.support.tasks import break_pool, break_while_told, die, double, refuse, stay
from ydsim.engines import (
    Answer,
    DaskEngine,
    Engine,
    InlineEngine,
    PoolEngine,
    Workers,
    all_of,
    engine_of,
)
from ydsim.errors import ResourceError, ResultsError, UsageError

MOSTLY_QUICK = ["process", "pool", pytest.param("dask", marks=pytest.mark.slow)]
"""Names of all engines; the workers of Dask take two seconds to begin."""

CERTIFICATES = ("ca-file", "client.cert", "client.key")


@contextmanager
def engine_named(name: str):
    if name == "dask":
        with cluster() as there:
            yield DaskEngine(there.scheduler_address)
    else:
        yield PoolEngine(2) if name == "pool" else InlineEngine()


def all_answers(engine: Engine, work, tasks) -> dict[int, Answer]:
    found: dict[int, Answer] = {}
    left = dict(enumerate(tasks))
    running = 0
    with engine.workers(work) as workers:
        assert workers.window >= 1
        while left or running:
            while left and running < workers.window:
                number = min(left)
                workers.submit(number, left.pop(number))
                running += 1
            for answer in workers.finished(0.5):
                assert answer.number not in found
                found[answer.number] = answer
                running -= 1
    return found


def cannot_work(engine: Engine, error: type, said: str) -> None:
    """Demand that an engine has no workers, and says why."""
    with pytest.raises(error, match=said), engine.workers(double):
        pass


def wait_in_vain(workers: Workers) -> None:
    while True:
        assert workers.finished(0.2) == []


@pytest.mark.parametrize("name", MOSTLY_QUICK)
def test_every_task_is_answered(name):
    with engine_named(name) as engine:
        found = all_answers(engine, double, range(9))
    assert {n: a.receipt for n, a in found.items()} == {n: 2 * n for n in range(9)}
    assert all(not answer.lost and answer.error is None for answer in found.values())


@pytest.mark.parametrize("name", MOSTLY_QUICK)
def test_an_error_comes_back_as_it_was(name):
    with engine_named(name) as engine:
        found = all_answers(engine, refuse, range(2))
    assert [str(found[n].error) for n in range(2)] == ["task 0 is refused", "task 1 is refused"]
    assert all(isinstance(answer.error, ResultsError) for answer in found.values())


@pytest.mark.parametrize("name", MOSTLY_QUICK[-2:])
def test_a_dead_worker_costs_its_own_task(name):
    with engine_named(name) as engine:
        found = all_answers(engine, die, range(6))
    assert sorted(n for n, answer in found.items() if answer.lost) == [1]
    assert [found[n].receipt for n in (0, 2, 3, 4, 5)] == [0, 2, 3, 4, 5]
    if name == "pool":
        assert found[1].lost == "its worker was killed by SIGKILL"


@pytest.mark.slow
def test_workers_killed_while_they_start_cost_nothing(monkeypatch, tmp_path):
    """Pebble gives up where a worker dies and no task is under way; the engine does not."""
    deaths = [tmp_path / str(k) for k in range(4)]
    for path in deaths:
        path.touch()
    monkeypatch.setenv("YDSIM_TEST_DEATHS", str(tmp_path))
    monkeypatch.setattr("ydsim.engines._begin", break_while_told)
    found = all_answers(PoolEngine(2), double, range(3))
    assert {n: a.receipt for n, a in found.items()} == {0: 0, 1: 2, 2: 4}
    assert not any(path.exists() for path in deaths)


@pytest.mark.slow
def test_a_pool_that_cannot_start_is_said(monkeypatch):
    monkeypatch.setattr("ydsim.engines._RENEWALS", 1)
    monkeypatch.setattr("ydsim.engines._begin", break_pool)
    with pytest.raises(ResourceError, match="workers is gone: All workers expired"):
        all_answers(PoolEngine(1), double, range(1))


@pytest.mark.slow
def test_whatever_ends_the_context_ends_the_workers(tmp_path):
    file = tmp_path / "pid"
    with suppress(KeyboardInterrupt), PoolEngine(2).workers(stay) as workers:
        workers.submit(0, str(file))
        while not file.exists():
            assert workers.finished(0.1) == []
        raise KeyboardInterrupt
    assert wait_for(lambda: not alive(int(file.read_text())))


@pytest.mark.slow
def test_workers_do_not_outlive_a_killed_parent(tmp_path):
    code = (
        "import sys; from tests.support.tasks import stay\n"
        "from ydsim.engines import PoolEngine\n"
        "with PoolEngine(2).workers(stay) as workers:\n"
        "    workers.submit(0, sys.argv[1]); workers.submit(1, sys.argv[2])\n"
        "    while True: workers.finished(60.0)\n"
    )
    files = [tmp_path / "a", tmp_path / "b"]
    environment = {**os.environ, "PYTHONPATH": PATHS}
    parent = subprocess.Popen([sys.executable, "-c", code, *map(str, files)], env=environment)
    try:
        assert wait_for(lambda: all(f.exists() for f in files))
    finally:
        parent.kill()
        parent.wait()
    pids = [int(f.read_text()) for f in files]
    assert wait_for(lambda: not any(map(alive, pids)))


@pytest.mark.slow
def test_a_client_of_the_user_is_used_and_stays():
    import distributed

    with cluster(1) as there, distributed.Client(there) as client:
        assert all_answers(engine_of(client, 1), double, range(3))[2].receipt == 4
        assert client.submit(double, 4).result() == 8


@pytest.mark.slow
def test_a_scheduler_under_tls_needs_certificates(tmp_path):
    import dask.config

    engine = DaskEngine("tls://127.0.0.1:9")
    cannot_work(engine, UsageError, r"tls://127\.0\.0\.1:9 needs certificates; name them in DASK")
    missing = str(tmp_path / "ca.pem")
    with dask.config.set({f"distributed.comm.tls.{name}": missing for name in CERTIFICATES}):
        cannot_work(engine, UsageError, "certificates in Dask's settings cannot be read")


@pytest.mark.slow
def test_an_outside_scheduler_under_tls_is_used_with_the_settings_of_dask(tmp_path):
    import dask.config
    import distributed

    security = distributed.Security.temporary()
    settings = {}
    for name in CERTIFICATES:
        path = tmp_path / name
        path.write_text(getattr(security, f"tls_{name.replace('.', '_').replace('-', '_')}"))
        settings[f"distributed.comm.tls.{name}"] = str(path)
    with cluster(1, security=security) as there, dask.config.set(settings):
        assert there.scheduler_address.startswith("tls://")
        found = all_answers(DaskEngine(there.scheduler_address), double, range(3))
    assert {n: a.receipt for n, a in found.items()} == {0: 0, 1: 2, 2: 4}


def test_a_missing_package_or_address_is_said(monkeypatch):
    with pytest.raises(UsageError, match="scheduler"):
        engine_of("dask", 1)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match="distributed"):
        engine_of("dask", 1, "tcp://127.0.0.1:9")


@pytest.mark.slow
def test_a_scheduler_that_is_not_there_is_said(monkeypatch):
    monkeypatch.setattr("ydsim.engines._CONNECT_SECONDS", 1.0)
    engine = DaskEngine("tcp://127.0.0.1:9")
    cannot_work(engine, ResourceError, r"no Dask scheduler answers at tcp://127\.0\.0\.1:9")


@pytest.mark.slow
def test_a_scheduler_that_goes_away_is_said(tmp_path):
    with cluster(1) as there, DaskEngine(there.scheduler_address).workers(stay) as workers:
        workers._client._timeout = 1.0  # of coming back; it was far longer while it connected
        workers.submit(0, str(tmp_path / "pid"))
        there.close()
        with pytest.raises(ResourceError, match="scheduler is gone"):
            wait_in_vain(workers)


@pytest.mark.slow
def test_a_scheduler_without_workers_is_not_waited_for_for_ever(monkeypatch):
    monkeypatch.setattr("ydsim.engines._PATIENCE_SECONDS", 0.5)
    with cluster(0) as there, DaskEngine(there.scheduler_address).workers(double) as workers:
        workers.submit(0, 0)
        with pytest.raises(ResourceError, match=r"has had no workers for 0\.5 s"):
            wait_in_vain(workers)


@pytest.mark.parametrize("jobs", [1, 2])
def test_all_answers_come_in_the_order_of_tasks(jobs):
    assert all_of(double, [6, 2, 4, 0], jobs) == [12, 4, 8, 0]
    assert all_of(double, [], jobs) == []


def test_what_a_task_raises_and_a_lost_worker_are_no_answers():
    with pytest.raises(ResultsError, match="task 1 is refused"):
        all_of(refuse, [1, 2], 1)
    with pytest.raises(ResourceError, match="SIGKILL"):
        all_of(die, [1, 2], 2)
