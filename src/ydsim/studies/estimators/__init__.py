"""The literature's own estimators as functions of plain tables.

`fits` has least squares, instruments and Poisson with many fixed effects; `designs` event studies,
staggered adoption and matching. A table is a data frame or any mapping from names to columns.
"""

from ydsim.studies.estimators.columns import Data, Key
from ydsim.studies.estimators.designs import (
    event_study,
    lead_or_lag,
    matched_difference,
    staggered,
)
from ydsim.studies.estimators.fits import (
    Estimate,
    Fit,
    fit_instrumented,
    fit_linear,
    fit_poisson,
)

__all__ = [
    "Data",
    "Estimate",
    "Fit",
    "Key",
    "event_study",
    "fit_instrumented",
    "fit_linear",
    "fit_poisson",
    "lead_or_lag",
    "matched_difference",
    "staggered",
]
