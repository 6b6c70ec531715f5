"""The real adapters, each built when it is first asked for, and imported then."""

from functools import cached_property
from typing import Any

from functions.alerts.ports import Ports, Rules
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
from functions.core.settings import AlertSettings, read_settings

_ports: Ports | None = None


def ports() -> Ports:
    global _ports
    if _ports is None:
        _ports = AwsPorts(read_settings(AlertSettings))
    return _ports


def use(given: Ports | None) -> None:
    """Puts a test's world in place of the real one; None forgets it."""
    global _ports
    _ports = given


class AwsPorts:
    def __init__(self, settings: AlertSettings) -> None:
        self._settings = settings
        self.rules = Rules(public_url=settings.public_url, allow_private=settings.allow_private_receivers)

    @cached_property
    def clock(self) -> Clock:
        from functions.adapters.clock import SystemClock

        return SystemClock()

    @cached_property
    def models(self) -> ModelStore:
        from functions.adapters.dynamo.models import DynamoModelStore

        return DynamoModelStore(self._settings.table_prefix)

    @cached_property
    def board(self) -> BulletinBoard:
        from functions.adapters.dynamo.bulletins import DynamoBulletinBoard

        return DynamoBulletinBoard(self._settings.table_prefix)

    @cached_property
    def ends(self) -> LogEnds:
        from functions.adapters.dynamo.bulletins import DynamoLogEnds

        return DynamoLogEnds(self._settings.table_prefix)

    @cached_property
    def watches(self) -> WatchStore:
        from functions.adapters.dynamo.alerts import DynamoWatchStore

        return DynamoWatchStore(self._settings.table_prefix)

    @cached_property
    def archive(self) -> AlertArchive:
        from functions.adapters.dynamo.alerts import DynamoAlertArchive

        return DynamoAlertArchive(self._settings.table_prefix)

    @cached_property
    def receivers(self) -> ReceiverStore:
        from functions.adapters.dynamo.receivers import DynamoReceiverStore

        return DynamoReceiverStore(self._settings.table_prefix)

    @cached_property
    def outcomes(self) -> OutcomeStore:
        from functions.adapters.dynamo.receivers import DynamoOutcomeStore

        return DynamoOutcomeStore(self._settings.table_prefix)

    @cached_property
    def deliveries(self) -> DeliveryQueue:
        from functions.adapters.deliveries import SqsDeliveryQueue

        return SqsDeliveryQueue(_client("sqs"), self._settings.deliveries_queue_url)

    @cached_property
    def poster(self) -> Poster:
        from functions.adapters.webhooks import GuardedPoster

        return GuardedPoster(allow_private=self._settings.allow_private_receivers)

    @cached_property
    def topic(self) -> AlertTopic:
        from functions.adapters.deliveries import SnsAlertTopic

        return SnsAlertTopic(_client("sns"), self._settings.alert_topic)

    @cached_property
    def secrets(self) -> SigningSecrets:
        from functions.adapters.deliveries import SecretsManagerSigningSecrets

        return SecretsManagerSigningSecrets(_client("secretsmanager"), self._settings.signing_secrets)


def _client(service: str) -> Any:
    from functions.adapters.clients import client

    return client(service)
