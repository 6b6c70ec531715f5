"""What is deployed, read from the emulator's API: the distribution, and the targets behind the load balancer."""

import time
from typing import Any

import boto3
from botocore.config import Config

from local.edge.balancer import Target, healthy_targets
from local.edge.distribution import Distribution, all_viewer_functions

REGION = "us-east-1"
# the edge must notice quickly that the emulator is gone, and ask again itself
IMPATIENT = Config(connect_timeout=1, read_timeout=5, retries={"total_max_attempts": 1})
LISTENER_LIFETIME = 10.0


def client(service: str, endpoint: str) -> Any:
    """A client of the emulator's API; the credentials are the emulator's, whatever the environment holds."""
    make: Any = boto3.client
    return make(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=IMPATIENT,
    )


class DeployedDistribution:
    """Reads the first enabled distribution; None when there is none. Once found, it is read until it is gone."""

    def __init__(self, endpoint: str) -> None:
        self._cloudfront = client("cloudfront", endpoint)
        self._id: str | None = None

    def read(self) -> Distribution | None:
        """Raises botocore's errors when the emulator cannot be asked."""
        self._id = self._id or self._find()
        if self._id is None:
            return None
        try:
            answer = self._cloudfront.get_distribution_config(Id=self._id)
        except self._cloudfront.exceptions.NoSuchDistribution:
            self._id = None
            return None
        config = answer["DistributionConfig"]
        codes = {arn: self._code(arn) for arn in all_viewer_functions(config)}
        return Distribution.from_config(self._id, config, codes)

    def _code(self, arn: str) -> str:
        answer = self._cloudfront.get_function(Name=arn.rpartition("/")[2], Stage="LIVE")
        return str(answer["FunctionCode"].read().decode())

    def _find(self) -> str | None:
        items = self._cloudfront.list_distributions()["DistributionList"].get("Items") or []
        return next((item["Id"] for item in items if item.get("Enabled", True)), None)


class DeployedTargets:
    """Reads the healthy targets of the first network load balancer's listener.

    Listeners change with a deployment, targets with every task that starts or stops: the former are looked up every
    ten seconds, the latter each time.
    """

    def __init__(self, endpoint: str) -> None:
        self._elbv2 = client("elbv2", endpoint)
        self._group: str | None = None
        self._read_at = 0.0

    def read(self) -> tuple[Target, ...]:
        """Raises botocore's errors when the emulator cannot be asked."""
        if self._group is None or time.monotonic() - self._read_at > LISTENER_LIFETIME:
            self._group = self._find_group()
            self._read_at = time.monotonic()
        if self._group is None:
            return ()
        try:
            health = self._elbv2.describe_target_health(TargetGroupArn=self._group)
        except self._elbv2.exceptions.TargetGroupNotFoundException:
            self._group = None
            return ()
        return healthy_targets(health["TargetHealthDescriptions"])

    def _find_group(self) -> str | None:
        for balancer in self._elbv2.describe_load_balancers()["LoadBalancers"]:
            if balancer.get("Type") != "network":
                continue
            listeners = self._elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
            for listener in listeners:
                if group := target_group(listener):
                    return group
        return None


def target_group(listener: dict[str, Any]) -> str | None:
    """The target group that a listener forwards to, in either spelling."""
    for action in listener.get("DefaultActions") or []:
        groups = (action.get("ForwardConfig") or {}).get("TargetGroups") or []
        found = action.get("TargetGroupArn") or next((item["TargetGroupArn"] for item in groups), None)
        if found:
            return str(found)
    return None
