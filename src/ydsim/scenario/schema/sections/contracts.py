"""What changes hands between organisations: contracts and patents."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from ydsim.parameter import Section, fraction, param

_Part = Annotated[float, Field(ge=0.0, le=1.0)]


class ContractParameters(Section):
    """Technology contracts and patents."""

    price: float = param(
        0.85,
        "value of a hand-over over the remaining cost of the project, at the price of 2012: "
        "services and equipment included",
        mark="calibrated",
        source="fitted to contract value 2012-20, a fifth of it sold by science: "
        "python -m tools.fit_defaults contracts",
        bounds=(0.0, 100.0),
    )
    science_hires: float = fraction(
        0.25, "part that pays researchers of what science earns in contracts at the price of 2012"
    )
    pieces: float = param(
        2.8,
        "registered contracts in which a hand-over is written",
        unit="contracts",
        mark="calibrated",
        source="fitted to the number of contracts 2012-20, 27 % of it of science: "
        "python -m tools.fit_defaults contracts",
        bounds=(0.1, 100.0),
    )
    market: float = param(
        0.45,
        "value of contracts that firms buy from firms over their R&D, at the price of 2012; 0 for "
        "no contract market",
        mark="calibrated",
        source="fitted to contract value 2012-20: python -m tools.fit_defaults contracts",
        bounds=(0.0, 5.0),
    )
    size: float = param(
        6.0,
        "size of a contract between firms over the pay of a researcher, at the price of 2012",
        unit="researcher_years",
        mark="calibrated",
        source="fitted to the number of contracts 2012-20: python -m tools.fit_defaults contracts",
        bounds=(0.1, 100.0),
    )
    registration_rate: float = param(
        1.0,
        "speed at which the share of registered contracts moves from its early to its late value",
        unit="1/year",
        mark="calibrated",
        source="set by hand against contract value over R&D by province",
        bounds=(0.0, 20.0),
    )
    patents: float = param(
        2.4,
        "patent applications per invention in 2011",
        unit="items",
        mark="calibrated",
        source="set by hand against applications of the region in 2011",
        bounds=(0.0, 100.0),
    )
    examination: tuple[_Part, _Part, _Part, _Part] = param(
        (0.2, 0.4, 0.3, 0.1),
        "parts of applications examined at an age of 2, 3, 4 and 5 years",
        mark="prior",
        source="national grants move with applications of three years before: .30-.49 of them, "
        "2014-20 (provinces.csv); the spread over ages is assumed",
    )
    lapse: float = param(
        0.06,
        "hazard of lapse of a patent",
        unit="1/year",
        bounds=(0.0, 4.0),
        mark="prior",
        source="invention patents granted that did not add to those in force, over these, nation "
        "2012-20: .046-.073 a year (provinces.csv)",
    )
    papers: float = param(
        3.6,
        "papers per completed piece of applied research of universities and institutes",
        unit="papers",
        mark="calibrated",
        source="set by hand against papers of the region in 2011",
        bounds=(0.0, 1000.0),
    )

    @model_validator(mode="after")
    def _whole(self) -> ContractParameters:
        total = sum(self.examination)
        if abs(total - 1.0) > 1e-9:
            raise ValueError(f"examination sums to {total:g}, not 1")
        return self
