import json

import pytest

from functions.sonar.await_servables import DELIVERIES
from functions.sonar.ports import Rules
from tests.infra.synth import Environments, Template, all_resources, resources, slowly


def test_every_queue_has_a_dead_letter_queue_that_rings(stacks: dict[str, Template]) -> None:
    for template in stacks.values():
        queues = resources(template, "AWS::SQS::Queue")
        sources = {name: queue for name, queue in queues.items() if "RedrivePolicy" in queue}
        dead = {queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0] for queue in sources.values()}
        assert set(queues) - set(sources) == dead
        alarms = resources(template, "AWS::CloudWatch::Alarm").values()
        watched = {json.dumps(a.get("Dimensions")): a for a in alarms if a.get("Namespace") == "AWS/SQS"}
        for name in dead:
            alarm = watched[json.dumps([{"Name": "QueueName", "Value": {"Fn::GetAtt": [name, "QueueName"]}}])]
            assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
            assert alarm["Threshold"] == 1
            assert alarm["AlarmActions"]


def test_there_are_queues(stacks: dict[str, Template]) -> None:
    names = {queue["QueueName"].split("-", 2)[2] for queue in all_resources(stacks, "AWS::SQS::Queue").values()}
    assert {"observations", "platform-events"} <= names


def test_queues_are_encrypted_and_keep_dead_letters_longest(stacks: dict[str, Template]) -> None:
    for queue in all_resources(stacks, "AWS::SQS::Queue").values():
        assert queue["SqsManagedSseEnabled"] is True
        if "RedrivePolicy" not in queue:
            assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_a_message_stays_hidden_for_six_timeouts_of_its_consumer(stacks: dict[str, Template]) -> None:
    events = stacks["events"]
    [function] = resources(events, "AWS::Lambda::Function").values()
    [mapping] = resources(events, "AWS::Lambda::EventSourceMapping").values()
    queue = resources(events, "AWS::SQS::Queue")[mapping["EventSourceArn"]["Fn::GetAtt"][0]]
    assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_what_eventbridge_cannot_deliver_is_kept(stacks: dict[str, Template]) -> None:
    rules = resources(stacks["events"], "AWS::Events::Rule").values()
    kinds = {kind for rule in rules if "EventPattern" in rule for kind in rule["EventPattern"]["detail-type"]}
    assert kinds == {
        "CodeBuild Build State Change",
        "ECS Task State Change",
        "ECS Deployment State Change",
        "ECS Service Action",
    }
    for rule in rules:
        [target] = rule["Targets"]
        assert target["DeadLetterConfig"]["Arn"]


def test_x03_the_manager_looks_after_sleepers_every_minute(stacks: dict[str, Template]) -> None:
    rules = resources(stacks["events"], "AWS::Events::Rule").values()
    [minutes] = [rule for rule in rules if "ScheduleExpression" in rule]
    assert minutes["ScheduleExpression"] == "rate(1 minute)"
    assert minutes["State"] == "ENABLED"
    [target] = minutes["Targets"]
    queues = resources(stacks["events"], "AWS::SQS::Queue")
    assert queues[target["Arn"]["Fn::GetAtt"][0]]["QueueName"].endswith("platform-events")
    assert "Input" not in target  # the envelope says what it is


def test_x03_both_gateways_and_sonar_may_ask_for_a_sleeper(stacks: dict[str, Template]) -> None:
    for stack in ("api", "grpc", "workers"):
        assert "EVENTS_QUEUE_URL" in json.dumps(stacks[stack])
        policies = resources(stacks[stack], "AWS::IAM::Policy").values()
        sends = [
            json.dumps(statement["Resource"])
            for policy in policies
            for statement in policy["PolicyDocument"]["Statement"]
            if statement["Action"] == "sqs:SendMessage"
        ]
        assert sum("PlatformEvents" in send for send in sends) == 1


