"""Systems that lack what POSIX has: every process here starts without it, workers too."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import fake_run as single
from tests.support import fake_sweep as fake
from tests.support import strikes
from tests.support.sweep_files import write_sweep

BARE = """
import asyncio, os, signal, sys  # asyncio asks for os.sysconf when it is imported

for name in ("sched_getaffinity", "register_at_fork", "fork", "O_NOFOLLOW", "O_NONBLOCK",
             "O_NOCTTY", "O_DIRECTORY", "pread", "pwrite", "sysconf", "killpg", "setsid",
             "getuid", "geteuid"):
    delattr(os, name)
for name in ("SIGHUP", "SIGALRM", "setitimer", "ITIMER_REAL", "alarm",
             "pthread_sigmask"):
    delattr(signal, name)
for name in ("fcntl", "resource", "termios", "pwd", "grp"):
    sys.modules[name] = None

open_file = os.open

def open_no_folder(path, flags, mode=0o777, **options):
    if os.path.isdir(path):
        raise PermissionError(13, "Permission denied", path)
    return open_file(path, flags, mode, **options)

os.open = open_no_folder
"""
"""Run by every interpreter before anything else, as ``sitecustomize``."""


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """Run Python in a folder of its own, without all of that."""
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare/sitecustomize.py").write_text(BARE, encoding="utf-8")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")

    def call(*args: str, code: int = 0) -> str:
        paths = os.pathsep.join([str(tmp_path / "bare"), strikes.PATHS])
        said = subprocess.run(
            [sys.executable, "-W", "ignore", *args],
            env={**os.environ, "PYTHONPATH": paths},
            capture_output=True,
            text=True,
        )
        assert said.returncode == code, said.stderr
        assert "Traceback" not in said.stderr
        return said.stdout + said.stderr

    return call


def test_the_stand_in_is_in_force(bare):
    said = bare("-c", "import os, signal; print(hasattr(os, 'fork'), hasattr(signal, 'SIGHUP'))")
    assert said == "False False\n"


@pytest.mark.slow
def test_a_run(bare, tmp_path):
    code = "from pathlib import Path; from tests.support.fake_run import run; run(Path('run'))"
    bare("-c", code)
    single.run(tmp_path / "here")
    assert single.tree(Path("run")) == single.tree(tmp_path / "here")


@pytest.mark.slow
def test_a_sweep_with_several_jobs(bare, finished):
    write_sweep()
    bare("-m", "tests.support.program", "SweepModel", "sweep", "files/fake.yaml", "-o", "out",
         "--chunk", "2", "--jobs", "2", "-q")  # fmt: skip
    assert "complete" in bare("-m", "ydsim", "status", "out")
    bare("-m", "tests.support.program", "SweepModel", "sweep", "files/fake.yaml", "-o", "out",
         "--force", "--shard", "1/1", "-q", code=2)  # fmt: skip
    bare("-m", "tests.support.program", "SweepModel", "sweep", "files/fake.yaml", "-o", "out",
         "--chunk", "2", "--force", "-q")  # fmt: skip
    assert not list(Path().rglob(".ydsim-lock*"))
    assert fake.tree(Path("out")) == fake.tree(finished)


@pytest.mark.fault
def test_a_run_that_hangs_is_ended(bare):
    """Without a timer its worker ends, twice, and it is given up."""
    write_sweep(replicates=1)
    bare("-m", "tests.support.program", "Endless", "sweep", "files/fake.yaml", "-o", "out",
         "--jobs", "2", "--timeout-per-run", "0.5", "-q", code=1)  # fmt: skip
    failures = [json.loads(line) for line in Path("out/failures.jsonl").read_text().splitlines()]
    assert {failure["exception"] for failure in failures} == {"WorkerLost"}
    said = bare("-m", "tests.support.program", "SweepModel", "resume", "out", "--engine", "process",
                "--timeout-per-run", "9", code=6)  # fmt: skip
    assert "a time limit for runs needs" in said


def test_a_killed_holder_blocks_nobody(bare):
    """Where the system has no locks, the file is one; who left it is seen to be dead."""
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from ydsim.store.files import FolderLock, holder_of\n"
        "if sys.argv[1] == 'die':\n"
        "    lock = FolderLock(Path()).__enter__(); os.kill(os.getpid(), 9)\n"
        "with FolderLock(Path()):\n"
        "    print(holder_of(Path()))\n"
    )
    bare("-c", code, "die", code=-9)
    assert Path(".ydsim-lock").exists()
    assert bare("-c", code, "live").startswith("pid ")
    assert not list(Path().iterdir())


@pytest.mark.slow
def test_the_game(bare):
    bare("-m", "ydsim", "study", "border-game", "synthetic", "--set", "scale=0.002",
         "--replicates", "1", "--years", "2011", "--set", "start=2011", "--set", "end=2011",
         "--jobs", "2", "-o", "game")  # fmt: skip
    assert Path("game/payoffs.csv").read_text().count("\n") > 4
