"""Errors that a user can cause; all are exported from `ydsim`.

::

    YdsimError              exit code 70: base of all, raised itself by nothing
    |-- UsageError          2   the command line or a function call cannot be understood
    |-- NothingToDrawError  2   results lack what a figure needs (a `UsageError`)
    |-- ScenarioError       3   a scenario or a sweep file is invalid; ``problems``
    |-- PolicyError         3   a policy breaks the rules while a run is at work
    |-- InputError          4   input data or a file is missing or invalid; ``problems``
    |-- ResultsError        5   results are corrupt, of another run, or cannot be read
    `-- ResourceError       6   the system refused: disk full, no permission, no memory

    KeyboardInterrupt
    `-- Stopped             130 or 143: a run was stopped by a signal (`ydsim.run.progress`)

The exit code is that of the command line, and an attribute, ``exit_code``. Every message is
self-sufficient: where (file, line and column when known), which key, what is wrong, and what would
be right; one line for each problem.
"""

from __future__ import annotations

from typing import ClassVar


class YdsimError(Exception):
    """Base of all errors that are shown to the user without a traceback."""

    exit_code: ClassVar[int] = 70


class UsageError(YdsimError):
    """The command line or a function call cannot be understood."""

    exit_code = 2


class NothingToDrawError(UsageError):
    """Results lack what a figure needs; the message says what, in one line."""


class ScenarioError(YdsimError):
    """A scenario is invalid.

    Parameters
    ----------
    problems
        One line per problem, in the order in which they are in the file; all problems of a
        file are reported together.
    """

    exit_code = 3

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class InputError(YdsimError):
    """Input data or a file is missing or invalid; ``problems`` as in `ScenarioError`."""

    exit_code = 4

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class PolicyError(YdsimError):
    """A policy does in a run what policies must not; the run fails, others go on."""

    exit_code = 3


class ResultsError(YdsimError):
    """A results folder is corrupt, belongs to another experiment, or cannot be read."""

    exit_code = 5


class ResourceError(YdsimError):
    """The system refused: disk full, no permission, not enough memory."""

    exit_code = 6
