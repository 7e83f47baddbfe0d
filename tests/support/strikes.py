"""Programs in processes of their own, and what becomes of them when they are struck.

Nothing here hopes that a process is still at work. A model that waits at a gate (`wait_at_gate`)
is held there until the test opens it; every wait ends when its condition holds, and its limit is
far beyond what a loaded machine needs.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PATIENCE = 200.0
"""Seconds after which something that does not happen is taken for missing, not for slow."""
GATE = "YDSIM_TEST_GATE"
"""Variable with the path of a file for which a held model waits."""
ROOT = Path(__file__).parents[2]
PATHS = os.pathsep.join([str(ROOT / "src"), str(ROOT)])


def start(*arguments, module="tests.support.fake_sweep", cwd=None, **options):
    """Start a module as a program in a session of its own.

    Options in capitals are variables of its environment, others go to `subprocess.Popen`.
    """
    variables = {name: str(value) for name, value in options.items() if name.isupper()}
    rest = {name: value for name, value in options.items() if not name.isupper()}
    return subprocess.Popen(
        [sys.executable, "-m", module, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": PATHS, **variables},
        cwd=cwd or ROOT,
        start_new_session=True,
        **{"stderr": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "text": True, **rest},
    )


def session(leader):
    """Return the living processes of a session but its leader: command lines by pid."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == leader:
            continue
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if fields[0] not in "ZX" and int(fields[3]) == leader:
            found[int(entry.name)] = line
    return found


def workers(leader):
    """Return the workers of a pool."""
    return [pid for pid, line in session(leader).items() if "spawn_main" in line]


def wait_for(what):
    """Tell whether ``what`` becomes true."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if what():
            return True
        time.sleep(0.005)
    return bool(what())


def wait_at_gate():
    """Wait in a model until the test opens the gate; without one, go on."""
    gate = os.environ.get(GATE)
    if gate and not wait_for(Path(gate).exists):
        raise TimeoutError(f"nobody opened {gate}")


def gone(leader):
    """Tell whether every other process of a session ends."""
    return wait_for(lambda: not session(leader))


def alive(pid):
    """Tell whether a process is there and not only waits to be reaped."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def end(process):
    """Kill a process that `start` started, with everything that it started."""
    for pid in (process.pid, *session(process.pid)):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
    process.wait()
