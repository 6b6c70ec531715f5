"""What reading the request log promises, held against plain Python and against Polars on the adapter's own files."""

import random
from pathlib import Path
from typing import Any

import boto3
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from functions.adapters import log_statistics, parquet
from functions.adapters.log_files import S3LogFiles
from functions.adapters.log_reader import S3LogReader
from functions.adapters.log_statistics import folder_tails, s3_tails, stretches
from functions.adapters.parquet import joined, to_parquet
from functions.core.checks import Check, Operator, Verdict
from functions.core.dtypes import DType, encode
from functions.core.errors import Gone
from functions.core.ledger import Run, Segment, Tally
from functions.core.observations import Checked, LogFiles, Observation
from functions.core.request_log import Comparison, LogPart, LogReader, Of, Shuffle, Spot, Wanted
from functions.core.signature import Field, Shape, Signature
from functions.core.tensor import Tensor
from tests.fakes import entities
from tests.fakes.log_reader import FakeLogReader
from tests.fakes.monitoring import FakeLogFiles

START = 1_767_225_600  # 2026-01-01T00:00:00Z
SIGNATURE = Signature(
    "predict",
    (
        Field("x", DType.DOUBLE, Shape(())),
        Field("v", DType.FLOAT, Shape((-1, 2))),
        Field("any", DType.INT8, None),
        Field("island", DType.STRING, Shape(())),
    ),
    (Field("y", DType.INT64, Shape(())), Field("p", DType.HALF, Shape((2,))), Field("sure", DType.BOOL, Shape(()))),
)
VERSION = entities.version(7, signature=SIGNATURE)
OTHER = entities.version(8, signature=SIGNATURE)


