"""A servable that nobody calls ends, process and all; the next call brings it back and is answered."""

import threading
from collections import Counter
from typing import Any

import httpx
import pytest

from tests.cloud import Cloud, wait_until

GOOD = {"x1": -5.0, "x2": 1.0}
IDLE = 8  # seconds; the platform looks every minute
PATIENT = 90  # seconds: a minute, and what is slow on a busy machine


@pytest.fixture
def sleeper(cloud: Cloud) -> Any:
    """An application of blobs that may go to zero; it is removed again."""
    applied = cloud.cli("apply", "-f", "examples/blobs")
    assert applied.code == 0, applied.out + applied.err
    with cloud.http() as http:
        version = http.get("/api/v2/model/version/blobs/1").json()["id"]
        sleepy = {"name": "sleepy", "hpa": {"minReplicas": 0, "maxReplicas": 2, "idleSeconds": IDLE}}
        assert http.post("/api/v2/deployment_configuration", json=sleepy).status_code == 201
        variant = {"modelVersionId": version, "weight": 100, "deploymentConfigName": "sleepy"}
        graph = {"stages": [{"modelVariants": [variant]}]}
        made = http.post("/api/v2/application", json={"name": "sleeper", "executionGraph": graph})
        assert made.status_code == 201, made.text
        wait_until("it serves", lambda: application(http)["status"] == "Ready", PATIENT)
        yield http
        http.delete("/api/v2/application/sleeper")
        http.delete("/api/v2/deployment_configuration/sleepy")


def application(http: httpx.Client) -> Any:
    return http.get("/api/v2/application/sleeper").json()


def servable(http: httpx.Client) -> Any:
    [stage] = application(http)["executionGraph"]["stages"]
    return http.get(f"/api/v2/servable/{stage['modelVariants'][0]['servableName']}").json()


def running(cloud: Cloud, name: str) -> int:
    ecs = cloud.client("ecs")
    [service] = ecs.describe_services(cluster="dewpoint-local-servables", services=[name])["services"]
    return int(service["runningCount"]) + int(service["pendingCount"])


def ask(http: httpx.Client) -> httpx.Response:
    return http.post("/gateway/application/sleeper", json=GOOD)


def test_x03_an_idle_servable_ends_and_the_next_calls_wake_it(cloud: Cloud, sleeper: httpx.Client) -> None:
    assert ask(sleeper).status_code == 200
    name = servable(sleeper)["fullName"]
    before = len(cloud.processes("-m servable"))
    wait_until("it sleeps", lambda: running(cloud, name) == 0, PATIENT)  # by the schedule, nobody helps
    wait_until("its process has ended", lambda: len(cloud.processes("-m servable")) < before)
    asleep = servable(sleeper)
    assert (asleep["status"], asleep["replicas"]) == ("Serving", {"desired": 0, "healthy": 0})
    assert asleep["message"].startswith("asleep")
    assert application(sleeper)["status"] == "Ready"
    assert sleeper.get("/v2/models/sleeper/ready").status_code == 200
    assert running(cloud, name) == 0  # nobody woke it by looking

    answers: list[int] = []
    callers = [threading.Thread(target=lambda: answers.append(ask(sleeper).status_code)) for _ in range(50)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert set(answers) <= {200, 503}, Counter(answers)
    wait_until("it answers", lambda: ask(sleeper).status_code == 200, PATIENT)
    assert running(cloud, name) == 1
    assert servable(sleeper)["replicas"] == {"desired": 1, "healthy": 1}
