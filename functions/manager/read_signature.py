"""The signature that a build inferred from a payload, checked like one that a caller sends."""

import msgspec

from functions.core.errors import InvalidRequest, NotFound, Problem
from functions.core.models import ModelVersion
from functions.core.ports import PayloadStore
from functions.core.signature import Signature, parse_signature
from functions.manager.contract import signature_key

LARGEST = 1024 * 1024  # bytes; the build runs the model's own code, which may write anything there
ADVICE = "announce the model with a modelSignature"


def read_signature(payloads: PayloadStore, version: ModelVersion) -> Signature:
    """Raises InvalidRequest when the build left none, or none that is valid."""
    try:
        with payloads.open(signature_key(version)) as body:
            content = body.read(LARGEST + 1)
    except NotFound:
        raise refused("a signature that the payload carries", "none") from None
    if len(content) > LARGEST:
        raise refused(f"a signature of at most {LARGEST} bytes", "a larger one")
    try:
        return parse_signature(msgspec.json.decode(content))
    except msgspec.DecodeError as error:
        raise refused("a signature in JSON", str(error)) from None
    except InvalidRequest as error:
        raise refused("a valid signature in the payload", error.detail) from None


def refused(expected: str, received: str) -> InvalidRequest:
    problem = Problem("/modelSignature", expected, received)
    return InvalidRequest(f"/modelSignature: expected {expected}, received {received}; {ADVICE}", (problem,))
