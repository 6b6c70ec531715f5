"""Observations leave in the background: bounded, counted, and never in anybody's way."""

import threading
import time

from functions.core.dtypes import DType
from functions.core.messages import PredictionMade, StageCall
from functions.core.tensor import Tensor
from functions.gateway.publish import TOGETHER, BackgroundSink, publish
from tests.fakes.observation_sink import FakeObservationSink


def made(request_id: str = "r", inputs: int = 0) -> PredictionMade:
    """`inputs`: bytes of its only tensor."""
    call = StageCall(
        stage=0,
        servable_name="s",
        model_name="m",
        model_version=1,
        model_version_id=1,
        inputs={"x": Tensor(DType.UINT8, (inputs,), bytes(inputs))},
        latency_ms=1.0,
    )
    return PredictionMade(request_id=request_id, at=0.0, calls=(call,))


def broken() -> None:
    raise ConnectionError("no queue")


def test_publish_never_raises() -> None:
    publish(FakeObservationSink(before=broken), made())


def test_messages_arrive_and_drain_waits_for_them() -> None:
    inner = FakeObservationSink(before=lambda: time.sleep(0.005))
    sink = BackgroundSink(inner)
    for number in range(20):
        sink.publish(made(str(number)))
    assert sink.drain(5.0) == 0
    assert {message.request_id for message in inner.published} == {str(number) for number in range(20)}


def test_with_patience_the_message_has_left_when_publish_returns() -> None:
    inner = FakeObservationSink(before=lambda: time.sleep(0.02))
    BackgroundSink(inner, patience=5.0).publish(made())
    assert len(inner) == 1


def test_g17_a_sink_that_hangs_costs_no_more_than_the_patience() -> None:
    gate = threading.Event()
    sink = BackgroundSink(FakeObservationSink(before=lambda: gate.wait(10)), patience=0.05)
    begun = time.monotonic()
    sink.publish(made())
    assert 0.04 < time.monotonic() - begun < 1.0
    assert sink.drain(0.01) == 1
    gate.set()
    assert sink.drain(5.0) == 0


def test_what_finds_the_queue_full_is_dropped_and_counted() -> None:
    gate, busy = threading.Event(), threading.Event()

    def hold() -> None:
        busy.set()
        gate.wait(10)

    inner = FakeObservationSink(before=hold)
    sink = BackgroundSink(inner, capacity=3, threads=1)
    sink.publish(made("0"))
    assert busy.wait(5)  # the worker has the first in its hands, and takes no other meanwhile
    for number in range(1, 10):
        sink.publish(made(str(number)))
    gate.set()
    assert sink.drain(5.0) == 0
    assert sink.dropped == 6
    assert [message.request_id for message in inner.published] == ["0", "1", "2", "3"]


def refusing(request_id: str) -> FakeObservationSink:
    class Refusing(FakeObservationSink):
        def publish(self, *predictions: PredictionMade) -> None:
            if request_id in {prediction.request_id for prediction in predictions}:
                broken()
            super().publish(*predictions)

    return Refusing()


def test_g24_what_waits_is_bounded_in_bytes() -> None:
    """A thousand observations of a megabyte each, and a store that hangs, would end the gateway."""
    gate = threading.Event()
    sink = BackgroundSink(FakeObservationSink(before=lambda: gate.wait(10)), most_bytes=1000, threads=1)
    for size in (600, 300, 600, 100, 1):
        sink.publish(made(inputs=size))
    assert sink.dropped == 2  # the second 600 and the last byte
    gate.set()
    assert sink.drain(5.0) == 0
    sink.publish(made(inputs=5000))  # alone, it finds room
    assert sink.drain(5.0) == 0
    assert sink.dropped == 2


def test_a_message_that_is_refused_takes_no_other_with_it() -> None:
    inner = refusing("lost")
    sink = BackgroundSink(inner, threads=1, linger=0.05)
    for name in ("first", "lost", "last"):
        sink.publish(made(name))
    assert sink.drain(5.0) == 0
    assert [message.request_id for message in inner.published] == ["first", "last"]


def test_g24_messages_that_linger_leave_together() -> None:
    inner = FakeObservationSink()
    sink = BackgroundSink(inner, threads=1, linger=0.2)
    for number in range(25):
        sink.publish(made(str(number)))
    assert sink.drain(5.0) == 0
    assert [message.request_id for message in inner.published] == [str(number) for number in range(25)]
    assert len(inner.sizes) <= 4
    assert max(inner.sizes) == TOGETHER


def test_a_message_that_need_not_linger_waits_for_no_other() -> None:
    inner = FakeObservationSink()
    BackgroundSink(inner, patience=5.0, threads=1).publish(made())
    assert inner.sizes == [1]
