"""Which of two blobs a point belongs to. The function is named like the contract."""

import numpy as np

MODEL = np.load("model.npz")  # the working directory is the payload's folder


def infer(x1: float, x2: float) -> dict[str, int]:
    score = MODEL["coefficients"] @ np.array([x1, x2]) + MODEL["intercept"]
    return {"y": int(score > 0)}
