"""The real adapters, each built when it is first asked for."""

from functools import cached_property

from functions.adapters.clients import client
from functions.adapters.clock import SystemClock
from functions.adapters.deliveries import SecretsManagerSigningSecrets, SnsAlertTopic, SqsDeliveryQueue
from functions.adapters.dynamo.alerts import DynamoAlertArchive, DynamoWatchStore
from functions.adapters.dynamo.bulletins import DynamoBulletinBoard, DynamoLogEnds
from functions.adapters.dynamo.models import DynamoModelStore
from functions.adapters.dynamo.receivers import DynamoOutcomeStore, DynamoReceiverStore
from functions.adapters.webhooks import GuardedPoster
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
        self.clock: Clock = SystemClock()

    @cached_property
    def models(self) -> ModelStore:
        return DynamoModelStore(self._settings.table_prefix)

    @cached_property
    def board(self) -> BulletinBoard:
        return DynamoBulletinBoard(self._settings.table_prefix)

    @cached_property
    def ends(self) -> LogEnds:
        return DynamoLogEnds(self._settings.table_prefix)

    @cached_property
    def watches(self) -> WatchStore:
        return DynamoWatchStore(self._settings.table_prefix)

    @cached_property
    def archive(self) -> AlertArchive:
        return DynamoAlertArchive(self._settings.table_prefix)

    @cached_property
    def receivers(self) -> ReceiverStore:
        return DynamoReceiverStore(self._settings.table_prefix)

    @cached_property
    def outcomes(self) -> OutcomeStore:
        return DynamoOutcomeStore(self._settings.table_prefix)

    @cached_property
    def deliveries(self) -> DeliveryQueue:
        return SqsDeliveryQueue(client("sqs"), self._settings.deliveries_queue_url)

    @cached_property
    def poster(self) -> Poster:
        return GuardedPoster(allow_private=self._settings.allow_private_receivers)

    @cached_property
    def topic(self) -> AlertTopic:
        return SnsAlertTopic(client("sns"), self._settings.alert_topic)

    @cached_property
    def secrets(self) -> SigningSecrets:
        return SecretsManagerSigningSecrets(client("secretsmanager"), self._settings.signing_secrets)
