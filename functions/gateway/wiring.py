"""Builds the gateway over AWS. Nothing remote, and no client, is made before the first call asks for it."""

import functools
from typing import TYPE_CHECKING

from functions.adapters.dynamo.applications import DynamoApplicationStore
from functions.adapters.dynamo.keys import DynamoKeyStore
from functions.adapters.dynamo.quotas import DynamoQuotaStore
from functions.adapters.dynamo.servables import DynamoServableStore
from functions.adapters.dynamo.usage import DynamoUsageStore
from functions.adapters.servable import GrpcServableClient
from functions.adapters.sqs import SqsObservationSink, SqsWakeUpSink, connect
from functions.core.ports import ExchangeStore
from functions.core.settings import GatewaySettings, read_settings
from functions.gateway.memory import Memory
from functions.gateway.ports import Ports
from functions.gateway.publish import BackgroundSink
from functions.gateway.sleepers import Sleepers

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

# A Lambda function sleeps as soon as it has answered: a message gets this many seconds to leave before
PATIENCE = 1.0


@functools.cache
def settings() -> GatewaySettings:
    return read_settings(GatewaySettings)


@functools.cache
def ports() -> Ports:
    """For the HTTP door, in Lambda."""
    return build_ports(BackgroundSink(observations(), patience=PATIENCE, threads=1), sleepers(PATIENCE))


def build_ports(sink: BackgroundSink, sleepers: Sleepers, memory: Memory | None = None) -> Ports:
    known = settings()
    return Ports(
        applications=DynamoApplicationStore(known.table_prefix),
        servables=DynamoServableStore(known.table_prefix),
        client=GrpcServableClient(known.max_message_bytes, known.max_elements),
        sink=sink,
        quotas=quotas(),
        exchange=exchange,
        sleepers=sleepers,
        timeout=known.predict_timeout,
        max_bytes=known.max_message_bytes,
        max_elements=known.max_elements,
        memory=memory or Memory(),
    )


@functools.cache
def exchange() -> ExchangeStore:
    from functions.adapters.exchange import S3ExchangeStore, connect

    return S3ExchangeStore(connect(), settings().exchange_bucket)


def clients() -> tuple["SQSClient", "S3Client"]:
    return connect()


def observations() -> SqsObservationSink:
    known = settings()
    return SqsObservationSink(*clients(), known.observations_queue_url, known.observations_bucket)


def sleepers(patience: float = 0.0) -> Sleepers:
    known = settings()
    sqs, _ = clients()
    wake_ups = SqsWakeUpSink(sqs, known.events_queue_url)
    return Sleepers(DynamoUsageStore(known.table_prefix), wake_ups, patience=patience)


def quotas() -> DynamoQuotaStore:
    return DynamoQuotaStore(settings().table_prefix)


def keys() -> DynamoKeyStore:
    return DynamoKeyStore(settings().table_prefix)
