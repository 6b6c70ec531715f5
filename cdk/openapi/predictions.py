"""The operations of the gateway."""

from typing import Any

from cdk.openapi import protocol
from cdk.openapi.answers import BuildInfo
from cdk.openapi.operation import Header, Operation, Operations, Parameter
from functions.gateway.announce_payload import Announced, NewPayload
from functions.gateway.deposit_answer import Deposited
from functions.gateway.fetch_payload import HEADER as PAYLOAD_HEADER
from functions.gateway.options import STICKY_HEADER, VARIANT_HEADER
from functions.gateway.ports import OBSERVE_HEADER

PREDICTING = (429, 500, 503, 504)
PAYLOAD = Parameter(PAYLOAD_HEADER, "header", "The reference of a payload that was uploaded in place of the body.")
OBSERVE = Parameter(OBSERVE_HEADER, "header", "`false`: this prediction is not monitored.")
LENGTH = Parameter("Inference-Header-Content-Length", "header", "Bytes of JSON before raw tensors.", int)
STICKY = Parameter(STICKY_HEADER, "header", "Calls with the same key get the same variants.")
VARIANT = Parameter(
    VARIANT_HEADER, "header", "The variant that answers: `model:version`, a servable's name, or `stage=variant; …`."
)
SELECTING = (STICKY, VARIANT)
RAW = Header("Inference-Header-Content-Length", "Bytes of JSON before raw tensors; not there without any.", int)
LIMITED = (
    Header("RateLimit-Limit", "The quota of the key, if it has one: calls at once."),
    Header("RateLimit-Remaining", "How many of them are left."),
    Header("RateLimit-Reset", "Seconds until all of them are there again."),
)
SPOKE = (
    *LIMITED,
    Header("x-dewpoint-model", "The version that answered."),
    Header("x-dewpoint-warning", "Inputs that were left out."),
)

METADATA = Operation(summary="An application's metadata.", answer=protocol.ModelMetadata, refusals=(503,))
READY = Operation(
    summary="Is the application ready? 503 when it is not.", answer=protocol.ModelReady, unready=protocol.ModelReady
)
INFER = Operation(
    summary="Inference: JSON, or the binary tensor data extension.",
    request=protocol.InferenceRequest,
    answer=protocol.InferenceResponse,
    parameters=(OBSERVE, PAYLOAD, LENGTH, *SELECTING),
    headers=(RAW, *LIMITED),
    refusals=PREDICTING,
    tensors=True,
    elsewhere=Deposited,
)


def plain(of: str, *more: Parameter) -> Operation:
    return Operation(
        summary=f"Plain JSON to {of}: one key per input gives one key per output.",
        request=dict[str, Any],
        answer=dict[str, Any],
        parameters=(OBSERVE, PAYLOAD, *more),
        headers=SPOKE,
        refusals=PREDICTING,
        elsewhere=Deposited,
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
    ("POST", "/gateway/application/{name}"): plain("an application", *SELECTING),
    ("POST", "/gateway/servable/{name}"): plain("one servable"),
    ("POST", "/gateway/payload"): Operation(
        summary="Where to put inputs that are too large for a call.", request=NewPayload, answer=Announced, status=201
    ),
    ("GET", "/gateway/buildinfo"): Operation(summary="What runs.", answer=BuildInfo),
}
