"""Alarms and the dashboard: nothing runs unwatched, and what is watched exists."""

import json
import re
from typing import Any

import pytest

from tests.infra.synth import Template, all_resources, resources

NAMES = {
    "FunctionName": ("AWS::Lambda::Function", "FunctionName"),
    "TableName": ("AWS::DynamoDB::Table", "TableName"),
    "QueueName": ("AWS::SQS::Queue", "QueueName"),
    "ApiName": ("AWS::ApiGateway::RestApi", "Name"),
    "ServiceName": ("AWS::ECS::Service", "ServiceName"),
    "ClusterName": ("AWS::ECS::Cluster", "ClusterName"),
    "ProjectName": ("AWS::CodeBuild::Project", "Name"),
}


def names(stacks: dict[str, Template], dimension: str) -> set[str]:
    kind, key = NAMES[dimension]
    return {properties[key] for properties in all_resources(stacks, kind).values()}


def alarms(stacks: dict[str, Template]) -> dict[str, dict[str, Any]]:
    return {alarm["AlarmName"]: alarm for alarm in all_resources(stacks, "AWS::CloudWatch::Alarm").values()}


def words(alarm: dict[str, Any]) -> str:
    return json.dumps({key: alarm[key] for key in ("Dimensions", "Metrics", "MetricName") if key in alarm})


def missing(stacks: dict[str, Template], dimension: str, suffixes: tuple[str, ...]) -> list[str]:
    """The alarms that `stacks` should have for each thing of a kind and do not."""
    known = alarms(stacks)
    wanted = [(name, f"{name}-{suffix}") for name in names(stacks, dimension) for suffix in suffixes]
    return [alarm for name, alarm in wanted if alarm not in known or name not in words(known[alarm])]


def test_every_function_has_alarms_for_errors_and_throttles(stacks: dict[str, Template]) -> None:
    assert missing(stacks, "FunctionName", ("errors", "throttles")) == []


def test_every_table_has_alarms_for_throttles_and_system_errors(stacks: dict[str, Template]) -> None:
    assert missing(stacks, "TableName", ("throttles", "system-errors")) == []


def test_the_api_has_alarms_for_server_errors_and_latency(stacks: dict[str, Template]) -> None:
    [api] = names(stacks, "ApiName")
    known = alarms(stacks)
    assert known[f"{api}-api-server-errors"]["MetricName"] == "5XXError"
    latency = known[f"{api}-api-latency"]
    assert (latency["MetricName"], latency["ExtendedStatistic"]) == ("Latency", "p99")
    assert "Statistic" not in latency


def test_the_grpc_gateway_has_alarms_for_health_and_for_missing_tasks(stacks: dict[str, Template]) -> None:
    [service] = resources(stacks["grpc"], "AWS::ECS::Service").values()
    known = alarms(stacks)
    tasks = known[f"{service['ServiceName']}-tasks"]
    assert tasks["Threshold"] == service["DesiredCount"]
    assert tasks["TreatMissingData"] == known[f"{service['ServiceName']}-unhealthy"]["TreatMissingData"] == "breaching"


def test_every_alarm_says_what_it_means_and_goes_to_the_topic(stacks: dict[str, Template]) -> None:
    found = alarms(stacks)
    [topic] = resources(stacks["data"], "AWS::SNS::Topic")
    for name, alarm in found.items():
        assert re.fullmatch(r"[A-Z].{20,}\.", alarm["AlarmDescription"]), name
        [action] = alarm["AlarmActions"]
        assert f"Ref{topic}" in json.dumps(action), name
    assert len(found) == len(all_resources(stacks, "AWS::CloudWatch::Alarm"))


def test_alarms_watch_what_exists(stacks: dict[str, Template]) -> None:
    for name, alarm in alarms(stacks).items():
        for dimension in alarm.get("Dimensions", []):
            if dimension["Name"] in NAMES and isinstance(dimension["Value"], str):
                assert dimension["Value"] in names(stacks, dimension["Name"]), name


def dashboard(stacks: dict[str, Template]) -> tuple[str, dict[str, Any]]:
    [found] = resources(stacks["dashboard"], "AWS::CloudWatch::Dashboard").values()
    return found["DashboardName"], json.loads(text(found["DashboardBody"]))


def text(value: Any) -> str:
    """A string, or Fn::Join of strings, with references by their names."""
    if isinstance(value, str):
        return value
    return "".join(part if isinstance(part, str) else next(iter(part.values())) for part in value["Fn::Join"][1])


