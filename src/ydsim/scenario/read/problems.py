"""What is wrong with a scenario, one line a problem, in the order of the file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ydsim.errors import ScenarioError
from ydsim.outside import one_line
from ydsim.scenario.read.node import Mark, Node, Path, dotted
from ydsim.wording import shorten

MOST = 20
"""Problems shown at once."""


@dataclass(frozen=True)
class Problem:
    """One line for the user.

    Attributes
    ----------
    mark
        Where it is.
    path
        Dotted key, empty for the file as a whole.
    message
        What is wrong, and what would be right.
    text
        The value as given, for overrides.
    """

    mark: Mark
    path: str
    message: str
    text: str = ""

    def __str__(self) -> str:
        """Return ``file:line:column: key: message``."""
        if self.mark.source == "--set":
            return one_line(f"--set {self.path}={shorten(self.text, 40)}: {self.message}", 2000)
        where = f"{self.mark.origin}:{self.mark.column}" if self.mark.line else self.mark.source
        via = f" (extended by {self.mark.via})" if self.mark.via else ""
        path = f"{self.path}: " if self.path else ""
        return one_line(f"{where}: {path}{self.message}{via}", 2000)

    @property
    def order(self) -> tuple[int, int, int, str]:
        """Sort key: the file asked for first, then its bases; by line and column in each."""
        rank = self.mark.rank if self.mark.rank >= 0 else 1_000_000
        return rank, self.mark.line, self.mark.column, self.path


def problem(node: Node, path: Path, message: str, *, at_key: bool = False) -> Problem:
    """Return a problem of the value at ``path``, or of its key."""
    text = "{...}" if node.is_mapping else "[...]" if isinstance(node.value, list) else node.text
    return Problem(node.key if at_key else node.mark, dotted(path), message, text)


def fail(problems: Iterable[Problem]) -> None:
    """Raise all problems as one error, sorted and without repetition; do nothing without any."""
    listed = sorted(set(problems), key=lambda p: (*p.order, p.message))
    if not listed:
        return
    lines = list(dict.fromkeys(str(p) for p in listed[:MOST]))
    if len(listed) > MOST:
        rest = replace(listed[0].mark, line=0, column=0, via="").source
        lines.append(f"{rest}: ... and {len(listed) - MOST} more")
    raise ScenarioError(*lines)
