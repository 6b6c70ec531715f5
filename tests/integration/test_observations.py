"""From the gateway through the queue and sonar into the request log; and a queue that refuses changes nothing for the
caller."""

import json
from typing import Any

from tests.cloud import Cloud, Served, wait_until
from tests.published import published, version_id


def find(cloud: Cloud, version: int, request_id: str) -> list[dict[str, Any]]:
    return [row for row in published(cloud.client, version) if row["request_id"] == request_id]


def test_g14_each_call_is_one_row_under_the_callers_request_id(served: Served) -> None:
    version = version_id(served.cloud, "blobs")
    with served.cloud.http() as http:
        good = http.post("/gateway/application/blobs", json={"x1": -5.0, "x2": 1.0}, headers={"x-request-id": "good-1"})
        bad = http.post("/gateway/application/blobs", json={"x1": "bad"}, headers={"x-request-id": "bad-1"})
    assert (good.status_code, bad.status_code) == (200, 400)
    assert good.headers["x-request-id"] == "good-1"
    wait_until("the row is there", lambda: find(served.cloud, version, "good-1"))
    [row] = find(served.cloud, version, "good-1")
    assert row["application"] == "blobs"
    assert row["servable"].startswith("blobs-1-")
    assert (row["in_x1"], row["in_x2"], row["out_y"]) == (-5.0, 1.0, good.json()["y"])
    assert row["latency_ms"] > 0
    assert row["error"] is None
    assert find(served.cloud, version, "bad-1") == []  # it never reached the model


def test_s18_records_of_another_system_stand_in_the_log_beside_ours(served: Served) -> None:
    version = version_id(served.cloud, "blobs")
    lines = [
        {
            "requestId": f"foreign-{n}",
            "at": f"2026-01-02T03:04:{n:02}Z",
            "inputs": {"x1": n, "x2": 1},
            "outputs": {"y": 1},
        }
        for n in range(30)
    ]
    text = "\n".join(map(json.dumps, lines))
    for _ in range(2):  # told twice, recorded once
        done = served.cloud.cli("analyze", "blobs:1", "-f", "-", "-o", "json", stdin=text)
        assert done.code == 0, done.err
        assert done.json() == {"version": "blobs:1", "accepted": 30}

    def rows() -> list[dict[str, Any]]:
        return [row for row in published(served.cloud.client, version) if row["request_id"].startswith("foreign-")]

    found = wait_until("they are there", lambda: len(rows()) >= 30 and rows())
    assert sorted(row["in_x1"] for row in found) == [float(n) for n in range(30)]


def test_g17_a_refusing_queue_changes_nothing(served: Served) -> None:
    rule = {"service": "sqs", "resource": "observations", "error": "AccessDenied", "status": 403}
    with served.cloud.fault(**rule) as hits, served.cloud.http() as http:
        answer = http.post("/gateway/application/blobs", json={"x1": -5.0, "x2": 1.0})
        assert answer.status_code == 200, answer.text
        assert hits()
