"""The literature's own estimators as functions of plain tables.

`fits` has least squares, instruments and Poisson with many fixed effects; `designs` event studies,
staggered adoption, matching and bunching; `spillovers` rings around treated places and pools of
research; `estimate` what is made of several coefficients and of several replicates. A table is a
data frame or any mapping from names to columns.
"""

from ydsim.studies.estimators.columns import Data, Key, lagged
from ydsim.studies.estimators.designs import (
    Bunching,
    Staggered,
    bunching,
    event_study,
    lead_or_lag,
    matched_difference,
    staggered,
)
from ydsim.studies.estimators.estimate import Estimate, Fit, combine, paired
from ydsim.studies.estimators.fits import fit_instrumented, fit_linear, fit_poisson
from ydsim.studies.estimators.spillovers import (
    closeness,
    far_in_network,
    margin_weight,
    nearest_treated,
    nearness,
    pool,
    pool_of_shares,
    reach,
    ring_dummies,
    ring_names,
    ring_sums,
    social_over_private,
    stock,
)

__all__ = [
    "Bunching",
    "Data",
    "Estimate",
    "Fit",
    "Key",
    "Staggered",
    "bunching",
    "closeness",
    "combine",
    "event_study",
    "far_in_network",
    "fit_instrumented",
    "fit_linear",
    "fit_poisson",
    "lagged",
    "lead_or_lag",
    "margin_weight",
    "matched_difference",
    "nearest_treated",
    "nearness",
    "paired",
    "pool",
    "pool_of_shares",
    "reach",
    "ring_dummies",
    "ring_names",
    "ring_sums",
    "social_over_private",
    "staggered",
    "stock",
]
