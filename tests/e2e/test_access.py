"""Keys: none, unknown, and each role; over HTTP and gRPC."""

import grpc
import pytest

from tests.cloud import Served

LIVE = "/inference.GRPCInferenceService/ServerLive"


@pytest.mark.parametrize("path", ["/v2/health/live", "/v2/models/blobs", "/api/v2/application", "/gateway/buildinfo"])
@pytest.mark.parametrize("key", ["", "dp_nobody-issued-this"])
def test_x01_without_a_known_key_every_route_is_401(served: Served, path: str, key: str) -> None:
    with served.cloud.http(key) as http:
        answer = http.get(path)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["error"]


def test_x01_roles(served: Served) -> None:
    with served.cloud.http() as admin:
        for role in ("viewer", "operator"):
            admin.delete(f"/api/v2/api_key/test-{role}")
        viewer = admin.post("/api/v2/api_key", json={"name": "test-viewer", "role": "viewer"}).json()["key"]
        operator = admin.post("/api/v2/api_key", json={"name": "test-operator", "role": "operator"}).json()["key"]
        listed = admin.get("/api/v2/api_key").text
    assert viewer not in listed
    with served.cloud.http(viewer) as http:
        assert http.get("/api/v2/application").status_code == 200
        assert http.post("/gateway/application/blobs", json={"x1": -5.0, "x2": 1.0}).status_code == 200
        denied = http.post("/api/v2/deployment_configuration", json={"name": "never"})
        assert denied.status_code == 403
        assert denied.headers["content-type"] == "application/problem+json"
        assert http.get("/api/v2/api_key").status_code == 403
    with served.cloud.http(operator) as http:
        assert http.post("/api/v2/deployment_configuration", json={"name": "by-operator"}).status_code == 201
        assert http.delete("/api/v2/deployment_configuration/by-operator").status_code in (200, 204)
        assert http.get("/api/v2/api_key").status_code == 403


def test_x01_a_quota_counts_the_calls_over_both_doors_together(served: Served) -> None:
    """Three calls at once, and the next one half a minute later."""
    with served.cloud.http() as admin:
        admin.delete("/api/v2/api_key/test-limited")
        quota = {"requestsPerSecond": 0.03, "burst": 3}
        made = admin.post("/api/v2/api_key", json={"name": "test-limited", "role": "viewer", "quota": quota})
        key = made.json()["key"]
    with served.cloud.http(key) as http, grpc.insecure_channel(served.cloud.grpc) as channel:
        live = channel.unary_unary(LIVE)
        first = http.post("/gateway/application/blobs", json={"x1": -5.0, "x2": 1.0})
        live(b"", metadata=(("x-api-key", key),), timeout=20)
        third = http.get("/v2/health/live")
        refused = http.post("/gateway/application/blobs", json={"x1": -5.0, "x2": 1.0})
        with pytest.raises(grpc.RpcError) as over_grpc:
            live(b"", metadata=(("x-api-key", key),), timeout=20)
        assert http.get("/api/v2/application").status_code == 200  # management is not counted
    assert [answer.status_code for answer in (first, third, refused)] == [200, 200, 429]
    assert [answer.headers["ratelimit-remaining"] for answer in (first, third, refused)] == ["2", "0", "0"]
    assert int(refused.headers["retry-after"]) > 1
    assert "calls a second" in refused.json()["detail"]
    assert over_grpc.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert int(dict(over_grpc.value.trailing_metadata())["retry-after"]) > 1
