"""Calls of a model that are joined into one: how many rows, and how long they may be gathered."""

import msgspec

from functions.core.signature import Signature

MOST_ROWS = 4096
LONGEST_WAIT = 1000  # milliseconds


class Batching(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """At most `max_batch_size` rows in one call. `max_latency_ms` is time to gather more than came by themselves."""

    max_batch_size: int = 32
    max_latency_ms: float = 0


def without_rows(signature: Signature) -> list[str]:
    """The fields that cannot be joined: their first dimension is not free."""
    fields = (*signature.inputs, *signature.outputs)
    return [field.name for field in fields if field.dims is None or field.dims[:1] != (-1,)]
