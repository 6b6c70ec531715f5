"""From a check that fails to a webhook with a valid signature, once; and again when it is over."""

import hashlib
import hmac
import json
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import numpy as np
import pytest

from functions.core.dtypes import DType
from functions.core.leaves import Leaf
from functions.core.observations import training_profile_key
from functions.numerics.profiles.column import Column
from functions.numerics.profiles.stored import profile_rows, to_bytes
from tests.cloud import Cloud, wait_until

SECRET = "what only two know"
RULES = {"window": 4, "coolDown": 3600, "quiet": 600, "minFailures": 2, "minShare": 0.5}
PATIENT = 120


class Hook(ThreadingHTTPServer):
    """A receiver of webhooks on loopback."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[tuple[dict[str, str], bytes]] = []

    @property
    def alerts(self) -> list[dict[str, Any]]:
        return [alert for _, body in self.received for alert in json.loads(body)["alerts"]]


class Handler(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *arguments: Any) -> None: ...


@pytest.fixture
def hook(cloud: Cloud) -> Iterator[Hook]:
    """It is the receiver `hook` of the platform, and gone afterwards."""
    server = Hook()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    secrets = cloud.client("secretsmanager")
    secrets.create_secret(Name="dewpoint-local/webhook/hook", SecretString=SECRET)
    with cloud.http() as http:
        body = {"name": "hook", "url": f"http://127.0.0.1:{server.server_port}/alerts", "secret": "hook"}
        made = http.post("/monitoring/receivers", json=body)
        assert made.status_code == 201, made.text
        yield server
        http.delete("/monitoring/receivers/hook")
    secrets.delete_secret(SecretId="dewpoint-local/webhook/hook", ForceDeleteWithoutRecovery=True)
    server.shutdown()
    server.server_close()


@pytest.fixture
def version(cloud: Cloud) -> int:
    """A model that runs elsewhere; its training data say that x is between 0 and 9."""
    with cloud.http() as http:
        field = {"dtype": "DT_DOUBLE", "shape": {"dims": []}}
        signature = {
            "signatureName": "predict",
            "inputs": [{"name": "x", **field}],
            "outputs": [{"name": "y", **field}],
        }
        name = f"alerting-{uuid.uuid4().hex[:6]}"
        body = {"name": name, "modelSignature": signature, "monitoringConfiguration": {"alerts": RULES}}
        made = http.post("/api/v2/externalmodel", json=body)
        assert made.status_code == 201, made.text
        number = int(made.json()["id"])
    profile = profile_rows([Leaf("x", DType.DOUBLE, ())], {"x": Column(np.arange(10.0))})
    s3 = cloud.client("s3")
    [bucket] = [each["Name"] for each in s3.list_buckets()["Buckets"] if "observations" in each["Name"]]
    s3.put_object(Bucket=bucket, Key=training_profile_key(number), Body=to_bytes(profile))
    return number


def predict(http: httpx.Client, version: int, *values: float) -> list[str]:
    records = [{"inputs": {"x": value}, "outputs": {"y": 1.0}} for value in values]
    told = http.post(f"/monitoring/analyze/{version}", json={"records": records})
    assert told.status_code == 202, told.text
    return list(told.json()["requestIds"])


def alerts(http: httpx.Client, version: int) -> list[dict[str, Any]]:
    return list(http.get(f"/monitoring/alerts/{version}").json())


def is_signed(headers: dict[str, str], body: bytes) -> bool:
    fields = dict(part.split("=", 1) for part in headers["dewpoint-signature"].split(","))
    expected = hmac.new(SECRET.encode(), f"{fields['t']}.".encode() + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, fields["v1"])


def test_s17_a_failing_check_is_told_once_and_its_end_as_well(cloud: Cloud, hook: Hook, version: int) -> None:
    with cloud.http() as http:
        ids = predict(http, version, 20.0, 21.0, 22.0, 5.0)
        wait_until("the receiver is told", lambda: hook.received, PATIENT)
        [(headers, body)] = hook.received
        assert is_signed(headers, body)
        [alert] = hook.alerts
        assert (alert["occasion"], alert["check"], alert["modelVersionId"]) == ("fired", "check:x/max", version)
        assert (alert["threshold"], alert["failures"], alert["requests"]) == (9.0, 3, 4)
        assert set(alert["exampleRequestIds"]) <= set(ids)

        predict(http, version, *[30.0] * 6)
        wait_until("they are counted", lambda: alerts(http, version)[0]["failures"] == 9, PATIENT)
        assert len(hook.received) == 1  # it goes on, and nobody is told before the cool-down is over

        def is_over() -> bool:
            predict(http, version, 5.0)
            return alerts(http, version)[0]["state"] == "resolved"

        wait_until("it is over", is_over, PATIENT, every=1)
        wait_until("the receiver is told", lambda: len(hook.received) == 2, PATIENT)
        headers, body = hook.received[-1]
        assert is_signed(headers, body)
        assert [(each["occasion"], each["check"], each["number"]) for each in hook.alerts] == [
            ("fired", "check:x/max", 1),
            ("resolved", "check:x/max", 1),
        ]
        assert alerts(http, version)[0]["ending"].startswith("healthy")
        [receiver] = http.get("/monitoring/receivers").json()
        assert receiver["lastDelivery"]["delivered"] is True
