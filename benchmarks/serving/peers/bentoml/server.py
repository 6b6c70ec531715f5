"""BentoML, one worker. MODEL names the joblib file."""

import os

import bentoml
import joblib
import numpy as np


@bentoml.service(workers=1)  # type: ignore[misc]
class Flowers:
    def __init__(self) -> None:
        self.model = joblib.load(os.environ["MODEL"])

    @bentoml.api  # type: ignore[misc]
    def predict(self, X: list[list[float]]) -> dict[str, list[int]]:  # noqa: N803 - the input's name
        return {"label": self.model.predict(np.array(X)).tolist()}
