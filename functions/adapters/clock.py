"""The time."""

from datetime import UTC, datetime


class SystemClock:
    def now(self) -> datetime:
        """To the millisecond, in UTC: what the API shows and what the tables keep are the same."""
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)