def test_s11_a_prediction_that_waits_for_a_metric_model_is_no_dead_letter_and_sonar_has_the_time(
    stacks: dict[str, Template],
) -> None:
    queues = resources(stacks["workers"], "AWS::SQS::Queue").values()
    [queue] = [queue for queue in queues if queue["QueueName"].endswith("-observations")]
    assert queue["RedrivePolicy"]["maxReceiveCount"] > DELIVERIES
    functions = resources(stacks["workers"], "AWS::Lambda::Function").values()
    [sonar] = [function for function in functions if function["FunctionName"].endswith("-sonar")]
    assert sonar["Timeout"] >= Rules().wake_timeout + 2 * Rules().call_timeout


@pytest.mark.parametrize("environment", [slowly("dev"), "prod"])
def test_alarms_may_reach_their_topic(environments: Environments, environment: str) -> None:
    [policy] = resources(environments[environment]["data"], "AWS::SNS::TopicPolicy").values()
    allowed = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
    assert [s["Principal"] for s in allowed] == [{"Service": "cloudwatch.amazonaws.com"}]


def test_s22_the_request_log_is_tended_by_the_hour(stacks: dict[str, Template]) -> None:
    [rule] = resources(stacks["workers"], "AWS::Events::Rule").values()
    assert (rule["ScheduleExpression"], rule["State"]) == ("rate(1 hour)", "ENABLED")
    [target] = rule["Targets"]
    queues = resources(stacks["workers"], "AWS::SQS::Queue")
    assert queues[target["Arn"]["Fn::GetAtt"][0]]["QueueName"].endswith("log-care")
    assert target["DeadLetterConfig"]["Arn"]
    [keeper] = [
        f for f in resources(stacks["workers"], "AWS::Lambda::Function").values() if "log-care" in f["FunctionName"]
    ]
    [mapping] = [
        m
        for m in resources(stacks["workers"], "AWS::Lambda::EventSourceMapping").values()
        if m["EventSourceArn"]["Fn::GetAtt"][0] == target["Arn"]["Fn::GetAtt"][0]
    ]
    assert mapping["BatchSize"] == 1
    assert queues[target["Arn"]["Fn::GetAtt"][0]]["VisibilityTimeout"] >= 6 * keeper["Timeout"]


def test_s22_nobody_else_deletes_from_the_request_log(stacks: dict[str, Template]) -> None:
    deleting = [
        name
        for template in stacks.values()
        for name, policy in resources(template, "AWS::IAM::Policy").items()
        for statement in policy["PolicyDocument"]["Statement"]
        if "s3:DeleteObject" in statement["Action"] and "/log/*" in json.dumps(statement["Resource"])
    ]
    assert [name.startswith("LogCareKeeper") for name in deleting] == [True]


@pytest.mark.parametrize("name", ["alert-watch", "alert-deliveries"])
def test_s17_alerts_wait_in_queues_that_lose_nothing(stacks: dict[str, Template], name: str) -> None:
    alerts = stacks["alerts"]
    queues = resources(alerts, "AWS::SQS::Queue")
    [(id_, queue)] = [(n, q) for n, q in queues.items() if q["QueueName"].endswith(name)]
    [mapping] = [
        m
        for m in resources(alerts, "AWS::Lambda::EventSourceMapping").values()
        if m["EventSourceArn"]["Fn::GetAtt"][0] == id_
    ]
    function = resources(alerts, "AWS::Lambda::Function")[mapping["FunctionName"]["Ref"]]
    assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert "VpcConfig" not in function  # receivers are on the internet


def test_s17_a_clock_finds_what_nobody_told_of(stacks: dict[str, Template]) -> None:
    from functions.core.messages import LookAround, encode

    [rule] = resources(stacks["alerts"], "AWS::Events::Rule").values()
    [target] = rule["Targets"]
    assert rule["ScheduleExpression"] == "rate(5 minutes)"
    assert json.loads(target["Input"]).items() <= json.loads(encode(LookAround())).items()
    assert target["DeadLetterConfig"]["Arn"]
