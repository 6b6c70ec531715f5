"""AWS's own events, read."""

import json
from typing import Any

import pytest

from functions.adapters.events import AwsEvents
from functions.core.reports import BuildFinished, ReplicaChanged, RolloutFailed, RolloutSettled
from tests.events import load

NAME = "penguins-1-calm-heron"
TASK = "c13b4cb40f1f4fe4a2971f76ae5a47ad"


def read(event: dict[str, Any]) -> Any:
    return AwsEvents(9091).read(json.dumps(event))


def changed(event: dict[str, Any], **detail: Any) -> dict[str, Any]:
    return event | {"detail": event["detail"] | detail}


def replica(event: dict[str, Any]) -> Any:
    report = read(event)
    assert isinstance(report, ReplicaChanged)
    return report.replica


def test_a_build_that_ended_is_named_as_codebuild_names_it() -> None:
    assert read(load("codebuild_build_failed")) == BuildFinished("model-build:8745a7a9-c340-456a-9166-edf953571bec")


def test_a_build_that_goes_on_says_nothing() -> None:
    assert read(changed(load("codebuild_build_failed"), **{"build-status": "IN_PROGRESS"})) is None


def test_a_healthy_task_has_an_address() -> None:
    report = read(load("ecs_task_running"))
    assert report.servable == NAME
    assert report.replica.task == TASK
    assert report.replica.address == "10.0.0.139:9091"
    assert report.replica.healthy
    assert not report.replica.stopped
    assert (report.replica.reason, report.replica.version) == ("", 4)


@pytest.mark.parametrize("health", ["UNKNOWN", None])
def test_a_task_without_a_verdict_is_only_starting(health: str | None) -> None:
    event = load("ecs_task_running")
    del event["detail"]["healthStatus"]
    found = replica(changed(event, healthStatus=health) if health else event)
    assert (found.healthy, found.stopped, found.reason) == (False, False, "")


def test_an_unhealthy_task_says_so() -> None:
    found = replica(changed(load("ecs_task_running"), healthStatus="UNHEALTHY"))
    assert (found.healthy, found.stopped, found.reason) == (False, False, "the health check fails")


def test_a_task_that_is_being_stopped_gets_no_more_calls() -> None:
    found = replica(changed(load("ecs_task_running"), desiredStatus="STOPPED", stoppedReason="Scaling activity"))
    assert (found.healthy, found.stopped, found.reason) == (False, False, "Scaling activity")


def test_a_stopped_task_says_why() -> None:
    found = replica(load("ecs_task_stopped"))
    assert found.stopped
    assert not found.healthy
    assert found.reason == (
        "Essential container in task exited, exit code 137, OutOfMemoryError: Container killed due to memory usage"
    )
    assert found.since.isoformat() == "2026-01-01T18:02:10.982000+00:00"


def test_a_task_whose_container_has_ended_says_why_before_it_is_gone() -> None:
    found = replica(changed(load("ecs_task_stopped"), lastStatus="DEACTIVATING"))
    assert (found.healthy, found.stopped) == (False, False)
    assert "exit code 137, OutOfMemoryError" in found.reason


def test_a_task_without_an_interface_has_no_address_yet() -> None:
    found = replica(changed(load("ecs_task_running"), attachments=[], containers=[], lastStatus="PROVISIONING"))
    assert (found.address, found.healthy) == ("", False)


def test_a_failed_deployment_names_its_service() -> None:
    expected = RolloutFailed(NAME, "ECS deployment circuit breaker: tasks failed to start.")
    assert read(load("ecs_deployment_failed")) == expected


def test_a_completed_deployment_and_a_steady_service_are_settled() -> None:
    event = load("ecs_deployment_failed")
    assert read(changed(event, eventName="SERVICE_DEPLOYMENT_COMPLETED")) == RolloutSettled(NAME)
    assert read(changed(event, eventName="SERVICE_DEPLOYMENT_IN_PROGRESS")) is None
    assert read(load("ecs_service_steady")) == RolloutSettled(NAME)


@pytest.mark.parametrize("group", ["family:something", "", None])
def test_a_task_of_no_service_is_not_ours(group: str | None) -> None:
    assert read(changed(load("ecs_task_running"), group=group)) is None


def test_other_events_say_nothing() -> None:
    event = load("ecs_task_running")
    assert read(event | {"source": "aws.ec2"}) is None
    assert read(event | {"detail-type": "ECS Container Instance State Change"}) is None


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{}", '{"source": "aws.ecs", "detail-type": "ECS Task State Change", "detail": {"group": "service:x"}}'],
)
def test_what_only_looks_like_an_event_is_an_error(body: str) -> None:
    with pytest.raises(Exception, match=r".*"):
        AwsEvents(9091).read(body)
