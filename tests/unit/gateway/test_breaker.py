"""The circuit of one endpoint, state by state, with a clock that the test moves."""

from contextlib import suppress

import pytest

from functions.core.errors import DeadlineExceeded, InvalidRequest, ModelFailed, Overloaded, Unavailable
from functions.gateway.breaker import COOL_DOWN, FAILURES, Breakers

HERE, THERE = "10.0.0.1:9091", "10.0.0.2:9091"


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breakers(clock: Clock) -> Breakers:
    return Breakers(clock)


def end(breakers: Breakers, *errors: Exception | None, endpoint: str = HERE) -> None:
    """Calls of `endpoint` that end so."""
    for error in errors:
        with suppress(*[type(error)] if error else []), breakers.watching(endpoint):
            if error is not None:
                raise error


def lost(times: int = FAILURES) -> list[Exception]:
    return [Unavailable("nobody listens")] * times


def test_g22_three_transport_errors_in_a_row_open_the_circuit_of_that_endpoint_alone(breakers: Breakers) -> None:
    end(breakers, *lost(2))
    assert breakers.admits(HERE)
    end(breakers, *lost(1))
    assert not breakers.admits(HERE)
    assert breakers.rest(HERE) == COOL_DOWN
    assert breakers.admits(THERE)
    assert breakers.rest(THERE) == 0


@pytest.mark.parametrize("answer", [None, ModelFailed("crash"), InvalidRequest("bad value"), Overloaded("full")])
def test_an_answer_of_any_kind_starts_the_count_again(breakers: Breakers, answer: Exception | None) -> None:
    end(breakers, *lost(2), answer, *lost(2))
    assert breakers.admits(HERE)
    end(breakers, *[answer] * 10)
    assert breakers.admits(HERE)


@pytest.mark.parametrize("neither", [DeadlineExceeded("slow"), OSError("unforeseen")])
def test_a_timeout_neither_opens_a_circuit_nor_starts_the_count_again(breakers: Breakers, neither: Exception) -> None:
    end(breakers, *[neither] * 10)
    assert breakers.admits(HERE)
    end(breakers, *lost(2), neither, *lost(1))
    assert not breakers.admits(HERE)


def test_g22_after_the_cool_down_one_probe_goes_through_and_its_success_closes_the_circuit(
    breakers: Breakers, clock: Clock
) -> None:
    end(breakers, *lost())
    clock.time += COOL_DOWN - 0.01
    assert not breakers.admits(HERE)
    clock.time += 0.01
    assert breakers.admits(HERE)
    assert not breakers.admits(HERE)  # one probe at a time
    end(breakers, None)
    assert breakers.admits(HERE)
    assert breakers.admits(HERE)
    end(breakers, *lost(2))
    assert breakers.admits(HERE)


def test_a_probe_that_fails_opens_the_circuit_for_another_cool_down(breakers: Breakers, clock: Clock) -> None:
    end(breakers, *lost())
    clock.time += COOL_DOWN
    assert breakers.admits(HERE)
    end(breakers, *lost(1))
    assert breakers.rest(HERE) == COOL_DOWN
    assert not breakers.admits(HERE)
    clock.time += COOL_DOWN
    assert breakers.admits(HERE)


def test_a_probe_that_says_nothing_leaves_the_next_call_to_probe(breakers: Breakers, clock: Clock) -> None:
    end(breakers, *lost())
    clock.time += COOL_DOWN
    assert breakers.admits(HERE)
    end(breakers, DeadlineExceeded("slow"))
    assert breakers.admits(HERE)
    assert not breakers.admits(HERE)


def test_calls_that_began_before_do_not_keep_an_open_circuit_open(breakers: Breakers, clock: Clock) -> None:
    end(breakers, *lost())
    clock.time += COOL_DOWN / 2
    end(breakers, *lost(5))
    assert breakers.rest(HERE) == COOL_DOWN / 2


def test_what_is_remembered_of_endpoints_is_bounded(clock: Clock) -> None:
    breakers = Breakers(clock, size=10)
    for at in range(100):
        end(breakers, *lost(), endpoint=f"10.0.0.{at}:9091")
    assert len(breakers) == 10
    assert not breakers.admits("10.0.0.99:9091")
    assert breakers.admits("10.0.0.0:9091")
