"""Trains a logistic regression that tells two Gaussian blobs apart, and writes its three numbers.

Writes model.npz and training_data.csv beside this file. Run: python examples/blobs/train.py
"""

from pathlib import Path

import numpy as np
from sklearn.datasets import make_blobs
from sklearn.linear_model import LogisticRegression

HERE = Path(__file__).parent
CENTRES = [(-5.0, 1.0), (5.0, -1.0)]
SEED = 7


def make_points() -> tuple[np.ndarray, np.ndarray]:
    """300 points (x1, x2) around the two centres, unit spread, and the blob each belongs to."""
    points, blobs = make_blobs(n_samples=300, centers=CENTRES, cluster_std=1.0, random_state=SEED)
    return points, blobs


def train() -> LogisticRegression:
    return LogisticRegression(tol=1e-10, random_state=SEED).fit(*make_points())


def main() -> None:
    points, blobs = make_points()
    model = train()
    np.savez(HERE / "model.npz", coefficients=model.coef_[0], intercept=model.intercept_[0])
    table = np.column_stack([points, blobs])
    np.savetxt(HERE / "training_data.csv", table, "%.6f,%.6f,%d", header="x1,x2,y", comments="")
    print(f"accuracy {model.score(points, blobs):.3f}; wrote {HERE / 'model.npz'}")


if __name__ == "__main__":
    main()
