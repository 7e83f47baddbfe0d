"""What an analysis of a sweep found, whatever the method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ydsim.analysis.sensitivity.drivers import Driver
from ydsim.analysis.sensitivity.sample import Sample
from ydsim.typing import Columns

SEED = 20110101
"""Of every resampling: equal results give equal intervals."""

RESAMPLES = 1000


@dataclass(frozen=True)
class Finding:
    """Drivers of one outcome.

    Attributes
    ----------
    method
        Name of the method (see `ydsim.analysis.sensitivity.methods`).
    sample
        What was analysed.
    measure, unit
        What ``size`` of a driver is, in words, and its unit.
    drivers
        The largest first.
    tables
        Tables of the method by name.
    remarks
        What a reader must know, a sentence each.
    detail
        What figures of the method need.
    """

    method: str
    sample: Sample
    measure: str
    unit: str
    drivers: tuple[Driver, ...]
    tables: Mapping[str, Columns]
    remarks: tuple[str, ...] = ()
    detail: Any = field(default=None, repr=False)
