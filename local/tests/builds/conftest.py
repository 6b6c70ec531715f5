"""The emulator of running_cloud."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

from running_cloud import cloud  # noqa: E402

__all__ = ["cloud"]
