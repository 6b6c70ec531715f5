"""POSTs with an Idempotency-Key: docs/api.md, Repeating a POST."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from functions.core.errors import Conflict, InProgress, NotFound, Unavailable
from functions.core.idempotency import BUSY, KEPT, Claim, KeptAnswer
from functions.doors.http import Answer, Request
from functions.manager.answer_once import LARGEST, answer_once
from tests.fakes.clock import FakeClock
from tests.fakes.idempotency import FakeAnswerStore
from tests.unit.manager.test_routes import application_body, upload_body
from tests.unit.manager.world import Http, World


def test_the_same_key_and_body_give_the_first_answer_and_no_second_servable(http: Http, world: World) -> None:
    world.built()
    body = {"modelName": "penguins", "version": 1}
    first = http.call("POST", "/servable", body, idempotency_key="k1")
    again = http.call("POST", "/servable", body, idempotency_key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json_body == first.json_body
    assert "Idempotency-Replayed" not in first.headers
    assert len(world.servables) == 1
    assert again.headers["Idempotency-Replayed"] == "true"
    http.call("POST", "/servable", body, idempotency_key="k2")
    http.call("POST", "/servable", body)
    assert len(world.servables) == 3


def test_every_post_of_the_manager_keeps_its_answer(http: Http, world: World) -> None:
    version = world.built()
    upload = world.uploaded()
    for number, (path, body) in enumerate(
        [
            ("/model/upload", upload_body()),
            (f"/model/upload/{upload}/complete", None),
            ("/servable", {"modelName": "penguins", "version": 1}),
            ("/application", application_body(version.id)),
            ("/deployment_configuration", {"name": "small"}),
        ]
    ):
        first, again = (http.call("POST", path, body, idempotency_key=f"k{number}") for _ in range(2))
        assert first.status_code in (201, 202)
        assert (again.status_code, again.json_body) == (first.status_code, first.json_body)
        assert again.headers.get("ETag") == first.headers.get("ETag")


def test_the_same_key_for_another_request_is_a_conflict_that_names_it(http: Http, world: World) -> None:
    http.call("POST", "/deployment_configuration", {"name": "small"}, idempotency_key="k1")
    for path, body in [("/deployment_configuration", {"name": "large"}), ("/application", {"name": "small"})]:
        answer = http.call("POST", path, body, idempotency_key="k1")
        assert answer.status_code == 409
        assert "k1" in answer.json_body["detail"]
    assert [each.name for each in world.deployments.list()] == ["small"]


def test_a_refusal_is_not_kept(http: Http, world: World) -> None:
    body = {"modelName": "penguins", "version": 1}
    assert http.call("POST", "/servable", body, idempotency_key="k1").status_code == 404
    world.built()
    assert http.call("POST", "/servable", body, idempotency_key="k1").status_code == 201


def test_keys_belong_to_their_callers(http: Http, world: World) -> None:
    world.built()
    body = {"modelName": "penguins", "version": 1}
    names = {
        http.call("POST", "/servable", body, idempotency_key="k1", x_api_key=caller).json_body["fullName"]
        for caller in ("dp_a", "dp_b", "dp_a")
    }
    assert len(names) == 2


@pytest.mark.parametrize("key", ["", " ", "k" * 256, "two words", "schlüssel"])
def test_a_malformed_key_is_refused(http: Http, key: str) -> None:
    answer = http.call("POST", "/deployment_configuration", {"name": "small"}, idempotency_key=key)
    assert answer.status_code == 400
    assert answer.json_body["errors"][0]["pointer"] == "/headers/idempotency-key"


def request(body: bytes = b"{}") -> Request:
    return Request("POST", "/api/v2/x", {"x-api-key": "dp_a"}, {}, body, "r")


def test_a_request_that_is_being_worked_on_is_not_begun_again() -> None:
    store, clock = FakeAnswerStore(), FakeClock()
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> Answer:
        begun.set()
        assert go_on.wait(10)
        return Answer({"done": True}, 201)

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(answer_once, store, clock, "k", request(), slow)
        assert begun.wait(10)
        with pytest.raises(InProgress) as refused:
            answer_once(store, clock, "k", request(), slow)
        go_on.set()
        assert first.result(10).body == {"done": True}
    assert refused.value.retry_after == 1
    assert answer_once(store, clock, "k", request(), slow).body == {"done": True}


def test_in_progress_is_a_409_with_retry_after(http: Http, world: World) -> None:
    body = {"name": "small"}
    http.call("POST", "/deployment_configuration", body, idempotency_key="k1")
    [entry] = world.answers.entries.values()
    entry.answer = None
    answer = http.call("POST", "/deployment_configuration", body, idempotency_key="k1")
    assert (answer.status_code, answer.headers["Retry-After"]) == (409, "1")
    assert answer.json_body["type"] == "urn:dewpoint:in-progress"


def test_a_key_is_free_again_after_a_crash_and_after_a_day() -> None:
    store, clock = FakeAnswerStore(), FakeClock()

    def crash() -> Answer:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        answer_once(store, clock, "k", request(), crash)
    clock.advance(BUSY)
    assert answer_once(store, clock, "k", request(), lambda: Answer(1)).body == 1
    clock.advance(KEPT - 1)
    assert answer_once(store, clock, "k", request(), lambda: Answer(2)).body == 1
    clock.advance(1)
    assert answer_once(store, clock, "k", request(), lambda: Answer(2)).body == 2


def test_an_error_frees_the_key() -> None:
    store, clock = FakeAnswerStore(), FakeClock()

    def fail() -> Answer:
        raise NotFound("nothing")

    with pytest.raises(NotFound):
        answer_once(store, clock, "k", request(), fail)
    assert answer_once(store, clock, "k", request(b"other"), lambda: Answer(1)).body == 1


def test_an_answer_too_large_to_keep_is_not_carried_out_twice() -> None:
    store, clock = FakeAnswerStore(), FakeClock()
    large = Answer("x" * LARGEST)
    assert answer_once(store, clock, "k", request(), lambda: large) is large
    with pytest.raises(Conflict, match="too large"):
        answer_once(store, clock, "k", request(), lambda: large)


def test_an_answer_that_cannot_be_kept_is_given_all_the_same() -> None:
    """What was done was done: an error would tell the caller to do it again."""

    class Full(FakeAnswerStore):
        def finish(self, claim: Claim, answer: KeptAnswer) -> None:
            raise Unavailable("the tables take no more calls at the moment")

    store, clock = Full(), FakeClock()
    assert answer_once(store, clock, "k", request(), lambda: Answer({"done": True}, 201)).status == 201
    with pytest.raises(InProgress):
        answer_once(store, clock, "k", request(), lambda: Answer({"done": True}, 201))
