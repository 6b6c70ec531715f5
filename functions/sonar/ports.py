"""What this slice needs from the world, in one hand. Use cases take it as their first argument."""

from typing import Protocol

import msgspec

from functions.core.ledger import Ledger, LogIndex
from functions.core.log_keeping import CareQueue, LogKeeper
from functions.core.metric_specs import MetricSpecStore
from functions.core.observations import Claims, DeadLetters, LogFiles, ProfileStore, RecordSink
from functions.core.ports import Clock, ModelStore, ServableClient, ServableStore
from functions.core.request_log import LogReader


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """`call_timeout`: seconds that shadow and metric servables have together for one batch of messages.

    `log_days`: how long the request log is kept where a version does not say otherwise. `batch_size` likewise.
    """

    call_timeout: float = 20.0
    log_days: int = 90
    batch_size: int = 100


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
    def models(self) -> ModelStore: ...
    @property
    def servables(self) -> ServableStore: ...
    @property
    def specs(self) -> MetricSpecStore: ...
    @property
    def client(self) -> ServableClient: ...
