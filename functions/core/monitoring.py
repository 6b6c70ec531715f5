"""What a version's monitoring configuration says; what it does not say, or says in a way nobody understands, is as
usual."""

from functions.core.models import ModelVersion


def batch_size_of(version: ModelVersion, default: int) -> int:
    """Rows in one batch."""
    return _number(version, "batchSize", default)


def log_days_of(version: ModelVersion, default: int) -> int:
    """How long the rows of the request log are kept."""
    return _number(version, "logDays", default)


def _number(version: ModelVersion, name: str, default: int) -> int:
    asked = version.monitoring.get(name)
    return asked if isinstance(asked, int) and not isinstance(asked, bool) and asked > 0 else default
