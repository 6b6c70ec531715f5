"""What this slice needs from the world, in one hand. Use cases take it as their first argument."""

from collections.abc import Callable
from typing import Protocol

import msgspec

from functions.core.bulletins import LogNews
from functions.core.dead_letters import DeadLetterDesk
from functions.core.lately import Lately
from functions.core.ledger import Ledger, LogIndex
from functions.core.log_keeping import CareQueue, LogKeeper
from functions.core.metric_specs import MetricSpecStore
from functions.core.observations import Claims, DeadLetters, LogFiles, ProfileStore, RecordSink, Redelivery
from functions.core.ports import Clock, ModelStore, ServableClient, ServableStore, UsageStore, WakeUpSink
from functions.core.request_log import LogReader
from functions.core.training import TrainingFileStore, TrainingObjects, TrainingQueue


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """`call_timeout`: seconds that shadow and metric servables have together for one batch of messages, `wake_timeout`
    those for which sonar waits until they are up.

    `log_days`: how long the request log is kept where a version does not say otherwise. `batch_size` likewise.
    Training data is uploaded to `training_bucket` and may also be read from `training_buckets`.
    `platform` is the installation's name.
    """

    call_timeout: float = 20.0
    wake_timeout: float = 10.0
    log_days: int = 90
    batch_size: int = 100
    training_bucket: str = ""
    training_buckets: tuple[str, ...] = ()
    platform: str = "dewpoint"


class Ports(Protocol):
    @property
    def rules(self) -> Rules: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def index(self) -> LogIndex: ...
    @property
    def files(self) -> LogFiles: ...
    @property
    def reader(self) -> LogReader: ...
    @property
    def keeper(self) -> LogKeeper: ...
    @property
    def care(self) -> CareQueue: ...
    @property
    def profiles(self) -> ProfileStore: ...
    @property
    def claims(self) -> Claims: ...
    @property
    def queue(self) -> RecordSink: ...
    @property
    def dead_letters(self) -> DeadLetters: ...
    @property
    def desk(self) -> DeadLetterDesk: ...
    @property
    def news(self) -> LogNews: ...
    @property
    def models(self) -> ModelStore: ...
    @property
    def servables(self) -> ServableStore: ...
    @property
    def specs(self) -> MetricSpecStore: ...
    @property
    def client(self) -> ServableClient: ...
    @property
    def training_files(self) -> TrainingFileStore: ...
    @property
    def training_objects(self) -> TrainingObjects: ...
    @property
    def training_queue(self) -> TrainingQueue: ...
    @property
    def usage(self) -> UsageStore: ...
    @property
    def wake_ups(self) -> WakeUpSink: ...
    @property
    def redelivery(self) -> Redelivery: ...
    @property
    def noted(self) -> Lately:
        """Whose calls were noted by this process."""

    @property
    def wanted(self) -> Lately:
        """Who was asked for by this process."""

    @property
    def awaited(self) -> Lately:
        """Whom this process has waited for."""

    @property
    def pause(self) -> Callable[[float], None]:
        """Lets seconds pass."""
