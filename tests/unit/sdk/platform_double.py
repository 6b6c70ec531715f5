"""A platform in memory behind a real HTTP server on loopback: what docs/api.md says, as far as a client can see it.

A build takes `looks` requests for its version, and an application as many to become ready, so that waiting is waiting.
"""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from tests.unit.sdk.loopback import Answer, LoopbackServer, Request
from tests.unit.sdk.models_double import Json, ModelsDouble, Problem

ADMIN, VIEWER = "dp_admin", "dp_viewer"


class PlatformDouble(ModelsDouble):
    """`fail_starts` is the reason for which servables fail; `not_now` answers that many requests with 503."""

    def __init__(self) -> None:
        super().__init__()
        self.fail_starts = ""
        self.not_now = 0
        self.requests: list[Request] = []
        self.servables: dict[str, dict[str, Any]] = {}
        self.applications: dict[str, dict[str, Any]] = {}
        self.configurations: dict[str, dict[str, Any]] = {"default": {"name": "default"}}
        self.keys = {ADMIN: {"name": "admin", "role": "admin"}, VIEWER: {"name": "viewer", "role": "viewer"}}
        self._server = LoopbackServer(self.answer)
        self.start, self.stop, self.url = self._server.start, self._server.stop, self._server.url

    def calls(self, method: str, path: str) -> list[Request]:
        return [request for request in self.requests if request.method == method and request.path == path]

    def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        try:
            return self._answer(request)
        except Problem as problem:
            headers = {"content-type": "application/problem+json", "retry-after": "0"}
            return Answer(problem.document, problem.status, headers)

    def _answer(self, request: Request) -> Answer:
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

    def analyze(self, request: Request, _: str) -> Answer:
        ids = [record.get("requestId") or f"id-{at}" for at, record in enumerate(request.body["records"])]
        return Answer({"accepted": len(ids), "requestIds": ids}, 202)

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
        if self.ripe(name):
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
        if application["status"] == "Assembling" and self.ripe(name):
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
    ("POST", r"/monitoring/analyze/(\d+)", PlatformDouble.analyze),
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
