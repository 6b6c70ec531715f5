"""LitServe, one worker. MODEL names the joblib file, PORT the port."""

import os
from typing import Any

import joblib
import litserve
import numpy as np


class Flowers(litserve.LitAPI):  # type: ignore[misc]
    def setup(self, _device: str) -> None:
        self.model = joblib.load(os.environ["MODEL"])

    def decode_request(self, request: dict[str, Any]) -> Any:
        return np.array(request["X"])

    def predict(self, x: Any) -> Any:
        return self.model.predict(x)

    def encode_response(self, output: Any) -> dict[str, list[int]]:
        return {"label": output.tolist()}


if __name__ == "__main__":
    server = litserve.LitServer(Flowers(), accelerator="cpu", workers_per_device=1, timeout=30)
    server.run(
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        num_api_servers=1,
        generate_client_file=False,
        log_level="warning",
    )
