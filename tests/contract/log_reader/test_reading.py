"""Rows of the request log by their numbers, newest first, or as a sample."""

from pathlib import Path

import msgspec
import pytest

from functions.adapters.log_reader import S3LogReader
from functions.core.dtypes import DType
from functions.core.errors import Gone
from functions.core.ledger import Run
from functions.core.observations import Observation
from functions.core.request_log import LogPart, Shuffle, Spot, Wanted
from functions.core.signature import Field, Shape, Signature
from tests.contract.log_reader.scene import VERSION, FolderFiles, Scene, micro, row, segment, tensor
from tests.fakes import entities


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


def test_a_file_that_was_removed_meanwhile_is_gone(scene: Scene) -> None:
    part = LogPart(VERSION, (segment("log/gone.parquet", 3),))
    with pytest.raises(Gone):
        scene.reader.find(part, Wanted(), 1)


def test_s12_a_field_may_be_called_as_another_ones_shape_would_be(tmp_path: Path) -> None:
    fields = (Field("x", DType.INT8), Field("x_shape", DType.INT8, Shape((2,))))
    version = entities.version(7, signature=Signature("predict", fields, ()))
    inputs = {"x": tensor(DType.INT8, (1, 2), 1, 2), "x_shape": tensor(DType.INT8, (2,), 3, 4)}
    FolderFiles(tmp_path).write("log/a.parquet", version.released_signature, [row(0, inputs=inputs, outputs={})])
    [found] = S3LogReader(str(tmp_path)).read(LogPart(version, (segment("log/a.parquet", 1),)), [0]).values()
    assert found.observation.inputs == inputs
