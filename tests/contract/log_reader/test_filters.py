"""Rows of the request log are found by what they hold."""

import pytest

from functions.core.checks import Operator
from functions.core.request_log import Of, Wanted
from tests.contract.log_reader.scene import Scene, micro, row, x_is

NAN = float("nan")
ROWS = [row(at, f"r{at}", x) for at, x in enumerate((-5.0, 0.5, 1.0, 2.5, 3.5, NAN, 9.0))]
FILTERS: list[tuple[Wanted, list[int]]] = [
    (Wanted(since=micro(2), until=micro(4)), [4, 3, 2]),
    (Wanted(request_ids=frozenset(["r1", "r5", "none"])), [5, 1]),
    (Wanted(failed="x"), [6, 4]),
    (Wanted(failed="od"), []),
    (Wanted(errored="od"), [0]),
    (Wanted(error=True), []),
    (Wanted(error=False, shadow=False, application="shop"), [6, 5, 4, 3, 2, 1, 0]),
    (Wanted(application="other"), []),
    (x_is(Operator.GREATER, 1), [6, 4, 3]),
    (x_is(Operator.LESS, 1), [1, 0]),
    (x_is(Operator.NOT_EQ, 1.0), [6, 5, 4, 3, 1, 0]),
    (x_is(Operator.EQ, 0.1, name="v", element=1), []),
    (x_is(Operator.GREATER, 0.1, name="v", element=1), [6, 5, 4, 3, 2, 1, 0]),
    (x_is(Operator.EQ, 7.5, name="v", element=3), [6, 5, 4, 3, 2, 1, 0]),
    (x_is(Operator.EQ, 7.5, name="v", element=4), []),
    (x_is(Operator.EQ, 2, name="any", element=1), [6, 5, 4, 3, 2, 1, 0]),
    (x_is(Operator.LESS, 300, name="any", element=0), [6, 5, 4, 3, 2, 1, 0]),
    (x_is(Operator.LESS, 2.5, name="any", element=2), []),
    (x_is(Operator.EQ, "Torgersen", name="island"), [6, 5, 4, 3]),
    (x_is(Operator.LESS, "C", name="island"), [2, 1, 0]),
    (x_is(Operator.EQ, value=True, of=Of.OUTPUT, name="sure"), [6, 4, 3]),
    (x_is(Operator.GREATER_EQ, 25, of=Of.OUTPUT, name="y"), [6, 4, 3]),
    (x_is(Operator.LESS, 1, of=Of.SCORE), [6, 4]),
    (x_is(Operator.LESS, 1, of=Of.OVERALL_SCORE), []),
    (x_is(Operator.GREATER, 4.5, of=Of.LATENCY), [6, 5]),
]


@pytest.mark.parametrize(("wanted", "expected"), FILTERS)
def test_s14_rows_are_found_by_what_they_are(scene: Scene, wanted: Wanted, expected: list[int]) -> None:
    found = [spot.number for spot in scene.reader.find(scene.part(ROWS, size=3), wanted, 100)]
    assert found == expected


def test_s14_errors_and_shadows_are_found(scene: Scene) -> None:
    part = scene.part([row(0), row(1, error="broke", outputs=None), row(2, is_shadow=True)])
    assert [spot.number for spot in scene.reader.find(part, Wanted(error=True), 9)] == [1]
    assert [spot.number for spot in scene.reader.find(part, Wanted(shadow=True), 9)] == [2]
    assert [spot.number for spot in scene.reader.find(part, Wanted(error=False, shadow=False), 9)] == [0]
