"""Every prediction becomes one row, whatever the queue and the workers do."""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.errors import InProgress, Unavailable
from functions.core.messages import Claim, PredictionMade
from functions.core.messages import encode as encode_message
from functions.core.observations import Checked, observations_of
from functions.core.signature import Signature
from functions.sonar.observe import observe
from tests.fakes.ledger import FakeLedger
from tests.fakes.monitoring import FakeLogFiles
from tests.unit.sonar.world import LEASE, START, World, body, call, number, prediction


def ids(world: World) -> list[str]:
    return [row.observation.request_id for row in world.log]


def test_a_prediction_becomes_a_row() -> None:
    world = World()
    assert world.observe(prediction()) == {}
    (row,) = world.log
    assert (row.observation.request_id, row.observation.at, row.observation.model_version_id) == ("r1", START, 1)
    assert row.observation.inputs == {"x": number(1.0)}
    assert row.observation.outputs == {"y": number(2.0)}


def test_s23_a_message_that_comes_again_adds_nothing() -> None:
    world = World()
    for _ in range(3):
        assert world.observe(prediction("r1"), prediction("r2", START + 1), prediction("r1")) == {}
    assert ids(world) == ["r1", "r2"]
    assert world.ledger.head(1).rows == 2


def test_s23_a_request_id_that_a_caller_chose_twice_is_two_predictions() -> None:
    world = World()
    world.observe(prediction("mine", START), prediction("mine", START + 0.000001))
    assert ids(world) == ["mine", "mine"]


def test_s23_the_order_of_delivery_changes_no_row() -> None:
    made = [prediction(f"r{n:02}", START + 977 * n) for n in range(20)]
    logs = []
    for seed in range(5):
        world, shuffled = World(), made * 2
        random.Random(seed).shuffle(shuffled)
        for at in range(0, len(shuffled), 7):
            assert world.observe(*shuffled[at : at + 7]) == {}
        logs.append(sorted(world.log, key=lambda row: row.observation.request_id))
    assert all(log == logs[0] for log in logs)
    assert len(logs[0]) == len(made)


STEPS = 14  # a claim, two training profiles, four files with their profiles, two heads, the transaction


class Crash(BaseException):
    """A worker that is killed: nothing it would do afterwards happens."""


class Dying:
    """Wraps a port; the `survives`-th call and every one after it kills the worker, before or after its effect."""

    def __init__(self, port: Any, budget: list[int], *, after: bool) -> None:
        self._port = port
        self._budget = budget
        self._after = after

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def called(*arguments: Any) -> Any:
            self._budget[0] -= 1
            if self._budget[0] < 0 and not self._after:
                raise Crash
            result = getattr(self._port, name)(*arguments)
            if self._budget[0] < 0:
                raise Crash
            return result

        return called


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("survives", range(STEPS + 1))
def test_s23_a_worker_killed_at_any_step_loses_and_doubles_nothing(survives: int, after: bool) -> None:
    world = World()
    world.version(2)
    two_stages = (call(), call(stage=1, model_version_id=2, servable_name="servable-2"))
    made = [prediction(f"r{n}", START + 1800 * n, calls=two_stages) for n in range(4)]
    ledger, files, profiles = world.ledger, world.files, world.profiles
    budget = [survives]
    world.profiles = Dying(profiles, budget, after=after)  # type: ignore[assignment]
    world.ledger = Dying(ledger, budget, after=after)  # type: ignore[assignment]
    world.files = Dying(files, budget, after=after)  # type: ignore[assignment]
    died = False
    try:
        world.observe(*made)
    except Crash:
        died = True
    world.ledger, world.files, world.profiles = ledger, files, profiles
    world.clock.advance(LEASE)
    assert world.observe(*made) == {}
    for version in (1, 2):
        assert sorted(row.observation.request_id for row in world.log_of(version)) == ["r0", "r1", "r2", "r3"]
        bulletins = world.ledger.after(version, 0)
        assert [one.first for one in bulletins] == [0, *(one.end for one in bulletins[:-1])]
        assert bulletins[-1].end == 4
    assert died == (survives < STEPS)


def test_what_another_worker_is_recording_comes_back_later() -> None:
    world = World()
    ledger, budget = world.ledger, [1]
    world.ledger = Dying(ledger, budget, after=False)  # type: ignore[assignment]
    with pytest.raises(Crash):
        world.observe(prediction())
    world.ledger = ledger
    failures = world.observe(prediction(), prediction("r2"))
    assert list(failures) == [0]
    assert isinstance(failures[0], InProgress)
    assert ids(world) == ["r2"]


def test_what_fails_for_a_while_is_free_for_the_next_delivery_at_once() -> None:
    troubles = [OSError("no bucket")]

    def before() -> None:
        if troubles:
            raise troubles.pop()

    world = World(files=FakeLogFiles(before))
    assert list(world.observe(prediction())) == [0]
    assert world.log == []
    assert world.observe(prediction()) == {}
    assert ids(world) == ["r1"]


