"""What tests of tasks do all the time: register, create, look, ask."""

import json
import urllib.request
import uuid
from dataclasses import dataclass
from typing import Any

from running_cloud import ACCOUNT, REGION, Cloud, eventually

NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"]}}
CHECK = {"command": ["CMD", "python", "probe.py"], "interval": 5, "timeout": 5, "retries": 2, "startPeriod": 3}


@dataclass(frozen=True)
class Scene:
    """A cluster and an image."""

    cloud: Cloud
    image: str

    @property
    def ecs(self) -> Any:
        return self.cloud.client("ecs")

    def define(self, behaviour: str = "serve", **more: Any) -> str:
        """Registers a task definition; keys of `more` go into the container or, in capitals, into the task."""
        container = {
            "name": "main",
            "image": self.image,
            "essential": True,
            "environment": [{"name": "BEHAVIOUR", "value": behaviour}],
            "portMappings": [{"containerPort": 9091}],
            "healthCheck": CHECK,
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {"awslogs-group": "/tests", "awslogs-region": REGION, "awslogs-stream-prefix": "t"},
            },
            **{key: value for key, value in more.items() if key != "TASK"},
        }
        answer = self.ecs.register_task_definition(
            family=f"f-{uuid.uuid4().hex[:8]}",
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            executionRoleArn=f"arn:aws:iam::{ACCOUNT}:role/execution",
            containerDefinitions=[container],
            **more.get("TASK", {}),
        )
        return str(answer["taskDefinition"]["taskDefinitionArn"])

    def create(self, definition: str, desired: int = 1, **more: Any) -> str:
        name = f"s-{uuid.uuid4().hex[:8]}"
        self.ecs.create_service(
            cluster="tests",
            serviceName=name,
            taskDefinition=definition,
            desiredCount=desired,
            launchType="FARGATE",
            networkConfiguration=NETWORK,
            **more,
        )
        return name

    def run(self, definition: str, **more: Any) -> str:
        answer = self.ecs.run_task(
            cluster="tests", taskDefinition=definition, launchType="FARGATE", networkConfiguration=NETWORK, **more
        )
        return str(answer["tasks"][0]["taskArn"])

    def service(self, name: str) -> dict[str, Any]:
        return dict(self.ecs.describe_services(cluster="tests", services=[name])["services"][0])

    def task(self, arn: str) -> dict[str, Any]:
        return dict(self.ecs.describe_tasks(cluster="tests", tasks=[arn])["tasks"][0])

    def tasks(self, name: str, status: str = "RUNNING") -> list[dict[str, Any]]:
        arns = self.ecs.list_tasks(cluster="tests", serviceName=name, desiredStatus=status)["taskArns"]
        return list(self.ecs.describe_tasks(cluster="tests", tasks=arns)["tasks"]) if arns else []

    def healthy(self, name: str) -> list[dict[str, Any]]:
        return [task for task in self.tasks(name) if task["healthStatus"] == "HEALTHY"]

    def stopped(self, arn: str, seconds: float = 30) -> dict[str, Any]:
        return dict(eventually(lambda: (t := self.task(arn)) and t["lastStatus"] == "STOPPED" and t, seconds))

    def remove(self, name: str) -> None:
        self.ecs.delete_service(cluster="tests", service=name, force=True)
        eventually(lambda: self.service(name)["status"] == "INACTIVE")

    def lines(self, task_arn: str) -> list[str]:
        stream = f"t/main/{task_arn.rpartition('/')[2]}"
        events = self.cloud.client("logs").get_log_events(
            logGroupName="/tests", logStreamName=stream, startFromHead=True
        )
        return [event["message"] for event in events["events"]]


def address(task: dict[str, Any]) -> str:
    details = {detail["name"]: detail["value"] for detail in task["attachments"][0]["details"]}
    assert details["privateIPv4Address"] == task["containers"][0]["networkInterfaces"][0]["privateIpv4Address"]
    return str(details["privateIPv4Address"])


def ask(task: dict[str, Any]) -> dict[str, Any]:
    """What the task's server says of itself."""
    with urllib.request.urlopen(f"http://{address(task)}:9091/", timeout=3) as answer:
        return dict(json.load(answer))
