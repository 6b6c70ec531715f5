"""The entities of the platform and the states they may go through. Wire form: camelCase JSON (msgspec)."""

import enum
from datetime import datetime
from typing import Any

import msgspec

from functions.core.signature import Signature


class Entity(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=False):
    """An immutable value; a change is a new value (`msgspec.structs.replace`)."""


class VersionStatus(enum.StrEnum):
    ASSEMBLING = "Assembling"
    RELEASED = "Released"
    FAILED = "Failed"


class ServableStatus(enum.StrEnum):
    STARTING = "Starting"
    SERVING = "Serving"
    NOT_SERVING = "NotServing"
    NOT_AVAILABLE = "NotAvailable"


class ApplicationStatus(enum.StrEnum):
    ASSEMBLING = "Assembling"
    READY = "Ready"
    FAILED = "Failed"


class Role(enum.StrEnum):
    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


class Upload(Entity, frozen=True, kw_only=True):
    """A payload on its way: where it will be, what it must be, and the version it became once completed."""

    upload_id: str
    name: str
    runtime: str
    signature: Signature
    payload_key: str
    sha256: str
    size: int
    install_command: str = ""
    metadata: dict[str, str] = {}
    monitoring: dict[str, Any] = {}
    created: datetime
    version: int | None = None


class Image(Entity, frozen=True, kw_only=True):
    """`name` is the repository's URI; `sha256` the digest that pins the image."""

    name: str
    tag: str
    sha256: str = ""

    @property
    def reference(self) -> str:
        return f"{self.name}@{self.sha256}" if self.sha256 else f"{self.name}:{self.tag}"


class ModelVersion(Entity, frozen=True, kw_only=True):
    id: int
    name: str
    version: int
    runtime: str
    signature: Signature
    status: VersionStatus
    reason: str = ""
    payload_key: str
    payload_sha256: str
    image: Image
    build_id: str = ""
    install_command: str = ""
    metadata: dict[str, str] = {}
    monitoring: dict[str, Any] = {}
    created: datetime
    finished: datetime | None = None

    @property
    def full_name(self) -> str:
        return f"{self.name}:{self.version}"


class Resources(Entity, frozen=True, kw_only=True):
    """What one replica gets: vCPU (1.0 is one core) and memory in MiB."""

    cpu: float = 0.5
    memory: int = 1024


class DeploymentConfiguration(Entity, frozen=True, kw_only=True):
    """Immutable and named. `replicas` is the number of copies kept running."""

    name: str
    resources: Resources = Resources()
    replicas: int = 1
    environment: dict[str, str] = {}


DEFAULT_DEPLOYMENT = DeploymentConfiguration(name="default")


class Replica(Entity, frozen=True, kw_only=True):
    """One running copy, as the host reports it. `version` orders the host's reports about it."""

    task: str
    address: str  # host:port
    healthy: bool
    version: int


class Servable(Entity, frozen=True, kw_only=True):
    """`endpoints` are the healthy replicas' addresses: all that the gateway needs to know."""

    name: str
    model_name: str
    model_version: int
    model_version_id: int
    signature: Signature
    deployment_configuration_name: str
    status: ServableStatus
    message: str = ""
    replicas: tuple[Replica, ...] = ()
    metadata: dict[str, str] = {}
    applications: tuple[str, ...] = ()
    created: datetime

    @property
    def endpoints(self) -> tuple[str, ...]:
        return tuple(replica.address for replica in self.replicas if replica.healthy)

    @property
    def model(self) -> str:
        return f"{self.model_name}:{self.model_version}"


class Variant(Entity, frozen=True, kw_only=True):
    """`weight` is the share of answers in percent; the variants of a stage sum to 100."""

    model_version_id: int
    model_name: str
    model_version: int
    servable_name: str
    deployment_configuration_name: str
    weight: int


class Stage(Entity, frozen=True, kw_only=True):
    variants: tuple[Variant, ...]
    signature: Signature


class Application(Entity, frozen=True, kw_only=True):
    """A stable name for a linear graph of stages. `revision` grows with every change (optimistic locking)."""

    id: int
    name: str
    status: ApplicationStatus
    message: str = ""
    stages: tuple[Stage, ...]
    signature: Signature
    metadata: dict[str, str] = {}
    revision: int = 1
    created: datetime

    @property
    def servables(self) -> tuple[str, ...]:
        return tuple(variant.servable_name for stage in self.stages for variant in stage.variants)


class ApiKey(Entity, frozen=True, kw_only=True):
    """The key itself is shown once and never stored: `digest` is its SHA-256 (the key has 256 random bits, so a
    slow password hash would add nothing)."""

    digest: str
    name: str
    role: Role
    created: datetime


LEGAL_MOVES: dict[VersionStatus, set[VersionStatus]] = {
    VersionStatus.ASSEMBLING: {VersionStatus.RELEASED, VersionStatus.FAILED},
    VersionStatus.RELEASED: set(),
    VersionStatus.FAILED: set(),
}


def application_status(servables: list[Servable | None]) -> tuple[ApplicationStatus, str]:
    """State of an application from those of its servables (None: the servable is gone), whatever their order."""
    broken = [s for s in servables if s is not None and s.status is ServableStatus.NOT_SERVING]
    if None in servables or broken:
        reasons = sorted(f"{s.name}: {s.message or s.status}" for s in broken)
        return ApplicationStatus.FAILED, "; ".join(reasons + ["a servable was removed"] * (None in servables))
    if all(s is not None and s.status is ServableStatus.SERVING for s in servables):
        return ApplicationStatus.READY, ""
    return ApplicationStatus.ASSEMBLING, ""
