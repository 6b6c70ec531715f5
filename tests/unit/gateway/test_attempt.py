"""The policy of retries and circuits, over the use case and fakes."""

import pytest
from msgspec.structs import replace

from functions.core.errors import DeadlineExceeded, InvalidRequest, ModelFailed, Overloaded, Unavailable
from functions.core.models import Replica, Servable
from functions.gateway.breaker import COOL_DOWN, FAILURES
from functions.gateway.inputs import PlainInputs
from functions.gateway.predict import Prediction, predict
from functions.gateway.resolve import resolve_application
from tests.unit.gateway.http_client import HttpGateway
from tests.unit.gateway.worlds import OPTIONS, World, adding, number, raising


def serve(world: World, replicas: int = 2) -> Servable:
    servable = world.servable("m", model=adding(1), replicas=replicas)
    world.application("app", [(servable, 100)])
    return servable


def ask(world: World) -> Prediction:
    return predict(world.ports, resolve_application(world.ports, "app"), PlainInputs({"x": 0}), OPTIONS)


def asked(world: World) -> list[str]:
    return [call.endpoint for call in world.client.asked]


def test_a_lost_replica_costs_three_retries_and_no_error_then_its_circuit_is_open() -> None:
    world = World()
    dead, alive = serve(world).endpoints
    del world.client.models[dead]
    for _ in range(100):
        assert ask(world).outputs == {"y": number(1)}
    assert asked(world).count(dead) == FAILURES
    assert asked(world).count(alive) == 100
    assert all(made.error is None for made in world.sink.published)


def test_a_replica_that_comes_back_is_found_by_the_probe() -> None:
    world = World()
    lost, _ = serve(world).endpoints
    model = world.client.models.pop(lost)
    for _ in range(20):
        ask(world)
    world.wait(COOL_DOWN)
    for _ in range(20):
        ask(world)
    assert asked(world).count(lost) == FAILURES + 1
    world.wait(COOL_DOWN)
    world.client.models[lost] = model
    before = asked(world).count(lost)
    for _ in range(40):
        ask(world)
    assert asked(world).count(lost) - before > 10


def test_when_every_circuit_is_open_the_answer_is_fast_and_says_when_to_come_back() -> None:
    world = World()
    servable = serve(world, replicas=1)
    world.client.models.clear()
    gateway = HttpGateway(world)
    for _ in range(FAILURES):
        refused = gateway.post("/gateway/application/app", {"x": 0})
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    world.wait(1.5)
    refused = gateway.post("/gateway/application/app", {"x": 0})
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "4")
    assert "none of its 1 replicas answered" in refused.json_body["detail"]
    assert asked(world) == [servable.endpoints[0]] * FAILURES


def test_at_most_two_replicas_are_tried() -> None:
    world = World()
    serve(world, replicas=5)
    world.client.models.clear()
    with pytest.raises(Unavailable):
        ask(world)
    assert len(world.client) == 2
    assert len(set(asked(world))) == 2


@pytest.mark.parametrize("error", [ModelFailed("crash"), InvalidRequest("bad"), DeadlineExceeded("slow")])
def test_what_a_model_answered_and_a_timeout_are_not_retried(error: Exception) -> None:
    world = World()
    serve(world)
    world.client.models = dict.fromkeys(world.client.models, raising(error))
    with pytest.raises(type(error)):
        ask(world)
    assert len(world.client) == 1


def test_a_full_replica_is_passed_over_but_never_cut_off() -> None:
    world = World()
    full, _ = serve(world).endpoints
    world.client.models[full] = raising(Overloaded("too many calls"))
    for _ in range(60):
        ask(world)
    assert asked(world).count(full) > 20


def test_replicas_that_replaced_all_known_ones_are_found_in_the_same_call() -> None:
    """What an update or a host does between the reading of the record and the call."""
    world = World()
    servable = serve(world)
    route = resolve_application(world.ports, "app")
    world.client.models = {"10.9.9.9:9091": adding(1)}
    new = Replica(task="new", address="10.9.9.9:9091", healthy=True, version=1)
    world.servables.update(servable.name, lambda current: replace(current, replicas=(new,)))
    assert predict(world.ports, route, PlainInputs({"x": 0}), OPTIONS).outputs == {"y": number(1)}


def test_the_second_attempt_has_only_the_time_that_is_left() -> None:
    world = World(timeout=1.0)
    serve(world)

    def lost_after_a_while(_: object) -> dict[str, object]:
        world.wait(0.4)
        raise Unavailable("the connection was cut")

    world.client.models = dict.fromkeys(world.client.models, lost_after_a_while)  # type: ignore[arg-type]
    with pytest.raises(Unavailable):
        ask(world)
    assert [call.timeout for call in world.client.asked] == pytest.approx([1.0, 0.6])


def test_a_slow_servable_is_504_at_the_deadline_and_a_dead_one_503_over_http() -> None:
    world = World(timeout=1.0)
    serve(world)
    gateway = HttpGateway(world)
    world.client.takes = dict.fromkeys(world.client.models, 5.0)
    slow = gateway.post("/gateway/application/app", {"x": 0})
    assert (slow.status_code, world.time) == (504, 1.0)
    world.client.models.clear()
    dead = gateway.post(
        "/v2/models/app/infer", {"inputs": [{"name": "x", "datatype": "FP64", "shape": [], "data": [0]}]}
    )
    assert dead.status_code == 503
    assert int(dead.headers["Retry-After"]) > 0
