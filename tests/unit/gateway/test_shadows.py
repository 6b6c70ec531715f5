"""Shadows: variants of weight 0 that the gateway names to the monitoring and never calls; and what is recorded."""

import msgspec
import pytest

from functions.core.errors import ModelFailed
from functions.core.messages import PredictionMade, decode, encode
from functions.gateway.inputs import PlainInputs
from functions.gateway.ports import CallOptions
from functions.gateway.predict import predict
from functions.gateway.resolve import resolve_application
from tests.unit.gateway.worlds import World, adding, field, number, raising, signature

WIDE = signature([field("x"), field("w")], [field("y")])


def made(world: World, body: object, variant: str = "") -> PredictionMade:
    options = CallOptions(request_id="r", variant=variant)
    predict(world.ports, resolve_application(world.ports, "app", options=options), PlainInputs(body), options)
    return world.sink.published[-1]


def test_g13_a_shadow_is_not_called_and_costs_no_time_but_is_told_to_the_monitoring() -> None:
    world = World()
    live, shadow = world.servable("m", 1, adding(1), takes=0.1), world.servable("m", 2, adding(2), takes=9)
    world.application("app", [(live, 100), (shadow, 0)])
    (call,) = made(world, {"x": 0}).calls
    assert {asked.endpoint for asked in world.client.asked} == set(live.endpoints)
    assert world.time == pytest.approx(0.1)
    assert (call.servable_name, call.shadows, call.spare_inputs) == (live.name, (shadow.name,), {})


def test_inputs_that_only_the_shadow_takes_are_kept_for_it() -> None:
    world = World()
    live, shadow = world.servable("m", 1, adding(1)), world.servable("m", 2, adding(2), signature=WIDE)
    world.application("app", [(live, 100), (shadow, 0)])
    (call,) = made(world, {"x": 0, "w": 3}).calls
    assert (call.inputs, call.spare_inputs) == ({"x": number(0)}, {"w": number(3)})


def test_without_shadows_no_spare_inputs_are_carried() -> None:
    world = World()
    narrow, wide = world.servable("m", 1, adding(1)), world.servable("m", 2, adding(2), signature=WIDE)
    world.application("app", [(narrow, 99), (wide, 1)])
    (call,) = made(world, {"x": 0, "w": 3}, "m:1").calls
    assert (call.shadows, call.spare_inputs) == ((), {})


def test_every_stage_tells_its_own_shadows_and_a_shadow_that_answers_is_not_its_own() -> None:
    world = World()
    second = signature([field("y")], [field("z")])
    a, b = world.servable("a", 1, adding(1)), world.servable("a", 2, adding(2))
    c, d = (world.servable("c", at, adding(10, "y", "z"), signature=second) for at in (1, 2))
    world.application("app", [(a, 100), (b, 0)], [(c, 100), (d, 0)])
    assert [call.shadows for call in made(world, {"x": 0}).calls] == [(b.name,), (d.name,)]
    assert [call.shadows for call in made(world, {"x": 0}, "c:2").calls] == [(b.name,), ()]


def test_a_shadow_that_is_gone_or_down_does_not_matter() -> None:
    world = World()
    live, shadow = world.servable("m", 1, adding(1)), world.servable("m", 2)
    world.application("app", [(live, 100), (shadow, 0)])
    world.servables.delete(shadow.name)
    assert made(world, {"x": 0}).error is None


def test_g16_latency_and_ids_are_recorded_per_stage_for_success_and_failure_alike() -> None:
    world = World()
    bad = world.servable(
        "c", 1, raising(ModelFailed("boom")), signature=signature([field("y")], [field("z")]), takes=0.5
    )
    application = world.application("app", [(world.servable("a", 1, adding(1)), 100)], [(bad, 100)])
    with pytest.raises(ModelFailed):
        made(world, {"x": 0})
    (recorded,) = world.sink.published
    assert (recorded.application, recorded.application_id) == ("app", application.id)
    assert [(call.stage, call.servable_name, call.latency_ms) for call in recorded.calls] == [
        (0, application.servables[0], 0.0),
        (1, bad.name, pytest.approx(500.0)),
    ]


def test_a_message_of_before_the_new_fields_is_still_read() -> None:
    world = World()
    live, shadow = world.servable("m", 1, adding(1)), world.servable("m", 2, adding(2), signature=WIDE)
    world.application("app", [(live, 100), (shadow, 0)])
    message = made(world, {"x": 0, "w": 1})
    assert decode(encode(message)) == message
    document = msgspec.json.decode(encode(message))
    del document["applicationId"], document["calls"][0]["shadows"], document["calls"][0]["spareInputs"]
    old = decode(msgspec.json.encode(document))
    assert isinstance(old, PredictionMade)
    assert (old.application_id, old.calls[0].shadows, old.calls[0].spare_inputs) == (None, (), {})
