"""A bare FastAPI service in its fastest form: no thread between loop and model. MODEL names the joblib file."""

import os

import joblib
import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
model = joblib.load(os.environ["MODEL"])


class Flowers(BaseModel):
    X: list[list[float]]


@app.post("/predict")
async def predict(flowers: Flowers) -> dict[str, list[int]]:
    return {"label": model.predict(np.array(flowers.X)).tolist()}
