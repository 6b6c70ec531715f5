"""The real adapters, each built when it is first asked for."""

import time
from collections.abc import Callable
from functools import cached_property
from typing import Any

from functions.adapters.care_queue import SqsCareQueue
from functions.adapters.clients import client, object_store
from functions.adapters.clock import SystemClock
from functions.adapters.dead_letters import SqsDeadLetterDesk, SqsDeadLetters
from functions.adapters.dynamo.ledger import DynamoLedger
from functions.adapters.dynamo.log_index import DynamoLogIndex
from functions.adapters.dynamo.log_keeper import DynamoLogKeeper
from functions.adapters.dynamo.metric_specs import DynamoMetricSpecStore
from functions.adapters.dynamo.models import DynamoModelStore
from functions.adapters.dynamo.servables import DynamoServableStore
from functions.adapters.dynamo.training_files import DynamoTrainingFileStore
from functions.adapters.dynamo.usage import DynamoUsageStore
from functions.adapters.log_files import S3Claims, S3LogFiles, S3ProfileStore
from functions.adapters.log_news import SqsLogNews
from functions.adapters.log_reader import S3LogReader
from functions.adapters.log_statistics import s3_tails
from functions.adapters.servable import GrpcServableClient
from functions.adapters.sqs import SqsRecordSink, SqsRedelivery, SqsWakeUpSink
from functions.adapters.training_objects import S3TrainingObjects, SqsTrainingQueue
from functions.core.bulletins import LogNews
from functions.core.dead_letters import DeadLetterDesk
from functions.core.lately import Lately
from functions.core.ledger import Ledger, LogIndex
from functions.core.log_keeping import CareQueue, LogKeeper
from functions.core.metric_specs import MetricSpecStore
from functions.core.observations import Claims, DeadLetters, LogFiles, ProfileStore, RecordSink, Redelivery
from functions.core.ports import Clock, ModelStore, ServableClient, ServableStore, UsageStore, WakeUpSink
from functions.core.request_log import LogReader
from functions.core.settings import SonarSettings, read_settings
from functions.core.training import TrainingFileStore, TrainingObjects, TrainingQueue
from functions.sonar.ports import Ports, Rules

_ports: Ports | None = None


def ports() -> Ports:
    global _ports
    if _ports is None:
        _ports = AwsPorts(read_settings(SonarSettings))
    return _ports


def use(given: Ports | None) -> None:
    """Puts a test's world in place of the real one; None forgets it."""
    global _ports
    _ports = given


class AwsPorts:
    def __init__(self, settings: SonarSettings) -> None:
        self._settings = settings
        self.rules = Rules(
            call_timeout=settings.call_timeout,
            log_days=settings.log_days,
            training_bucket=settings.observations_bucket,
            training_buckets=tuple(settings.training_buckets),
            platform=settings.table_prefix,
        )
        self.clock: Clock = SystemClock()
        self.noted = Lately()
        self.wanted = Lately()
        self.awaited = Lately()
        self.pause: Callable[[float], None] = time.sleep

    @cached_property
    def ledger(self) -> Ledger:
        return DynamoLedger(self._settings.table_prefix, lease=self._settings.lease)

    @cached_property
    def index(self) -> LogIndex:
        return DynamoLogIndex(self._settings.table_prefix)

    @cached_property
    def files(self) -> LogFiles:
        return S3LogFiles(self._s3, self._settings.observations_bucket)

    @cached_property
    def reader(self) -> LogReader:
        bucket = self._settings.observations_bucket
        return S3LogReader(f"s3://{bucket}", lambda: object_store(self._s3), s3_tails(self._s3, bucket))

    @cached_property
    def keeper(self) -> LogKeeper:
        return DynamoLogKeeper(self._settings.table_prefix)

    @cached_property
    def care(self) -> CareQueue:
        return SqsCareQueue(client("sqs"), self._settings.care_queue_url)

    @cached_property
    def profiles(self) -> ProfileStore:
        return S3ProfileStore(self._s3, self._settings.observations_bucket)

    @cached_property
    def claims(self) -> Claims:
        return S3Claims(self._s3, self._settings.observations_bucket)

    @cached_property
    def queue(self) -> RecordSink:
        settings = self._settings
        return SqsRecordSink(client("sqs"), self._s3, settings.observations_queue_url, settings.observations_bucket)

    @cached_property
    def dead_letters(self) -> DeadLetters:
        return SqsDeadLetters(client("sqs"), self._settings.dead_letters_url)

    @cached_property
    def desk(self) -> DeadLetterDesk:
        settings = self._settings
        return SqsDeadLetterDesk(client("sqs"), settings.dead_letters_url, settings.observations_queue_url)

    @cached_property
    def news(self) -> LogNews:
        return SqsLogNews(client("sqs"), self._settings.alerts_queue_url)

    @cached_property
    def models(self) -> ModelStore:
        return DynamoModelStore(self._settings.table_prefix)

    @cached_property
    def servables(self) -> ServableStore:
        return DynamoServableStore(self._settings.table_prefix)

    @cached_property
    def specs(self) -> MetricSpecStore:
        return DynamoMetricSpecStore(self._settings.table_prefix)

    @cached_property
    def client(self) -> ServableClient:
        return GrpcServableClient(self._settings.max_message_bytes)

    @cached_property
    def training_files(self) -> TrainingFileStore:
        return DynamoTrainingFileStore(self._settings.table_prefix)

    @cached_property
    def training_objects(self) -> TrainingObjects:
        return S3TrainingObjects(self._s3, self._settings.observations_bucket)

    @cached_property
    def training_queue(self) -> TrainingQueue:
        return SqsTrainingQueue(client("sqs"), self._settings.training_queue_url)

    @cached_property
    def usage(self) -> UsageStore:
        return DynamoUsageStore(self._settings.table_prefix)

    @cached_property
    def wake_ups(self) -> WakeUpSink:
        return SqsWakeUpSink(client("sqs"), self._settings.events_queue_url)

    @cached_property
    def redelivery(self) -> Redelivery:
        return SqsRedelivery(client("sqs"), self._settings.observations_queue_url)

    @cached_property
    def _s3(self) -> Any:
        return client("s3")
