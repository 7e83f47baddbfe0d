"""One replicate: make the model, step it through its quarters, take its tables."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TextIO

import numpy as np

from ydsim.errors import PolicyError, ResourceError, YdsimError
from ydsim.heap import let_go
from ydsim.run.signals import is_interrupt
from ydsim.store.layout import RUNS, check_table_name
from ydsim.store.tables import stored
from ydsim.typing import Table

if TYPE_CHECKING:
    from ydsim.scenario.schema.scenario import Scenario
    from ydsim.world.world import World


class Recorder(Protocol):
    """What a model has recorded."""

    def tables(self) -> dict[str, Table]:
        """Return every recorded table."""
        ...


class Runnable(Protocol):
    """What a run needs of a model."""

    notes: list[str]

    @property
    def recorder(self) -> Recorder:
        """The model's recorder."""
        ...

    def step(self) -> None:
        """Advance one recorded quarter."""
        ...


MakeModel = Callable[..., Runnable]
"""``make_model(scenario, *, replicate=replicate, world=world)``."""


def default_model(scenario: Scenario, *, replicate: int, world: World) -> Runnable:
    """Return the model itself."""
    from ydsim.model import Model

    model: Runnable = Model(scenario, replicate=replicate, world=world)
    return model


class ReplicateFailedError(Exception):
    """A replicate raised; the rest of the experiment goes on.

    Attributes
    ----------
    entry
        What went wrong, as in ``failures.jsonl``.
    """

    def __init__(self, entry: dict[str, Any]) -> None:
        super().__init__(
            f"replicate {entry['replicate']}: {entry['exception']}: {entry['message']}"
        )
        self.entry = entry


class Watch(Protocol):
    """Looks at a model after each recorded quarter and says in the end what it found."""

    def after_quarter(self, model: Any) -> None:
        """Take note of the quarter that the model has just lived."""
        ...

    def found(self, model: Any) -> Any:
        """Return what was found in a finished model; picklable."""
        ...


Measure = Callable[[], Watch]
"""Begins to watch a run; picklable, so that a worker can receive it by name."""


@dataclass(frozen=True)
class Outcome:
    """What a replicate gave: stored tables by name and remarks, or what its watch found."""

    tables: dict[str, Table]
    notes: list[str]
    found: Any = None


def run_replicate(
    scenario: Scenario,
    replicate: int,
    *,
    world: World,
    make_model: MakeModel,
    after_quarter: Callable[[int], None],
    keys: Mapping[str, int | str],
    wanted: Callable[[Mapping[str, Table]], Iterable[str]] = tuple,
    measure: Measure | None = None,
) -> Outcome:
    """Run one replicate from start to end; its model is emptied then.

    Parameters
    ----------
    keys
        Columns that name the run in every table.
    wanted
        Says which of the recorded tables are wanted; by default all.
    after_quarter
        Called with the number of quarters done, at 0 before the first one; may raise to stop.
    measure
        What is taken of the run instead of its tables.

    Raises
    ------
    ReplicateFailedError
        When the model raised anything that is not a message to the user, or a policy ended the
        program (``exit()``).
    """
    quarter, model = 0, None
    try:
        with _numeric_warnings() as warned:
            model = make_model(scenario, replicate=replicate, world=world)
            watch = None if measure is None else measure()
            after_quarter(0)
            for quarter in range(1, scenario.quarters + 1):
                model.step()
                if watch is not None:
                    watch.after_quarter(model)
                after_quarter(quarter)
            if watch is not None:
                return Outcome({}, [], watch.found(model))
            recorded = model.recorder.tables()
            tables = {
                check_table_name(name): stored(recorded[name], **keys) for name in wanted(recorded)
            }
        notes = [*model.notes, *warned]
    except PolicyError as error:
        raise ReplicateFailedError(_failure(scenario, replicate, quarter, error)) from error
    except YdsimError:
        raise
    except MemoryError as error:
        raise ResourceError(
            f"not enough memory for replicate {replicate} at scale {scenario.scale}; lower scale"
        ) from error
    except BaseException as error:
        if is_interrupt(error):
            raise
        raise ReplicateFailedError(_failure(scenario, replicate, quarter, error)) from error
    finally:
        if model is not None:
            let_go(model)
    tables[RUNS] = _run_row(scenario, keys, len(warned))
    return Outcome(tables, notes)


def _run_row(scenario: Scenario, keys: Mapping[str, int | str], warned: int) -> Table:
    row = {
        "seed": np.array([scenario.seed], dtype=np.int64),
        "quarters": np.array([scenario.quarters], dtype=np.int64),
        "numeric_warnings": np.array([warned], dtype=np.int64),
    }
    return stored(row, **keys)


@contextmanager
def _numeric_warnings() -> Iterator[list[str]]:
    """Collect numeric warnings (overflow, division, NaN) as remarks instead of printing them.

    Filters stay as they are: where warnings are errors, they are raised.
    """
    found: list[str] = []
    with warnings.catch_warnings():
        show = warnings.showwarning

        def collect(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if issubclass(category, RuntimeWarning):
                found.append(f"numeric warning at {_short(filename)}:{lineno}: {message}")
            else:
                show(message, category, filename, lineno, file, line)

        warnings.showwarning = collect
        yield found


def _failure(
    scenario: Scenario, replicate: int, quarter: int, error: BaseException
) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)
    if isinstance(error, PolicyError) and error.__cause__ is not None:
        frames += traceback.extract_tb(error.__cause__.__traceback__)
    lines = [f"{_short(f.filename)}:{f.lineno} in {f.name}: {f.line}" for f in frames]
    return {
        "replicate": replicate,
        "seed": scenario.seed,
        "quarter": quarter,
        "exception": type(error).__name__,
        "message": _message(error),
        "traceback": lines,
    }


def _message(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return f"the code of a policy or the model called exit({error.code!r})"
    if not isinstance(error, Exception):
        return str(error) or f"the code of a policy or the model raised {type(error).__name__}"
    return str(error)


def _short(filename: str) -> str:
    """Return a source file without the folders of this machine that lead to its package."""
    parts = Path(filename).parts
    for root in ("ydsim", "site-packages", "dist-packages"):
        if root in parts[:-1]:
            last = len(parts) - 2 - parts[-2::-1].index(root)
            return "/".join(parts[last if root == "ydsim" else last + 1 :])
    return parts[-1] if parts else filename
