"""Errors a user can cause, each with the exit code of the command line.

Every message is one self-sufficient line: where (file, line and column when known), which key,
what is wrong, and what would be right.
"""

from __future__ import annotations

from typing import ClassVar


class YdsimError(Exception):
    """Base of all errors that are shown to the user without a traceback."""

    exit_code: ClassVar[int] = 70


class UsageError(YdsimError):
    """The command line or a function call cannot be understood."""

    exit_code = 2


class ScenarioError(YdsimError):
    """A scenario is invalid.

    Parameters
    ----------
    problems
        One line per problem, in the order in which they stand in the file; all problems of a
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
