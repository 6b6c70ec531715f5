"""The data that every contender profiles: a million rows of 6 doubles, 2 integers and 2 strings.

Written once as NumPy arrays (strings as the positions of their names), so that every contender reads the same.
"""

from pathlib import Path
from typing import Any

import numpy as np

ROWS = 1_000_000
CONTENT = "6 doubles, 2 integers, 2 strings of 20 and 5,000 values"
CITIES = [f"city {at}" for at in range(20)]
CUSTOMERS = [f"customer-{at:05d}" for at in range(5000)]


def write(path: Path, rows: int = ROWS) -> None:
    rng = np.random.default_rng(20)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path,
        normal=rng.normal(size=rows),
        far=rng.normal(1e6, 1, rows),
        lognormal=rng.lognormal(0, 2, rows),
        uniform=rng.random(rows),
        price=np.round(rng.gamma(2, 20, rows), 2),
        tails=rng.standard_t(3, rows),
        visits=rng.poisson(40, rows),
        account=rng.integers(0, 2**40, rows),
        city=rng.integers(0, len(CITIES), rows),
        customer=np.minimum(rng.zipf(1.3, rows), len(CUSTOMERS)) - 1,
    )


def read(path: Path) -> dict[str, Any]:
    """The columns; strings as Python objects, each row its own, as they come from a file or a request."""
    with np.load(path) as stored:
        columns: dict[str, Any] = {name: stored[name] for name in stored.files}
    for name, names in (("city", CITIES), ("customer", CUSTOMERS)):
        strings = [str(bytes(names[at], "ascii"), "ascii") for at in columns[name].tolist()]
        columns[name] = np.array(strings, object)
    return columns
