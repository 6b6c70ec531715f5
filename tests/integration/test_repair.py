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
            """Fewer from one moment to the next when another test has taken its servables back."""
            return sum(each["replicas"]["desired"] for each in http.get("/api/v2/servable").json())

        serving = next(each for each in http.get("/api/v2/servable").json() if each["usedApps"] == ["blobs"])

        def settled() -> set[int] | None:
            return found if 0 < len(found := running()) <= wanted() else None

        victims = wait_until("nobody runs who should not", settled, 120)
        before = wanted()
        for pid in victims:
            os.kill(pid, signal.SIGKILL)

        def are_back() -> bool:
            return len(running() - victims) >= len(victims) - max(0, before - wanted())

        wait_until("every servable is back", are_back, 120)
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
