"""Alerts: what is wrong with a model version, from the first failure that counts until it is over.

An alert is about one version and one kind of trouble (core/bulletins.py), never about a request. While it goes on it is
one alert, however many predictions fail; when it is over it ends, and what comes later is another one.
"""

import enum
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Protocol

import msgspec
from msgspec import Meta

from functions.core.bulletins import Trouble
from functions.core.models import Entity

Seconds = Annotated[int, Meta(ge=1, le=7 * 24 * 3600)]


class AlertRules(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """When a version's trouble is an alert: at least `min_failures` predictions and at least `min_share` of all had it
    in the last `window` seconds.

    It is told again after `cool_down` seconds if it goes on. It is over when predictions were made and that was not so
    for `window` seconds, or when none were made for `quiet` seconds.
    """

    enabled: bool = True
    window: Seconds = 300
    min_failures: Annotated[int, Meta(ge=1)] = 1
    min_share: Annotated[float, Meta(ge=0, le=1)] = 0.01
    cool_down: Seconds = 3600
    quiet: Seconds = 900


def rules_of(monitoring: Mapping[str, Any]) -> AlertRules:
    """The rules in a version's monitoring configuration, under `alerts`. Raises msgspec.ValidationError."""
    return msgspec.convert(monitoring.get("alerts") or {}, AlertRules)


class AlertState(enum.StrEnum):
    FIRING = "firing"
    RESOLVED = "resolved"


class Alert(Entity, frozen=True, kw_only=True):
    """`number` counts the version's alerts from 1. All moments are seconds since the epoch.

    `started`, `ended` and `breached` (the last failure that made it bad enough) are by the log's clock, `first_seen`
    and `last_seen` failed predictions' own. `failures` of `requests` predictions had it since it began; `examples` are
    some of their request ids. `row` is the row of the log up to which this is true: of two accounts of one alert the
    one with the higher row is the later. `announced` is when it was last told, None for never.
    """

    version_id: int
    number: int
    key: str
    trouble: Trouble
    field: str
    name: str
    state: AlertState = AlertState.FIRING
    model_name: str
    model_version: int
    application: str | None
    stage: int
    metric_spec_id: str | None
    description: str
    threshold: str
    value: str
    reason: str
    started: float
    breached: float
    ended: float | None = None
    ending: str = ""
    first_seen: float
    last_seen: float
    failures: int
    requests: int
    examples: tuple[str, ...]
    row: int
    announced: float | None = None

    @property
    def is_firing(self) -> bool:
        return self.state is AlertState.FIRING


class Occasion(enum.StrEnum):
    """Why somebody is told of an alert."""

    FIRED = "fired"
    REMINDER = "reminder"
    RESOLVED = "resolved"
    TEST = "test"


class Told(Entity, frozen=True, kw_only=True):
    """An alert as it was, and why it is told of. `expires`: until when a receiver may take a firing one for true."""

    occasion: Occasion
    alert: Alert
    expires: float


class Notice(Entity, frozen=True, kw_only=True):
    """What receivers are told at once: everything that changed about a version. `id` is the same however often it is
    delivered."""

    id: str
    version_id: int
    at: float
    told: tuple[Told, ...]


class Silence(Entity, frozen=True, kw_only=True):
    """Nobody is told of the alerts with `key`, of all when it is empty, before `until` (seconds since the epoch)."""

    id: str
    key: str
    until: float
    comment: str = ""
    created: float

    def covers(self, key: str, now: float) -> bool:
        return now < self.until and self.key in ("", key)


class Bucket(Entity, frozen=True, kw_only=True):
    """A part of a window: predictions, and how many of them had which trouble."""

    start: int
    requests: int = 0
    failures: dict[str, int] = {}


class Watch(Entity, frozen=True, kw_only=True):
    """What is known of a version: its log up to row `rows`, and time up to `at`. One item, one writer at a time.

    `pending` notices are on their way; `alerts` and `notices` count those ever made.
    """

    version_id: int
    rows: int = 0
    at: float = 0.0
    buckets: tuple[Bucket, ...] = ()
    firing: tuple[Alert, ...] = ()
    silences: tuple[Silence, ...] = ()
    pending: tuple[Notice, ...] = ()
    alerts: int = 0
    notices: int = 0

    def silenced(self, key: str, now: float) -> bool:
        return any(silence.covers(key, now) for silence in self.silences)


class WatchStore(Protocol):
    def get(self, version_id: int) -> tuple[Watch, int]:
        """The watch and its revision; a new one, of revision 0, for a version that nobody watched yet."""

    def save(self, watch: Watch, expected: int, over: Sequence[Alert], expires: int) -> bool:
        """Writes both the watch and the alerts that are `over`, or neither: False when the stored revision is not
        `expected`. `expires` (seconds since the epoch) is when the latter may be forgotten."""

    def all(self) -> Iterable[Watch]: ...


class AlertArchive(Protocol):
    """Alerts that are over."""

    def of_version(self, version_id: int) -> Sequence[Alert]:
        """Newest first."""
