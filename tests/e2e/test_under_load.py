"""What happens to an application while it is called all the time: nobody who calls it notices."""

import os
import signal
import time

from functions.gateway.memory import LONGEST
from tests.cloud import Cloud, wait_until
from tests.e2e.elastic import application, graph
from tests.e2e.load import GOOD, calling


def test_m12_an_update_and_its_rollback_fail_no_request(elastic_cloud: Cloud) -> None:
    with application(elastic_cloud, "updated", "one") as updated, elastic_cloud.http() as http:
        before = updated.show()
        [old] = updated.servables()
        with calling(elastic_cloud, "updated") as load:
            wait_until("there is load", lambda: len(load.calls) > 10)
            answer = http.put(
                updated.path, json={"executionGraph": graph("default")}, headers={"if-match": etag(before)}
            )
            assert answer.status_code == 200, answer.text
            wait_until("the new graph answers", lambda: old not in updated.servables(), 120)
            rolled = http.post(f"{updated.path}/rollback", headers={"idempotency-key": "back"})
            assert rolled.status_code == 200, rolled.text
            again = http.post(f"{updated.path}/rollback", headers={"idempotency-key": "back"})
            assert again.json() == rolled.json()
            wait_until("the graph of before answers", lambda: configuration(updated.show()) == "one", 120)
            seen = len(load.calls)
            wait_until("it is called still", lambda: len(load.calls) > seen + 10)
        assert load.failed == []
        after = updated.show()
        assert (after["id"], after["name"]) == (before["id"], "updated")
        revisions = http.get(f"{updated.path}/revisions").json()
        assert [(each["status"], each["rolledBackTo"]) for each in revisions] == [
            ("Active", 1),
            ("Superseded", None),
            ("Superseded", None),
        ]


def etag(shown: dict[str, object]) -> str:
    return f'"{shown["revision"]}"'


def configuration(shown: dict[str, object]) -> object:
    [stage] = shown["executionGraph"]["stages"]  # type: ignore[index]
    return stage["modelVariants"][0]["deploymentConfigurationName"]


def test_g22_a_replica_that_is_killed_costs_retries_and_no_error(elastic_cloud: Cloud) -> None:
    with application(elastic_cloud, "killed", "two") as killed:
        wait_until("both replicas serve", lambda: len(killed.healthy()) == 2, 120)
        victim = min(killed.healthy())
        with calling(elastic_cloud, "killed") as load:
            wait_until("there is load", lambda: len(load.calls) > 10)
            os.kill(victim, signal.SIGKILL)
            wait_until("it is replaced", lambda: len(killed.healthy() - {victim}) == 2, 120)
            seen = len(load.calls)
            wait_until("it is called still", lambda: len(load.calls) > seen + 10)
        assert load.failed == []


def test_g19_a_deleted_application_stops_answering_at_once_also_on_open_connections(elastic_cloud: Cloud) -> None:
    with application(elastic_cloud, "deleted") as deleted, elastic_cloud.http() as http:
        with calling(elastic_cloud, "deleted", over_grpc=2) as load:
            wait_until("all callers are answered", lambda: {call.code for call in load.calls} == set(GOOD))
            assert load.failed == []
            assert http.delete(deleted.path).status_code == 200
            gone = time.monotonic()
            late = gone + LONGEST  # over gRPC what was read is remembered for so long
            wait_until("they ask again", lambda: sum(call.begun > late for call in load.calls) > 20)
        over_http = {call.code for call in load.calls if call.begun > gone and call.code.isdecimal()}
        over_grpc = {call.code for call in load.calls if call.begun > late and not call.code.isdecimal()}
        assert (over_http, over_grpc) == ({"404"}, {"NOT_FOUND"})
        # In between, only what is no fault of the caller's may have been said: its servable stops as well
        assert {call.code for call in load.calls} <= {*GOOD, "404", "NOT_FOUND", "UNAVAILABLE"}
