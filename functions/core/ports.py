"""What the use cases need from the world.

Adapters fulfil these over AWS, fakes in memory; one contract suite runs over both.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import IO, Protocol

import msgspec

from functions.core.api_keys import ApiKey, Quota
from functions.core.deployments import DeploymentConfiguration
from functions.core.messages import PredictionMade, ServableWanted
from functions.core.models import (
    Application,
    Image,
    ModelVersion,
    Servable,
    Upload,
)
from functions.core.quota import Allowance
from functions.core.reports import Sighting
from functions.core.revisions import Revision
from functions.core.tensor import Tensor


class Clock(Protocol):
    def now(self) -> datetime: ...


class KeyStore(Protocol):
    def put(self, key: ApiKey) -> None:
        """Raises Conflict when the name is taken."""

    def find(self, digest: str) -> ApiKey | None: ...
    def list(self) -> list[ApiKey]: ...
    def delete(self, digest: str) -> None:
        """Raises NotFound."""


class QuotaStore(Protocol):
    """The calls of keys that have a quota."""

    def take(self, key: str, quota: Quota, now: float) -> Allowance:
        """Counts a call at `now` (seconds since the epoch), unless it is refused. Raises Unavailable."""


class UploadStore(Protocol):
    def put(self, upload: Upload) -> None: ...
    def get(self, upload_id: str) -> Upload:
        """Raises NotFound."""

    def assign_version(self, upload_id: str, version: int) -> int:
        """Records which version the upload became; the first call wins and every call returns the winner."""

    def close(self, upload_id: str) -> None:
        """It has become its version for good. What is gone is closed already."""


class ModelStore(Protocol):
    def next_id(self) -> int: ...
    def model_id(self, name: str) -> int:
        """The model's id; the first call for a name gives it one."""

    def next_version(self, name: str) -> int:
        """A number nobody else gets for this model, however many ask at once."""

    def create(self, version: ModelVersion) -> None:
        """Raises Conflict when the version exists."""

    def get(self, name: str, version: int) -> ModelVersion:
        """Raises NotFound."""

    def by_id(self, version_id: int) -> ModelVersion:
        """Raises NotFound."""

    def list(self, name: str | None = None) -> list[ModelVersion]: ...
    def update(self, version: ModelVersion, expected_status: str) -> bool:
        """Writes only when the stored status is `expected_status`; says whether it did."""

    def delete(self, name: str, version: int) -> None:
        """Raises NotFound."""


class ServableStore(Protocol):
    def create(self, servable: Servable) -> None:
        """Raises Conflict when the name is taken."""

    def get(self, name: str) -> Servable:
        """Raises NotFound."""

    def get_many(self, names: Iterable[str]) -> dict[str, Servable]: ...
    def list(self) -> list[Servable]: ...
    def update(self, name: str, change: "ServableChange") -> Servable | None:
        """Reads, changes and writes back under optimistic locking, again when somebody else wrote; None when gone."""

    def delete(self, name: str) -> None:
        """Raises NotFound."""


class ServableChange(Protocol):
    def __call__(self, current: Servable) -> Servable: ...


class ApplicationStore(Protocol):
    """Applications, and what each was asked to be: the newest KEPT_REVISIONS of it (core/revisions.py)."""

    def next_id(self) -> int: ...
    def create(self, application: Application) -> None:
        """Records its first revision as well. Raises Conflict when the name is taken."""

    def get(self, name: str) -> Application:
        """Raises NotFound."""

    def find(self, name: str) -> Application | None: ...
    def list(self) -> list[Application]: ...
    def update(self, application: Application, expected_revision: int) -> None:
        """Raises PreconditionFailed when the stored revision is another, NotFound when it is gone."""

    def revise(self, application: Application, expected_revision: int, revision: Revision) -> None:
        """Updates and records `revision`, both or neither. Raises as `update` does."""

    def revisions(self, application_id: int) -> Sequence[Revision]:
        """Oldest first."""

    def delete(self, name: str) -> None:
        """Its revisions go as well. Raises NotFound."""


class DeploymentStore(Protocol):
    def create(self, configuration: DeploymentConfiguration) -> None:
        """Raises Conflict when the name is taken."""

    def get(self, name: str) -> DeploymentConfiguration:
        """Raises NotFound."""

    def list(self) -> list[DeploymentConfiguration]: ...
    def delete(self, name: str) -> None:
        """Raises NotFound."""


class Presigned(msgspec.Struct, frozen=True):
    """Where to PUT, with exactly these headers, or the store refuses."""

    url: str
    headers: dict[str, str]


