"""From the gateway through the queue and sonar into the request log; and a queue that refuses changes nothing for the
caller."""

import json
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.cloud import Cloud, Served, wait_until
from tests.published import published, version_id

CALLS = 30


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


def test_s23_a_dead_sonar_slows_no_prediction_and_catches_up(served: Served) -> None:
    version = version_id(served.cloud, "blobs")
    alive = ask(served.cloud, "alive")
    with without_sonar(served.cloud):
        dead = ask(served.cloud, "dead")
        assert not any(find(served.cloud, version, f"dead-{n}") for n in range(CALLS))
    # Had the predictions waited for anything of sonar's, they would have waited until their deadline
    assert statistics.median(dead) < 3 * statistics.median(alive)
    wanted = sorted(f"{kind}-{n}" for kind in ("alive", "dead") for n in range(CALLS))

    def recorded() -> list[str]:
        ids = [row["request_id"] for row in published(served.cloud.client, version)]
        return sorted(each for each in ids if each.startswith(("alive-", "dead-")))

    wait_until("sonar has caught up", lambda: len(recorded()) >= len(wanted), 120)
    assert recorded() == wanted


def ask(cloud: Cloud, kind: str) -> list[float]:
    """Seconds that each of some calls took."""
    took = []
    with cloud.http() as http:
        for n in range(CALLS):
            begun = time.monotonic()
            inputs, headers = {"x1": -5.0, "x2": 1.0}, {"x-request-id": f"{kind}-{n}"}
            assert http.post("/gateway/application/blobs", json=inputs, headers=headers).status_code == 200
            took.append(time.monotonic() - begun)
    return took


@contextmanager
def without_sonar(cloud: Cloud) -> Iterator[None]:
    """Nobody reads the queue."""
    functions = cloud.client("lambda")
    mappings = functions.list_event_source_mappings()["EventSourceMappings"]
    [id_] = [each["UUID"] for each in mappings if each["FunctionArn"].endswith("-sonar")]

    def switch(*, enabled: bool) -> None:
        functions.update_event_source_mapping(UUID=id_, Enabled=enabled)
        wanted = "Enabled" if enabled else "Disabled"
        wait_until(wanted, lambda: functions.get_event_source_mapping(UUID=id_)["State"] == wanted)

    switch(enabled=False)
    try:
        yield
    finally:
        switch(enabled=True)


def test_g13_a_shadow_answers_nobody_and_is_logged_beside_the_answer(served: Served) -> None:
    version = version_id(served.cloud, "blobs")
    with served.cloud.http() as http:
        configuration = {"name": "of-shadows", "deployment": {"replicaCount": 1}}
        assert http.post("/api/v2/deployment_configuration", json=configuration).status_code in (201, 409)
        variant = {"modelName": "blobs", "modelVersion": 1}
        main = variant | {"weight": 100, "deploymentConfigName": "default"}
        stage = {"modelVariants": [main, variant | {"weight": 0, "deploymentConfigName": "of-shadows"}]}
        made = http.post("/api/v2/application", json={"name": "shadowed", "executionGraph": {"stages": [stage]}})
        assert made.status_code == 201, made.text
        try:
            path = "/api/v2/application/shadowed"
            wait_until("it is ready", lambda: http.get(path).json()["status"] == "Ready", 120)
            inputs, headers = {"x1": -5.0, "x2": 1.0}, {"x-request-id": "shadowed-1"}
            answer = http.post("/gateway/application/shadowed", json=inputs, headers=headers)
            assert answer.status_code == 200, answer.text
            rows = wait_until(
                "both are logged", lambda: len(f := find(served.cloud, version, "shadowed-1")) == 2 and f, 120
            )
        finally:
            http.delete(path)
    answering, shadow = sorted(rows, key=lambda row: row["is_shadow"])
    assert (answering["is_shadow"], shadow["is_shadow"]) == (False, True)
    assert answering["servable"] != shadow["servable"]
    assert answering["in_x1"] == shadow["in_x1"] == -5.0
    assert answering["out_y"] == shadow["out_y"] == answer.json()["y"]
