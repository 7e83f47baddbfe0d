"""A limit on the time of a run holds also where Python drops what the alarm raises."""

import gc
import signal

import pytest

from ydsim.run.progress import RunTimeoutError, time_limit


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_alarm_in_a_callback_of_the_garbage_collector_counts():
    rang: list[str] = []

    def callback(phase: str, info: dict[str, int]) -> None:
        if not rang:
            rang.append(phase)
            signal.raise_signal(signal.SIGALRM)

    def collect() -> None:
        with time_limit(100.0):
            gc.collect()

    gc.callbacks.append(callback)
    try:
        with pytest.raises(RunTimeoutError, match="took longer than 100 s"):
            collect()
    finally:
        gc.callbacks.remove(callback)
    assert rang


def test_in_time_nothing_is_raised_and_the_old_handler_is_back():
    before = signal.getsignal(signal.SIGALRM)
    with time_limit(100.0):
        pass
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
