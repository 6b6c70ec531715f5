"""The kinds of NumPy array that the numerics pass around."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Mask = NDArray[np.bool_]

CHUNK = 1 << 15  # elements worked on at a time: they and their temporaries stay in a core's cache
EMPTY: Floats = np.empty(0)
EMPTY.flags.writeable = False


def runs(ordered: Array) -> Counts:
    """Where each run of equal values begins in an array that is in order."""
    return np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
