"""Same sweep, same bytes: for any engine, number of workers, share, order and surroundings."""

import os
import subprocess
import sys
from contextlib import nullcontext

import pytest

from tests.support import fake_sweep as fake
from tests.support.cluster import cluster
from tests.support.strikes import PATHS
from ydsim.engines import Answer, DaskEngine, InlineEngine, PoolEngine


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed") / "out"
    results = fake.run(folder, chunk=2)
    assert results.manifest["complete"]
    assert len(results.contents.plan.bounds) == 6
    return fake.tree(folder)


class Shuffled(InlineEngine):
    """Takes many tasks and does the last first."""

    def workers(self, work):
        return nullcontext(_Backwards(work))


class _Backwards:
    window = 4

    def __init__(self, work) -> None:
        self.work, self.tasks = work, []

    def submit(self, number, task) -> None:
        self.tasks.append((number, task))

    def finished(self, seconds) -> list[Answer]:
        number, task = self.tasks.pop()
        return [Answer(number, receipt=self.work(task))]


@pytest.mark.slow
@pytest.mark.parametrize("engine", [PoolEngine(4), Shuffled(), "dask"])
def test_any_engine(tmp_path, undisturbed, engine):
    with cluster() if engine == "dask" else nullcontext() as there:
        used = DaskEngine(there.scheduler_address) if there else engine
        fake.run(tmp_path / "out", engine=used, chunk=2)
    assert fake.tree(tmp_path / "out") == undisturbed


@pytest.mark.slow
def test_three_shards(tmp_path, undisturbed):
    for i in (3, 1, 2):
        fake.run(tmp_path / "out", chunk=2, shard=(i, 3))
    assert fake.tree(tmp_path / "out") == undisturbed


def test_shards_at_once_and_a_resumed_share(tmp_path, undisturbed):
    fake.run(tmp_path / "out", chunk=2, shard=(2, 2))
    fake.resume(tmp_path / "out", shard=(1, 2))
    assert fake.tree(tmp_path / "out") == undisturbed


@pytest.mark.slow
@pytest.mark.parametrize(
    "surroundings",
    [
        {"PYTHONHASHSEED": "1", "TZ": "America/St_Johns", "LC_ALL": "C", "PYTHONUTF8": "0"},
        {"PYTHONHASHSEED": "2", "TZ": "Asia/Kathmandu", "LC_ALL": "tr_TR.UTF-8", "HOME": "/none"},
    ],
    ids=["plain C", "Turkish, no home"],
)
def test_other_surroundings(tmp_path, undisturbed, surroundings):
    elsewhere = tmp_path / "some where 上海"
    elsewhere.mkdir()
    environment = {**os.environ, **surroundings, "PYTHONPATH": PATHS}
    command = [sys.executable, "-m", "tests.support.fake_sweep", "out", "SweepModel", "pool", "2"]
    subprocess.run(command, check=True, cwd=elsewhere, env=environment)
    assert fake.tree(elsewhere / "out") == undisturbed


def test_the_order_of_points_moves_no_run(tmp_path):
    forwards = fake.run(tmp_path / "a" / "out", chunk=2)
    what = fake.sweep(tmp_path / "b" / "files", spans=fake.SPANS[::-1])
    backwards = fake.run(tmp_path / "b" / "out", what=what, chunk=2)
    assert sorted(forwards.contents.plan.runs) == sorted(backwards.contents.plan.runs)
    key = [fake.KEY, "replicate", "region", "year", "indicator"]
    tables = [
        r.table("province_year").merge(r.design, on="point").sort_values(key)
        for r in (forwards, backwards)
    ]
    columns = [*key, "value"]
    assert tables[0][columns].to_numpy().tolist() == tables[1][columns].to_numpy().tolist()


@pytest.mark.slow
def test_a_bug_would_be_seen(tmp_path, undisturbed):
    """The comparison notices one replicate too few and a model that looks at its process."""
    fake.run(tmp_path / "a" / "out", what=fake.sweep(tmp_path / "files", replicates=2), chunk=2)
    assert fake.tree(tmp_path / "a" / "out") != undisturbed
    fake.run(tmp_path / "b" / "out", model=Nosy, chunk=2)
    assert fake.tree(tmp_path / "b" / "out").keys() == undisturbed.keys()
    assert fake.tree(tmp_path / "b" / "out") != undisturbed


class Nosy(fake.SweepModel):
    def draw(self, what: int, size: int):
        return super().draw(what, size) + os.getpid()
