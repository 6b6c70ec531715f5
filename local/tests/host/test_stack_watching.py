"""Alarms, dashboards, filters, rules."""

import json
import uuid

import pytest

from .conftest import Cloud
from .stack import Stack, Template, att, ref, resource

pytestmark = pytest.mark.cloud


def watching(body: str, pattern: str, threshold: str, targets: list[str]) -> Template:
    queues = {name: resource("SQS::Queue", QueueName=f"{name}-{uuid.uuid4().hex[:6]}") for name in targets}
    return {
        **queues,
        "Dashboard": resource("CloudWatch::Dashboard", DashboardBody=body),
        "Group": resource("Logs::LogGroup", RetentionInDays="14"),
        "Filter": resource(
            "Logs::MetricFilter",
            LogGroupName=ref("Group"),
            FilterPattern=pattern,
            MetricTransformations=[
                {"MetricName": "errors", "MetricNamespace": "test", "MetricValue": "1", "DefaultValue": "0"}
            ],
        ),
        "Alarm": resource(
            "CloudWatch::Alarm",
            Namespace="test",
            MetricName="errors",
            Statistic="Sum",
            Period="60",
            EvaluationPeriods="1",
            Threshold=threshold,
            ComparisonOperator="GreaterThanThreshold",
        ),
    }


def test_what_watches_is_updated(cloud: Cloud, stack: Stack) -> None:
    stack.deploy(watching('{"widgets":[]}', "ERROR", "1", []))
    ids = stack.ids()
    watch, logs = cloud.client("cloudwatch"), cloud.client("logs")

    assert watch.get_dashboard(DashboardName=ids["Dashboard"])["DashboardBody"] == '{"widgets":[]}'
    assert logs.describe_log_groups(logGroupNamePrefix=ids["Group"])["logGroups"][0]["retentionInDays"] == 14

    stack.deploy(watching('{"widgets":[],"start":"-PT1H"}', "FATAL", "5", []))

    assert stack.ids() == ids
    assert watch.get_dashboard(DashboardName=ids["Dashboard"])["DashboardBody"] == '{"widgets":[],"start":"-PT1H"}'
    filters = logs.describe_metric_filters(logGroupName=ids["Group"])["metricFilters"]
    assert [found["filterPattern"] for found in filters] == ["FATAL"]
    assert watch.describe_alarms(AlarmNames=[ids["Alarm"]])["MetricAlarms"][0]["Threshold"] == 5

    stack.delete()
    assert not watch.describe_alarms(AlarmNames=[ids["Alarm"]])["MetricAlarms"]


def rule(status: str, targets: list[str]) -> Template:
    return {
        "Queue": resource("SQS::Queue"),
        "Dead": resource("SQS::Queue"),
        "Policy": resource(
            "SQS::QueuePolicy",
            Queues=[ref("Queue")],
            PolicyDocument={
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}],
            },
        ),
        "Rule": resource(
            "Events::Rule",
            EventPattern={"source": ["test.builds"], "detail": {"status": [status]}},
            State="ENABLED",
            Targets=[
                {"Id": name, "Arn": att("Queue", "Arn"), "DeadLetterConfig": {"Arn": att("Dead", "Arn")}}
                for name in targets
            ],
        ),
    }


def test_rules_and_their_targets_follow_the_template(cloud: Cloud, stack: Stack) -> None:
    events, queues = cloud.client("events"), cloud.client("sqs")
    stack.deploy(rule("FAILED", ["a", "b"]))
    ids = stack.ids()
    assert {t["Id"] for t in events.list_targets_by_rule(Rule=ids["Rule"])["Targets"]} == {"a", "b"}

    stack.deploy(rule("SUCCEEDED", ["b"]))
    assert {t["Id"] for t in events.list_targets_by_rule(Rule=ids["Rule"])["Targets"]} == {"b"}

    for status in ("FAILED", "SUCCEEDED"):
        detail = json.dumps({"status": status})
        events.put_events(Entries=[{"Source": "test.builds", "DetailType": "change", "Detail": detail}])
    received = queues.receive_message(QueueUrl=ids["Queue"], WaitTimeSeconds=10, MaxNumberOfMessages=10)["Messages"]
    assert [json.loads(message["Body"])["detail"] for message in received] == [{"status": "SUCCEEDED"}]

    stack.delete()
    assert ids["Rule"] not in [found["Name"] for found in events.list_rules()["Rules"]]
