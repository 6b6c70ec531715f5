"""The operations of the gateway."""

from typing import Any

from cdk.openapi import protocol
from cdk.openapi.answers import BuildInfo
from cdk.openapi.operation import Operation, Operations, Parameter

PREDICTING = (500, 503, 504)
OBSERVE = Parameter("x-dewpoint-observe", "header", "`false`: this prediction is not monitored.")
LENGTH = Parameter("Inference-Header-Content-Length", "header", "Bytes of JSON before raw tensors.", int)
PLAIN = (OBSERVE,)

METADATA = Operation(summary="An application's metadata.", answer=protocol.ModelMetadata, refusals=(503,))
READY = Operation(
    summary="Is the application ready? 503 when it is not.", answer=protocol.ModelReady, unready=protocol.ModelReady
)
INFER = Operation(
    summary="Inference: JSON, or the binary tensor data extension.",
    request=protocol.InferenceRequest,
    answer=protocol.InferenceResponse,
    parameters=(OBSERVE, LENGTH),
    refusals=PREDICTING,
    tensors=True,
)


def plain(of: str) -> Operation:
    return Operation(
        summary=f"Plain JSON to {of}: one key per input gives one key per output.",
        request=dict[str, Any],
        answer=dict[str, Any],
        parameters=PLAIN,
        refusals=PREDICTING,
    )


PREDICTIONS: Operations = {
    ("GET", "/v2"): Operation(summary="Server metadata.", answer=protocol.ServerMetadata),
    ("GET", "/v2/health/live"): Operation(summary="Is the server alive?", answer=protocol.ServerHealth),
    ("GET", "/v2/health/ready"): Operation(summary="Is the server ready?", answer=protocol.ServerHealth),
    ("GET", "/v2/models/{name}"): METADATA,
    ("GET", "/v2/models/{name}/ready"): READY,
    ("POST", "/v2/models/{name}/infer"): INFER,
    ("GET", "/v2/models/{name}/versions/{version}"): METADATA,
    ("GET", "/v2/models/{name}/versions/{version}/ready"): READY,
    ("POST", "/v2/models/{name}/versions/{version}/infer"): INFER,
    ("POST", "/v2/repository/index"): Operation(
        summary="All applications with their state.",
        request=protocol.RepositoryIndexRequest,
        optional=True,
        answer=list[protocol.ModelIndexEntry],
    ),
    ("POST", "/gateway/application/{name}"): plain("an application"),
    ("POST", "/gateway/servable/{name}"): plain("one servable"),
    ("GET", "/gateway/buildinfo"): Operation(summary="What runs.", answer=BuildInfo),
}
