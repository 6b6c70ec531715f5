from functions.doors.queue import process_batch


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
