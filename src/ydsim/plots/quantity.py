"""An indicator in words: its name as a reader knows it, and its unit."""

from __future__ import annotations

from dataclasses import dataclass

from ydsim.plots.messages import indicator_in_words, unit_beside
from ydsim.results.results import Results
from ydsim.wording import capital

NO_AMOUNTS = ("1", "log", "index", "share")
"""Units of stocks that do not add up over places."""


@dataclass(frozen=True)
class Quantity:
    """An indicator in words.

    Attributes
    ----------
    name
        As it stands inside a sentence, for example "patents granted".
    unit
        As it stands beside the name, for example "number a year".
    amount
        Whether it adds up over places, so that shares of it have a meaning.
    prior
        Whether figures of single cities rest on a prior.
    fitted
        Whether they are fitted to official figures.
    """

    name: str
    unit: str
    amount: bool
    prior: bool
    fitted: bool

    @property
    def head(self) -> str:
        """The name with a capital letter."""
        return capital(self.name)


def quantity(results: Results, indicator: str) -> Quantity:
    """Return an indicator of results in words."""
    facts = results.manifest["indicators"][indicator]
    kind = str(facts["kind"])
    name = indicator_in_words(indicator)
    return Quantity(
        name=name,
        unit=unit_beside(name, str(facts["unit"]), kind),
        amount=kind in ("flow", "stock") and facts["unit"] not in NO_AMOUNTS,
        prior=bool(facts["prior"]),
        fitted=bool(facts.get("fitted", False)),
    )
