"""The environments as data: everything in which local, dev and prod differ, and nothing else.

No other file of cdk/ asks for an environment's name; it asks for the property that it cares about.
"""

import sys
from dataclasses import dataclass

from aws_cdk.aws_ecs import ContainerInsights
from aws_cdk.aws_logs import RetentionDays

INTERFACE_ENDPOINTS = ("ecr.api", "ecr.dkr", "logs", "sqs")


@dataclass(frozen=True, kw_only=True)
class Environment:
    """One installation of the platform.

    `account` and `region` are the AWS CLI's when None. `functions_python` is the version of the Lambda runtimes and of
    the images; `functions_platform` is what uv resolves the layers for, None for the machine that synthesises.
    """

    name: str
    account: str | None = None
    region: str | None = None
    functions_python: str = "3.13"
    functions_platform: str | None = "x86_64-manylinux_2_28"

    keeps_data: bool = False  # deleting a stack leaves tables and buckets behind; point-in-time recovery is on
    log_retention: RetentionDays = RetentionDays.ONE_MONTH
    observation_hours: int = 4 * 24  # how long a prediction waits for monitoring

    interface_endpoints: tuple[str, ...] = INTERFACE_ENDPOINTS
    endpoint_zones: int = 1  # each zone of each interface endpoint costs by the hour

    gateway_memory: int = 1024  # MiB
    manager_memory: int = 1024
    sonar_memory: int = 1769  # one whole vCPU
    observation_batch: int = 1000  # predictions that sonar records together, at most
    observation_window: int = 20  # seconds that it waits for them
    training_buckets: tuple[str, ...] = ()  # names of buckets beside its own that training data may be read from
    grpc_replicas: int = 1
    grpc_cpu: int = 512  # 1024 is one vCPU
    grpc_memory: int = 1024
    grpc_certificate: str | None = None  # ARN in ACM: the gRPC address is public, with TLS; without one it is internal

    requests_per_second: int = 100
    burst: int = 200
    key_cache: int = 300  # seconds; how long a deleted API key may still work over HTTP

    edge_domain: str | None = None
    edge_certificate: str | None = None  # ARN in ACM in us-east-1, for `edge_domain`
    alarm_email: str | None = None
    private_receivers: bool = False  # alerts may go to addresses without TLS, and to such as are not public
    container_insights: bool = False

    @property
    def insights(self) -> ContainerInsights:
        return ContainerInsights.ENABLED if self.container_insights else ContainerInsights.DISABLED

    @property
    def prefix(self) -> str:
        """The beginning of every stack's and every named resource's name."""
        return f"dewpoint-{self.name}"


LOCAL = Environment(
    name="local",
    functions_python=f"{sys.version_info.major}.{sys.version_info.minor}",
    functions_platform=None,
    log_retention=RetentionDays.ONE_DAY,
    observation_hours=1,
    interface_endpoints=(),
    requests_per_second=10_000,
    burst=5_000,
    key_cache=2,
    observation_window=1,
    private_receivers=True,
)

DEV = Environment(name="dev", log_retention=RetentionDays.ONE_WEEK, key_cache=60)

PROD = Environment(
    name="prod",
    keeps_data=True,
    log_retention=RetentionDays.THREE_MONTHS,
    observation_hours=14 * 24,
    endpoint_zones=2,
    gateway_memory=1769,  # one whole vCPU
    manager_memory=1769,
    grpc_replicas=2,
    grpc_cpu=1024,
    grpc_memory=2048,
    requests_per_second=1_000,
    burst=2_000,
    container_insights=True,
)

ENVIRONMENTS = {environment.name: environment for environment in (LOCAL, DEV, PROD)}


def environment_named(name: str | None) -> Environment:
    """The environment called `name`. Raises SystemExit, with the names that exist, for any other."""
    if name not in ENVIRONMENTS:
        known = "|".join(ENVIRONMENTS)
        raise SystemExit(f"choose an environment: cdk … -c environment={known} (got {name or 'none'})")
    return ENVIRONMENTS[name]
