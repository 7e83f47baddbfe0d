"""Certificates of high-technology enterprises."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ydsim.parameter import Section, param

_Threshold = Annotated[float, Field(ge=0.0, le=1.0)]


class CertifyParameters(Section):
    """Certificates of high-technology enterprises."""

    thresholds: tuple[_Threshold, _Threshold, _Threshold] = param(
        (0.05, 0.04, 0.03),
        "R&D over sales that small, medium and large firms must report",
        unit="1",
        mark="prior",
        source="administrative measures for certifying high-technology enterprises, 2016"
        " (before it more was asked of small firms)",
    )
    sales_basis: float = param(
        0.48,
        "reported sales over sales of the model, which are on a value-added basis",
        unit="1",
        mark="calibrated",
        source="set by hand against the certified firms of 2020",
        bounds=(0.01, 100.0),
    )
    small_sales: float = param(
        0.5,
        "reported sales a year up to which a firm is small",
        unit="100m_rmb",
        mark="prior",
        source="administrative measures: 50 million yuan",
        bounds=(0.0, 1e4),
    )
    large_sales: float = param(
        2.0,
        "reported sales a year above which a firm is large",
        unit="100m_rmb",
        mark="prior",
        source="administrative measures: 200 million yuan",
        bounds=(0.0, 1e4),
    )
    relabelling: float = param(
        0.3,
        "part of the threshold that a firm below it may make up by relabelling other spending",
        unit="1",
        mark="prior",
        source="Chen et al. 2021, doi 10.1257/aer.20191758: a quarter to a third of reported R&D "
        "at the notch is relabelled; the band is assumed",
        bounds=(0.0, 1.0),
    )
    inventions: float = param(
        1.0,
        "own inventions of three years that are asked for",
        unit="items",
        bounds=(0.0, 1000.0),
    )
    hazard: float = param(
        0.25,
        "hazard of applying without inventions or certified peers, h_0, after the reform",
        unit="1/year",
        mark="calibrated",
        source="set by hand against the certified firms of 2020",
        bounds=(0.0, 10.0),
    )
    hazard_before: float = param(
        0.06,
        "h_0 before the reform",
        unit="1/year",
        mark="calibrated",
        source="set by hand against recognitions of 2018-20 and the stock of 2020 "
        "(`python -m tools.sense`)",
        bounds=(0.0, 10.0),
    )
    reform: int = param(
        2016,
        "year from which `hazard` and the threshold of small firms hold",
        unit="year",
        mark="data",
        source="administrative measures of January 2016, which replaced those of 2008",
        bounds=(1900, 2200),
    )
    spread: float = param(
        5.0,
        "years after the reform in which h_0 rises to `hazard`",
        unit="years",
        bounds=(0.0, 50.0),
    )
    small_before: float = param(
        0.06,
        "R&D over sales that small firms had to report before the reform",
        unit="1",
        mark="data",
        source="administrative measures of 2008",
        bounds=(0.0, 1.0),
    )
    own: float = param(
        0.3,
        "rise of the hazard per own invention of three years, h_1",
        unit="1",
        bounds=(0.0, 100.0),
    )
    peers: float = param(
        4.0,
        "rise of the hazard with the certified share of the firm's city and industry, h_2",
        unit="1",
        bounds=(0.0, 100.0),
    )
    lasts: int = param(
        12,
        "life of a certificate",
        unit="quarters",
        mark="data",
        source="administrative measures: three years",
        bounds=(1, 400),
    )
    renewal: float = param(
        0.95,
        "share of eligible firms that renew a certificate that ends",
        unit="1",
        bounds=(0.0, 1.0),
    )
    start_share: float = param(
        0.08,
        "share of firms that are certified when the run starts",
        unit="1",
        bounds=(0.0, 1.0),
    )
    profit_tax: float = param(
        0.15,
        "profit tax of certified firms",
        unit="1",
        mark="data",
        source="enterprise income tax law: 15 %",
        bounds=(0.0, 0.6),
    )
