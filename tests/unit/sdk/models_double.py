"""The models of a platform in memory: uploads, storage, versions, build logs."""

import base64
import hashlib
import io
import itertools
import tarfile
from typing import Any

from tests.unit.sdk.loopback import Answer, Request

Json = Any


class Problem(Exception):
    def __init__(self, status: int, title: str, detail: str = "", **more: Any) -> None:
        self.status = status
        self.document = {"type": "urn:dewpoint:test", "title": title, "status": status, "detail": detail, **more}


class ModelsDouble:
    """`fail_builds` is the reason for which builds fail; `break_uploads` answers that many uploads with 500."""

    url: str

    def __init__(self) -> None:
        self.looks = 1
        self.fail_builds = ""
        self.break_uploads = 0
        self.uploads: dict[str, dict[str, Any]] = {}
        self.stored: dict[str, bytes] = {}
        self.versions: list[dict[str, Any]] = []
        self.seen: dict[str, int] = {}
        self._ids = itertools.count(1)

    def payload_files(self, version: dict[str, Any]) -> list[str]:
        content = self.stored[version["uploadId"]]
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            return archive.getnames()

    def announce(self, request: Request) -> Answer:
        body = request.body
        if body["runtime"] not in ("python", "sklearn", "onnx"):
            wrong = {"pointer": "/runtime", "expected": "one of python, sklearn, onnx", "received": body["runtime"]}
            raise Problem(400, "Invalid request", "/runtime: …", errors=[wrong], requestId="r-1")
        upload_id = f"u{next(self._ids)}"
        self.uploads[upload_id] = body
        checksum = base64.b64encode(bytes.fromhex(body["payload"]["sha256"])).decode()
        return Answer(
            {
                "uploadId": upload_id,
                "url": f"{self.url}/storage/{upload_id}?signature=s",
                "method": "PUT",
                "headers": {"x-amz-checksum-sha256": checksum, "content-length": str(body["payload"]["size"])},
            },
            201,
        )

    def store(self, request: Request) -> Answer:
        upload_id = request.path.rpartition("/")[2]
        announced = self.uploads[upload_id]["payload"]
        if self.break_uploads:
            self.break_uploads -= 1
            return Answer(status=500, raw=b"<Error><Code>InternalError</Code><Message>again</Message></Error>")
        sent = base64.b64encode(hashlib.sha256(request.raw).digest()).decode()
        honest = request.headers.get("x-amz-checksum-sha256") == sent and len(request.raw) == announced["size"]
        if not honest or "x-api-key" in request.headers or "transfer-encoding" in request.headers:
            return Answer(status=400, raw=b"<Error><Code>BadDigest</Code><Message>not the bytes</Message></Error>")
        self.stored[upload_id] = request.raw
        return Answer()

    def complete(self, _: Request, upload_id: str) -> Answer:
        upload = self.uploads[upload_id]
        if upload_id not in self.stored:
            raise Problem(409, "Conflict", "the payload is not there")
        number = 1 + sum(1 for version in self.versions if version["model"]["name"] == upload["name"])
        version = {
            "id": next(self._ids),
            "uploadId": upload_id,
            "model": {"id": 100 + len({v["model"]["name"] for v in self.versions}), "name": upload["name"]},
            "modelVersion": number,
            "modelSignature": upload["modelSignature"],
            "runtime": {"name": upload["runtime"], "tag": "1", "sha256": None},
            "status": "Assembling",
            "statusMessage": "",
            "metadata": upload["metadata"],
            "installCommand": upload.get("installCommand"),
            "monitoringConfiguration": upload.get("monitoringConfiguration", {}),
            "applications": [],
            "created": "2026-01-01T00:00:00Z",
            "aFieldOfTomorrow": True,
        }
        self.versions.append(version)
        return Answer(version, 202)

    def find_version(self, name: str, number: str) -> dict[str, Any]:
        for version in self.versions:
            if (version["model"]["name"], str(version["modelVersion"])) == (name, number):
                return version
        raise Problem(404, "Not found", f"there is no model version {name}:{number}")

    def version(self, _: Request, name: str, number: str) -> Json:
        version = self.find_version(name, number)
        if self.ripe(f"{name}:{number}") and version["status"] == "Assembling":
            version["status"] = "Failed" if self.fail_builds else "Released"
            version["statusMessage"] = self.fail_builds
        return version

    def drop_version(self, _: Request, name: str, number: str) -> Json:
        self.versions.remove(self.find_version(name, number))

    def models(self, _: Request) -> Json:
        return [dict(items) for items in {tuple(version["model"].items()) for version in self.versions}]

    def drop_model(self, _: Request, model_id: str) -> Json:
        self.versions = [version for version in self.versions if str(version["model"]["id"]) != model_id]

    def build_log(self, request: Request, version_id: str) -> Json:
        """Two lines in two pages; a build that goes on has more to say."""
        version = next(version for version in self.versions if str(version["id"]) == version_id)
        after = int(request.query.get("after", ["0"])[0])
        lines = ["Step 1: unpack", "\x1b[31mStep 2: install"]
        over = version["status"] != "Assembling"
        return {"lines": lines[after : after + 1], "next": str(min(after + 1, 2)), "ended": over and after >= 2}

    def ripe(self, name: str) -> bool:
        self.seen[name] = self.seen.get(name, 0) + 1
        return self.seen[name] >= self.looks
