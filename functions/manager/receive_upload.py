"""A small model in one request, as the reference system's clients send it: payload and description together.

The same steps and checks as an announced upload, with the payload put in its place by us. What is larger than the HTTP
API takes never gets here.
"""

import hashlib
from typing import Any

import msgspec

from functions.core.models import ModelVersion
from functions.manager.announce_upload import NewUpload, Payload, check_request, check_size
from functions.manager.complete_upload import complete_upload
from functions.manager.ports import Ports


class ReceivedModel(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The part `metadata`: a NewUpload without the payload's digest, which is taken here."""

    name: Any
    runtime: Any
    model_signature: Any = None
    install_command: str | None = None
    metadata: dict[str, str] = {}
    monitoring_configuration: dict[str, Any] = {}
    keep_versions: int | None = None


def receive_upload(ports: Ports, model: ReceivedModel, payload: bytes) -> ModelVersion:
    """The new version. Raises InvalidRequest with everything that is wrong, PayloadTooLarge, HostileArchive."""
    described = NewUpload(
        payload=Payload(hashlib.sha256(payload).hexdigest(), len(payload)), **msgspec.structs.asdict(model)
    )
    upload = check_request(ports, described)
    check_size(ports, upload)
    ports.uploads.put(upload)
    ports.payloads.write(upload.payload_key, payload)
    return complete_upload(ports, upload.upload_id)
