"""The real adapters, each built when it is first asked for: importing this reaches nothing, and reading a table never
pays for the clients of four other services."""

import random
from functools import cached_property
from typing import Any

from functions.core.feed import EventFeed
from functions.core.idempotency import AnswerStore
from functions.core.metric_specs import MetricSpecStore
from functions.core.ports import (
    ApplicationStore,
    Clock,
    DeploymentStore,
    ImageBuilder,
    ImageRegistry,
    ModelStore,
    PayloadStore,
    ServableHost,
    ServableStore,
    UploadStore,
    UsageStore,
)
from functions.core.settings import ManagerSettings, read_settings
from functions.manager.ports import EventReader, Ports, Rules

_ports: Ports | None = None


def ports() -> Ports:
    global _ports
    if _ports is None:
        _ports = AwsPorts(read_settings(ManagerSettings))
    return _ports


def use(given: Ports | None) -> None:
    """Puts a test's world in place of the real one; None forgets it."""
    global _ports
    _ports = given


class AwsPorts:
    def __init__(self, settings: ManagerSettings) -> None:
        self._settings = settings
        self.chance: random.Random = random.SystemRandom()

    @cached_property
    def rules(self) -> Rules:
        return Rules(
            model_repository=self._settings.model_repository,
            runtime_images=self._settings.runtime_images,
            max_payload_bytes=self._settings.max_payload_bytes,
            upload_expiry=self._settings.upload_expiry,
        )

    @cached_property
    def clock(self) -> Clock:
        from functions.adapters.clock import SystemClock

        return SystemClock()

    @cached_property
    def uploads(self) -> UploadStore:
        from functions.adapters.dynamo.uploads import DynamoUploadStore

        return DynamoUploadStore(self._settings.table_prefix)

    @cached_property
    def models(self) -> ModelStore:
        from functions.adapters.dynamo.models import DynamoModelStore

        return DynamoModelStore(self._settings.table_prefix)

    @cached_property
    def servables(self) -> ServableStore:
        from functions.adapters.dynamo.servables import DynamoServableStore

        return DynamoServableStore(self._settings.table_prefix)

    @cached_property
    def applications(self) -> ApplicationStore:
        from functions.adapters.dynamo.applications import DynamoApplicationStore

        return DynamoApplicationStore(self._settings.table_prefix)

    @cached_property
    def deployments(self) -> DeploymentStore:
        from functions.adapters.dynamo.deployments import DynamoDeploymentStore

        return DynamoDeploymentStore(self._settings.table_prefix)

    @cached_property
    def specs(self) -> MetricSpecStore:
        from functions.adapters.dynamo.metric_specs import DynamoMetricSpecStore

        return DynamoMetricSpecStore(self._settings.table_prefix)

    @cached_property
    def feed(self) -> EventFeed:
        from functions.adapters.dynamo.events import DynamoEventFeed

        return DynamoEventFeed(self._settings.table_prefix)

    @cached_property
    def answers(self) -> AnswerStore:
        from functions.adapters.dynamo.idempotency import DynamoAnswerStore

        return DynamoAnswerStore(self._settings.table_prefix)

    @cached_property
    def payloads(self) -> PayloadStore:
        from functions.adapters.s3 import S3PayloadStore

        return S3PayloadStore(_client("s3"), self._settings.payload_bucket)

    @cached_property
    def builder(self) -> ImageBuilder:
        from functions.adapters.codebuild import BuildSettings, CodeBuildImageBuilder

        settings = BuildSettings(
            project=self._settings.build_project,
            bucket=self._settings.payload_bucket,
            package_indexes=self._settings.package_indexes,
        )
        return CodeBuildImageBuilder(_client("codebuild"), self._logs, settings)

    @cached_property
    def images(self) -> ImageRegistry:
        from functions.adapters.ecr import EcrImageRegistry

        return EcrImageRegistry(_client("ecr"))

    @cached_property
    def host(self) -> ServableHost:
        from functions.adapters.ecs import EcsServableHost, HostSettings
        from functions.adapters.ecs_scaling import ServiceScaling

        client = _client("ecs")
        settings = HostSettings(
            cluster=self._settings.cluster,
            subnets=self._settings.subnets,
            security_groups=self._settings.security_groups,
            execution_role_arn=self._settings.execution_role_arn,
            log_group=self._settings.servable_log_group,
            region=client.meta.region_name,
            port=self._settings.servable_port,
            command=self._settings.servable_command,
        )
        scaling = ServiceScaling(_client("application-autoscaling"), settings.cluster)
        return EcsServableHost(client, scaling, self._logs, settings)

    @cached_property
    def usage(self) -> UsageStore:
        from functions.adapters.dynamo.usage import DynamoUsageStore

        return DynamoUsageStore(self._settings.table_prefix)

    @cached_property
    def events(self) -> EventReader:
        from functions.adapters.events import AwsEvents

        return AwsEvents(self._settings.servable_port)

    @cached_property
    def _logs(self) -> Any:
        from functions.adapters.logs import CloudWatchLogs

        return CloudWatchLogs(_client("logs"))


def _client(service: str) -> Any:
    from functions.adapters.clients import client

    return client(service)
