"""Stores with one account behind them: all fakes, or all on DynamoDB."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from functions.adapters.dynamo.applications import DynamoApplicationStore
from functions.adapters.dynamo.deployments import DynamoDeploymentStore
from functions.adapters.dynamo.keys import DynamoKeyStore
from functions.adapters.dynamo.models import DynamoModelStore
from functions.adapters.dynamo.quotas import DynamoQuotaStore
from functions.adapters.dynamo.servables import DynamoServableStore
from functions.adapters.dynamo.uploads import DynamoUploadStore
from functions.core.ports import (
    ApplicationStore,
    DeploymentStore,
    KeyStore,
    ModelStore,
    QuotaStore,
    ServableStore,
    UploadStore,
)
from tests.fakes.stores import (
    FakeApplicationStore,
    FakeDeploymentStore,
    FakeKeyStore,
    FakeModelStore,
    FakeQuotaStore,
    FakeServableStore,
    FakeUploadStore,
)


class Stores(msgspec.Struct):
    keys: KeyStore
    uploads: UploadStore
    models: ModelStore
    servables: ServableStore
    applications: ApplicationStore
    deployments: DeploymentStore
    quotas: QuotaStore


def fake_stores() -> Stores:
    return Stores(
        FakeKeyStore(),
        FakeUploadStore(),
        FakeModelStore(),
        FakeServableStore(),
        FakeApplicationStore(),
        FakeDeploymentStore(),
        FakeQuotaStore(),
    )


def dynamo_stores(prefix: str) -> Stores:
    return Stores(
        DynamoKeyStore(prefix),
        DynamoUploadStore(prefix),
        DynamoModelStore(prefix),
        DynamoServableStore(prefix),
        DynamoApplicationStore(prefix),
        DynamoDeploymentStore(prefix),
        DynamoQuotaStore(prefix),
    )


def at_once(action: Callable[[int], Any], times: int) -> list[Any]:
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(action, range(times)))
