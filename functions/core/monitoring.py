"""What a version's monitoring configuration says; what it does not say is as usual."""

from collections.abc import Iterator, Mapping
from typing import Any

from functions.core.errors import Problem
from functions.core.models import ModelVersion
from functions.core.place import escape

BOUNDS = {"batchSize": (1, 1_000_000), "logDays": (1, 3650)}
KNOWN = (*BOUNDS, "alerts")


def batch_size_of(version: ModelVersion, default: int) -> int:
    """Rows in one batch."""
    return _number(version, "batchSize", default)


def log_days_of(version: ModelVersion, default: int) -> int:
    """How long the rows of the request log are kept."""
    return _number(version, "logDays", default)


def monitoring_problems(configuration: Mapping[str, Any]) -> Iterator[Problem]:
    """What nobody could follow."""
    for name, (least, most) in BOUNDS.items():
        asked = configuration.get(name)
        if asked is not None and not _fits(asked, least, most):
            expected = f"a whole number from {least} to {most}"
            yield Problem(f"/monitoringConfiguration/{name}", expected, repr(asked)[:80])
    for name in (name for name in configuration if name not in KNOWN):
        yield Problem(f"/monitoringConfiguration/{escape(name[:80])}", f"one of {', '.join(KNOWN)}", "an unknown field")


def _number(version: ModelVersion, name: str, default: int) -> int:
    """Versions from before these bounds were checked may say anything."""
    asked = version.monitoring.get(name)
    return asked if asked is not None and _fits(asked, *BOUNDS[name]) else default


def _fits(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
