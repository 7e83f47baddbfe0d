"""Array aliases used throughout: what an annotation says about a column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
Keys: TypeAlias = NDArray[np.uint64]
"""Identities: 64-bit hashes that stay with an organisation, project or place for ever."""

Columns: TypeAlias = dict[str, NDArray[np.generic]]
"""A table as named columns of one length, ready for Arrow."""

Table: TypeAlias = Mapping[str, NDArray[np.generic]]
"""A table that is only read: columns, or a `ydsim.record.long_table.LongTable`."""
