"""The stores in memory. They keep the promises of core/ports.py; the contract suites hold them to it."""

import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

from msgspec.structs import replace

from functions.core.api_keys import ApiKey, Quota
from functions.core.deployments import DeploymentConfiguration
from functions.core.errors import Conflict, NotFound, PreconditionFailed
from functions.core.feed import APPLICATIONS, DEPLOYMENTS, MODELS, SERVABLES, Topic
from functions.core.models import Application, ModelVersion, Servable, Upload
from functions.core.ports import ServableChange
from functions.core.quota import Allowance, ask
from functions.core.revisions import KEPT_REVISIONS, Revision, recorded
from tests.fakes.feed import FakeEventFeed

E = TypeVar("E")


class Shelf(Generic[E]):
    """Entities by key, behind one lock. With a topic, every change is an event of the feed as well."""

    def __init__(self, noun: str, topic: Topic | None = None, feed: FakeEventFeed | None = None) -> None:
        self.items: dict[object, E] = {}
        self.lock = threading.RLock()
        self._noun = noun
        self._topic = topic
        self._feed = feed or FakeEventFeed()

    def __len__(self) -> int:
        return len(self.items)

    def __contains__(self, key: object) -> bool:
        return key in self.items

    def _create(self, key: object, entity: E) -> None:
        with self.lock:
            if key in self.items:
                raise Conflict(f"{self._noun} {spelled(key)} exists already")
            self._put(key, entity)

    def _put(self, key: object, entity: E) -> None:
        self.items[key] = entity
        if self._topic:
            self._feed.append(self._topic.update, spelled(key), entity)

    def _get(self, key: object) -> E:
        try:
            return self.items[key]
        except KeyError:
            raise NotFound(f"there is no {self._noun} {spelled(key)}") from None

    def _delete(self, key: object) -> None:
        with self.lock:
            self._get(key)
            del self.items[key]
            if self._topic:
                self._feed.append(self._topic.remove, spelled(key), None)


def spelled(key: object) -> str:
    return ":".join(map(str, key)) if isinstance(key, tuple) else str(key)


class FakeKeyStore(Shelf[ApiKey]):
    def __init__(self, *keys: ApiKey) -> None:
        super().__init__("API key")
        for key in keys:
            self.put(key)

    def put(self, key: ApiKey) -> None:
        with self.lock:
            if any(other.name == key.name for other in self.items.values()):
                raise Conflict(f"API key {key.name} exists already")
            self._create(key.digest, key)

    def find(self, digest: str) -> ApiKey | None:
        return self.items.get(digest)

    def list(self) -> list[ApiKey]:
        return sorted(self.items.values(), key=lambda key: key.name)

    def delete(self, digest: str) -> None:
        self._delete(digest)


class FakeQuotaStore:
    def __init__(self) -> None:
        self.full_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, key: str, quota: Quota, now: float) -> Allowance:
        with self._lock:
            allowance = ask(quota, self.full_at.get(key, 0.0), now)
            if allowance.allowed:
                self.full_at[key] = now + allowance.reset
            return allowance


class FakeUploadStore(Shelf[Upload]):
    def __init__(self) -> None:
        super().__init__("upload")

    def put(self, upload: Upload) -> None:
        self._create(upload.upload_id, upload)

    def get(self, upload_id: str) -> Upload:
        return self._get(upload_id)

    def assign_version(self, upload_id: str, version: int) -> int:
        with self.lock:
            upload = self._get(upload_id)
            if upload.version is None:
                self.items[upload_id] = replace(upload, version=version)
            return self._get(upload_id).version or version

    def close(self, upload_id: str) -> None:
        with self.lock:
            if upload_id in self.items:
                self.items[upload_id] = replace(self.items[upload_id], closed=True)


