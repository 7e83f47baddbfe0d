"""An indicator in words: its name as a reader knows it, and its unit."""

from __future__ import annotations

from dataclasses import dataclass

from ydsim.plots.messages import say
from ydsim.results.results import Results


@dataclass(frozen=True)
class Quantity:
    """An indicator in words.

    Attributes
    ----------
    name
        As it stands inside a sentence, for example "R&D expenditure".
    unit
        For example "100 million RMB a year".
    amount
        Whether it adds up over places, so that shares of it have a meaning.
    prior
        Whether figures of single cities rest on a prior.
    """

    name: str
    unit: str
    amount: bool
    prior: bool

    @property
    def head(self) -> str:
        """The name with a capital letter."""
        return self.name[:1].upper() + self.name[1:]


def quantity(results: Results, indicator: str) -> Quantity:
    """Return an indicator of results in words; those without a short name keep their own."""
    facts = results.manifest["indicators"][indicator]
    unit = _said(f"quantity.unit.{facts['unit']}", str(facts["unit"]))
    kind = str(facts["kind"])
    unit = say(f"quantity.kind.{kind}", unit=unit) if kind in ("flow", "stock") else unit
    if facts["unit"] == "100m_rmb":
        unit = say("quantity.nominal", unit=unit)
    amount = kind in ("flow", "stock") and facts["unit"] not in ("1", "log", "index", "share")
    name = _said(f"quantity.name.{indicator}", indicator.replace("_", " "))
    return Quantity(name, unit, amount, bool(facts["prior"]))


def _said(key: str, otherwise: str) -> str:
    try:
        return say(key)
    except KeyError:
        return otherwise
