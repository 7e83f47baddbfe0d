"""A sweep in a process of its own that is stopped, held, left alone or cut off, case by case."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support import fake_sweep as fake
from tests.support import strikes
from tests.support.sweep_files import stand_in, write_sweep
from ydsim.cli import main
from ydsim.results.opening import verify
from ydsim.results.status import status_of
from ydsim.store.layout import WORK

SWEEP = ("sweep", "files/fake.yaml", "-o", "out", "--chunk", "2", "--jobs", "2")


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Start ``ydsim`` with a fake model in a folder with the sweep ``files/fake.yaml``."""
    monkeypatch.chdir(tmp_path)
    write_sweep()
    started = []

    def start(*args: str, model: str = "Crawling", **options: object) -> subprocess.Popen:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = strikes.start(
            model, *args, module="tests.support.program", cwd=tmp_path, **{**pipes, **options}
        )
        started.append(process)
        return process

    yield start
    for process in started:
        strikes.end(process)


def begun() -> bool:
    """Tell whether a worker has begun a run."""
    return any(Path("out", WORK).glob("part-*"))


def mended(finished: Path) -> None:
    """Go on in this process, by the command that was printed, and compare."""
    assert verify("out") == []
    with pytest.MonkeyPatch.context() as patch:
        stand_in(patch, fake.SweepModel)
        assert main(["resume", "out", "-q"]) == 0
    assert fake.tree(Path("out")) == fake.tree(finished)


class Stop(NamedTuple):
    id: str
    name: str
    to: str
    times: int
    code: int


STOPS = [
    Stop("R01", "SIGINT", "all", 1, 130),
    Stop("R02", "SIGINT", "all", 2, 130),
    Stop("R03", "SIGTERM", "driver", 2, 143),
    Stop("R03", "SIGTERM", "all", 1, 143),
    Stop("R04", "SIGHUP", "all", 1, 130),
]


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(
            row,
            id=f"{row.id} {row.name} {row.to} {row.times}",
            marks=[pytest.mark.fault] if (row.to, row.times) == ("driver", 2) else [],
        )
        for row in STOPS
    ],
)
def test_signals(program, finished, row):
    """Whoever gets it, as from a terminal or a batch system: what was at work is kept."""
    process = program(*SWEEP)
    assert strikes.wait_for(begun)
    send = os.killpg if row.to == "all" else os.kill
    for k in range(row.times):
        time.sleep(0.05 * k)
        send(process.pid, getattr(signal, row.name))
    _, said = process.communicate(timeout=30.0)
    lines = said.splitlines()
    assert process.returncode == row.code, said
    assert "Traceback" not in said
    assert strikes.gone(process.pid), strikes.session(process.pid)
    done = status_of("out").done
    if row.times == 1:
        assert "stopping after the runs at work (once more to stop at once)" in lines
        assert done >= 1
    assert lines[-1] == (
        f"stopped by {row.name}: {done} of 6 runs are kept in out; go on with: ydsim resume out"
    )
    mended(finished)


@pytest.mark.parametrize(
    "name",
    [
        "SIGINT",
        pytest.param("SIGTERM", marks=pytest.mark.fault),
        pytest.param("SIGHUP", marks=pytest.mark.fault),
    ],
)
def test_r01_while_workers_are_starting(program, finished, name):
    process = program(*SWEEP)
    assert strikes.wait_for(lambda: strikes.workers(process.pid))
    time.sleep(0.02)
    os.killpg(process.pid, getattr(signal, name))
    _, said = process.communicate(timeout=30.0)
    assert process.returncode == (143 if name == "SIGTERM" else 130), said
    assert "Traceback" not in said
    assert "killed" not in said
    assert strikes.gone(process.pid), strikes.session(process.pid)
    mended(finished)


def test_r04_nohup(program, finished):
    """Under nohup a closed terminal stops nothing, in no process."""
    process = program(
        *SWEEP, model="Slow", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)
    )
    assert strikes.wait_for(begun)
    os.killpg(process.pid, signal.SIGHUP)
    assert process.wait(timeout=60.0) == 0
    assert fake.tree(Path("out")) == fake.tree(finished)


def test_r22_held_and_let_go(program, finished):
    """As when a laptop sleeps: everything goes on, and nobody is taken for dead."""
    process = program(*SWEEP, model="Slow")
    assert strikes.wait_for(begun)
    everybody = [process.pid, *strikes.session(process.pid)]
    for pid in everybody:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(0.8)
    assert "at work: pid" in "\n".join(status_of("out").lines())
    for pid in everybody:
        os.kill(pid, signal.SIGCONT)
    _, said = process.communicate(timeout=60.0)
    assert process.returncode == 0, said
    assert "once more" not in said
    assert fake.tree(Path("out")) == fake.tree(finished)


