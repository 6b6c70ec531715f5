"""A model for load and faults: it answers as many numbers as it is asked for, as late as it is told to."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cloud import Cloud, wait_until
from tests.e2e.test_lifecycle import payload, upload, wait_for_build

NAME = "elastic"
TABLES = "dewpoint-local"  # the prefix of the tables
SOURCE = """
import time
import numpy as np

def infer(n, wait):
    time.sleep(float(wait))
    return {"y": np.full(int(n), 0.5)}
"""


def field(name: str, dims: list[int]) -> dict[str, Any]:
    return {"name": name, "dtype": "DT_DOUBLE", "shape": {"dims": dims}}


SIGNATURE = {
    "signatureName": "infer",
    "inputs": [field("n", []), field("wait", [])],
    "outputs": [field("y", [-1])],
}


@dataclass(frozen=True)
class Application:
    """An application of the elastic model, with what a test does to it."""

    cloud: Cloud
    name: str

    @property
    def path(self) -> str:
        return f"/api/v2/application/{self.name}"

    def show(self) -> dict[str, Any]:
        with self.cloud.http() as http:
            return http.get(self.path).json()  # type: ignore[no-any-return]

    def servables(self) -> list[str]:
        stages = self.show()["executionGraph"]["stages"]
        return [variant["servableName"] for stage in stages for variant in stage["modelVariants"]]

    def healthy(self) -> set[int]:
        """The processes of its healthy replicas: only the record says at which addresses they are."""
        keys = [{"name": {"S": name}} for name in self.servables()]
        table = f"{TABLES}-servables"
        tables = self.cloud.client("dynamodb")
        records = [
            tables.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]["document"]["S"] for key in keys
        ]
        replicas = [replica for record in records for replica in json.loads(record)["replicas"] if replica["healthy"]]
        hosts = {f"APP_HOST={replica['address'].partition(':')[0]}".encode() for replica in replicas}
        servers = self.cloud.processes("-m servable ")  # the blank leaves out the health check, "-m servable.probe"
        return {pid for pid in servers if hosts & environment(pid)}

    def wait_ready(self, timeout: float = 120) -> dict[str, Any]:
        wait_until(f"{self.name} is ready", lambda: self.show()["status"] == "Ready", timeout)
        return self.show()


def environment(pid: int) -> set[bytes]:
    try:
        return set(Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"))
    except OSError:
        return set()


def build(cloud: Cloud) -> None:
    """Unless a test run before has left it there."""
    with cloud.http() as http:
        if http.get(f"/api/v2/model/version/{NAME}/1").status_code == 200:
            return
    answer = upload(cloud, NAME, payload(SOURCE), modelSignature=SIGNATURE)
    assert answer.status_code == 202, answer.text
    version = wait_for_build(cloud, answer.json())
    assert version["status"] == "Released", version["statusMessage"]


def graph(configuration: str = "default") -> dict[str, Any]:
    variant = {"modelName": NAME, "modelVersion": 1, "weight": 100, "deploymentConfigName": configuration}
    return {"stages": [{"modelVariants": [variant]}]}


@contextmanager
def application(cloud: Cloud, name: str, configuration: str = "default") -> Iterator[Application]:
    """A ready application of the model; it is deleted afterwards, if the test has not done so."""
    made = Application(cloud, name)
    with cloud.http() as http:
        answer = http.post("/api/v2/application", json={"name": name, "executionGraph": graph(configuration)})
        assert answer.status_code == 201, answer.text
        made.wait_ready()
        yield made
        http.delete(made.path)
