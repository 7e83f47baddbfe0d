"""The models of one browser tab and the thread that steps them.

A tab has one model, A, or two, A and B, which draw the same random numbers. Scenarios that differ
in policies and governance alone have their burn-in in common: it is simulated once, and each model
is a branch of it, so that a restart takes no burn-in either. Where an interval is asked for, the
thread steps further runs while the models that are shown wait. It waits while there is nothing to
do, and ends with the tab.
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any, Final, Literal
from weakref import WeakSet

from ydsim.errors import YdsimError
from ydsim.explorer.settings import Choice
from ydsim.explorer.watch import Further, Watch
from ydsim.model import Model
from ydsim.scenario.load import plain_scenario
from ydsim.scenario.schema.scenario import Scenario

State = Literal["empty", "starting", "paused", "running", "over", "failed", "closed"]

SHARED: Final = ("policies", "governance", "name", "description", "replicates")
"""Keys in which scenarios with one burn-in may differ."""

PICTURES: Final = 0.3
"""Seconds between two pictures at least, while models run."""

MODELS_SHARE: Final = 9.0
"""Time that models have between two pictures at least, over the time that a picture takes."""

_SESSIONS: Final = WeakSet["Session"]()


@dataclass(frozen=True)
class Progress:
    """How far a session is."""

    state: State = "empty"
    quarter: int = 0
    quarters: int = 0
    year: float = 0.0
    message: str = ""


def burn_in_of(scenario: Scenario) -> dict[str, Any]:
    """Return what decides the burn-in of a scenario, as plain data."""
    plain = plain_scenario(scenario)
    return {key: value for key, value in plain.items() if key not in SHARED}


class Session:
    """Models A and B of a tab.

    ``show`` is called in the thread of the session whenever there is something new to show; it must
    not take long, and what it raises ends the session.
    """

    def __init__(self, show: Callable[[], None]) -> None:
        self.watches: tuple[Watch, ...] = ()
        self.progress = Progress()
        self.speed = 0.0  # seconds a quarter at least
        self.further: Further | None = None
        self.interval = 0  # further runs that are asked for
        self._show = show
        self._burnt: dict[int, tuple[dict[str, Any], Model]] = {}  # by replicate
        self._scenarios: tuple[Scenario, ...] = ()
        self._todo = threading.Condition()
        self._restart = self._run = self._closed = False
        self._steps = 0
        self._thread: threading.Thread | None = None
        _SESSIONS.add(self)

    # -- asked for by the page ---------------------------------------------------------------------

    def start(self, *choices: Choice) -> None:
        """Begin anew with a scenario, or two that are compared; raises what loading them raises."""
        scenarios = tuple(choice.resolved().scenario for choice in choices)
        with self._todo:
            self._scenarios, self._restart, self.watches = scenarios, True, ()
            self._run, self._steps = False, 0
            self._wake()

    def run(self) -> None:
        """Step until paused."""
        with self._todo:
            self._run = True
            self._wake()

    def pause(self) -> None:
        """Stop after the quarter at work."""
        with self._todo:
            self._run, self._steps = False, 0
            self._wake()

    def step(self, quarters: int) -> None:
        """Simulate so many quarters more."""
        with self._todo:
            self._run = False
            self._steps += quarters
            self._wake()

    def ask_interval(self, runs: int) -> None:
        """Have so many further runs simulated while the models wait."""
        with self._todo:
            self.interval = runs
            self._plan_further()
            self._wake()

    def _plan_further(self) -> None:
        asked = self._scenarios, self.interval
        if (
            self.interval
            and self._scenarios
            and (self.further is None or (self.further.asked, self.further.number) != asked)
        ):
            self.further = Further(*asked)

    def close(self) -> None:
        """End the thread and let the models go."""
        with self._todo:
            self._closed = True
            self._todo.notify_all()
            if self._thread is None:
                self._free()

    def _free(self) -> None:
        self.watches, self._burnt, self.further = (), {}, None

    def _wake(self) -> None:
        if self._closed:
            return
        if self._thread is None:
            self._thread = threading.Thread(
                target=copy_context().run, args=(self._work,), name="ydsim explore", daemon=True
            )
            self._thread.start()
        self._todo.notify_all()

    # -- the thread --------------------------------------------------------------------------------

    def _work(self) -> None:
        try:
            while self._next():
                pass
        except SystemExit:  # the program ends
            pass
        except YdsimError as error:
            self._tell("failed", str(error))
        except Exception as error:  # a bug of ours is said on the page, not in a thread nobody sees
            if not self._closed:  # pictures for a tab that goes away may fail in any way
                self._tell("failed", f"{type(error).__name__}: {error}")
                raise
        finally:
            self._free()
            self._thread = None

    def _next(self) -> bool:
        """Do what is asked for; return False when the session is closed."""
        with self._todo:
            while not (
                self._closed or self._restart or self._run or self._steps or self._wants_further()
            ):
                self._todo.wait()
            if self._closed:
                return False
            restart, self._restart = self._restart, False
            scenarios, asked = self._scenarios, self._run or self._steps
        if restart:
            self._begin(scenarios)
        elif not self.watches:
            self._run, self._steps = False, 0
        elif asked:
            self._go_on()
        elif self.further is not None and self.further.step(self._model):
            self._show()
        return True

    def _wants_further(self) -> bool:
        return bool(self.interval) and self.further is not None and not self.further.over

    def _begin(self, scenarios: tuple[Scenario, ...]) -> None:
        self._scenarios, self.watches = scenarios, ()
        self._plan_further()
        self._tell("starting")
        models = [self._model(scenario) for scenario in scenarios]
        self.watches = tuple(Watch(model) for model in models)
        if not (self._run or self._steps):
            self._tell("paused")

    def _model(self, scenario: Scenario, replicate: int = 0) -> Model:
        """Return a model at its first quarter; equal burn-ins are simulated once.

        That of the run that is shown is kept, and that of the last further run.
        """
        key = burn_in_of(scenario)
        if replicate not in self._burnt or self._burnt[replicate][0] != key:
            self._burnt = {r: kept for r, kept in self._burnt.items() if r == 0}
            self._burnt[replicate] = key, Model(scenario, replicate=replicate)
        return self._burnt[replicate][1].branch(scenario)

    def _go_on(self) -> None:
        due, watches = 0.0, self.watches
        while True:
            with self._todo:
                more = (self._run or self._steps) and not (self._closed or self._restart)
                over = all(watch.over for watch in watches)
                if over:
                    self._run, self._steps, more = False, 0, False
                elif more and self._steps:
                    self._steps -= 1
            if not more:
                break
            began = time.monotonic()
            for watch in watches:
                if not watch.over:
                    watch.step()
            now = time.monotonic()
            if now >= due:
                self._tell("running")
                # pictures take a part of the time only, however long one takes
                shown = time.monotonic()
                due = shown + max(PICTURES, MODELS_SHARE * (shown - now))
            rest = self.speed - (time.monotonic() - began)
            if rest > 0.0:
                with self._todo:
                    if self._run and not (self._closed or self._restart):
                        self._todo.wait(rest)
        if not self._closed:
            self._tell("over" if over else "paused")

    def _tell(self, state: State, message: str = "") -> None:
        if self._closed:
            return
        first = self.watches[0] if self.watches else None
        settings = self._scenarios[0]
        quarter = 0 if first is None else first.quarters
        self.progress = Progress(
            state, quarter, settings.quarters, settings.start + quarter / 4.0, message
        )
        self._show()


def end_all(seconds: float = 10.0) -> None:
    """End all sessions of this program, and wait so long at most for each of their threads.

    A thread that is in compiled code while Python ends may abort the whole program. A model is not
    waited for, however long its quarter or burn-in is: `SystemExit` is raised in its thread.
    """
    for session in list(_SESSIONS):
        thread = session._thread
        session.close()
        if thread is not None and thread.ident is not None:
            ident, error = ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, error)
            thread.join(seconds)
