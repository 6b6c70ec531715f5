"""The manager's world in memory, with what tests do to it."""

import hashlib
import io
import json
import random
import tarfile
from typing import Any

from chalice.test import Client, HTTPResponse

from app import app
from functions.adapters.events import AwsEvents
from functions.core.models import ModelVersion, Replica
from functions.core.reports import ReplicaChanged
from functions.manager import wiring
from functions.manager.announce_upload import NewUpload, Payload, announce_upload
from functions.manager.complete_upload import complete_upload
from functions.manager.finish_build import finish_build
from functions.manager.observe_servable import observe_replica
from functions.manager.ports import Rules
from tests.fakes.builder import FakeImageBuilder
from tests.fakes.clock import FakeClock
from tests.fakes.feed import FakeEventFeed
from tests.fakes.host import FakeServableHost
from tests.fakes.idempotency import FakeAnswerStore
from tests.fakes.monitoring import FakeMetricSpecStore
from tests.fakes.payloads import FakePayloadStore
from tests.fakes.registry import FakeImageRegistry
from tests.fakes.stores import (
    FakeApplicationStore,
    FakeDeploymentStore,
    FakeModelStore,
    FakeServableStore,
    FakeUploadStore,
)
from tests.fakes.usage import FakeUsageStore

SIGNATURE: dict[str, Any] = {
    "signatureName": "predict",
    "inputs": [{"name": "x", "dtype": "DT_DOUBLE", "shape": {"dims": [-1, 2]}}],
    "outputs": [{"name": "y", "dtype": "DT_INT64", "shape": {"dims": [-1]}}],
}


def archive(**files: bytes) -> bytes:
    """A tar.gz of small files; underscores in names stand for slashes."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as tar:
        for name, content in (files or {"model.bin": b"weights"}).items():
            entry = tarfile.TarInfo(name.replace("__", "/"))
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return target.getvalue()


class World:
    """Fulfils functions.manager.ports.Ports."""

    def __init__(self) -> None:
        images = {name: f"registry/runtimes:{name}-1" for name in ("python", "sklearn", "onnx")}
        self.rules = Rules(model_repository="registry/models", runtime_images=images, max_payload_bytes=1024**2)
        self.clock = FakeClock()
        self.chance = random.Random(7)
        self.uploads = FakeUploadStore()
        self.feed = FakeEventFeed(self.clock)
        self.answers = FakeAnswerStore()
        self.models = FakeModelStore(self.feed)
        self.servables = FakeServableStore(feed=self.feed)
        self.applications = FakeApplicationStore(feed=self.feed)
        self.deployments = FakeDeploymentStore(self.feed)
        self.specs = FakeMetricSpecStore(feed=self.feed)
        self.payloads = FakePayloadStore()
        self.builder = FakeImageBuilder()
        self.images = FakeImageRegistry()
        self.host = FakeServableHost()
        self.usage = FakeUsageStore()
        self.events = AwsEvents(9091)

    def uploaded(self, body: bytes | None = None, name: str = "penguins", **more: Any) -> str:
        """Announces an upload and PUTs its payload; its id."""
        body = archive() if body is None else body
        payload = Payload(hashlib.sha256(body).hexdigest(), len(body))
        fields = {"runtime": "sklearn", "model_signature": SIGNATURE} | more
        announced = announce_upload(self, NewUpload(name=name, payload=payload, **fields))
        assert self.payloads.upload(announced.target, body) == 200
        return announced.upload.upload_id

    def built(self, name: str = "penguins", **more: Any) -> ModelVersion:
        """A Released version."""
        return self.released(complete_upload(self, self.uploaded(name=name, **more)))

    def released(self, version: ModelVersion) -> ModelVersion:
        """The version, once its build has ended well."""
        self.builder.succeed(version.build_id)
        self.images.push(version.image, "sha256:" + "a" * 64)
        finished = finish_build(self, version.build_id)
        assert finished is not None
        return finished

    def serve(self, *names: str) -> None:
        """The host reports a healthy replica of each servable."""
        for name in names:
            self.report(name, healthy=True)

    def fail(self, name: str, reason: str = "it broke") -> None:
        self.report(name, stopped=True, reason=reason, version=99)

    def report(self, name: str, task: str = "t1", version: int = 2, **state: Any) -> None:
        fields = {"healthy": False} | state
        replica = Replica(task=task, address="10.0.0.1:9091", version=version, **fields)
        observe_replica(self, ReplicaChanged(name, replica))


class Http:
    """The manager's routes through Chalice's own test client."""

    def __init__(self, world: World) -> None:
        wiring.use(world)
        # The real application: Chalice can register a blueprint only once.
        self.http = Client(app).http

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> HTTPResponse:
        raw = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.request(method, f"/api/v2{path}", headers=named, body=raw)
