from collections.abc import Mapping, Sequence
from typing import Any

from functions.core.errors import InProgress, Postponed
from functions.doors.queue import process_batch, process_patiently


def test_a_failing_record_fails_alone() -> None:
    done: list[str] = []

    def handle(body: str) -> None:
        if body == "bad":
            raise ValueError(body)
        done.append(body)

    records = [{"messageId": f"m{at}", "body": body} for at, body in enumerate(["a", "bad", "b"])]
    answer = process_batch({"Records": records}, handle)
    assert done == ["a", "b"]
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}


def test_what_is_postponed_comes_again_when_it_says_and_what_failed_when_the_queue_does() -> None:
    seen: list[Any] = []
    put_offs: list[tuple[str, int]] = []

    def handle(bodies: Sequence[str], deliveries: Sequence[int]) -> Mapping[int, Exception]:
        seen.append((list(bodies), list(deliveries)))
        return {1: Postponed("not yet", 30), 2: InProgress("busy")}

    records = [
        {"messageId": "m0", "body": "a", "receiptHandle": "r0"},
        {"messageId": "m1", "body": "b", "receiptHandle": "r1", "attributes": {"ApproximateReceiveCount": "3"}},
        {"messageId": "m2", "body": "c", "receiptHandle": "r2"},
    ]
    answer = process_patiently({"Records": records}, handle, lambda *call: put_offs.append(call))
    assert seen == [(["a", "b", "c"], [1, 3, 1])]
    assert put_offs == [("r1", 30)]
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}, {"itemIdentifier": "m2"}]}
