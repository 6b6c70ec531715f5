"""The contenders: what each is, its environment, and the packages whose versions count."""

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from benchmarks.report import RESULTS

REQUIREMENTS = Path(__file__).parent / "requirements"
UV = Path(sys.executable).parent / "uv"


class Peer(NamedTuple):
    """`environment` names its requirements file; None stands for our own environment."""

    title: str
    computes: str
    environment: str | None
    packages: tuple[str, ...]


PEERS = {
    "ours": Peer(
        "Dewpoint `profile_rows`",
        "counts, extremes, four moments, quantiles, distinct, histogram, frequencies; mergeable",
        None,
        ("numpy",),
    ),
    "whylogs": Peer(
        "whylogs `why.log`",
        "counts, extremes, two moments, quantiles, distinct, frequent items; mergeable",
        "whylogs",
        ("whylogs", "whylogs-sketching", "pandas", "numpy"),
    ),
    "polars-describe": Peer(
        "Polars `describe`", "counts, extremes, mean, std, exact quartiles; not mergeable", "polars", ("polars",)
    ),
    "polars-expressions": Peer(
        "Polars expressions", "nulls, approximate distinct, seven exact quantiles; not mergeable", "polars", ("polars",)
    ),
    "duckdb": Peer(
        "DuckDB `SUMMARIZE`",
        "counts, extremes, mean, std, approximate quartiles and distinct; not mergeable",
        "duckdb",
        ("duckdb",),
    ),
    "datasketches": Peer("Apache DataSketches", "one sketch of one column", "datasketches", ("datasketches", "numpy")),
}


def python_of(name: str) -> Path:
    """The interpreter of the peer's environment, which is installed when its requirements are new.

    Raises CalledProcessError when that fails.
    """
    environment = PEERS[name].environment
    if environment is None:
        return Path(sys.executable)
    requirements = REQUIREMENTS / f"{environment}.txt"
    digest = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:12]
    home = RESULTS / "environments" / f"{environment}-{digest}"
    python = home / "bin" / "python"
    if not (home / "complete").exists():
        print(f"installing {environment}", flush=True)
        subprocess.run([UV, "venv", "--quiet", "--clear", "--python", sys.executable, home], check=True)
        subprocess.run([UV, "pip", "install", "--quiet", "--python", python, "-r", requirements], check=True)
        (home / "complete").touch()
    return python
