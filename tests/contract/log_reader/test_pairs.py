"""Requests of two logs side by side: which belong together, and how far their answers agree."""

import pytest

from functions.core.dtypes import DType
from functions.core.request_log import LogPart, Wanted
from tests.contract.log_reader.scene import OTHER, START, Scene, row, tensor


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
