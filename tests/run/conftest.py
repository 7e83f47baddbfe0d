"""What all tests of runs share: signals that are heard, and a sweep that was never disturbed."""

import signal

import pytest

from tests.support import fake_sweep as fake
from tests.support.sweep_files import SWEEP, stand_in, write_sweep
from ydsim.cli import main


@pytest.fixture(autouse=True)
def hangups_heard():
    """Let SIGHUP be heard, also where the tests run under nohup, which has it ignored."""
    hangup = getattr(signal, "SIGHUP", None)
    before = hangup and signal.getsignal(hangup)
    if before is signal.SIG_IGN:
        signal.signal(hangup, signal.SIG_DFL)
    yield
    if before is signal.SIG_IGN:
        signal.signal(hangup, before)


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A sweep of three parts with two runs each, never disturbed."""
    place = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        write_sweep()
        stand_in(patch, fake.SweepModel)
        assert main([*SWEEP, "-q"]) == 0
    return place / "out"
