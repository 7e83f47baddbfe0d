"""Work for engines: tasks that answer, fail, die or hang."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from ydsim.engines import _begin
from ydsim.errors import ResultsError


def double(task):
    return 2 * task


def refuse(task):
    raise ResultsError(f"task {task} is refused")


def die(task):
    if task == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return task


def stay(task):
    """Tell the process in a file and never end."""
    path = Path(task)
    path.with_suffix(".new").write_text(str(os.getpid()), encoding="utf-8")
    path.with_suffix(".new").rename(path)
    while True:
        time.sleep(1.0)


def break_pool(*_):
    """Die before any task: handed to a pool as what a worker does first."""
    os.kill(os.getpid(), signal.SIGKILL)


def break_while_told(parent):
    """Die before any task while there are files to take away, then begin as usual."""
    for path in sorted(Path(os.environ["YDSIM_TEST_DEATHS"]).iterdir()):
        with suppress(FileNotFoundError):
            path.unlink()
            break_pool()
    _begin(parent)
