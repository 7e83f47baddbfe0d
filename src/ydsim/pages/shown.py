"""How an analysis of a sweep is shown: table, paragraph, page and figure, and their files.

What runs of a study show (`StudyShown`) differs in its numbers, its module of words and its figure.
"""

from __future__ import annotations

import html
import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar

from ydsim import fmt
from ydsim.measures.effects import Interval
from ydsim.plots.render import save_bytes
from ydsim.store.files import make_folder, refuse_irregular, refuse_link, write_atomic

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


class Shown(ABC):
    """An analysis with its table, words and figure."""

    has_figure: ClassVar[bool] = True

    @property
    @abstractmethod
    def table(self) -> pd.DataFrame:
        """All that was found, one row a quantity."""

    @property
    @abstractmethod
    def made_by(self) -> str:
        """Scenario, points, replicates, seed, scale, hash and version, in one line."""

    @property
    @abstractmethod
    def paragraph(self) -> str:
        """What was found, in words."""

    @property
    def text(self) -> str:
        """What a terminal shows; the paragraph where there is no more."""
        return self.paragraph

    @property
    @abstractmethod
    def page(self) -> str:
        """Paragraph, tables and what made them, in Markdown."""

    @abstractmethod
    def plot(self) -> Figure:
        """Return the figure."""

    def __repr__(self) -> str:
        """Return who made it."""
        return f"<{type(self).__name__}: {self.made_by}>"

    def _repr_html_(self) -> str:
        """Return paragraph and table for a notebook."""
        words = "".join(f"<p>{html.escape(part)}</p>" for part in self.paragraph.split("\n\n"))
        made = f"<p><small>{html.escape(self.made_by)}</small></p>"
        return f"{words}{self.table.to_html(index=False)}{made}"

    def write(self, folder: Path, stem: str) -> list[Path]:
        """Write ``<stem>.csv``, ``.md`` and, with a figure, ``.png``, and return their paths.

        Raises
        ------
        ResultsError
            When a link or something else than a file is there under one of the names.
        ResourceError
            When the system refuses.
        """
        refuse_link(folder)
        make_folder(folder, parents=True)
        csv = self.table.to_csv(index=False, lineterminator="\n", float_format="%.10g")
        files = {
            folder / f"{stem}.csv": csv.encode("utf-8"),
            folder / f"{stem}.md": self.page.encode("utf-8"),
        }
        if self.has_figure:
            files[folder / f"{stem}.png"] = save_bytes(self.plot())
        for path in files:
            refuse_irregular(path)
        for path, data in files.items():
            write_atomic(path, data)
        return list(files)


class Numbers(Protocol):
    """What the runs of a study say, in numbers."""

    @property
    def table(self) -> pd.DataFrame:
        """All that was found, one row a quantity."""

    @property
    def made_by(self) -> str:
        """Scenario, points, replicates, seed, scale, hash and version, in one line."""


N = TypeVar("N", bound=Numbers)


@dataclass(frozen=True, repr=False)
class StudyShown(Shown, Generic[N]):
    """What the runs of a study show.

    Attributes
    ----------
    found
        The numbers.
    words
        The module that says them, by its functions ``paragraph`` and ``page``.
    """

    found: N
    words: ClassVar[ModuleType]

    @property
    def table(self) -> pd.DataFrame:
        """The table of ``found``."""
        return self.found.table

    @property
    def made_by(self) -> str:
        """Scenario, points, replicates, seed, scale, hash and version, in one line."""
        return self.found.made_by

    @property
    def paragraph(self) -> str:
        """What was found, in words."""
        words: str = self.words.paragraph(self.found)
        return words

    @property
    def page(self) -> str:
        """Paragraph, tables and what made them, in Markdown."""
        page: str = self.words.page(self.found)
        return page


def number(value: float, digits: int = 3, *, sign: bool = False) -> str:
    """Return a number with so many significant digits and no exponent."""
    return fmt.number(value, digits, sign=sign) if math.isfinite(value) else "undefined"


def with_interval(found: Interval, unit: str = "", *, sign: bool = True) -> str:
    """Return a value with its 95 % interval, as in ``+3.1 % [+1.0, +5.2]``."""
    if not math.isfinite(found.estimate):
        return "undefined"
    text = fmt.interval(found.estimate, found.low, found.high, unit, sign=sign)
    return text if math.isfinite(found.low + found.high) else f"{text} (no interval)"
