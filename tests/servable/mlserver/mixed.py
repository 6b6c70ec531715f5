"""The model of tests/servable/peers.py as MLServer runs it."""

import numpy as np
from mlserver import MLModel
from mlserver.codecs import NumpyCodec, StringCodec
from mlserver.types import InferenceRequest, InferenceResponse, ResponseOutput


class Mixed(MLModel):
    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        given = {one.name: one for one in payload.inputs}
        x, n, flag = (NumpyCodec.decode_input(given[name]) for name in ("x", "n", "flag"))
        name = StringCodec.decode_input(given["name"])
        outputs = [
            _output("total", "FP64", np.asarray(x).sum(axis=1)),
            _output("next", "INT64", np.asarray(n).astype(np.int64) + 1),
            _output("other", "BOOL", ~np.asarray(flag)),
            ResponseOutput(
                name="loud", datatype="BYTES", shape=[len(name)], data=[f"{text}!".encode() for text in name]
            ),
        ]
        return InferenceResponse(model_name=self.name, outputs=outputs)


def _output(name: str, datatype: str, array: np.ndarray) -> ResponseOutput:
    return ResponseOutput(name=name, datatype=datatype, shape=list(array.shape), data=array.ravel().tolist())
