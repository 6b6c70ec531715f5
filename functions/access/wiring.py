"""What this slice needs from the world, built on first use: importing it reaches nothing."""

import msgspec

from functions.core.ports import Clock, KeyStore
from functions.core.settings import AccessSettings, read_settings


class Ports(msgspec.Struct, frozen=True):
    keys: KeyStore
    clock: Clock


_ports: Ports | None = None


def ports() -> Ports:
    global _ports
    if _ports is None:
        _ports = build(read_settings(AccessSettings))
    return _ports


def use(given: Ports | None) -> None:
    """Puts a test's world in place of the real one; None forgets it."""
    global _ports
    _ports = given


def build(settings: AccessSettings) -> Ports:
    """Adapters are imported here and not above: PynamoDB takes most of a cold start."""
    from functions.adapters.clock import SystemClock
    from functions.adapters.dynamo.keys import DynamoKeyStore

    return Ports(DynamoKeyStore(settings.table_prefix), SystemClock())