class FakeModelStore(Shelf[ModelVersion]):
    def __init__(self, feed: FakeEventFeed | None = None) -> None:
        super().__init__("model version", MODELS, feed)
        self._counters: Counter[str] = Counter()
        self._model_ids: dict[str, int] = {}

    def _next(self, name: str) -> int:
        with self.lock:
            self._counters[name] += 1
            return self._counters[name]

    def next_id(self) -> int:
        return self._next("id")

    def model_id(self, name: str) -> int:
        with self.lock:
            return self._model_ids.setdefault(name, len(self._model_ids) + 1)

    def next_version(self, name: str) -> int:
        return self._next(f"version:{name}")

    def create(self, version: ModelVersion) -> None:
        self._create((version.name, version.version), version)

    def get(self, name: str, version: int) -> ModelVersion:
        return self._get((name, version))

    def by_id(self, version_id: int) -> ModelVersion:
        for version in self.items.values():
            if version.id == version_id:
                return version
        raise NotFound(f"there is no model version with id {version_id}")

    def list(self, name: str | None = None) -> list[ModelVersion]:
        chosen = [version for version in self.items.values() if name in (None, version.name)]
        return sorted(chosen, key=lambda version: version.id)

    def update(self, version: ModelVersion, expected_status: str) -> bool:
        with self.lock:
            stored = self.items.get((version.name, version.version))
            if stored is None or stored.status != expected_status:
                return False
            self._put((version.name, version.version), version)
            return True

    def delete(self, name: str, version: int) -> None:
        self._delete((name, version))


class FakeServableStore(Shelf[Servable]):
    def __init__(self, *servables: Servable, feed: FakeEventFeed | None = None) -> None:
        super().__init__("servable", SERVABLES, feed)
        for servable in servables:
            self.create(servable)

    def create(self, servable: Servable) -> None:
        self._create(servable.name, servable)

    def get(self, name: str) -> Servable:
        return self._get(name)

    def get_many(self, names: Iterable[str]) -> dict[str, Servable]:
        return {name: self.items[name] for name in set(names) if name in self.items}

    def list(self) -> list[Servable]:
        return sorted(self.items.values(), key=lambda servable: servable.name)

    def update(self, name: str, change: ServableChange) -> Servable | None:
        with self.lock:
            if name not in self.items:
                return None
            changed = change(self.items[name])
            if changed != self.items[name]:
                self._put(name, changed)
            return changed

    def delete(self, name: str) -> None:
        self._delete(name)


class FakeApplicationStore(Shelf[Application]):
    def __init__(self, *applications: Application, feed: FakeEventFeed | None = None) -> None:
        super().__init__("application", APPLICATIONS, feed)
        self._revisions: dict[int, list[Revision]] = {}
        self._last_id = 0
        for application in applications:
            self.create(application)

    def next_id(self) -> int:
        with self.lock:
            self._last_id += 1
            return self._last_id

    def create(self, application: Application) -> None:
        self._create(application.name, application)
        self._revisions[application.id] = [recorded(application, application.created)]

    def get(self, name: str) -> Application:
        return self._get(name)

    def find(self, name: str) -> Application | None:
        return self.items.get(name)

    def list(self) -> list[Application]:
        return sorted(self.items.values(), key=lambda application: application.name)

    def update(self, application: Application, expected_revision: int) -> None:
        with self.lock:
            if self._get(application.name).revision != expected_revision:
                raise PreconditionFailed(f"application {application.name} was changed by somebody else")
            self._put(application.name, application)

    def revise(self, application: Application, expected_revision: int, revision: Revision) -> None:
        with self.lock:
            self.update(application, expected_revision)
            kept = [*self._revisions[application.id], revision]
            self._revisions[application.id] = kept[-KEPT_REVISIONS:]

    def revisions(self, application_id: int) -> Sequence[Revision]:
        return self._revisions.get(application_id, [])

    def delete(self, name: str) -> None:
        application = self._get(name)
        self._delete(name)
        self._revisions.pop(application.id, None)


class FakeDeploymentStore(Shelf[DeploymentConfiguration]):
    def __init__(self, feed: FakeEventFeed | None = None) -> None:
        super().__init__("deployment configuration", DEPLOYMENTS, feed)

    def create(self, configuration: DeploymentConfiguration) -> None:
        self._create(configuration.name, configuration)

    def get(self, name: str) -> DeploymentConfiguration:
        return self._get(name)

    def list(self) -> list[DeploymentConfiguration]:
        return sorted(self.items.values(), key=lambda configuration: configuration.name)

    def delete(self, name: str) -> None:
        self._delete(name)
