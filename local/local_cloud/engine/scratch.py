"""Folders for what a program needs only while it runs.

They lie below the image store, one per process; what a killed process left behind goes when the next one starts.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def folder(root: Path) -> Path:
    """This process's scratch folder."""
    own = root / "run" / str(os.getpid())
    own.mkdir(parents=True, exist_ok=True)
    for other in own.parent.iterdir():
        if not Path("/proc", other.name).exists():
            shutil.rmtree(other, ignore_errors=True)
    return own
