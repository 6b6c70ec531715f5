"""Whatever a signature admits can be profiled, stored, merged and checked: one odd tensor must not stop those that are
recorded with it. And what training data held is healthy."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from functions.core import dtypes
from functions.core.checks import Verdict
from functions.core.dtypes import DType, Kind
from functions.core.observations import Observation
from functions.core.signature import Field, Profile, Shape, Signature
from functions.core.tensor import Tensor
from functions.numerics.checks.judge import checks_by_row, judge
from functions.numerics.checks.rules import rules_of
from functions.numerics.profiles.stored import Profiles, from_bytes, merge_profiles, profile_rows, to_bytes
from functions.sonar.table import row_fields, table_of

DIMS: list[tuple[int, ...] | None] = [None, (), (2,), (-1,), (-1, 2), (2, -1, 3), (-1, 2, 2, 3), (-1, -1, -1, -1, -1)]
LIMITS = {
    Kind.FLOAT: st.floats(width=16),
    Kind.BOOLEAN: st.booleans(),
    Kind.STRING: st.sampled_from(["", "ä", "a b", "日本", "\0"]),
}


def elements(dtype: DType) -> st.SearchStrategy[Any]:
    if dtype.layout.kind is not Kind.INTEGER:
        return LIMITS[dtype.layout.kind]
    bits, signed = 8 * dtype.layout.size, dtype.layout.code.islower()
    least, most = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    return st.integers(least, most) | st.sampled_from([least, most])


@st.composite
def tensors_of_a_field(draw: st.DrawFn) -> tuple[Field, list[Tensor | None]]:
    dtype, dims = draw(st.sampled_from(list(DType))), draw(st.sampled_from(DIMS))
    named = Field("x", dtype, None if dims is None else Shape(dims), draw(st.sampled_from(Profile)))

    def tensor() -> Tensor:
        wanted = draw(st.sampled_from(DIMS[1:4])) if dims is None else dims
        shape = tuple(draw(st.integers(0, 3)) if size == -1 else size for size in wanted or ())
        count = 1
        for size in shape:
            count *= size
        values = draw(st.lists(elements(dtype), min_size=count, max_size=count))
        return Tensor(dtype, shape, dtypes.encode(dtype, values))

    return named, [
        draw(st.sampled_from([tensor, tensor, tensor, lambda: None]))() for _ in range(draw(st.integers(1, 4)))
    ]


def observation(inputs: dict[str, Tensor]) -> Observation:
    return Observation(
        request_id="r",
        at=0.0,
        application=None,
        application_id=None,
        stage=0,
        servable_name="s",
        model_name="m",
        model_version=1,
        model_version_id=1,
        inputs=inputs,
        outputs={},
        latency_ms=1.0,
    )


def profiled(signature: Signature, rows: Sequence[Tensor | None]) -> tuple[Profiles, Any]:
    table = table_of(signature, [observation({} if row is None else {"x": row}) for row in rows])
    return from_bytes(to_bytes(profile_rows(row_fields(signature), table.columns))), table


@given(tensors_of_a_field(), st.sampled_from([(), (-1,)]))
def test_s09_what_a_signature_admits_is_profiled_and_passes_its_own_checks(
    drawn: tuple[Field, list[Tensor | None]], out: tuple[int, ...]
) -> None:
    named, rows = drawn
    signature = Signature("predict", (named,), (Field("y", DType.DOUBLE, Shape(out)),))
    whole, table = profiled(signature, rows)
    apart = [profiled(signature, [row])[0] for row in rows]
    for profiles in (whole, merge_profiles(apart), merge_profiles([*reversed(apart), whole])):
        msgspec.json.encode(from_bytes(to_bytes(profiles)).view())
        judged = judge([rule for name, of in profiles.fields.items() for rule in rules_of(name, of)], table.columns)
        checks = checks_by_row(judged, len(table.owners))
        failed = [check for row in checks for check in chain(*row.values()) if check.verdict is not Verdict.PASSED]
        assert not failed
