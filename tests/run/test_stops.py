"""A sweep in a process of its own that is stopped, held, left alone or cut off, case by case."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support import fake_sweep as fake
from tests.support import strikes
from tests.support.sweep_files import stand_in, write_sweep
from ydsim.cli import main
from ydsim.results.results import status_of, verify
from ydsim.store.layout import WORK, read_marker

SWEEP = ("sweep", "files/fake.yaml", "-o", "out", "--chunk", "2", "--jobs", "2")


GATE = Path("gate")


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Start ``ydsim`` with a fake model in a folder with the sweep ``files/fake.yaml``."""
    monkeypatch.chdir(tmp_path)
    write_sweep()
    started = []

    def start(*args: str, model: str = "Held", **options: object) -> subprocess.Popen:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, strikes.GATE: GATE}
        process = strikes.start(
            model, *args, module="tests.support.program", cwd=tmp_path, **{**pipes, **options}
        )
        started.append(process)
        return process

    yield start
    for process in started:
        strikes.end(process)


def begun() -> bool:
    """Tell whether a worker has begun a run; it is held there until the gate is open."""
    files = Path("out", WORK).glob("part-*")
    return any(read_marker(Path("out"), int(file.name.partition("-")[2])).run for file in files)


def read_until(process: subprocess.Popen, line: str) -> str:
    """Read what a program says up to a line, which tells that a signal was taken."""
    said = ""
    for words in process.stderr:
        said += words
        if words.rstrip() == line:
            return said
    raise AssertionError(f"{said!r} is without {line!r}")


def rest(process: subprocess.Popen, code: int = 0) -> str:
    """Read what a program still says until it and its workers are gone, with an exit code."""
    said = process.stderr.read() if process.stderr else ""
    assert process.wait(timeout=strikes.PATIENCE) == code, said
    return said


def python(*args: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *args],
        env={**os.environ, "PYTHONPATH": strikes.PATHS, **environment},
        capture_output=True,
        text=True,
        timeout=strikes.PATIENCE,
    )


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


@pytest.mark.fault
@pytest.mark.parametrize(
    "row", [pytest.param(row, id=f"{row.id} {row.name} {row.to} {row.times}") for row in STOPS]
)
def test_signals(program, finished, row):
    """Whoever gets it, as from a terminal or a batch system: what was at work is kept."""
    process = program(*SWEEP)
    assert strikes.wait_for(begun)
    send = os.killpg if row.to == "all" else os.kill
    send(process.pid, getattr(signal, row.name))
    said = read_until(process, "stopping after the runs at work (once more to stop at once)")
    if row.times == 1:
        GATE.touch()
    else:
        send(process.pid, getattr(signal, row.name))
    said += rest(process, row.code)
    assert "Traceback" not in said
    assert strikes.gone(process.pid), strikes.session(process.pid)
    done = status_of("out").done
    assert done >= 1 if row.times == 1 else done == 0
    assert said.splitlines()[-1] == (
        f"stopped by {row.name}: {done} of 6 runs are kept in out; go on with: ydsim resume out"
    )
    mended(finished)


@pytest.mark.fault
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_r01_while_workers_are_starting(program, finished, name):
    process = program(*SWEEP)
    assert strikes.wait_for(lambda: strikes.workers(process.pid))
    os.killpg(process.pid, getattr(signal, name))
    GATE.touch()
    said = rest(process, 143 if name == "SIGTERM" else 130)
    assert "Traceback" not in said
    assert "killed" not in said
    assert strikes.gone(process.pid), strikes.session(process.pid)
    mended(finished)


@pytest.mark.fault
def test_r04_nohup(program, finished):
    """Under nohup a closed terminal stops nothing, in no process."""
    process = program(*SWEEP, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    assert strikes.wait_for(begun)
    os.killpg(process.pid, signal.SIGHUP)
    GATE.touch()
    rest(process)
    assert fake.tree(Path("out")) == fake.tree(finished)


@pytest.mark.fault
def test_r22_held_and_let_go(program, finished):
    """As when a laptop sleeps: everything goes on, and nobody is taken for dead."""
    process = program(*SWEEP)
    assert strikes.wait_for(begun)
    everybody = [process.pid, *strikes.session(process.pid)]
    for pid in everybody:
        os.kill(pid, signal.SIGSTOP)
    GATE.touch()
    assert "at work: pid" in "\n".join(status_of("out").lines())
    for pid in everybody:
        os.kill(pid, signal.SIGCONT)
    assert "once more" not in rest(process)
    assert fake.tree(Path("out")) == fake.tree(finished)


@pytest.mark.slow
def test_r14_two_at_once(program, finished):
    first = program(*SWEEP)
    assert strikes.wait_for(begun)
    second = program("resume", "out", "-q")
    said = rest(second, 5)
    assert said.splitlines() == [said.strip()]
    assert f"out is in use by pid {first.pid} on host" in said
    first.send_signal(signal.SIGTERM)
    GATE.touch()
    rest(first, 143)
    mended(finished)


@pytest.mark.fault
@pytest.mark.parametrize("closed", ["stdout", "stderr", "both", "reader gone", "full"])
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
    assert "Traceback" not in rest(process, {"reader gone": 141, "full": 6}.get(closed, 0))
    assert fake.tree(Path("out")) == fake.tree(finished)


@pytest.mark.fault
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
    said = python("script.py")
    assert (said.returncode, said.stdout) == (0, "6\n"), said.stderr
    assert Path("begun").read_text() == "x"
    assert fake.tree(Path("out")) == fake.tree(finished)


@pytest.mark.fault
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
    options = {"YDSIM_JOBS": "99", "YDSIM_OUT": "x"}
    said = python("-P", "-c", code, *SWEEP, **options)  # as the installed command starts
    assert said.returncode == 0, said.stderr
    assert not Path("harmed").exists()
    assert fake.tree(Path("out")) == fake.tree(finished)


@pytest.mark.fault
def test_r10_a_limit_on_the_size_of_files(program, finished):
    """A real refusal of the system, in workers: one line, and raising the limit is enough."""
    import resource

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))

    process = program(*SWEEP, model="SweepModel", preexec_fn=limit)
    said = rest(process, 6)
    assert "File too large" in said.splitlines()[-1]
    assert strikes.gone(process.pid)
    rest(program(*SWEEP, model="SweepModel"))
    assert fake.tree(Path("out")) == fake.tree(finished)
