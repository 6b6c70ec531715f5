"""Whatever dies comes back: ECS replaces a servable, `make up` repairs the rest; `make down` leaves nothing."""

import os
import signal
from pathlib import Path

import pytest

from tests.cloud import Served, bring_up, wait_until

GOOD = {"x1": -5.0, "x2": 1.0}


def processes(cloud_id: str, *words: str) -> list[int]:
    """Processes that carry the cloud's mark and whose command line holds all `words`."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            marked = f"DEWPOINT_CLOUD={cloud_id}".encode() in process.joinpath("environ").read_bytes()
            command = process.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if marked and all(word in command for word in words):
            found.append(int(process.name))
    return found


@pytest.fixture
def cloud_id(served: Served) -> str:
    return str(served.cloud.outputs["cloud"])


def answers(served: Served) -> bool:
    with served.cloud.http() as http:
        return http.post("/gateway/application/blobs", json=GOOD).status_code == 200


def test_a_killed_servable_is_replaced_without_help(served: Served, cloud_id: str) -> None:
    with served.cloud.http() as http:
        serving = next(s for s in http.get("/api/v2/servable").json() if s["usedApps"] == ["blobs"])["fullName"]
        victims = processes(cloud_id, "-m servable")
        assert victims
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
        wait_until("every servable is back", lambda: len(processes(cloud_id, "-m servable")) >= len(victims), 90)
        wait_until("it answers", lambda: answers(served), 90)
        assert http.get(f"/api/v2/servable/{serving}").json()["status"] == "Serving"


@pytest.mark.parametrize("words", [("-m local.edge",), ("functions.gateway.server",), ("awslambdaric",)])
def test_up_repairs_one_killed_process(served: Served, cloud_id: str, words: tuple[str, ...]) -> None:
    victims = processes(cloud_id, *words)
    assert victims
    os.kill(victims[0], signal.SIGKILL)
    again = bring_up(served.cloud.state)
    assert (again.edge, again.grpc, again.api_key) == (served.cloud.edge, served.cloud.grpc, served.cloud.api_key)
    wait_until("it answers", lambda: answers(served), 30)
