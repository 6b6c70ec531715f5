"""Rows are counted in batches and hours, and no row in two or in none."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from functions.core.checks import Check, Verdict
from functions.core.ledger import Batch, Count, Head, Tally
from functions.core.observations import Checked, observation_of
from functions.sonar.count import tally
from functions.sonar.plan_addition import hour_of, into_files, plan_addition
from tests.unit.sonar.world import START, call, prediction

sizes = st.lists(st.integers(1, 25), min_size=1, max_size=8)


def rows(count: int, since: float = START, step: float = 700.0) -> list[Checked]:
    made = [prediction(f"r{n}", since + step * n) for n in range(count)]
    return [Checked(observation=observation_of(one, call())) for one in made]


@given(commits=sizes, size=st.integers(1, 12))
def test_s15_batches_hold_batch_size_rows_whatever_the_commits(commits: list[int], size: int) -> None:
    head = Head(version_id=1)
    batches: dict[int, Batch] = {}
    for count in commits:
        addition = plan_addition(head, into_files(1, rows(count), "c"), size, "c")
        batches |= {batch.number: batch for batch in addition.batches}
        head = addition.next
    total = sum(commits)
    assert head.rows == total
    assert sorted(batches) == list(range(-(-total // size)))
    assert [batches[n].tally.requests for n in sorted(batches)] == [
        min(size, total - n * size) for n in range(len(batches))
    ]
    assert all(batch.first_row == number * size for number, batch in batches.items())
    assert (head.open is None) == (total % size == 0)


def test_segments_follow_each_other_by_the_hour_of_the_predictions() -> None:
    files = into_files(1, list(reversed(rows(12))), "c")
    addition = plan_addition(Head(version_id=1, rows=5, batches=0, open=None), files, 100, "c")
    assert [file.hour for file in files] == ["2026-01-01T00", "2026-01-01T01", "2026-01-01T02"]
    assert [(one.first, one.rows) for one in addition.segments] == [(5, 6), (11, 5), (16, 1)]
    assert addition.segments[1].key == "log/version=1/day=2026-01-01/hour=01/c.parquet"
    assert all(one.earliest <= one.latest for one in addition.segments)


def test_s15_the_aggregate_names_its_first_and_last_request() -> None:
    addition = plan_addition(Head(version_id=1), into_files(1, rows(7), "c"), 3, "c")
    assert [(one.first_id, one.last_id) for one in addition.batches] == [("r0", "r2"), ("r3", "r5"), ("r6", "r6")]


@given(st.floats(0, 4e9))
def test_hours_are_utc(at: float) -> None:
    assert hour_of(at) == datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H")


def check(name: str, verdict: Verdict) -> Check:
    return Check(name=name, verdict=verdict, description="")


def test_s15_a_field_is_counted_once_whatever_the_number_of_its_rules() -> None:
    passed, failed, errored = Verdict.PASSED, Verdict.FAILED, Verdict.ERRORED
    verdicts = {"x": (passed, passed), "y": (passed, failed), "z": (errored, passed)}
    raw = {name: [check("min", low), check("max", high)] for name, (low, high) in verdicts.items()}
    metrics = {name: check(name, verdict) for name, verdict in zip("abc", (failed, errored, passed), strict=True)}
    counted = tally([Checked(observation=rows(1)[0].observation, raw=raw, metrics=metrics)])
    assert counted.fields == {"x": Count(1, 1, 0), "y": Count(1, 0, 0), "z": Count(1, 0, 1)}
    assert counted.metrics == {"a": Count(1, 0, 0), "b": Count(1, 0, 1), "c": Count(1, 1, 0)}


@given(st.permutations(range(6)), st.integers(0, 6))
def test_tallies_add_up_in_any_order(order: list[int], cut: int) -> None:
    all_rows = rows(6)
    shuffled = [all_rows[at] for at in order]
    assert tally(shuffled[:cut]) + tally(shuffled[cut:]) == tally(all_rows)
    assert tally([]) + tally(all_rows) == tally(all_rows) + Tally()
