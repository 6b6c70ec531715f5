"""The entities of the platform and the states they may go through. Wire form: camelCase JSON (msgspec)."""

import enum
from datetime import datetime
from typing import Any

import msgspec

from functions.core.batching import Batching
from functions.core.errors import Conflict
from functions.core.scaling import Scaling
from functions.core.signature import Signature


class Entity(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=False):
    """An immutable value; a change is a new value (`msgspec.structs.replace`)."""


def encode_entity(entity: Entity) -> str:
    return msgspec.json.encode(entity).decode()


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


CUSTOM = "custom"  # the runtime of a version that brings its own Dockerfile


class Container(Entity, frozen=True, kw_only=True):
    """What the platform must know of an image that it did not write.

    `health_check` is a command in Docker's words, CMD or CMD-SHELL first, run inside the container. The server calls
    its model `model_name`, and no version of it is asked for but `model_version`; without both it goes by the
    platform's name and number.
    """

    health_check: tuple[str, ...]
    model_name: str = ""
    model_version: str = ""


class Upload(Entity, frozen=True, kw_only=True):
    """A payload on its way: where it will be, what it must be, and the version it became once completed. It is `closed`
    when the version's build has started: from then on that version is made no more, also when somebody deletes it.

    Without a signature the build reads it from the payload.
    """

    upload_id: str
    name: str
    runtime: str
    signature: Signature | None = None
    payload_key: str
    sha256: str
    size: int
    install_command: str = ""
    package_index: str = ""
    container: Container | None = None
    metadata: dict[str, str] = {}
    monitoring: dict[str, Any] = {}
    keep_versions: int | None = None
    batching: Batching | None = None
    created: datetime
    version: int | None = None
    closed: bool = False


class Image(Entity, frozen=True, kw_only=True):
    """`name` is the repository's URI; `sha256` the digest that pins the image."""

    name: str
    tag: str
    sha256: str = ""

    @property
    def reference(self) -> str:
        return f"{self.name}@{self.sha256}" if self.sha256 else f"{self.name}:{self.tag}"


class ModelVersion(Entity, frozen=True, kw_only=True):
    """One numbered build of a model. `runtime_image` is what it was built on, `image` what was built.

    Every Released version has a signature; one that is Assembling may wait for its build to find it. An external
    version runs elsewhere: nothing was built and nothing can be deployed. With `keep_versions` the release of this
    version removes what is older than that many Released ones (functions/manager/retire_versions.py). One of the
    runtime CUSTOM is built on what its Dockerfile says, and has a `container`. `package_index` names the private index
    that its build may use.
    """

    id: int
    model_id: int
    name: str
    version: int
    runtime: str
    runtime_image: str = ""
    signature: Signature | None = None
    status: VersionStatus
    reason: str = ""
    payload_key: str
    payload_sha256: str
    image: Image
    build_id: str = ""
    install_command: str = ""
    package_index: str = ""
    container: Container | None = None
    metadata: dict[str, str] = {}
    monitoring: dict[str, Any] = {}
    keep_versions: int | None = None
    batching: Batching | None = None
    is_external: bool = False
    created: datetime
    finished: datetime | None = None

    @property
    def full_name(self) -> str:
        return f"{self.name}:{self.version}"

    @property
    def released_signature(self) -> Signature:
        """Raises Conflict while there is none."""
        if self.signature is None:
            raise Conflict(f"model version {self.full_name} is {self.status} and has no signature yet")
        return self.signature


class Replica(Entity, frozen=True, kw_only=True):
    """One copy, as the host last reported it. `version` orders the host's reports about it; `reason` says why it is
    not healthy, and is empty for one that is only starting, or that the host was asked to end. A stopped one never
    comes back. A host that shares out the calls itself reports its one address, and how many `copies` stand behind it.
    """

    task: str
    address: str  # host:port
    healthy: bool
    version: int
    copies: int = 1
    stopped: bool = False
    reason: str = ""
    since: datetime | None = None


class Servable(Entity, frozen=True, kw_only=True):
    """`endpoints` are the healthy replicas' addresses: all that the gateway needs to know. `failure` is what the host
    said when it gave up; status and message follow from it and from the replicas (core/replicas.py).

    `desired` 0 is asleep: no replica runs, and the next call wakes it (core/sleep.py). `woken` is the last time it was.
    """

    name: str
    model_name: str
    model_version: int
    model_version_id: int
    signature: Signature
    deployment_configuration_name: str
    status: ServableStatus
    message: str = ""
    desired: int = 1
    replicas: tuple[Replica, ...] = ()
    failure: str = ""
    container: Container | None = None
    scaling: Scaling | None = None
    woken: datetime | None = None
    metadata: dict[str, str] = {}
    created: datetime

    @property
    def endpoints(self) -> tuple[str, ...]:
        return tuple(replica.address for replica in self.replicas if replica.healthy and self.desired)

    @property
    def healthy(self) -> int:
        """How many copies answer."""
        return sum(replica.copies for replica in self.replicas if replica.healthy and self.desired)

    @property
    def is_asleep(self) -> bool:
        return self.desired == 0 and not self.failure

    @property
    def is_up(self) -> bool:
        """Calls are answered: at once, or held while it wakes."""
        waking = self.status is ServableStatus.STARTING and self.woken is not None
        return self.status is ServableStatus.SERVING or waking

    @property
    def model(self) -> str:
        return f"{self.model_name}:{self.model_version}"

    @property
    def asked_as(self) -> tuple[str, str]:
        """Name and version of the model in requests to the servable."""
        own = self.container
        if own and own.model_name:
            return own.model_name, own.model_version
        return self.model_name, (own and own.model_version) or str(self.model_version)


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


class Graph(Entity, frozen=True, kw_only=True):
    """Stages in order, and the signature of the whole. `revision` is the application's that asked for it."""

    stages: tuple[Stage, ...]
    signature: Signature
    revision: int = 0

    @property
    def servables(self) -> tuple[str, ...]:
        return tuple(variant.servable_name for stage in self.stages for variant in stage.variants)


class Application(Entity, frozen=True, kw_only=True):
    """A stable name for a linear graph of stages. `revision` grows with every change (optimistic locking).

    An update waits as the `candidate` until its servables serve; `stages` answer meanwhile. `notice` says what became
    of the last update that did not come through. `answered` are the revisions whose graphs were put to answer, newest
    last: the last one is that of `stages`.
    """

    id: int
    name: str
    status: ApplicationStatus
    message: str = ""
    stages: tuple[Stage, ...]
    signature: Signature
    candidate: Graph | None = None
    notice: str = ""
    metadata: dict[str, str] = {}
    revision: int = 1
    answered: tuple[int, ...] = ()
    created: datetime

    @property
    def all_servables(self) -> tuple[str, ...]:
        """Those that answer and those that an update waits for."""
        return self.servables + (self.candidate.servables if self.candidate else ())

    @property
    def servables(self) -> tuple[str, ...]:
        return tuple(variant.servable_name for stage in self.stages for variant in stage.variants)


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
    if all(s is not None and s.is_up for s in servables):
        return ApplicationStatus.READY, ""
    return ApplicationStatus.ASSEMBLING, ""
