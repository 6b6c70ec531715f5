"""Calls an application with tritonclient from PyPI, over HTTP and gRPC, and prints what came back as JSON.

Runs in an environment of its own (requirements.txt beside it): python calls.py HTTP GRPC KEY
"""

import json
import sys
from typing import Any

import numpy as np
import tritonclient.grpc as over_grpc
import tritonclient.http as over_http

DIGIT = np.zeros((2, 8, 8), dtype=np.float64)
DIGIT[:, 2:6, 3:5] = 16.0
PENGUIN: dict[str, Any] = {
    "island": np.array("Biscoe", dtype=np.object_),
    "sex": np.array("male", dtype=np.object_),
    "bill_length_mm": np.array(50.0),
    "bill_depth_mm": np.array(15.3),
    "flipper_length_mm": np.array(220, dtype=np.int64),
    "body_mass_g": np.array(5550, dtype=np.int64),
}
DATATYPES = {"O": "BYTES", "d": "FP64", "f": "FP32", "l": "INT64"}


def inputs(module: Any, arrays: dict[str, Any], **how: Any) -> list[Any]:
    tensors = []
    for name, array in arrays.items():
        tensor = module.InferInput(name, list(array.shape), DATATYPES[array.dtype.char])
        tensor.set_data_from_numpy(array, **how)
        tensors.append(tensor)
    return tensors


def describe(array: Any) -> Any:
    values = [item.decode() if isinstance(item, bytes) else item for item in np.asarray(array).ravel().tolist()]
    return {"shape": list(np.asarray(array).shape), "values": values}


def conversation(module: Any, client: Any, headers: dict[str, str], digit_input: str) -> dict[str, Any]:
    """Everything a client does: live, ready, list, describe, call."""
    as_json = {} if module is over_http else {"as_json": True}
    digits = inputs(module, {digit_input: DIGIT})
    labels = client.infer("digits", digits, headers=headers, request_id="digits-1")
    asked = [module.InferRequestedOutput("label")]
    only = client.infer("digits", digits, outputs=asked, headers=headers)
    penguin = client.infer("penguins", inputs(module, PENGUIN), headers=headers)
    return {
        "live": client.is_server_live(headers=headers),
        "ready": client.is_server_ready(headers=headers),
        "model_ready": client.is_model_ready("digits", headers=headers),
        "server": client.get_server_metadata(headers=headers, **as_json),
        "index": client.get_model_repository_index(headers=headers, **as_json),
        "metadata": client.get_model_metadata("digits", headers=headers, **as_json),
        "label": describe(labels.as_numpy("label")),
        "probabilities": describe(labels.as_numpy("probabilities")),
        "only": describe(only.as_numpy("label")),
        "only_has_probabilities": only.as_numpy("probabilities") is not None,
        "species": describe(penguin.as_numpy("species")),
    }


def refused(module: Any, client: Any, headers: dict[str, str], digit_input: str) -> str:
    try:
        client.infer("digits", inputs(module, {digit_input: DIGIT[0]}), headers=headers)
    except module.InferenceServerException as error:
        return str(error)
    return "accepted"


def main() -> None:
    http, grpc, key, digit_input = sys.argv[1:]
    headers = {"x-api-key": key}
    said = {}
    for name, module, address in (("http", over_http, http), ("grpc", over_grpc, grpc)):
        # the HTTP client writes into the headers it is given
        with module.InferenceServerClient(address) as client:
            said[name] = conversation(module, client, dict(headers), digit_input)
            said[name]["wrong_rank"] = refused(module, client, dict(headers), digit_input)
    with over_http.InferenceServerClient(http) as client:
        result = client.infer("digits", inputs(over_http, {digit_input: DIGIT}, binary_data=False), headers=headers)
        said["http"]["label_from_json"] = describe(result.as_numpy("label"))
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
