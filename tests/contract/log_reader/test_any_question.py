"""Any question that can be asked of the request log: Polars answers as plain Python does."""

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.adapters import log_statistics, parquet
from functions.adapters.log_reader import S3LogReader
from functions.core.checks import Operator
from functions.core.request_log import Comparison, Of, Shuffle, Spot, Wanted
from tests.contract.log_reader.scene import FolderFiles, Scene, micro, row
from tests.fakes.log_reader import FakeLogReader
from tests.fakes.monitoring import FakeLogFiles

NUMBERS = st.one_of(st.floats(width=32), st.integers(-128, 127).map(float))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), xs=st.lists(NUMBERS, min_size=1, max_size=20), by_groups=st.booleans())
def test_s14_any_question_is_answered_as_plain_python_does(
    tmp_path: Path, data: Any, xs: list[float], *, by_groups: bool
) -> None:
    """With `by_groups`, row groups have two rows, and the statistics of each are looked at."""
    chance = random.Random(len(xs))
    rows = [row(chance.randrange(5), f"r{n % 4}", 0.0 if abs(x) >= 1e17 else x) for n, x in enumerate(xs)]
    ops = st.sampled_from(Operator)
    comparison = st.builds(
        Comparison,
        of=st.just(Of.INPUT),
        name=st.just("x"),
        element=st.none(),
        operator=ops,
        value=st.sampled_from([*xs[:3], 0, 1, -7, 2**70]).filter(lambda v: v == v and abs(v) != float("inf")),
    )
    of_score = st.builds(
        Comparison, of=st.sampled_from([Of.SCORE, Of.LATENCY]), operator=ops, value=st.sampled_from([0, 1, 2.5])
    )
    of_element = st.builds(
        Comparison,
        of=st.just(Of.INPUT),
        name=st.just("v"),
        element=st.integers(0, 4),
        operator=ops,
        value=st.sampled_from([0, 1, 7.5, -3.5]),
    )
    of_int = st.builds(
        Comparison,
        of=st.just(Of.OUTPUT),
        name=st.just("y"),
        operator=ops,
        value=st.sampled_from([0, 10, 2.5, -1280, 2**70]),
    )
    wanted = data.draw(
        st.builds(
            Wanted,
            since=st.none() | st.integers(0, 5).map(micro),
            until=st.none() | st.integers(0, 5).map(micro),
            before=st.none() | st.builds(Spot, st.integers(0, 5).map(micro), st.integers(0, 20)),
            failed=st.sampled_from([None, "x"]),
            request_ids=st.sampled_from([None, frozenset(["r1"]), frozenset(["r0", "r3"])]),
            comparisons=st.lists(st.one_of(comparison, of_element, of_score, of_int), max_size=2).map(tuple),
        )
    )
    fake_files = FakeLogFiles()
    fake = Scene(FakeLogReader(fake_files), fake_files)
    real = Scene(S3LogReader(str(tmp_path)), FolderFiles(tmp_path))
    limit = data.draw(st.integers(1, 30))
    with pytest.MonkeyPatch.context() as patch:
        if by_groups:
            patch.setattr(parquet, "ROW_GROUP", 2)
            patch.setattr(log_statistics, "WORTH", 1)
        parts = [each.part(rows, size=7) for each in (fake, real)]
        assert real.reader.find(parts[1], wanted, limit) == fake.reader.find(parts[0], wanted, limit)
        shuffle = Shuffle.of(limit)
        assert real.reader.sample(parts[1], wanted, 5, shuffle) == fake.reader.sample(parts[0], wanted, 5, shuffle)
