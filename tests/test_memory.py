"""What a process of ours does with large arrays that it no longer needs."""

import os
import platform
import subprocess
import sys

import pytest

LEFT = """
import numpy as np
from ydsim.memory import give_back_large_arrays
{call}
del_first = np.ones(2**22 - 1000)  # glibc raises its size to this one, 32 MiB, when it is freed
del del_first
arrays = [np.ones(2**19) for _ in range(60)]  # 4 MiB each
del arrays[::2]
with open("/proc/self/status") as file:
    print(*(line.split()[1] for line in file if line.startswith("VmRSS")))
"""


def left(call: str) -> int:
    """MiB of a process that has freed every other of 60 arrays of 4 MiB."""
    code = LEFT.format(call=call)
    # Dask leaves a switch of glibc in the environment
    plain = {key: value for key, value in os.environ.items() if not key.startswith("MALLOC_")}
    line = [sys.executable, "-c", code]
    run = subprocess.run(line, env=plain, capture_output=True, text=True, check=True)
    return int(run.stdout) // 1024


@pytest.mark.slow
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="is about glibc")
def test_arrays_between_others_go_back_to_the_system():
    assert left("") - left("give_back_large_arrays()") > 100
