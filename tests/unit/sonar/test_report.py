"""What a commit says to whoever keeps watch, and what CloudWatch is told of it."""

import json
from typing import Any

import pytest

from functions.core.bulletins import Bulletin, Trouble
from functions.core.checks import Check, Verdict
from functions.core.errors import Unavailable
from functions.core.ledger import Head
from functions.core.observations import EXTERNAL, Checked, Observation
from functions.sonar.emit_metrics import MOST_VALUES, NAMESPACE, emit_metrics
from functions.sonar.plan_addition import into_files, plan_addition
from functions.sonar.report import with_bulletin
from tests.fakes.monitoring import FakeLogNews
from tests.unit.sonar.world import START, World, call, number, prediction

MAX = Check(name="max", verdict=Verdict.FAILED, description="healthy when value <= 9", value=12.5, threshold=9.0)
MIN = Check(name="min", verdict=Verdict.PASSED, description="healthy when value >= 0", value=12.5, threshold=0.0)


def row(request_id: str = "r1", at: float = START, raw: Any = None, metrics: Any = None, **changes: Any) -> Checked:
    fields: dict[str, Any] = {
        "request_id": request_id,
        "at": at,
        "application": "adders",
        "application_id": 5,
        "stage": 0,
        "servable_name": "servable-1",
        "model_name": "penguins",
        "model_version": 1,
        "model_version_id": 1,
        "inputs": {"x": number(1.0)},
        "latency_ms": 2.0,
    }
    return Checked(observation=Observation(**fields | changes), raw=raw or {}, metrics=metrics or {})


def bulletin_of(*rows: Checked) -> Bulletin:
    planned = plan_addition(Head(version_id=1), into_files(1, rows, "c"), 10, "c")
    bulletin = with_bulletin(planned, rows, 5.0).bulletin
    assert bulletin is not None
    return bulletin


def test_s17_a_bulletin_groups_what_went_wrong_by_what_it_was() -> None:
    bulletin = bulletin_of(*(row(f"r{n}", START + n, raw={"x": [MIN, MAX], "y": [MIN]}) for n in range(5)))
    assert (bulletin.first, bulletin.rows, bulletin.at) == (0, 5, 5.0)
    (finding,) = bulletin.findings
    assert (finding.key, finding.count, finding.field, finding.name) == ("check:x/max", 5, "x", "max")
    assert (finding.first_seen, finding.last_seen) == (START, START + 4)
    assert (finding.value, finding.threshold, finding.description) == ("12.5", "9.0", "healthy when value <= 9")
    assert finding.examples == ("r0", "r1", "r2")
    assert (finding.application, finding.stage) == ("adders", 0)


def test_s17_errored_checks_and_failed_predictions_are_kinds_of_their_own() -> None:
    errored = Check(name="drift", verdict=Verdict.ERRORED, description="", reason="no replica", metric_spec_id="m1")
    failed = Check(name="drift", verdict=Verdict.FAILED, description="", metric_spec_id="m1")
    found = bulletin_of(
        row(metrics={"drift": errored}), row("r2", metrics={"drift": failed}), row("r3", error="it raised")
    ).findings
    told = {finding.key: (finding.trouble, finding.reason, finding.metric_spec_id) for finding in found}
    assert told == {
        "errored:drift": (Trouble.ERRORED, "no replica", "m1"),
        "metric:drift": (Trouble.METRIC, "", "m1"),
        "prediction": (Trouble.PREDICTION, "it raised", None),
    }


def test_s17_bulletins_are_published_with_the_rows_and_follow_one_another() -> None:
    world = World()
    for at in range(4):
        world.observe(*(prediction(f"r{at}-{n}", START + at) for n in range(3)))
    bulletins = world.ledger.after(1, 0)
    assert [(one.first, one.end) for one in bulletins] == [(0, 3), (3, 6), (6, 9), (9, 12)]
    assert world.news.told == [(1,)] * 4


def test_s17_whoever_cannot_be_told_spoils_no_recording() -> None:
    def refuse() -> None:
        raise Unavailable("no")

    world = World(news=FakeLogNews(refuse))
    assert world.observe(prediction()) == {}
    assert len(world.log) == 1
    assert len(world.ledger.after(1, 0)) == 1


def emitted(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]


def test_s21_predictions_errors_latency_checks_and_lag_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    errored = Check(name="drift", verdict=Verdict.ERRORED, description="")
    rows = [
        row("r1", latency_ms=2.0, raw={"x": [MIN, MAX]}),
        row("r2", START + 3, latency_ms=4.0, metrics={"drift": errored}),
        row("r3", latency_ms=6.0, error="it raised"),
    ]
    emit_metrics("dewpoint-test", rows, START + 10)
    (line,) = emitted(capsys)
    assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == NAMESPACE
    names = ("Predictions", "PredictionErrors", "FailedChecks", "ErroredChecks", "UnhealthyPredictions")
    assert {name: line[name] for name in names} == {
        "Predictions": [3],
        "PredictionErrors": [1],
        "FailedChecks": [1],
        "ErroredChecks": [1],
        "UnhealthyPredictions": [1],
    }
    assert line["Latency"] == [2.0, 4.0, 6.0]
    assert line["LogLag"] == [10.0, 7.0, 10.0]


def test_s21_the_number_of_metrics_does_not_grow_with_the_requests(capsys: pytest.CaptureFixture[str]) -> None:
    """However many predictions, and whatever others call their applications."""
    rows = [row(f"id-{n}", application=f"app-{n % 2}") for n in range(500)]
    rows += [row(f"own-{n}", application=f"chosen-{n}", application_id=None) for n in range(500)]
    emit_metrics("dewpoint-test", rows, START)
    lines = emitted(capsys)
    sets = {tuple(sorted((name, line[name]) for name in dimensions)) for line in lines for dimensions in of(line)}
    model = {("model", "penguins"), ("service", "dewpoint-test"), ("version", "1")}
    assert {frozenset(one) for one in sets} == {
        frozenset({("service", "dewpoint-test")}),
        *(frozenset({*model, ("application", name)}) for name in ("app-0", "app-1", "-")),
    }
    metrics = {metric["Name"] for line in lines for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]}
    assert len(metrics) == 7
    assert sum(line["Predictions"][0] for line in lines) == 1000
    assert max(len(line["Latency"]) for line in lines) == MOST_VALUES
    assert "id-1" not in json.dumps(lines)


def of(line: dict[str, Any]) -> Any:
    return line["_aws"]["CloudWatchMetrics"][0]["Dimensions"]


def test_s21_what_others_predicted_has_no_lag_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    emit_metrics("dewpoint-test", [row(servable_name=EXTERNAL, at=946684800.0)], START)
    (line,) = emitted(capsys)
    assert "LogLag" not in line


def test_s21_each_recorded_prediction_is_counted_once(capsys: pytest.CaptureFixture[str]) -> None:
    world = World()
    for _ in range(3):
        world.observe(prediction(calls=(call(),)))
    assert [line["Predictions"] for line in emitted(capsys)] == [[1]]