def test_r14_two_at_once(program, finished):
    first = program(*SWEEP)
    assert strikes.wait_for(begun)
    second = program("resume", "out", "-q")
    _, said = second.communicate(timeout=30.0)
    assert second.returncode == 5
    assert said.splitlines() == [said.strip()]
    assert f"out is in use by pid {first.pid} on host" in said
    first.send_signal(signal.SIGTERM)
    assert first.wait(timeout=30.0) == 143
    mended(finished)


@pytest.mark.parametrize(
    "closed",
    [
        pytest.param("stdout", marks=pytest.mark.fault),
        pytest.param("stderr", marks=pytest.mark.fault),
        "both",
        "reader gone",
        "full",
    ],
)
def test_r19_nobody_listens(program, finished, closed):
    """The sweep is finished whoever does not listen; only its answer may be lost."""

    def close() -> None:
        for name, number in (("stdout", 1), ("stderr", 2)):
            if closed in (name, "both"):
                os.close(number)

    options: dict[str, object] = {"preexec_fn": close}
    args = ("sweep", "files/fake.yaml", "-o", "out", "--chunk", "2")
    if closed == "full":
        with open("/dev/full", "wb") as nowhere:
            process = program(*args, model="SweepModel", stdout=nowhere)
    else:
        process = program(*args, model="SweepModel", **options)
    if closed == "reader gone":
        process.stdout.close()
        process.stderr.close()
        process.stdout = process.stderr = None
    _, said = process.communicate(timeout=60.0)
    assert process.returncode == {"reader gone": 141, "full": 6}.get(closed, 0), said
    assert "Traceback" not in (said or "")
    assert fake.tree(Path("out")) == fake.tree(finished)


def test_r21_a_script_without_a_main_guard(tmp_path, monkeypatch, finished):
    monkeypatch.chdir(tmp_path)
    write_sweep()
    Path("script.py").write_text(
        "from pathlib import Path\n"
        "with open('begun', 'a') as file: file.write('x')\n"
        "from tests.support.program import stand_in\n"
        "import ydsim\n"
        "stand_in('SweepModel')\n"
        "results = ydsim.sweep('files/fake.yaml', out='out', chunk=2, jobs=2)\n"
        "print(len(results.runs))\n",
        encoding="utf-8",
    )
    said = subprocess.run(
        [sys.executable, "script.py"],
        env={**os.environ, "PYTHONPATH": strikes.PATHS},
        capture_output=True,
        text=True,
        timeout=60.0,
    )
    assert (said.returncode, said.stdout) == (0, "6\n"), said.stderr
    assert Path("begun").read_text() == "x"
    assert fake.tree(Path("out")) == fake.tree(finished)


def test_x10_what_stands_in_the_working_folder_is_not_imported(
    tmp_path, monkeypatch, finished
):  # fmt: skip
    """Neither the command nor its workers run a module that lies about; options win over it."""
    monkeypatch.chdir(tmp_path)
    write_sweep()
    for name in ("json", "pyarrow", "sitecustomize", "numpy", "pebble"):
        Path(f"{name}.py").write_text("open('harmed', 'w')\n", encoding="utf-8")
    Path("matplotlibrc").write_text("backend: nonsense\n", encoding="utf-8")
    code = (
        "import sys; from ydsim.cli import main; from tests.support.program import stand_in; "
        "stand_in('SweepModel'); sys.exit(main(sys.argv[1:]))"
    )
    said = subprocess.run(
        [sys.executable, "-P", "-c", code, *SWEEP],  # as the installed command starts
        env={**os.environ, "PYTHONPATH": strikes.PATHS, "YDSIM_JOBS": "99", "YDSIM_OUT": "x"},
        capture_output=True,
        text=True,
        timeout=60.0,
    )
    assert said.returncode == 0, said.stderr
    assert not Path("harmed").exists()
    assert fake.tree(Path("out")) == fake.tree(finished)


def test_r10_a_limit_on_the_size_of_files(program, finished):
    """A real refusal of the system, in workers: one line, and raising the limit is enough."""
    import resource

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))

    process = program(*SWEEP, model="SweepModel", preexec_fn=limit)
    _, said = process.communicate(timeout=60.0)
    assert process.returncode == 6, said
    assert "File too large" in said.splitlines()[-1]
    assert strikes.gone(process.pid)
    again = program(*SWEEP, model="SweepModel")
    assert again.wait(timeout=60.0) == 0
    assert fake.tree(Path("out")) == fake.tree(finished)
