"""Raw checks of predictions against the profile of the training data."""

import numpy as np

from functions.core.checks import Verdict
from functions.core.dtypes import DType, encode
from functions.core.observations import training_profile_key
from functions.core.signature import Field, Profile, Shape, Signature
from functions.core.tensor import Tensor
from functions.numerics.profiles.column import Column
from functions.numerics.profiles.stored import from_bytes, profile_rows, to_bytes
from functions.sonar.table import row_fields
from tests.unit.sonar.world import START, World, call, number, numbers, prediction, scalar

COLOURED = Signature(
    "predict",
    (scalar("x"), scalar("v", (2,)), Field("colour", DType.STRING, Shape(()), Profile.CATEGORICAL)),
    (scalar("y"),),
)
ROWS = Signature("predict", (scalar("x", (-1,)),), (scalar("y", (-1,)),))


def text(value: str) -> Tensor:
    return Tensor(DType.STRING, (), encode(DType.STRING, [value]))


def train(world: World, signature: Signature, **columns: object) -> None:
    values = {name: Column(np.array(column, object if name == "colour" else float)) for name, column in columns.items()}
    world.profiles.write(training_profile_key(1), to_bytes(profile_rows(row_fields(signature), values)))


def trained() -> World:
    world = World(signature=COLOURED)
    train(world, COLOURED, x=[0, 10], v=[[0, 0], [1, 5]], colour=["red", "green"], y=[0, 100])
    return world


def verdicts(world: World) -> list[dict[str, dict[str, str]]]:
    return [
        {element: {check.name: check.verdict.value for check in checks} for element, checks in row.raw.items()}
        for row in world.log
    ]


def test_s09_each_numeric_element_is_held_against_the_smallest_and_largest_training_value() -> None:
    world = trained()
    inside = call(inputs={"x": number(5), "v": numbers(1, 5), "colour": text("red")}, outputs={"y": number(50)})
    outside = call(inputs={"x": number(11), "v": numbers(1, 6), "colour": text("red")}, outputs={"y": number(-1)})
    world.observe(prediction("in", START, calls=(inside,)), prediction("out", START + 1, calls=(outside,)))
    healthy, unhealthy = verdicts(world)
    assert {verdict for checks in healthy.values() for verdict in checks.values()} == {"passed"}
    assert (unhealthy["x"]["min"], unhealthy["x"]["max"]) == ("passed", "failed")
    assert unhealthy["v_0"]["max"] == "passed"
    assert unhealthy["v_1"]["max"] == "failed"
    assert unhealthy["y"]["min"] == "failed"


def test_s09_a_category_that_training_never_saw_fails() -> None:
    world = trained()
    blue = call(inputs={"x": number(5), "v": numbers(0, 0), "colour": text("blue")}, outputs={"y": number(50)})
    world.observe(prediction(calls=(blue,)))
    (check,) = [check for check in world.log[0].raw["colour"] if check.name == "category"]
    assert (check.verdict, check.value) == (Verdict.FAILED, "blue")
    assert "red" in check.description


def test_s09_a_request_of_many_rows_fails_when_one_row_does_and_shows_that_row() -> None:
    world = World(signature=ROWS)
    train(world, ROWS, x=[0, 1], y=[0, 1])
    rows = call(inputs={"x": numbers(0.1, 7.0, 0.2)}, outputs={"y": numbers(0.5, 0.5, 0.5)})
    good = call(inputs={"x": numbers(0.1)}, outputs={"y": numbers(0.5)})
    world.observe(prediction("bad", START, calls=(rows,)), prediction("good", START + 1, calls=(good,)))
    bad_row, good_row = world.log
    (largest,) = [check for check in bad_row.raw["x"] if check.name == "max"]
    assert (largest.verdict, largest.value) == (Verdict.FAILED, 7.0)
    assert {check.verdict for checks in bad_row.raw.values() for check in checks if check is not largest} == {
        Verdict.PASSED
    }
    assert {check.verdict for checks in good_row.raw.values() for check in checks} == {Verdict.PASSED}


def test_what_a_failed_prediction_did_not_answer_is_not_missing() -> None:
    world = trained()
    inputs = {"x": number(50), "v": numbers(0, 0), "colour": text("red")}
    world.observe(prediction(calls=(call(inputs=inputs, outputs=None, error="the model failed"),)))
    assert "y" not in world.log[0].raw
    assert [c.verdict for c in world.log[0].raw["x"] if c.name == "max"] == [Verdict.FAILED]


def test_without_training_data_nothing_is_checked() -> None:
    world = World()
    world.observe(prediction())
    assert world.log[0].raw == {}


def test_s08_each_segment_has_the_profile_of_its_rows() -> None:
    world = World()
    world.observe(*(prediction(f"r{n}", START + n, x=float(n)) for n in range(5)))
    (segment,) = world.ledger.segments(1)
    stored = world.profiles.read(segment.profile_key)
    assert stored is not None
    view = from_bytes(stored).view()
    assert view["rows"] == 5
    assert (view["fields"]["x"]["quantile"]["min"], view["fields"]["x"]["quantile"]["max"]) == (0.0, 4.0)
    assert view["fields"]["y"]["descriptive"]["mean"] == 3.0


def test_an_answer_that_breaks_the_signature_is_recorded_and_holds_nobody() -> None:
    world = World()
    wrong = {"y": Tensor(DType.STRING, (), encode(DType.STRING, ["?"]))}
    several = {"y": numbers(1.0, 2.0)}
    made = [
        prediction(f"r{n}", START + n, calls=(call(outputs=outputs, error="does not keep to its signature"),))
        for n, outputs in enumerate((wrong, several))
    ]
    assert world.observe(*made) == {}
    assert len(world.log) == 2
