"""What keeps the answers of repeatable requests, held against the fake and against DynamoDB."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import msgspec
import pytest

from functions.adapters.dynamo.idempotency import DynamoAnswerStore
from functions.core.idempotency import BUSY, KEPT, AnswerStore, Claim, Held, KeptAnswer
from functions.doors.http import Answer
from functions.manager.answer_once import LARGEST, kept
from tests.fakes.entities import START
from tests.fakes.idempotency import FakeAnswerStore

pytestmark = pytest.mark.disable_socket

ANSWER = KeptAnswer(201, {"ETag": '"1"'}, '{"name":"a"}')


@pytest.fixture(params=["fake", "dynamo"])
def store(request: pytest.FixtureRequest) -> AnswerStore:
    return FakeAnswerStore() if request.param == "fake" else DynamoAnswerStore(request.getfixturevalue("tables"))


def test_of_many_claims_one_wins(store: AnswerStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        held = list(pool.map(lambda n: store.claim(Claim("k", f"o{n}", "f"), START), range(8)))
    assert held.count(None) == 1
    assert held.count(Held("f", None)) == 7


def test_the_answer_is_given_until_it_expires(store: AnswerStore) -> None:
    mine = Claim("k", "first", "f")
    assert store.claim(mine, START) is None
    store.finish(mine, ANSWER)
    assert store.claim(Claim("k", "second", "other"), START) == Held("f", ANSWER)
    assert store.claim(Claim("k", "second", "f"), START + timedelta(seconds=KEPT - 1)) == Held("f", ANSWER)
    assert store.claim(Claim("k", "second", "f"), START + timedelta(seconds=KEPT)) is None


def test_a_released_key_is_free_again(store: AnswerStore) -> None:
    mine = Claim("k", "first", "f")
    store.claim(mine, START)
    store.release(mine)
    assert store.claim(Claim("k", "second", "f"), START) is None


def test_the_key_of_a_dead_worker_is_taken_over_and_the_dead_stays_silent(store: AnswerStore) -> None:
    dead, heir = Claim("k", "dead", "f"), Claim("k", "heir", "f")
    store.claim(dead, START)
    assert store.claim(heir, START + timedelta(seconds=BUSY - 1)) == Held("f", None)
    assert store.claim(heir, START + timedelta(seconds=BUSY)) is None
    store.finish(dead, ANSWER)
    store.release(dead)
    assert store.claim(Claim("k", "third", "f"), START + timedelta(seconds=BUSY)) == Held("f", None)
    store.finish(heir, ANSWER)
    assert store.claim(Claim("k", "third", "f"), START + timedelta(seconds=BUSY)) == Held("f", ANSWER)


def test_the_largest_answer_that_is_kept_fits(store: AnswerStore) -> None:
    """Every quote of its JSON is escaped in the JSON that holds it."""
    claim = Claim("k", "o", "f")
    room = LARGEST - len(msgspec.json.encode(KeptAnswer(201, {}, '""')))
    for length, fits in ((room // 4, True), (room // 4 + 1, False)):
        assert store.claim(claim, START) is None
        answer = kept(Answer('"' * length, 201))
        assert bool(answer.body) is fits
        store.finish(claim, answer)
        assert store.claim(Claim("k", "p", "f"), START) == Held("f", answer)
        store.release(claim)