class FolderFiles:
    """The files of the real adapter in a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def write(self, key: str, signature: Signature, rows: list[Checked]) -> None:
        (self._root / key).parent.mkdir(parents=True, exist_ok=True)
        (self._root / key).write_bytes(to_parquet(signature, rows))

    def merge(self, keys: list[str], target: str) -> None:
        (self._root / target).write_bytes(joined([(self._root / key).read_bytes() for key in keys]))


class Scene(msgspec.Struct):
    reader: LogReader
    files: Any

    def segment(self, rows: list[Checked], first: int = 0, key: str = "log/a.parquet") -> Segment:
        self.files.write(key, SIGNATURE, rows)
        return segment(key, len(rows), first)

    def part(self, rows: list[Checked], size: int = 10, version: Any = VERSION) -> LogPart:
        """The rows in files of `size`, numbered in their order."""
        pieces = [rows[at : at + size] for at in range(0, len(rows), size)]
        named = [(piece, at * size, f"log/version={version.id}/{at}.parquet") for at, piece in enumerate(pieces)]
        return LogPart(version, tuple(self.segment(*one) for one in named))


def segment(key: str, rows: int, first: int = 0, runs: tuple[Run, ...] = ()) -> Segment:
    return Segment(
        version_id=7,
        hour="2026-01-01T00",
        id=key,
        first=first,
        rows=rows,
        earliest=0.0,
        latest=0.0,
        key=key,
        profile_key=f"{key}.profile",
        tally=Tally(requests=rows),
        runs=runs,
    )


@pytest.fixture(params=["fake", "polars"])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Scene:
    if request.param == "fake":
        files = FakeLogFiles()
        return Scene(FakeLogReader(files), files)
    return Scene(S3LogReader(str(tmp_path)), FolderFiles(tmp_path))


def tensor(dtype: DType, shape: tuple[int, ...], *values: object) -> Tensor:
    return Tensor(dtype, shape, encode(dtype, list(values)))


def row(at: float, request_id: str = "r", x: float = 1.0, **changes: Any) -> Checked:
    inputs = {
        "x": tensor(DType.DOUBLE, (), x),
        "v": tensor(DType.FLOAT, (2, 2), x, 0.1, -x, 7.5),
        "any": tensor(DType.INT8, (1, 3), 1, 2, 3),
        "island": tensor(DType.STRING, (), "Biscoe" if x < 2 else "Torgersen"),
    }
    outputs = {
        "y": tensor(DType.INT64, (), round(x * 10) if x == x else 0),
        "p": tensor(DType.HALF, (2,), 0.25, 0.75),
        "sure": tensor(DType.BOOL, (), x > 1),
    }
    failed = Verdict.FAILED if x > 3 else Verdict.PASSED
    raw = {"x": [Check(name="max", verdict=failed, description="x <= 3", value=1.5, threshold=3.0)]}
    errored = Check(name="od", verdict=Verdict.ERRORED, description="value < 1", reason="gone", metric_spec_id="s")
    fields: dict[str, Any] = {
        "request_id": request_id,
        "at": START + at,
        "application": "shop",
        "application_id": 5,
        "stage": 0,
        "servable_name": "s-1",
        "model_name": "penguins",
        "model_version": 1,
        "model_version_id": 7,
        "inputs": inputs,
        "outputs": outputs,
        "latency_ms": at + 0.5,
    }
    metrics = {"od": errored} if x < 0 else {}
    return Checked(observation=Observation(**fields | changes), raw=raw, metrics=metrics)


def test_s12_a_row_is_read_as_it_was_written(scene: Scene) -> None:
    rows = [row(0.25, "a"), row(0.000001, "b", x=-3.5), row(1, "c", error="it broke", outputs=None, is_shadow=True)]
    rows = [msgspec.structs.replace(one, observation=same_version(one.observation)) for one in rows]
    found = scene.reader.read(scene.part(rows, size=2), [0, 1, 2, 99])
    assert found == dict(enumerate(rows))


def same_version(observation: Observation) -> Observation:
    names = {"model_name": VERSION.name, "model_version": VERSION.version, "model_version_id": VERSION.id}
    return msgspec.structs.replace(observation, **names)


def test_s14_the_newest_come_first_and_of_two_at_once_the_later_row(scene: Scene) -> None:
    part = scene.part([row(at) for at in (5, 1, 9, 5, 3)], size=2)
    spots = scene.reader.find(part, Wanted(), 3)
    assert spots == [Spot(micro(9), 2), Spot(micro(5), 3), Spot(micro(5), 0)]
    assert scene.reader.find(part, Wanted(before=spots[1]), 9) == [spots[2], Spot(micro(3), 4), Spot(micro(1), 1)]
    assert scene.reader.find(LogPart(VERSION, ()), Wanted(), 3) == []


def micro(at: float) -> int:
    return round((START + at) * 1_000_000)


def x_is(operator: Operator, value: Any, **changes: Any) -> Wanted:
    return Wanted(
        comparisons=(Comparison(**{"of": Of.INPUT, "name": "x", "operator": operator, "value": value} | changes),)
    )


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


def test_rows_of_merged_segments_keep_their_numbers(scene: Scene) -> None:
    rows = [row(at, f"r{at}") for at in range(6)]
    one, two = scene.segment(rows[:2], 10, "log/one.parquet"), scene.segment(rows[2:], 40, "log/two.parquet")
    scene.files.merge([one.key, two.key], "log/both.parquet")
    both = segment("log/both.parquet", 6, 10, (Run(10, 2), Run(40, 3), Run(50, 1)))
    part = LogPart(VERSION, (both,))
    assert [spot.number for spot in scene.reader.find(part, Wanted(), 9)] == [50, 42, 41, 40, 11, 10]
    assert [one.observation.request_id for one in scene.reader.read(part, [41, 50, 43]).values()] == ["r3", "r5"]


def test_s14_a_sample_is_the_same_whatever_the_files_are(scene: Scene) -> None:
    rows = [row(at) for at in range(60)]
    shuffle = Shuffle.of(3)
    small = scene.reader.sample(scene.part(rows, size=7), Wanted(), 10, shuffle)
    assert len({spot.number for spot in small}) == 10
    assert scene.reader.sample(scene.part(rows, size=60), Wanted(), 10, shuffle) == small
    assert scene.reader.sample(scene.part(rows, size=60), Wanted(), 10, Shuffle.of(4)) != small
    expected = sorted(range(60), key=lambda number: (shuffle.place(number), number))[:10]
    assert [spot.number for spot in small] == sorted(expected)
    assert [s.number for s in scene.reader.sample(scene.part(rows), Wanted(until=micro(3)), 10, shuffle)] == [
        0,
        1,
        2,
        3,
    ]


def test_s16_requests_of_two_logs_are_paired_by_id_and_use(scene: Scene) -> None:
    left = scene.part([row(0, "a"), row(1, "b"), row(2, "a", x=2), row(3, "only")], size=3)
    right = scene.part([row(0, "b", x=1.5), row(1, "a", x=1), row(2, "a", x=4), row(3, "other")], version=OTHER)
    pairs = scene.reader.pairs(left, right, Wanted(), 10)
    assert [(a.number, b.number) for a, b in pairs] == [(2, 2), (1, 0), (0, 1)]
    assert scene.reader.pairs(left, right, Wanted(before=pairs[0].left), 1) == [pairs[1]]
    assert scene.reader.pairs(left, LogPart(OTHER, ()), Wanted(), 10) == []
    since = Wanted(since=(START + 1) * 1_000_000 + 1)  # the second use of "a" on both sides
    assert [(a.number, b.number) for a, b in scene.reader.pairs(left, right, since, 10)] == [(2, 2)]


def test_s16_large_whole_numbers_are_equal_when_they_are(scene: Scene) -> None:
    outputs = [{"y": tensor(DType.INT64, (), 2**53 + step)} for step in (0, 1)]
    left, right = scene.part([row(0, outputs=outputs[0])]), scene.part([row(0, outputs=outputs[1])], version=OTHER)
    assert scene.reader.agree(left, right, Wanted(), ["y"]).fields["y"].equal == 0


def test_s16_agreement_is_counted_by_field(scene: Scene) -> None:
    left = scene.part([row(0, "a", 1), row(1, "b", 2), row(2, "c", error="broke", outputs=None)])
    right = scene.part([row(4, "a", 1), row(5, "b", 4), row(6, "c", 1)], version=OTHER)
    found = scene.reader.agree(left, right, Wanted(), ["y", "p", "sure"])
    assert (found.pairs, found.errors) == (3, (1, 0))
    y, p, sure = found.fields["y"], found.fields["p"], found.fields["sure"]
    assert (y.compared, y.equal, y.mean_difference) == (2, 1, 10.0)
    assert (p.compared, p.equal, p.mean_difference) == (2, 2, 0.0)
    assert (sure.compared, sure.equal, sure.mean_difference) == (2, 2, None)
    assert (found.score.left, found.score.right) == (1.0, pytest.approx(2 / 3))
    assert found.overall_score.left is None
    assert (found.latency.left, found.latency.right) == (1.5, 5.5)
    assert scene.reader.agree(left, LogPart(OTHER, ()), Wanted(), ["y"]).pairs == 0


def test_a_file_that_was_removed_meanwhile_is_gone(scene: Scene) -> None:
    part = LogPart(VERSION, (segment("log/gone.parquet", 3),))
    with pytest.raises(Gone):
        scene.reader.find(part, Wanted(), 1)


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


def test_s14_row_groups_that_cannot_hold_a_wanted_row_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "ROW_GROUP", 2)
    monkeypatch.setattr(log_statistics, "WORTH", 1)
    files = FolderFiles(tmp_path)
    files.write("log/a.parquet", SIGNATURE, [row(at, x=float(at)) for at in range(8)])
    large, none = (Comparison(of=Of.INPUT, name="v", element=0, operator=Operator.GREATER, value=v) for v in (7.6, 9))
    exact = Comparison(of=Of.OUTPUT, name="y", operator=Operator.EQ, value=30)

    def read(*comparisons: Comparison) -> Any:
        part = [segment("log/a.parquet", 8)]
        return stretches(folder_tails(str(tmp_path)), part, Wanted(comparisons=comparisons)).get("log/a.parquet")

    assert read(exact) == [(2, 2)]
    assert read(replace(large, value=7.0)) == [(0, 8)]  # another element of each vector is 7.5
    assert read(large, exact) == read(none) == []
    assert read(replace(exact, operator=Operator.NOT_EQ)) is None
    reader, part = S3LogReader(str(tmp_path)), LogPart(VERSION, (segment("log/a.parquet", 8),))
    assert reader.find(part, Wanted(comparisons=(none,)), 5) == []
    monkeypatch.setattr(log_statistics, "TAIL", 100)  # too short for the footer: everything is read
    assert read(exact) is None


@pytest.fixture
def store(socket_enabled: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An S3 of one's own on loopback: Polars speaks HTTP by itself, so a client in this process is not enough."""
    from moto.server import ThreadedMotoServer

    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield boto3.client("s3", endpoint_url="http://{}:{}".format(*server.get_host_and_port()), region_name="us-east-1")
    server.stop()


