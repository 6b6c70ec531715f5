"""Replicas take turns: equal shares within a process, whatever happens beside."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.gateway.inputs import PlainInputs
from functions.gateway.predict import predict
from functions.gateway.resolve import resolve_application
from functions.gateway.turns import Turns
from tests.unit.gateway.worlds import OPTIONS, World, adding


def ask(world: World, name: str) -> None:
    predict(world.ports, resolve_application(world.ports, name), PlainInputs({"x": 0}), OPTIONS)


@given(replicas=st.integers(1, 12), calls=st.integers(0, 60), seed=st.integers())
def test_shares_differ_by_one_call_at_most(replicas: int, calls: int, seed: int) -> None:
    turns = Turns(random.Random(seed).randrange)
    firsts = Counter(turns.turned("m", range(replicas))[0] for _ in range(calls))
    shares = [firsts[at] for at in range(replicas)]
    assert max(shares) - min(shares) <= 1


@pytest.mark.parametrize(("replicas", "calls"), [(1, 5), (3, 100), (7, 100)])
def test_m11_replicas_are_called_round_robin(replicas: int, calls: int) -> None:
    world = World()
    servable = world.servable("m", model=adding(1), replicas=replicas)
    world.application("app", [(servable, 100)])
    for _ in range(calls):
        ask(world, "app")
    asked = Counter(call.endpoint for call in world.client.asked)
    assert set(asked) == set(servable.endpoints)
    assert max(asked.values()) - min(asked.values()) <= 1
    in_a_row = [call.endpoint for call in world.client.asked][:replicas]
    assert len(set(in_a_row)) == replicas


def test_two_servables_called_in_alternation_have_a_round_each() -> None:
    """With one count for both, each would always meet the same replica."""
    world = World()
    for name in ("one", "two"):
        world.application(name, [(world.servable(name, model=adding(1), replicas=2), 100)])
    for _ in range(20):
        ask(world, "one")
        ask(world, "two")
    assert set(Counter(call.endpoint for call in world.client.asked).values()) == {10}


def test_the_share_of_a_replica_with_an_open_circuit_falls_to_all_others_alike() -> None:
    world = World()
    servable = world.servable("m", model=adding(1), replicas=4)
    world.application("app", [(servable, 100)])
    del world.client.models[servable.endpoints[1]]
    for _ in range(20):
        ask(world, "app")
    world.client.asked.clear()
    for _ in range(30):
        ask(world, "app")
    assert sorted(Counter(call.endpoint for call in world.client.asked).values()) == [10, 10, 10]


def test_threads_share_the_round() -> None:
    turns = Turns()
    with ThreadPoolExecutor(8) as pool:
        firsts = Counter(pool.map(lambda _: turns.turned("m", "abc")[0], range(3000)))
    assert firsts == {"a": 1000, "b": 1000, "c": 1000}


def test_processes_begin_at_different_places() -> None:
    assert len({Turns().turned("m", range(50))[0] for _ in range(100)}) > 10


def test_nothing_to_turn_is_nothing() -> None:
    assert Turns().turned("m", []) == ()