def test_the_dashboard_shows_what_an_operator_needs_first(stacks: dict[str, Template]) -> None:
    name, body = dashboard(stacks)
    [api] = names(stacks, "ApiName")
    assert name == api
    titles = [widget["properties"]["title"] for widget in body["widgets"]]
    for door in ("HTTP", "gRPC"):
        assert [t for t in titles if t.startswith(door)][:3] == [
            f"{door}: {x}" for x in ("calls", "errors", "latency, ms")
        ]
    assert {
        "Servables: running tasks",
        "Builds",
        "Queues: waiting",
        "Queues: age of the oldest, s",
        "Dead letters",
        "DynamoDB: throttled reads",
        "DynamoDB: throttled writes",
    } <= set(titles)
    latency = next(w for w in body["widgets"] if w["properties"]["title"] == "gRPC: latency, ms")
    assert [line[-1]["stat"] for line in latency["properties"]["metrics"]] == ["p50", "p99"]


def test_the_dashboard_shows_everything_and_nothing_that_does_not_exist(stacks: dict[str, Template]) -> None:
    _, body = dashboard(stacks)
    shown: dict[str, set[str]] = {dimension: set() for dimension in NAMES}
    for widget in body["widgets"]:
        for line in widget["properties"]["metrics"]:
            for dimension, value in zip(line[2:-1:2], line[3:-1:2], strict=True):
                shown.setdefault(dimension, set()).add(value)
    for dimension in ("FunctionName", "TableName", "QueueName", "ApiName", "ProjectName"):
        assert shown[dimension] == names(stacks, dimension)
    searched = set(re.findall(r'ClusterName=\\*"([^"\\]+)', json.dumps(body)))
    assert searched == names(stacks, "ClusterName")


def test_widgets_do_not_overlap(stacks: dict[str, Template]) -> None:
    _, body = dashboard(stacks)
    cells = [
        (x, y)
        for w in body["widgets"]
        for x in range(w["x"], w["x"] + w["width"])
        for y in range(w["y"], w["y"] + w["height"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def test_calls_over_grpc_are_counted_and_shown(stacks: dict[str, Template]) -> None:
    filters = resources(stacks["grpc"], "AWS::Logs::MetricFilter").values()
    counted = {t["MetricName"] for f in filters for t in f["MetricTransformations"]}
    _, body = dashboard(stacks)
    shown = {line[1] for w in body["widgets"] for line in w["properties"]["metrics"] if line[0] == "Dewpoint"}
    assert len(counted) == 3
    assert counted == shown
    patterns = {f["FilterPattern"] for f in filters}
    assert all('$.message = "called"' in pattern for pattern in patterns)


def test_s21_monitoring_is_shown_by_version_and_alarmed_altogether(stacks: dict[str, Template]) -> None:
    """By the names and dimensions under which sonar counts, and no others."""
    from functions.sonar.emit_metrics import NAMESPACE

    prefix, body = dashboard(stacks)
    found = [w["properties"] for w in body["widgets"] if NAMESPACE in json.dumps(w)]
    assert len(found) == 6
    searched = [line[0]["expression"] for one in found for line in one["metrics"] if "expression" in line[0]]
    assert len(searched) == 5
    assert all(f"{{{NAMESPACE},service,application,model,version}}" in each for each in searched)
    assert all(f'service="{prefix}"' in each for each in searched)
    lag = alarms(stacks)[f"{prefix}-request-log-lag"]
    assert (lag["Namespace"], lag["MetricName"], lag["Dimensions"]) == (
        NAMESPACE,
        "LogLag",
        [{"Name": "service", "Value": prefix}],
    )
    unhealthy = json.dumps(alarms(stacks)[f"{prefix}-models-unhealthy"]["Metrics"])
    assert all(name in unhealthy for name in ("UnhealthyPredictions", "Predictions", "100 * failed / all"))


def test_s21_what_is_shown_and_alarmed_is_what_sonar_counts(
    stacks: dict[str, Template], capsys: pytest.CaptureFixture[str]
) -> None:
    from functions.sonar.emit_metrics import NAMESPACE, emit_metrics
    from tests.unit.sonar.test_report import emitted, row

    emit_metrics("p", [row()], 0.0)
    (line,) = emitted(capsys)
    [told] = line["_aws"]["CloudWatchMetrics"]
    counted = {each["Name"] for each in told["Metrics"]}
    _, body = dashboard(stacks)
    widgets = json.dumps([w for w in body["widgets"] if NAMESPACE in json.dumps(w)])
    shown = set(re.findall(r'MetricName=\\*"(\w+)', widgets)) | set(re.findall(rf'"{NAMESPACE}", "(\w+)"', widgets))
    assert shown <= counted
    assert told["Dimensions"] == [["service"], ["service", "application", "model", "version"]]
