"""Small scenarios for a live page, and its server as a program that ends by itself."""

import signal
import subprocess
import sys
from contextlib import contextmanager

from ydsim.explorer.settings import Choice

IDLE_SECONDS = 300

SMALL = {
    "end": 2014,
    "scale": 0.01,
    "parameters.population.burn_in": 12,
    "policies.rd_grants.rate": 0.05,
}


def choices():
    """Two scenarios that differ in one policy."""
    a = Choice("synthetic", SMALL)
    return a, a.over({"policies.rd_grants.rate": 0.25})


@contextmanager
def explored(*words, folder):
    """Serve a page in a process of its own; yield its address and the process."""
    command = [sys.executable, "-m", "tests.support.explored", "explore", *words]
    with open(folder / "stderr", "wb") as said:
        process = subprocess.Popen(
            [*command, "--no-browser", "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        )
    assert process.stdout is not None
    try:
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), (folder / "stderr").read_text()
        yield address, process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=60)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


if __name__ == "__main__":
    from ydsim.cli import main
    from ydsim.explorer import serve

    serve.IDLE_HOURS = IDLE_SECONDS / 3600.0
    sys.exit(main(sys.argv[1:]))
