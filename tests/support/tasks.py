"""Work for engines: tasks that answer, fail, die or hang."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from ydsim.errors import StoreError


def double(task: int) -> int:
    return 2 * task


def refuse(task: int) -> int:
    raise StoreError(f"task {task} is refused")


def die(task: int) -> int:
    if task == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.05)
    return task


def nap(task: int) -> int:
    time.sleep(60.0)
    return task


def wait_and_tell(task: str) -> int:
    Path(task).write_text(str(os.getpid()), encoding="utf-8")
    time.sleep(60.0)
    return 0


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    return state != "Z"
