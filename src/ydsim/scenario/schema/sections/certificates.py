"""Certificates of high-technology enterprises."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ydsim.parameter import Section, fraction, param

_Threshold = Annotated[float, Field(ge=0.0, le=1.0)]


class CertifyParameters(Section):
    """Certificates of high-technology enterprises."""

    thresholds: tuple[_Threshold, _Threshold, _Threshold] = param(
        (0.05, 0.04, 0.03),
        "R&D over sales that small, medium and large firms must report",
        mark="data",
        source="administrative measures for certifying high-technology enterprises, 2016"
        " (before it more was asked of small firms)",
    )
    sales_basis: float = param(
        0.48,
        "reported sales over sales of the model, which are on a value-added basis",
        mark="calibrated",
        source="set by hand against the certified firms of 2020",
        bounds=(0.01, 100.0),
    )
    small_sales: float = param(
        0.5,
        "reported sales a year up to which a firm is small",
        unit="100m_rmb",
        mark="data",
        source="administrative measures: 50 million yuan",
        bounds=(0.0, 1e4),
    )
    large_sales: float = param(
        2.0,
        "reported sales a year above which a firm is large",
        unit="100m_rmb",
        mark="data",
        source="administrative measures: 200 million yuan",
        bounds=(0.0, 1e4),
    )
    relabelling: float = fraction(
        0.3,
        "part of the threshold that a firm below it may make up by relabelling other spending",
        mark="prior",
        source="Chen et al. 2021, doi 10.1257/aer.20191758: a quarter to a third of reported R&D "
        "at the notch is relabelled; the band is assumed",
    )
    hazard: float = param(
        0.4,
        "hazard with which eligible firms apply, from 2016 on",
        unit="1/year",
        mark="calibrated",
        source="set by hand against the certified firms of 2020",
        bounds=(0.0, 10.0),
    )
    hazard_before: float = param(
        0.1,
        "the same before 2016",
        unit="1/year",
        mark="calibrated",
        source="set by hand against recognitions of 2018-20 and the stock of 2020 "
        "(`python -m tools.sense`)",
        bounds=(0.0, 10.0),
    )
    lasts: int = param(
        12,
        "life of a certificate",
        unit="quarters",
        mark="data",
        source="administrative measures: three years",
        bounds=(1, 400),
    )
    profit_tax: float = param(
        0.15,
        "profit tax of certified firms",
        mark="data",
        source="enterprise income tax law: 15 %",
        bounds=(0.0, 0.6),
    )
