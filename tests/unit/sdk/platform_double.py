"""A platform in memory behind a real HTTP server on loopback: what docs/api.md says, as far as a client can see it.

A build takes `looks` requests for its version, and an application as many to become ready, so that waiting is waiting.
"""

import base64
import hashlib
import io
import itertools
import json
import re
import tarfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

Json = Any
ADMIN, VIEWER = "dp_admin", "dp_viewer"


class Problem(Exception):
    def __init__(self, status: int, title: str, detail: str = "", **more: Any) -> None:
        self.status = status
        self.document = {"type": "urn:dewpoint:test", "title": title, "status": status, "detail": detail, **more}


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Json:
        return json.loads(self.raw) if self.raw else None


@dataclass
class Answer:
    body: Json = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    text: str | None = None


class PlatformDouble:
    """`fail_builds` is the reason for which builds fail; `not_now` answers that many requests with 503."""

    def __init__(self) -> None:
        self.looks = 1
        self.fail_builds = ""
        self.fail_starts = ""
        self.not_now = 0
        self.break_uploads = 0
        self.requests: list[Request] = []
        self.uploads: dict[str, dict[str, Any]] = {}
        self.stored: dict[str, bytes] = {}
        self.versions: list[dict[str, Any]] = []
        self.seen: dict[str, int] = {}
        self.servables: dict[str, dict[str, Any]] = {}
        self.applications: dict[str, dict[str, Any]] = {}
        self.configurations: dict[str, dict[str, Any]] = {"default": {"name": "default"}}
        self.keys = {ADMIN: {"name": "admin", "role": "admin"}, VIEWER: {"name": "viewer", "role": "viewer"}}
        self._ids = itertools.count(1)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def payload_files(self, version: dict[str, Any]) -> list[str]:
        content = self.stored[version["uploadId"]]
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            return archive.getnames()

    def calls(self, method: str, path: str) -> list[Request]:
        return [request for request in self.requests if request.method == method and request.path == path]

    def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        if request.path.startswith("/storage/"):
            return self.store(request)
        if self.not_now:
            self.not_now -= 1
            raise Problem(503, "Unavailable", "starting")
        key = self.keys.get(request.headers.get("x-api-key", ""))
        if key is None:
            raise Problem(401, "Unauthenticated", "no API key: send one in x-api-key")
        if key["role"] == "viewer" and request.method != "GET" and not request.path.startswith("/gateway"):
            raise Problem(403, "Forbidden", f"role viewer may not {request.method} {request.path}")
        for method, pattern, call in ROUTES:
            match = re.fullmatch(pattern, request.path)
            if match and method == request.method:
                said = call(self, request, *map(unquote, match.groups()))
                return said if isinstance(said, Answer) else Answer(said)
        raise Problem(404, "Not found", f"no route {request.method} {request.path}")

    # models

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
            return Answer(status=500, text="<Error><Code>InternalError</Code><Message>again</Message></Error>")
        sent = base64.b64encode(hashlib.sha256(request.raw).digest()).decode()
        honest = request.headers.get("x-amz-checksum-sha256") == sent and len(request.raw) == announced["size"]
        if not honest or "x-api-key" in request.headers or "transfer-encoding" in request.headers:
            return Answer(status=400, text="<Error><Code>BadDigest</Code><Message>not the bytes</Message></Error>")
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
        if self._ripe(f"{name}:{number}") and version["status"] == "Assembling":
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

    # servables, applications, configurations, keys

    def deploy(self, request: Request) -> Answer:
        body = request.body
        version = self.find_version(body["modelName"], str(body["version"]))
        name = f"{body['modelName']}-{body['version']}-calm-heron"
        self.servables[name] = {
            "fullName": name,
            "modelVersion": version,
            "status": "Starting",
            "message": "",
            "usedApps": [],
            "metadata": body["metadata"],
            "deploymentConfigurationName": body.get("deploymentConfigName", "default"),
            "replicas": {"desired": 1, "healthy": 0},
        }
        return Answer(self.servables[name], 201)

    def servable(self, _: Request, name: str) -> Json:
        servable = found(self.servables, name)
        if self._ripe(name):
            servable["status"] = "NotServing" if self.fail_starts else "Serving"
            servable["message"] = self.fail_starts
        return servable

    def create_application(self, request: Request) -> Answer:
        name = request.body["name"]
        if name in self.applications:
            raise Problem(409, "Conflict", f"application {name} exists")
        application = {"id": 1, "status": "Assembling", "message": "", "revision": 1, "candidateGraph": None}
        self.applications[name] = application | self._described(request.body)
        return Answer(self.applications[name], 201)

    def update_application(self, request: Request, name: str) -> Json:
        application = found(self.applications, name)
        described = self._described(request.body)
        application["candidateGraph"] = described.pop("executionGraph")
        application |= described | {"revision": application["revision"] + 1, "status": "Assembling"}
        self.seen.pop(name, None)
        return application

    def application(self, _: Request, name: str) -> Json:
        application = found(self.applications, name)
        if application["status"] == "Assembling" and self._ripe(name):
            failed = bool(self.fail_starts)
            if application["candidateGraph"] and not failed:
                application["executionGraph"] = application["candidateGraph"]
            broken = failed and not application["candidateGraph"]
            application |= {"candidateGraph": None, "message": self.fail_starts}
            application["status"] = "Failed" if broken else "Ready"
        return application

    def _described(self, body: dict[str, Any]) -> dict[str, Any]:
        stages = []
        signature: Json = {}
        for stage in body["executionGraph"]["stages"]:
            variants = []
            for variant in stage["modelVariants"]:
                version = next(v for v in self.versions if v["id"] == variant["modelVersionId"])
                if version["status"] != "Released":
                    raise Problem(409, "Conflict", "only Released versions can be deployed")
                signature = version["modelSignature"]
                named = {"modelName": version["model"]["name"], "modelVersion": version["modelVersion"]}
                configuration = {"deploymentConfigurationName": variant["deploymentConfigName"]}
                variants.append(variant | named | configuration)
            stages.append({"modelVariants": variants})
        return {
            "name": body["name"],
            "metadata": body["metadata"],
            "signature": signature,
            "executionGraph": {"stages": stages},
        }

    def create_configuration(self, request: Request) -> Answer:
        self.configurations[request.body["name"]] = request.body | {"provisioned": {"cpu": 0.5, "memory": 1024}}
        return Answer(request.body, 201)

    def create_key(self, request: Request) -> Answer:
        key = request.body | {"created": "2026-01-01T00:00:00Z"}
        self.keys[f"dp_{request.body['name']}"] = key
        return Answer(key | {"key": f"dp_{request.body['name']}"}, 201)

    def drop_key(self, _: Request, name: str) -> Json:
        del self.keys[f"dp_{name}"]

    # predictions

    def predict(self, request: Request, name: str) -> Answer:
        """Adds its inputs up, element by element."""
        application = found(self.applications, name)
        names = [each["name"] for each in application["signature"]["inputs"]]
        missing = [name for name in names if name not in request.body]
        if missing:
            errors = [
                {"pointer": f"/{name}", "expected": "DT_DOUBLE, a scalar", "received": "nothing"} for name in missing
            ]
            raise Problem(400, "Input does not match the signature", "…", errors=errors, requestId="r-9")
        values = [request.body[name] for name in names]
        total = [sum(row) for row in zip(*values, strict=True)] if isinstance(values[0], list) else sum(values)
        unknown = ", ".join(key for key in request.body if key not in names)
        headers = {"x-dewpoint-warning": f"ignored inputs: {unknown}"} if unknown else {}
        return Answer({"y": total}, headers=headers | {"x-request-id": "r-7"})

    def _ripe(self, name: str) -> bool:
        self.seen[name] = self.seen.get(name, 0) + 1
        return self.seen[name] >= self.looks


