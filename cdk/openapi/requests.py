"""What the platform is sent, where a handler checks values itself and its own type says less than is known."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from functions.core.models import Role
from functions.core.naming import APPLICATION, MODEL
from functions.core.signature import Signature

ModelName = Annotated[str, Meta(pattern=f"^{MODEL.pattern}$")]
KeyName = Annotated[str, Meta(pattern=f"^{APPLICATION.pattern}$")]


class UploadedPayload(msgspec.Struct, forbid_unknown_fields=True):
    """SHA-256 in hexadecimal, and the size in bytes."""

    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    size: Annotated[int, Meta(ge=1)]


class NewBatching(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """For a signature whose shapes all begin with -1: calls that arrive while the model is busy become one."""

    max_batch_size: Annotated[int, Meta(ge=2, le=4096)] = 32
    max_latency_ms: Annotated[float, Meta(ge=0, le=1000)] = 0


class NewUpload(msgspec.Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Without a signature the build reads it from the payload."""

    name: ModelName
    runtime: str | dict[str, Any]
    model_signature: Signature | None = None
    payload: UploadedPayload
    install_command: str | None = None
    metadata: dict[str, str] = {}
    monitoring_configuration: dict[str, Any] = {}
    keep_versions: Annotated[int, Meta(ge=1)] | None = None
    batching: NewBatching | None = None


class NewExternalModel(msgspec.Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """One of `modelSignature` and `signature`, which mean the same, must be there."""

    name: ModelName
    model_signature: Signature | None = None
    signature: Signature | None = None
    metadata: dict[str, str] = {}
    monitoring_configuration: dict[str, Any] = {}


class NewKey(msgspec.Struct, forbid_unknown_fields=True):
    name: KeyName
    role: Role
