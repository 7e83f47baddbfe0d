"""Whoever is killed, and whenever: no finished run is lost, and the bytes come out the same."""

import os
import random
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support import fake_sweep as fake
from tests.support import strikes
from ydsim.results.results import Status, status_of, verify
from ydsim.store.layout import WORK

pytestmark = pytest.mark.fault

CHUNKS = (2, 3, 4)
REPLICATES = 18
FLUSH = 0.05
"""Seconds after which what is done of a part is kept aside; a run takes about 0.1 s."""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    trees = {}
    for chunk in CHUNKS:
        folder = tmp_path_factory.mktemp("undisturbed") / "out"
        what = fake.sweep(folder.parent / "files", replicates=REPLICATES)
        assert fake.run(folder, what=what, chunk=chunk).manifest["complete"]
        trees[chunk] = fake.tree(folder)
    return trees


class Struck:
    """One sweep after the other, each begun and gone on with until it is complete."""

    def __init__(self, place: Path, chance: random.Random, undisturbed) -> None:
        self.place = place
        self.chance = chance
        self.undisturbed = undisturbed
        self.sweeps = 0
        self.rounds = 0
        self.aside = 0
        self._new()

    def _new(self) -> None:
        self.sweeps += 1
        self.chunk = self.chance.choice(CHUNKS)
        self.folder = self.place / str(self.sweeps) / "out"
        self.folder.parent.mkdir()
        self.done = 0

    def start(self, model: str, engine: str):
        self.rounds += 1
        self.started = time.time()
        self.said = self.place / f"said-{self.rounds}"
        with open(self.said, "wb") as said:
            return strikes.start(
                self.folder, model, engine, self.chunk, stderr=said,
                REPS=REPLICATES, YDSIM_TEST_FLUSH=FLUSH, YDSIM_TEST_ROUND=self.rounds,
            )  # fmt: skip

    def wait_for_work(self, process: subprocess.Popen) -> None:
        strikes.wait_for(lambda: self.at_work() or process.poll() is not None)

    def at_work(self) -> bool:
        """Tell whether a worker has begun a run."""
        with suppress(OSError):  # the folder or a marker may go meanwhile
            for marker in (self.folder / WORK).glob("part-*"):
                if marker.stat().st_mtime > self.started:
                    return True
        return False

    def look(self) -> None:
        """Check what must hold when nobody is at work."""
        if not (self.folder / "manifest.json").exists():
            return
        assert verify(self.folder) == []
        status: Status = status_of(self.folder)
        assert status.done >= self.done, "a finished run is lost"
        assert not status.holder
        self.done = status.done
        self.aside += (self.folder / ".ydsim-kept").exists()
        if status.complete:
            self.finish()

    def finish(self) -> None:
        """Go on to the end, compare, and begin another one."""
        what = fake.sweep(self.folder.parent / "files", replicates=REPLICATES)
        fake.run(self.folder, what=what, chunk=self.chunk)
        assert fake.tree(self.folder) == self.undisturbed[self.chunk]
        self._new()


KILLS, ASIDE = 25, 2
"""Kills of a test, and how many of them at least strike while a part is kept aside."""


@pytest.mark.parametrize("seed", [1, 2])
def test_drivers(tmp_path, undisturbed, seed):
    chance = random.Random(seed)
    struck = Struck(tmp_path, chance, undisturbed)
    killed = 0
    while killed < KILLS or struck.aside < ASIDE:
        process = struck.start(
            chance.choice(["Slow", "Uneven"]), "pool" if chance.random() < 0.5 else "process"
        )
        try:
            moment = chance.random()
            if moment < 0.7:
                struck.wait_for_work(process)
            elif moment < 0.9:
                strikes.wait_for((struck.folder / ".ydsim-lock").exists)
            time.sleep(chance.random() * 0.4)
            process.kill()
            killed += process.wait() == -signal.SIGKILL
            if chance.random() < 0.7:  # else the next one begins beside those that are dying
                assert strikes.gone(process.pid), strikes.session(process.pid)
                struck.look()
        finally:
            strikes.end(process)
    struck.finish()


MOST = 8
"""Workers of a program that are killed: a part whose workers die ten times as they start, which may
happen on a slow machine, is given up."""


@pytest.mark.parametrize("seed", [1, 2])
def test_workers(tmp_path, undisturbed, seed):
    chance = random.Random(seed)
    struck = Struck(tmp_path, chance, undisturbed)
    killed = 0
    while killed < KILLS:
        process = struck.start(chance.choice(["Slow", "Uneven"]), "pool")
        enough = killed + MOST
        try:
            while process.poll() is None and killed < min(KILLS, enough):
                if chance.random() < 0.9:  # else while workers are still starting
                    struck.wait_for_work(process)
                time.sleep(chance.random() * 0.4)
                there = strikes.workers(process.pid)
                if there:
                    os.kill(chance.choice(there), signal.SIGKILL)
                    killed += 1
            assert process.wait(timeout=strikes.PATIENCE) == 0, struck.said.read_text()
            assert strikes.gone(process.pid), strikes.session(process.pid)
            struck.look()
        finally:
            strikes.end(process)
    struck.finish()