def found(things: dict[str, Any], name: str) -> Any:
    if name not in things:
        raise Problem(404, "Not found", f"there is no {name}")
    return things[name]


def drop(things: str) -> Callable[..., Json]:
    return lambda double, _, name: found(getattr(double, things), name) and getattr(double, things).pop(name) and None


API = "/api/v2"
ROUTES: list[tuple[str, str, Callable[..., Any]]] = [
    ("POST", f"{API}/model/upload", PlatformDouble.announce),
    ("POST", f"{API}/model/upload/([^/]+)/complete", PlatformDouble.complete),
    ("GET", f"{API}/model", PlatformDouble.models),
    ("DELETE", f"{API}/model/(\\d+)", PlatformDouble.drop_model),
    ("GET", f"{API}/model/version", lambda double, _: double.versions),
    ("GET", f"{API}/model/version/(\\d+)/logs", PlatformDouble.build_log),
    ("GET", f"{API}/model/version/([^/]+)/(\\d+)", PlatformDouble.version),
    ("DELETE", f"{API}/model/version/([^/]+)/(\\d+)", PlatformDouble.drop_version),
    ("GET", f"{API}/servable", lambda double, _: list(double.servables.values())),
    ("POST", f"{API}/servable", PlatformDouble.deploy),
    ("GET", f"{API}/servable/([^/]+)", PlatformDouble.servable),
    ("GET", f"{API}/servable/([^/]+)/logs", lambda *_: {"lines": ["started"], "next": "1", "ended": True}),
    ("DELETE", f"{API}/servable/([^/]+)", drop("servables")),
    ("GET", f"{API}/application", lambda double, _: list(double.applications.values())),
    ("POST", f"{API}/application", PlatformDouble.create_application),
    ("GET", f"{API}/application/([^/]+)", PlatformDouble.application),
    ("PUT", f"{API}/application/([^/]+)", PlatformDouble.update_application),
    ("DELETE", f"{API}/application/([^/]+)", drop("applications")),
    ("GET", f"{API}/deployment_configuration", lambda double, _: list(double.configurations.values())),
    ("POST", f"{API}/deployment_configuration", PlatformDouble.create_configuration),
    ("GET", f"{API}/deployment_configuration/([^/]+)", lambda double, _, name: found(double.configurations, name)),
    ("DELETE", f"{API}/deployment_configuration/([^/]+)", drop("configurations")),
    ("GET", f"{API}/api_key", lambda double, _: list(double.keys.values())),
    ("POST", f"{API}/api_key", PlatformDouble.create_key),
    ("DELETE", f"{API}/api_key/([^/]+)", PlatformDouble.drop_key),
    ("GET", f"{API}/buildinfo", lambda *_: {"name": "dewpoint", "version": "1.2.3"}),
    ("POST", "/gateway/application/([^/]+)", PlatformDouble.predict),
]


def _handler(double: PlatformDouble) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one(self) -> None:
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, parts.path, parse_qs(parts.query), headers, raw)
            try:
                answer = double.answer(request)
            except Problem as problem:
                more = {"content-type": "application/problem+json", "retry-after": "0"}
                answer = Answer(problem.document, problem.status, more)
            content = b"" if answer.body is None else json.dumps(answer.body).encode()
            if answer.text is not None:
                content = answer.text.encode()
            self.send_response(answer.status)
            for name, value in (answer.headers | {"content-length": str(len(content))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = handle_one  # noqa: N815 (http.server finds them by these names)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    return Handler
