"""The reference system's kind of model: a function named as the contract says, with an argument per input."""

from typing import Any

import numpy as np


def infer(x1: Any, x2: Any, words: Any) -> dict[str, Any]:
    return {"y": int(x1 > x2), "scores": np.array([x1, x2], dtype=np.float32), "loud": [w.upper() for w in words]}


def gap(x1: Any, y: Any) -> dict[str, Any]:
    """A metric of infer: the argument of its input, and of its output."""
    return {"value": abs(float(x1) - float(y))}
