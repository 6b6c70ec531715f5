"""What the platform is sent, where a handler checks values itself and its own type says less than is known."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from functions.access.create_key import FASTEST, LARGEST_BURST
from functions.core.api_keys import Role
from functions.core.naming import APPLICATION, MODEL, PACKAGE_INDEX
from functions.core.signature import Signature

ModelName = Annotated[str, Meta(pattern=f"^{MODEL.pattern}$")]
KeyName = Annotated[str, Meta(pattern=f"^{APPLICATION.pattern}$")]


class UploadedPayload(msgspec.Struct, forbid_unknown_fields=True):
    """SHA-256 in hexadecimal, and the size in bytes."""

    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    size: Annotated[int, Meta(ge=1)]


class NewContainer(msgspec.Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Of the runtime `custom`: its health check begins with CMD or CMD-SHELL, or is a shell's command."""

    health_check: Annotated[list[str], Meta(min_length=2)] | Annotated[str, Meta(min_length=1)]
    model_name: str = ""
    model_version: str = ""


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
    package_index: Annotated[str, Meta(pattern=f"^{PACKAGE_INDEX.pattern}$")] | None = None
    container: NewContainer | None = None
    metadata: dict[str, str] = {}
    monitoring_configuration: dict[str, Any] = {}
    keep_versions: Annotated[int, Meta(ge=1)] | None = None
    batching: NewBatching | None = None


class ReceivedModel(msgspec.Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """As a NewUpload, without its payload."""

    name: ModelName
    runtime: str | dict[str, Any]
    model_signature: Signature | None = None
    install_command: str | None = None
    metadata: dict[str, str] = {}
    monitoring_configuration: dict[str, Any] = {}
    keep_versions: Annotated[int, Meta(ge=1)] | None = None


class UploadForm(msgspec.Struct, forbid_unknown_fields=True):
    """A small model in one request."""

    payload: Annotated[str, Meta(extra_json_schema={"format": "binary"})]
    metadata: ReceivedModel


class NewExternalModel(msgspec.Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """One of `modelSignature` and `signature`, which mean the same, must be there."""

    name: ModelName
    model_signature: Signature | None = None
    signature: Signature | None = None
    metadata: dict[str, str] = {}
    monitoring_configuration: dict[str, Any] = {}


class NewQuota(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """Without `burst`: what a second brings."""

    requests_per_second: Annotated[float, Meta(gt=0, le=FASTEST)]
    burst: Annotated[int, Meta(ge=1, le=LARGEST_BURST)] | msgspec.UnsetType = msgspec.UNSET


class NewKey(msgspec.Struct, forbid_unknown_fields=True):
    name: KeyName
    role: Role
    quota: NewQuota | None = None
