"""A metric model watches another from the document to the aggregate: passed, failed and errored; and asleep, it is
woken instead of missed."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cloud import Cloud, wait_until
from tests.events import load

DOUBLER = """
kind: Model
name: doubler
runtime: python
payload: [src]
contract:
  name: infer
  inputs: {x: {shape: scalar, type: double}}
  outputs: {y: {shape: scalar, type: double}}
monitoring:
  - name: far
    config: {monitoring-model: "gap:1", threshold: 4.2, operator: "<=", deployment-config: drowsy}
---
kind: Application
name: doubler
singular: {model: doubler}
"""
GAP = """
kind: Model
name: gap
runtime: python
payload: [src]
contract:
  name: measure
  inputs: {x: {shape: scalar, type: double}, y: {shape: scalar, type: double}}
  outputs: {value: {shape: scalar, type: double}}
---
kind: DeploymentConfiguration
name: drowsy
hpa: {minReplicas: 0, maxReplicas: 1, idleSeconds: 1}
"""
INFER = "def infer(x):\n    return {'y': 2 * float(x)}\n"
MEASURE = """
def measure(x, y):
    if x < 0:
        raise KeyError("nobody knows how far that is")
    return {"value": abs(float(y) - float(x))}
"""
PATIENT = 120  # seconds, on a busy machine


@pytest.fixture
def applied(cloud: Cloud, tmp_path: Path) -> Iterator[httpx.Client]:
    """The platform with the documents applied; everything is removed again."""
    for name, document, source in (("doubler", DOUBLER, INFER), ("gap", GAP, MEASURE)):
        (tmp_path / name / "src").mkdir(parents=True)
        (tmp_path / name / "src" / "func_main.py").write_text(source)
        (tmp_path / name / "serving.yaml").write_text(document)
    folders = [str(tmp_path / name) for name in ("doubler", "gap")]
    done = cloud.cli("apply", "-q", "-f", folders[0], "-f", folders[1], "-o", "json")
    assert done.code == 0, done.out + done.err
    assert ("doubler:1/far", "created", "Serving") in [
        (each["name"], each["action"], each["status"]) for each in done.json()
    ]
    with cloud.http() as http:
        yield http
    for command in (
        ("app", "rm", "doubler"),
        ("metric", "rm", "doubler:1/far"),
        ("model", "rm", "doubler"),
        ("model", "rm", "gap"),
        ("depconf", "rm", "drowsy"),
    ):
        removed = cloud.cli(*command)
        assert removed.code == 0, removed.err


def ask(http: httpx.Client, x: float) -> None:
    answer = http.post("/gateway/application/doubler", json={"x": x})
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"y": 2 * x}


def counted(http: httpx.Client, version: int) -> Callable[[], Any]:
    """What the aggregates say of the metric."""

    def look() -> Any:
        batches = http.get(f"/monitoring/checks/aggregates/{version}").json()["results"]
        return batches[0]["_hs_metrics"].get("far") if batches else None

    return look


def test_m17_a_metric_model_watches_another(cloud: Cloud, applied: httpx.Client) -> None:
    version = applied.get("/api/v2/model/version/doubler/1").json()["id"]
    look = counted(applied, version)
    for x in (1.0, 9.0, -1.0):  # near, far, and nobody knows
        ask(applied, x)
    once = {"checked": 3, "passed": 1, "failed": 1, "errored": 1}
    wait_until("all three are checked", lambda: (look() or {}).get("checked") == 3, PATIENT)
    assert look() == once

    [spec] = applied.get(f"/api/v2/monitoring/metricspec/modelversion/{version}").json()
    assert spec["healthy"] == "value <= 4.2"
    path = f"/api/v2/servable/{spec['config']['servable']['fullName']}"
    wait_until("the metric model sleeps", lambda: falls_asleep(cloud, applied, path), PATIENT)
    ask(applied, 2.0)
    wait_until("the fourth is checked", lambda: look()["checked"] == 4, PATIENT)
    assert look() == {"checked": 4, "passed": 2, "failed": 1, "errored": 1}
    assert applied.get(path).json()["replicas"]["desired"] == 1


def falls_asleep(cloud: Cloud, http: httpx.Client, path: str) -> bool:
    """Time passes faster than it does: a minute in two seconds."""
    time.sleep(2)
    sqs = cloud.client("sqs")
    queue = next(url for url in sqs.list_queues()["QueueUrls"] if url.endswith("platform-events"))
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(load("minute_passed")))
    return bool(http.get(path).json()["replicas"]["desired"] == 0)
