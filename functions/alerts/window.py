"""The last so many seconds of a version's log, as sums of a few buckets."""

from functools import cached_property

from msgspec.structs import replace

from functions.core.alerts import AlertRules, Bucket
from functions.core.bulletins import Bulletin

BUCKETS = 10
MOST_KINDS = 160  # of trouble in a bucket, the most frequent: a watch is one item, and a model may have thousands


class Window:
    """The window that ends at `now`; it slides by a tenth of its length."""

    def __init__(self, buckets: tuple[Bucket, ...], rules: AlertRules, now: float) -> None:
        self._rules = rules
        self._now = now
        self._width = max(1, rules.window // BUCKETS)
        self.buckets = tuple(bucket for bucket in buckets if bucket.start + self._width > now - rules.window)

    def with_bulletin(self, bulletin: Bulletin) -> "Window":
        start = int(self._now // self._width * self._width)
        newest = next((bucket for bucket in self.buckets if bucket.start == start), Bucket(start=start))
        failures = dict(newest.failures)
        for finding in bulletin.findings:
            failures[finding.key] = failures.get(finding.key, 0) + finding.count
        most = dict(sorted(failures.items(), key=lambda one: -one[1])[:MOST_KINDS])
        grown = replace(newest, requests=newest.requests + bulletin.rows, failures=most)
        others = (bucket for bucket in self.buckets if bucket.start != start)
        return Window((*others, grown), self._rules, self._now)

    @cached_property
    def requests(self) -> int:
        return sum(bucket.requests for bucket in self.buckets)

    def failures(self, key: str) -> int:
        return sum(bucket.failures.get(key, 0) for bucket in self.buckets)

    def is_bad(self, key: str) -> bool:
        """Does the trouble `key` count?"""
        failures = self.failures(key)
        return failures >= self._rules.min_failures and failures >= self._rules.min_share * self.requests
