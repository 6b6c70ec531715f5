"""Which metric models can watch which versions."""

import pytest

from functions.core.dtypes import DType
from functions.core.metric_fit import check_fit
from functions.core.signature import Field, Shape, Signature

WATCHED = Signature(
    "predict",
    (Field("x", DType.DOUBLE, Shape(())), Field("name", DType.STRING, Shape(()))),
    (Field("y", DType.INT64, Shape(())), Field("scores", DType.DOUBLE, Shape((3,)))),
)
ROWS = Signature(
    "predict", (Field("x", DType.DOUBLE, Shape((-1, 4))),), (Field("y", DType.INT64, Shape((-1,))),)
)  # of a request that is many rows


def metric(value: Field | None = None, **inputs: tuple[DType, tuple[int, ...] | None]) -> Signature:
    fields = [Field(name, dtype, None if dims is None else Shape(dims)) for name, (dtype, dims) in inputs.items()]
    return Signature("measure", tuple(fields), (value or Field("value", DType.DOUBLE, Shape(())),))


def told(signature: Signature, watched: Signature = WATCHED) -> list[tuple[str, str, str]]:
    return [(p.pointer, p.expected, p.received) for p in check_fit(signature, watched, "")]


def pointers(signature: Signature, watched: Signature = WATCHED) -> list[str]:
    return [pointer for pointer, _, _ in told(signature, watched)]


def test_m17_inputs_and_outputs_of_the_watched_version_are_what_a_metric_model_may_take() -> None:
    assert told(metric(x=(DType.DOUBLE, ()), y=(DType.INT64, ()), scores=(DType.DOUBLE, (3,)))) == []
    assert told(metric(name=(DType.STRING, None), scores=(DType.DOUBLE, (-1,)))) == []


def test_m17_what_is_missing_or_does_not_fit_is_named_all_at_once() -> None:
    wrong = metric(z=(DType.DOUBLE, ()), x=(DType.INT64, ()), scores=(DType.DOUBLE, (4,)))
    assert told(wrong) == [
        ("/inputs/z", "an input or output of the watched version: x, name, y, scores", "none of that name"),
        ("/inputs/x/dtype", "DT_DOUBLE, as the watched version has", "DT_INT64"),
        ("/inputs/scores/shape", "shape [3], as the watched version has", "shape [4]"),
    ]


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        (Field("score", DType.DOUBLE, Shape(())), "/outputs"),
        (Field("value", DType.STRING, Shape(())), "/outputs/value/dtype"),
        (Field("value", DType.BOOL, Shape(())), "/outputs/value/dtype"),
        (Field("value", DType.DOUBLE, Shape((2,))), "/outputs/value/shape"),
        (Field("value", DType.DOUBLE, Shape((-1,))), "/outputs/value/shape"),
        (Field("value", DType.DOUBLE, None), "/outputs/value/shape"),
        (Field("value", subfields=(Field("a", DType.DOUBLE, Shape(())),)), "/outputs"),
    ],
)
def test_m17_the_value_is_one_number(value: Field, pointer: str) -> None:
    assert pointers(metric(value, x=(DType.DOUBLE, ()))) == [pointer]


@pytest.mark.parametrize("dtype", [DType.FLOAT, DType.HALF, DType.INT64, DType.UINT8])
def test_m17_the_value_may_be_of_any_type_of_numbers(dtype: DType) -> None:
    assert told(metric(Field("value", dtype, Shape((1,))), x=(DType.DOUBLE, ()))) == []


@pytest.mark.parametrize("dims", [(-1,), (-1, 1)])
def test_m17_a_metric_model_that_counts_rows_watches_rows_and_single_requests(dims: tuple[int, ...]) -> None:
    value = Field("value", DType.DOUBLE, Shape(dims))
    assert told(metric(value, x=(DType.DOUBLE, (-1, 4)), y=(DType.INT64, (-1,))), ROWS) == []
    assert told(metric(value, x=(DType.DOUBLE, (-1,)), scores=(DType.DOUBLE, (-1, 3)))) == []


def test_m17_all_inputs_are_rows_or_none_is() -> None:
    mixed = Signature("predict", (Field("x", DType.DOUBLE, Shape(())),), (Field("y", DType.DOUBLE, Shape((-1,))),))
    value = Field("value", DType.DOUBLE, Shape((-1,)))
    assert len(told(metric(value, x=(DType.DOUBLE, (-1,)), y=(DType.DOUBLE, (-1,))), mixed)) == 1
    assert pointers(metric(x=(DType.DOUBLE, ()), y=(DType.INT64, ())), ROWS) == ["/inputs/x/shape", "/inputs/y/shape"]


def test_m17_an_output_hides_an_input_of_its_name() -> None:
    echo = Signature("predict", (Field("x", DType.DOUBLE, Shape(())),), (Field("x", DType.INT64, Shape(())),))
    assert told(metric(x=(DType.INT64, ())), echo) == []
    assert pointers(metric(x=(DType.DOUBLE, ())), echo) == ["/inputs/x/dtype"]


def test_m17_fields_of_maps_are_met_by_their_paths() -> None:
    customer = Field("customer", subfields=(Field("age", DType.INT8, Shape(())),))
    nested = Signature("predict", (customer,), (Field("y", DType.DOUBLE, Shape(())),))
    value = (Field("value", DType.DOUBLE, Shape(())),)
    assert told(Signature("measure", (customer,), value), nested) == []
    older = Field("customer", subfields=(Field("age", DType.INT64, Shape(())), Field("name", DType.STRING)))
    assert pointers(Signature("measure", (older,), value), nested) == [
        "/inputs/customer~1age/dtype",
        "/inputs/customer~1name",
    ]
