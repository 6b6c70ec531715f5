"""`python -m benchmarks.serving.tables HOST:PORT`: tables with one application whose servable is there.

Prints the API key. Runs in the gateway's environment, through the stores of production.
"""

import sys
from datetime import UTC, datetime

from benchmarks.serving.models import NAME, SIGNATURE
from functions.adapters.dynamo.applications import DynamoApplicationStore
from functions.adapters.dynamo.keys import DynamoKeyStore
from functions.adapters.dynamo.servables import DynamoServableStore
from functions.adapters.dynamo.tables import TABLES, bind
from functions.core.access import digest, new_secret
from functions.core.api_keys import ApiKey, Role
from functions.core.models import (
    Application,
    ApplicationStatus,
    Replica,
    Servable,
    ServableStatus,
    Stage,
    Variant,
)
from functions.core.settings import GatewaySettings, read_settings
from functions.core.signature import parse_signature

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    settings = read_settings(GatewaySettings)
    prefix = settings.table_prefix
    for row in TABLES:
        bind(row, prefix).create_table(billing_mode="PAY_PER_REQUEST", wait=True)
    signature = parse_signature(SIGNATURE)
    servable = Servable(
        name="iris-1",
        model_name=NAME,
        model_version=1,
        model_version_id=1,
        signature=signature,
        deployment_configuration_name="default",
        status=ServableStatus.SERVING,
        replicas=(Replica(task="task", address=sys.argv[1], healthy=True, version=1),),
        created=NOW,
    )
    DynamoServableStore(prefix).create(servable)
    DynamoApplicationStore(prefix).create(_application(servable))
    secret = new_secret()
    DynamoKeyStore(prefix).put(ApiKey(digest=digest(secret), name="bench", role=Role.VIEWER, created=NOW))
    print(secret)


def _application(servable: Servable) -> Application:
    variant = Variant(
        model_version_id=servable.model_version_id,
        model_name=servable.model_name,
        model_version=servable.model_version,
        servable_name=servable.name,
        deployment_configuration_name=servable.deployment_configuration_name,
        weight=100,
    )
    return Application(
        id=1,
        name=NAME,
        status=ApplicationStatus.READY,
        stages=(Stage(variants=(variant,), signature=servable.signature),),
        signature=servable.signature,
        created=NOW,
    )


if __name__ == "__main__":
    main()