def test_files_on_s3_are_read_in_place(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from functions.adapters.clients import object_store

    store.create_bucket(Bucket="observations")
    files: LogFiles = S3LogFiles(store, "observations")
    monkeypatch.setattr(log_statistics, "WORTH", 1)
    tails = s3_tails(store, "observations")
    reader: LogReader = S3LogReader("s3://observations", lambda: object_store(store), tails)
    rows = [row(at, f"r{at}") for at in range(30)]
    keys = [f"log/version=7/day=2026-01-01/hour=00/{at}.parquet" for at in range(3)]
    for at, key in enumerate(keys):
        files.write(key, SIGNATURE, rows[10 * at : 10 * at + 10])
    files.merge(keys, "log/version=7/all.parquet")
    part = LogPart(VERSION, (segment("log/version=7/all.parquet", 30),))
    spots = reader.find(part, x_is(Operator.EQ, 1.0), 2)
    assert [spot.number for spot in spots] == [29, 28]
    assert reader.read(part, [29])[29].observation.request_id == "r29"
    with pytest.raises(Gone):
        reader.find(LogPart(VERSION, (segment("log/gone.parquet", 30),)), x_is(Operator.EQ, 1.0), 2)
    assert sorted(one.key for one in files.stored("log/version=7/day=")) == keys
    files.remove([*keys, "log/never.parquet"])
    assert list(files.stored("log/version=7/day=")) == []
    with pytest.raises(Gone):
        reader.find(LogPart(VERSION, (segment(keys[0], 10),)), Wanted(), 1)


def test_s12_a_field_may_be_called_as_another_ones_shape_would_be(tmp_path: Path) -> None:
    fields = (Field("x", DType.INT8), Field("x_shape", DType.INT8, Shape((2,))))
    version = entities.version(7, signature=Signature("predict", fields, ()))
    inputs = {"x": tensor(DType.INT8, (1, 2), 1, 2), "x_shape": tensor(DType.INT8, (2,), 3, 4)}
    FolderFiles(tmp_path).write("log/a.parquet", version.released_signature, [row(0, inputs=inputs, outputs={})])
    [found] = S3LogReader(str(tmp_path)).read(LogPart(version, (segment("log/a.parquet", 1),)), [0]).values()
    assert found.observation.inputs == inputs
