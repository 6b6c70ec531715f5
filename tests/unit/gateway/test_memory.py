"""What the gRPC process remembers: fewer reads, and the promise of half a second after a deletion."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from msgspec.structs import replace

from functions.core.errors import NotFound, Unavailable
from functions.core.models import Application, Servable, ServableStatus
from functions.gateway.inputs import PlainInputs
from functions.gateway.memory import LONGEST, Memory
from functions.gateway.predict import predict
from functions.gateway.resolve import resolve_application
from tests.fakes.entities import application
from tests.fakes.stores import FakeApplicationStore, FakeServableStore
from tests.unit.gateway.worlds import OPTIONS, World, adding, number


class CountedApplications(FakeApplicationStore):
    reads = 0

    def get(self, name: str) -> Application:
        self.reads += 1
        return super().get(name)


class CountedServables(FakeServableStore):
    reads = 0

    def get_many(self, names: Any) -> dict[str, Servable]:
        self.reads += 1
        return super().get_many(names)


class Remembering(World):
    def __init__(self, ttl: float = LONGEST, size: int = 1000) -> None:
        super().__init__()
        self.applications, self.servables = CountedApplications(), CountedServables()
        self.ports = replace(
            self.ports,
            applications=self.applications,
            servables=self.servables,
            memory=Memory(ttl, size, lambda: self.time),
        )

    @property
    def reads(self) -> int:
        return self.applications.reads + self.servables.reads


def ask(world: World) -> dict[str, Any]:
    return predict(world.ports, resolve_application(world.ports, "app"), PlainInputs({"x": 0}), OPTIONS).outputs


def serve(world: World, version: int = 1) -> Servable:
    servable = world.servable("m", version, adding(version))
    world.application("app", [(servable, 100)])
    return servable


def test_g24_a_warm_call_reads_no_table() -> None:
    world = Remembering()
    serve(world)
    for _ in range(100):
        ask(world)
        world.wait(0.001)
    assert world.reads == 2
    world.wait(LONGEST)
    ask(world)
    assert world.reads == 4


def test_g24_calls_that_miss_at_the_same_time_share_one_reading() -> None:
    gate, began = threading.Event(), threading.Event()
    world = Remembering()
    serve(world)
    looked: list[str] = []

    def slowly(name: str) -> Application:
        looked.append(name)
        began.set()
        assert gate.wait(10)
        return world.applications.get(name)

    def look() -> Application:
        return world.ports.memory.application("app", slowly)

    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(look)
        assert began.wait(10)
        others = [pool.submit(look) for _ in range(7)]
        gate.set()
        assert {one.result().name for one in (first, *others)} == {"app"}
    assert looked == ["app"]


def test_a_shared_reading_that_finds_nothing_hides_nothing_from_those_who_waited() -> None:
    gate, began = threading.Event(), threading.Event()
    memory = Memory(LONGEST)
    there: list[Application] = []

    def read(name: str) -> Application:
        began.set()
        assert gate.wait(10)
        if not there:
            there.append(application(name, "servable"))
            raise NotFound("not yet")
        return there[0]

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(memory.application, "app", read)
        assert began.wait(10)
        second = pool.submit(memory.application, "app", read)
        gate.set()
        with pytest.raises(NotFound):
            first.result()
        assert second.result().name == "app"


def test_without_a_memory_every_call_reads_and_a_deleted_application_stops_at_once() -> None:
    world = Remembering(ttl=0.0)
    serve(world)
    for _ in range(3):
        ask(world)
    assert world.reads == 6
    world.applications.delete("app")
    with pytest.raises(NotFound):
        ask(world)


def test_g19_a_deleted_application_stops_answering_within_half_a_second() -> None:
    world = Remembering()
    serve(world)
    ask(world)
    world.applications.delete("app")
    world.wait(LONGEST)
    with pytest.raises(NotFound):
        ask(world)


def test_g19_calling_all_the_time_does_not_keep_a_deleted_application_alive() -> None:
    world = Remembering()
    serve(world)
    ask(world)
    world.applications.delete("app")
    answered = 0
    with suppress(NotFound):
        while world.time < 10:
            ask(world)
            answered += 1
            world.wait(0.01)
    assert world.time <= LONGEST + 0.01
    assert answered > 0


def test_the_age_counts_from_before_the_read() -> None:
    """A read that took long brings what was true when it began."""
    world = Remembering()
    serve(world)
    memory = world.ports.memory

    def slow(name: str) -> Application:
        found = world.applications.get(name)
        world.wait(0.4)
        return found

    memory.application("app", slow)
    world.wait(0.1)
    reads = world.applications.reads
    memory.application("app", world.applications.get)
    assert world.applications.reads == reads + 1


def test_a_new_application_is_found_at_once() -> None:
    world = Remembering()
    with pytest.raises(NotFound):
        ask(world)
    serve(world)
    assert ask(world) == {"y": number(1)}


def test_a_servable_without_replicas_is_not_remembered() -> None:
    world = Remembering()
    servable = world.servable("m", 1, adding(1))
    world.application("app", [(servable, 100)])
    healthy = servable.replicas
    world.servables.update(
        servable.name, lambda current: replace(current, replicas=(), status=ServableStatus.NOT_AVAILABLE)
    )
    with pytest.raises(Unavailable):
        ask(world)
    world.servables.update(
        servable.name, lambda current: replace(current, replicas=healthy, status=ServableStatus.SERVING)
    )
    assert ask(world) == {"y": number(1)}


def test_an_update_that_replaced_the_servables_is_followed_when_the_remembered_ones_are_gone() -> None:
    world = Remembering()
    old = serve(world)
    ask(world)
    new = world.servable("m", 2, adding(2))
    application = world.applications.get("app")
    (stage,) = application.stages
    variant = replace(stage.variants[0], servable_name=new.name, model_version=2)
    updated = replace(application, stages=(replace(stage, variants=(variant,)),), revision=application.revision + 1)
    world.applications.update(updated, application.revision)
    world.servables.delete(old.name)
    world.ports.memory.forget_servable(old.name)
    assert ask(world) == {"y": number(2)}


def test_a_servable_whose_remembered_replicas_are_all_lost_is_read_again() -> None:
    world = Remembering()
    servable = serve(world)
    ask(world)
    moved = replace(servable.replicas[0], address="10.8.8.8:9091", version=2)
    world.client.models = {"10.8.8.8:9091": adding(1)}
    world.servables.update(servable.name, lambda current: replace(current, replicas=(moved,)))
    assert ask(world) == {"y": number(1)}


def test_what_is_remembered_is_bounded() -> None:
    world = Remembering(size=3)
    servable = world.servable("m", 1, adding(1))
    names = [f"app-{at}" for at in range(10)]
    for name in names:
        world.application(name, [(servable, 100)])
        resolve_application(world.ports, name)
    reads = world.applications.reads
    for name in names[-3:]:
        resolve_application(world.ports, name)
    assert world.applications.reads == reads
    resolve_application(world.ports, names[0])
    assert world.applications.reads == reads + 1


def test_a_memory_longer_than_what_is_promised_is_refused() -> None:
    with pytest.raises(ValueError, match=r"longer than 0\.5"):
        Memory(0.6)
