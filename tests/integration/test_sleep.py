"""A servable that nobody calls ends, process and all; the next call brings it back and is answered."""

import struct
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import httpx
import pytest

from functions.adapters.pb import open_inference_pb2 as pb
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


def ask_by_grpc(cloud: Cloud) -> str:
    """The status of one call; the gateway is a single process there, whoever calls."""
    body = pb.ModelInferRequest(model_name="sleeper")
    for name, value in GOOD.items():
        body.inputs.add(name=name, datatype="FP64", shape=[])
        body.raw_input_contents.append(struct.pack("<d", value))
    with grpc.insecure_channel(cloud.grpc) as channel:
        infer = channel.unary_unary("/inference.GRPCInferenceService/ModelInfer")
        try:
            infer(body.SerializeToString(), timeout=PATIENT, metadata=[("x-api-key", cloud.api_key)])
        except grpc.RpcError as error:
            return str(error.code().name)
    return "OK"


def test_x03_an_idle_servable_ends_and_the_next_calls_wake_it(cloud: Cloud, sleeper: httpx.Client) -> None:
    assert ask(sleeper).status_code == 200
    name = servable(sleeper)["fullName"]
    before = len(cloud.processes("-m servable "))
    wait_until("it sleeps", lambda: running(cloud, name) == 0, PATIENT)  # by the schedule, nobody helps
    wait_until("its process has ended", lambda: len(cloud.processes("-m servable ")) < before)
    asleep = servable(sleeper)
    assert (asleep["status"], asleep["replicas"]) == ("Serving", {"desired": 0, "healthy": 0})
    assert asleep["message"].startswith("asleep")
    assert application(sleeper)["status"] == "Ready"
    assert sleeper.get("/v2/models/sleeper/ready").status_code == 200
    assert running(cloud, name) == 0  # nobody woke it by looking

    with ThreadPoolExecutor(50) as pool:
        answers = Counter(pool.map(lambda _: ask_by_grpc(cloud), range(50)))
    assert set(answers) <= {"OK", "UNAVAILABLE"}, answers
    wait_until("it answers", lambda: ask(sleeper).status_code == 200, PATIENT)
    assert running(cloud, name) == 1
    assert servable(sleeper)["replicas"] == {"desired": 1, "healthy": 1}
