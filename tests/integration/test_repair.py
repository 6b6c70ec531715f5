"""Whatever dies comes back: ECS replaces a servable, `make up` repairs the rest; `make down` leaves nothing."""

import os
import signal

import pytest

from tests.cloud import EXAMPLES, Served, bring_up, wait_until

GOOD = {"x1": -5.0, "x2": 1.0}


def answers(served: Served) -> bool:
    with served.cloud.http() as http:
        return http.post("/gateway/application/blobs", json=GOOD).status_code == 200


def test_a_killed_servable_is_replaced_without_help(served: Served) -> None:
    def running() -> set[int]:
        return set(served.cloud.processes("-m servable "))

    with served.cloud.http() as http:

        def wanted() -> int:
            """Of those that run our server, not one of their own; others than this test's come and go."""
            servables = http.get("/api/v2/servable").json()
            own = [each for each in servables if each["modelVersion"]["runtime"]["name"] != "custom"]
            return sum(each["replicas"]["desired"] for each in own)

        serving = next(each for each in http.get("/api/v2/servable").json() if each["usedApps"] == ["blobs"])
        victims = wait_until("all run, and nobody else", lambda: running() if len(running()) == wanted() else None, 120)
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
        wait_until("every servable is back", lambda: len(running() - victims) == wanted(), 90)
        wait_until("it answers", lambda: answers(served), 90)
        assert http.get(f"/api/v2/servable/{serving['fullName']}").json()["status"] == "Serving"


@pytest.mark.parametrize("words", [("-m local.edge",), ("functions.gateway.server",), ("awslambdaric",)])
def test_up_repairs_one_killed_process(served: Served, words: tuple[str, ...]) -> None:
    victims = served.cloud.processes(*words)
    assert victims
    os.kill(victims[0], signal.SIGKILL)
    again = bring_up(served.cloud.state)
    assert (again.edge, again.grpc, again.api_key) == (served.cloud.edge, served.cloud.grpc, served.cloud.api_key)
    wait_until("it answers", lambda: answers(served), 30)


@pytest.mark.last
def test_k16_up_deploys_anew_after_the_emulator_was_killed(served: Served) -> None:
    """Its state lives in memory, so models are applied again."""
    (emulator,) = served.cloud.processes("-m local_cloud")
    os.kill(emulator, signal.SIGKILL)
    again = bring_up(served.cloud.state)
    assert (again.edge, again.grpc) == (served.cloud.edge, served.cloud.grpc)
    assert again.cli("apply", "-f", f"examples/{EXAMPLES[-1]}").code == 0
    with again.http() as http:
        assert http.post("/gateway/application/blobs", json=GOOD).status_code == 200