class PayloadStore(Protocol):
    """Model payloads on their way in, and what builds read."""

    def presign(self, key: str, sha256: str, size: int, expires_in: int) -> Presigned:
        """`sha256` in hex, `size` in bytes, `expires_in` in seconds."""

    def size(self, key: str) -> int | None:
        """Bytes at `key`; None when nothing is there."""

    def open(self, key: str) -> IO[bytes]:
        """Raises NotFound."""

    def write(self, key: str, content: bytes) -> None: ...
    def copy(self, source: str, target: str) -> None:
        """Raises NotFound."""

    def delete(self, key: str) -> None:
        """What is not there is deleted already."""


class ExchangeStore(Protocol):
    """Inputs and answers too large for a call; they are forgotten after a day."""

    def accept(self, key: str, size: int, sha256: str | None, expires_in: int) -> Presigned:
        """`size` in bytes, `sha256` in hex when it is to be checked, `expires_in` in seconds."""

    def read(self, key: str, largest: int) -> bytes | None:
        """None when nothing is there. Raises PayloadTooLarge above `largest` bytes, Unavailable."""

    def deposit(self, key: str, body: bytes, content_type: str, expires_in: int) -> str:
        """The address where `body` can be had for `expires_in` seconds. Raises Unavailable."""


class LogPage(msgspec.Struct, frozen=True):
    """Lines after a token, and the token to continue with (None: from the beginning)."""

    lines: tuple[str, ...]
    next: str | None


class BuildOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a build of model `name`:`version` stands. `succeeded` is None while it runs; `digest` pins the image;
    `reason` is the builder's own sentence and `tail` the last lines of the log, both for a failed build."""

    name: str
    version: int
    succeeded: bool | None
    digest: str = ""
    reason: str = ""
    tail: tuple[str, ...] = ()


class ImageBuilder(Protocol):
    def start(self, version: ModelVersion, contract_key: str) -> str:
        """Starts a build and returns its id; idempotent on the version."""

    def outcome(self, build_id: str) -> BuildOutcome:
        """Raises NotFound for a build nobody knows, or that is not of a model version."""

    def log(self, build_id: str, after: str | None = None) -> LogPage: ...


class ImageRegistry(Protocol):
    """Where builds push images to."""

    def remove(self, image: Image) -> None:
        """Takes away the tag of `image`, and what no other tag names with it; what is not there is removed already."""


class ServableHost(Protocol):
    """Runs servables: a cluster of tasks or pods, or a service that runs models for us (docs/decisions/0024).

    Every call says what shall be and returns before it is. What happens arrives as reports (core/reports.py), and
    `look` tells what a host does not report by itself.
    """

    def start(self, servable: Servable, image: str, configuration: DeploymentConfiguration) -> None:
        """Runs `configuration.replicas` copies, whose number changes as the servable's scaling says. Idempotent on the
        servable's name; when it raises, nothing is left running."""

    def scale(self, servable: Servable) -> None:
        """Brings the number of copies to `servable.desired`: at 0 none runs and the host starts none by itself. What is
        not there stays so."""

    def stop(self, name: str) -> None:
        """Idempotent; what is not there is stopped already."""

    def look(self, name: str) -> Sighting | None:
        """What runs now, with its health; None for what is not there."""

    def tail(self, name: str, task: str) -> tuple[str, ...]:
        """The last lines that one copy logged."""

    def log(self, name: str, after: str | None = None) -> LogPage: ...


class UsageStore(Protocol):
    """When servables were last called, by whichever door."""

    def note(self, names: Iterable[str], at: datetime) -> None:
        """A call at `at`. An earlier one does not replace a later."""

    def last(self, names: Iterable[str]) -> dict[str, datetime]:
        """Those of which a call was noted."""


class WakeUpSink(Protocol):
    def publish(self, wanted: ServableWanted) -> None:
        """Tells whoever runs servables. May raise anything."""


class ServableClient(Protocol):
    def infer(
        self, endpoint: str, model: str, version: str, request_id: str, inputs: Mapping[str, Tensor], timeout: float
    ) -> dict[str, Tensor]:
        """Outputs by name. `timeout` in seconds.

        Raises InvalidRequest (the model refused a value), ModelFailed, Unavailable, DeadlineExceeded.
        """


class ObservationSink(Protocol):
    def publish(self, *predictions: PredictionMade) -> None:
        """Several at once cost hardly more than one. May raise anything, also when some were taken: a consumer is
        ready for repetitions, and the caller's prediction must not care."""
