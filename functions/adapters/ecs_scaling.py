"""Application Auto Scaling for ECS services: copies follow the processor's use, between a least and a most.

A service at rest keeps its target with scaling suspended: a task count below the least would otherwise be put right by
the next activity. Without tasks there is no utilisation to follow, so waking is never left to it.
https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-suspend-resume-scaling.html
"""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from functions.core.scaling import Scaling

if TYPE_CHECKING:
    from mypy_boto3_application_autoscaling import ApplicationAutoScalingClient

SCALE_OUT_PAUSE = 60  # seconds
SCALE_IN_PAUSE = 300  # taking a copy away too early costs calls, keeping one costs cents
POLICY = "cpu"
NEVER_SCALED = ("ObjectNotFoundException", "ValidationException")  # AWS's word for it, and the emulator's


class ServiceScaling:
    """The scaling of the services of one cluster."""

    def __init__(self, client: "ApplicationAutoScalingClient", cluster: str) -> None:
        self._client = client
        self._cluster = cluster

    def begin(self, name: str, scaling: Scaling) -> None:
        self.resume(name, scaling)
        self._client.put_scaling_policy(**to_policy(self._cluster, name, scaling))

    def suspend(self, name: str, scaling: Scaling) -> None:
        self._client.register_scalable_target(**to_target(self._cluster, name, scaling, asleep=True))

    def resume(self, name: str, scaling: Scaling) -> None:
        self._client.register_scalable_target(**to_target(self._cluster, name, scaling, asleep=False))

    def end(self, name: str) -> None:
        """The policy goes with its target."""
        try:
            self._client.deregister_scalable_target(**to_dimension(self._cluster, name))
        except ClientError as error:
            if error.response["Error"]["Code"] not in NEVER_SCALED:
                raise


def to_dimension(cluster: str, name: str) -> Any:
    return {
        "ServiceNamespace": "ecs",
        "ResourceId": f"service/{cluster}/{name}",
        "ScalableDimension": "ecs:service:DesiredCount",
    }


def to_target(cluster: str, name: str, scaling: Scaling, *, asleep: bool) -> Any:
    return to_dimension(cluster, name) | {
        "MinCapacity": 0 if asleep else scaling.least,
        "MaxCapacity": scaling.max_replicas,
        "SuspendedState": {
            "DynamicScalingInSuspended": asleep,
            "DynamicScalingOutSuspended": asleep,
            "ScheduledScalingSuspended": asleep,
        },
    }


def to_policy(cluster: str, name: str, scaling: Scaling) -> Any:
    tracked = {
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
        "TargetValue": float(scaling.cpu_utilization),
        "ScaleOutCooldown": SCALE_OUT_PAUSE,
        "ScaleInCooldown": SCALE_IN_PAUSE,
    }
    return to_dimension(cluster, name) | {
        "PolicyName": POLICY,
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": tracked,
    }