def test_who_always_loses_the_race_gives_up_and_loses_nothing() -> None:
    class Crowded(FakeLedger):
        def publish(self, *_: Any) -> bool:
            return False

    world = World(ledger=Crowded())
    failures = world.observe(prediction())
    assert isinstance(failures[0], Unavailable)


def test_a_message_that_cannot_be_read_is_buried_with_the_reason_and_holds_no_other() -> None:
    world = World()
    nested = encode_message(Claim(bucket="b", key="nested")).decode()
    world.claims.bodies[("b", "nested")] = nested.encode()
    bodies = ["not json", '{"type": "PredictionMade"}', encode_message(Claim(bucket="b", key="gone")).decode(), nested]
    assert observe(world, [*bodies, body(prediction())]) == {}
    reasons = [reason for _, reason in world.dead_letters.buried]
    assert [buried for buried, _ in world.dead_letters.buried] == bodies
    assert "malformed" in reasons[0]
    assert "requestId" in reasons[1]
    assert reasons[2] == "nothing is stored at gone"
    assert reasons[3] == "a claim of a claim"
    assert ids(world) == ["r1"]


def test_a_large_prediction_is_read_from_where_it_was_left() -> None:
    world = World()
    world.claims.bodies[("b", "k")] = encode_message(prediction("large"))
    assert observe(world, [encode_message(Claim(bucket="b", key="k")).decode()]) == {}
    assert ids(world) == ["large"]


def test_predictions_of_many_versions_are_recorded_in_transactions_that_fit() -> None:
    largest: list[int] = []

    class Counting(FakeLedger):
        def publish(self, commit: str, additions: Any, expires: int) -> bool:
            largest.append(1 + sum(1 + len(one.segments) + len(one.batches) for one in additions))
            return super().publish(commit, additions, expires)

    world = World(ledger=Counting())
    for version in range(2, 60):
        world.version(version)
    made = [prediction(f"r{n}", START + 60 * n, calls=(call(model_version_id=1 + n % 59),)) for n in range(500)]
    assert world.observe(*made) == {}
    assert len(world.log) == 500
    assert max(largest) <= 100
    assert len(largest) > 1


def test_a_version_that_was_deleted_has_no_log_any_more() -> None:
    world = World()
    gone = prediction("gone", calls=(call(model_version_id=99),))
    assert world.observe(gone, prediction("kept", START + 1)) == {}
    assert ids(world) == ["kept"]


def test_s13_a_failed_prediction_is_logged_with_its_message() -> None:
    world = World()
    failed = prediction(calls=(call(outputs=None, error="the model failed"),), error="the model failed")
    world.observe(failed)
    (row,) = world.log
    assert row.observation.error == "the model failed"
    assert row.observation.outputs is None
    (segment,) = world.ledger.segments(1)
    assert (segment.tally.requests, segment.tally.errors) == (1, 1)


def test_messages_of_a_newer_sender_are_understood() -> None:
    document = msgspec.json.decode(encode_message(prediction()))
    document["somethingNew"] = 1
    world = World()
    assert observe(world, [msgspec.json.encode(document).decode()]) == {}
    assert isinstance(msgspec.json.decode(msgspec.json.encode(document), type=PredictionMade), PredictionMade)
    assert ids(world) == ["r1"]


@pytest.mark.parametrize("at", [1e300, -1.0, 253_402_300_800.0])
def test_a_moment_that_no_calendar_has_is_buried_and_holds_no_other(at: float) -> None:
    world = World()
    assert world.observe(prediction("never", at), prediction()) == {}
    assert ids(world) == ["r1"]
    [(_, reason)] = world.dead_letters.buried
    assert reason.startswith("at: expected seconds since the epoch")


@given(st.floats(START, START + 1e6))
def test_s14_a_row_has_one_moment_wherever_it_is_written(at: float) -> None:
    [row] = observations_of(prediction(at=at))
    written = datetime.fromtimestamp(row.at, UTC)
    assert (written - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1) == round(row.at * 1_000_000)
    assert round(row.at * 1_000_000) == round(at * 1_000_000)


def test_one_that_cannot_be_recorded_spoils_no_other_when_all_come_again() -> None:
    class Picky(FakeLogFiles):
        def write(self, key: str, signature: Signature, rows: Sequence[Checked]) -> None:
            if any(row.observation.request_id == "r3" for row in rows):
                raise ValueError("a row that nobody can write")
            super().write(key, signature, rows)

    world = World(files=Picky())
    bodies = [body(prediction(f"r{n}")) for n in range(7)]
    assert list(observe(world, bodies)) == list(range(7))
    assert list(observe(world, bodies, [2] * 7)) == [3]
    assert ids(world) == ["r0", "r1", "r2", "r4", "r5", "r6"]


def test_a_delivery_of_large_predictions_is_recorded_in_portions_that_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.sonar.portions.FULL", 40)  # bytes; a prediction here has 16
    world = World()
    assert world.observe(*(prediction(f"r{n}") for n in range(7))) == {}
    assert ids(world) == [f"r{n}" for n in range(7)]
    assert [segment.rows for segment in world.index.segments(1)] == [3, 3, 1]
