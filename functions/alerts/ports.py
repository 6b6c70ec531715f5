"""What this slice needs from the world, in one hand. Use cases take it as their first argument."""

from typing import Protocol

import msgspec

from functions.core.alerts import AlertArchive, WatchStore
from functions.core.bulletins import BulletinBoard, LogEnds
from functions.core.ports import Clock, ModelStore
from functions.core.receivers import (
    AlertTopic,
    DeliveryQueue,
    OutcomeStore,
    Poster,
    ReceiverStore,
    SigningSecrets,
)


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """`public_url`: where people look at the platform; empty when that is not known here. `allow_private`: receivers
    may be spoken to without TLS and at addresses that are not public."""

    public_url: str = ""
    allow_private: bool = False


class Ports(Protocol):
    @property
    def rules(self) -> Rules: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def models(self) -> ModelStore: ...
    @property
    def board(self) -> BulletinBoard: ...
    @property
    def ends(self) -> LogEnds: ...
    @property
    def watches(self) -> WatchStore: ...
    @property
    def archive(self) -> AlertArchive: ...
    @property
    def receivers(self) -> ReceiverStore: ...
    @property
    def outcomes(self) -> OutcomeStore: ...
    @property
    def deliveries(self) -> DeliveryQueue: ...
    @property
    def poster(self) -> Poster: ...
    @property
    def topic(self) -> AlertTopic: ...
    @property
    def secrets(self) -> SigningSecrets: ...
