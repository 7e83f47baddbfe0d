"""Public money for research, and what firms spend on their own."""

from __future__ import annotations

from pydantic import model_validator

from ydsim.parameter import Section, fraction, param


class FundParameters(Section):
    """Public money and the books of firms."""

    university_share: float = fraction(
        0.2,
        "share of government R&D money that goes to universities",
        mark="prior",
        source="R&D of universities, 39.0 of 108.9 bn yuan of government R&D money in 2008 and 113 "
        "of 349 in 2017 (National Bureau of Statistics), times .56, the governments' part of their "
        "funds (2007): .18-.20",
    )
    institute_share: float = fraction(
        0.62,
        "share of government R&D money that goes to institutes; firms get the rest as grants",
        mark="prior",
        source="R&D of institutes, 81.1 of 108.9 bn yuan of government R&D money in 2008 and 242 "
        "of 349 in 2017 (National Bureau of Statistics), times .86, the governments' part of it "
        "(59.3 of 68.8 in 2007): .60-.64",
    )
    theta: float = fraction(
        0.45,
        "largest share of the provincial science budget that is R&D; the central government "
        "pays what is missing to official government R&D",
        mark="prior",
        source="government R&D over the science budget 2011-20, provinces.csv: Jiangsu .40-.55, "
        "Zhejiang .26-.37, Anhui .27-.76; Shanghai above 1, which is central money",
    )
    leakage: float = param(
        0.3,
        "share of grants to firms that is not spent on R&D",
        mark="prior",
        source="Boeing 2016; Boeing and Peters 2021: 30-53 %",
        bounds=(0.0, 0.53),
    )
    profit_margin: float = fraction(
        0.27,
        "profit before R&D and tax over value added (6 % of sales at 22 % value added)",
        mark="prior",
        source="profit over revenue of high-technology industry 2011-20, nation: 6-7 %, region "
        "3-11 % (provinces.csv); 22 % of revenue is value added",
    )
    profit_tax: float = param(
        0.25,
        "profit tax",
        bounds=(0.0, 0.6),
        mark="data",
        source="general rate of the enterprise income tax law, in force from 2008",
    )
    tax_central: float = fraction(
        0.6,
        "central government's part of the profit tax; provinces and cities halve the rest",
        mark="data",
        source="State Council, sharing of income tax: 60 % to the centre from 2003 (Guofa 2003, "
        "26)",
    )

    @model_validator(mode="after")
    def _shares(self) -> FundParameters:
        total = self.university_share + self.institute_share
        if total > 1.0:
            raise ValueError(f"university_share and institute_share sum to {total:g}, above 1")
        return self


class InvestParameters(Section):
    """Firms' R&D."""

    intensity: float = param(
        0.023,
        "desired R&D over sales (value-added basis) of the mean firm, nu",
        mark="calibrated",
        source="set by hand so that R&D of the provinces in 2015 and 2020 lies near official",
        bounds=(1e-4, 0.5),
    )
    adjustment: float = param(
        0.12,
        "speed of adjustment of log intensity",
        unit="1/year",
        mark="calibrated",
        source="a mean-field fit of enterprise R&D 2011-20 with one ceiling for all provinces",
        bounds=(0.0, 4.0),
    )
    expected_return: float = param(
        0.2,
        "elasticity of desired intensity to what launches of the industry and province brought",
        mark="prior",
        source="assumed, .1-.3: demand and technological opportunity move R&D less than one to one "
        "(Cohen 2010)",
        bounds=(0.0, 0.5),
    )
    innovative_scale: float = param(
        40.0,
        "sum of gains of adoptions and launches in 12 quarters at which 1 - 1/e of sales are "
        "innovative",
        unit="gains",
        bounds=(1.0, 1e4),
    )
    additionality: float = param(
        0.3,
        "m: rise of desired R&D per yuan of grants spent on R&D",
        mark="prior",
        source="Boeing 2016; Liu and Xu 2024: -0.5 to +4.5, net of what firms save",
        bounds=(-0.5, 4.5),
    )
    tax_elasticity: float = param(
        1.0,
        "elasticity of R&D to its user cost, with the sign turned",
        mark="prior",
        source="Chen et al. 2018; super-deduction studies: 0.34-2.05",
        bounds=(0.0, 2.05),
    )
    size_elasticity: float = param(
        0.6, "elasticity of R&D to sales between firms of an industry", bounds=(0.0, 1.5)
    )
    effect_sd: float = param(
        0.5,
        "standard deviation of the log firm effect z",
        unit="log",
        bounds=(0.0, 2.0),
    )
