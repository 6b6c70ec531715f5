"""The watch over fakes: a log that grows by bulletins, a clock that is told to move, and everyone who is told."""

import itertools
from typing import Any

from functions.alerts.keep_watch import keep_watch
from functions.alerts.ports import Rules
from functions.core.alerts import Alert, Notice
from functions.core.bulletins import Bulletin, Finding, Trouble
from functions.core.ledger import Addition, Head
from functions.core.receivers import TOPIC, Receiver
from tests.fakes import entities
from tests.fakes.alerts import (
    FakeAlertTopic,
    FakeDeliveryQueue,
    FakePoster,
    FakeReceiverStore,
    FakeSigningSecrets,
    FakeWatchStore,
)
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeLedger
from tests.fakes.stores import FakeModelStore

WINDOW, COOL_DOWN, QUIET = 60, 600, 120
ALERTS = {"window": WINDOW, "coolDown": COOL_DOWN, "quiet": QUIET, "minShare": 0.1, "minFailures": 2}


class World:
    """The ports of the slice, as attributes."""

    def __init__(self, **alerts: Any) -> None:
        self.rules = Rules(public_url="https://models.example.org/")
        self.clock = FakeClock()
        self.models = FakeModelStore()
        self.ledger = self.board = self.ends = FakeLedger()
        self.watches = self.archive = FakeWatchStore()
        self.receivers = self.outcomes = FakeReceiverStore()
        self.deliveries = FakeDeliveryQueue()
        self.poster = FakePoster()
        self.topic = FakeAlertTopic()
        self.secrets = FakeSigningSecrets(ops="s3cret")
        self._commits = itertools.count(1)
        self.version(1, **alerts)

    @property
    def now(self) -> float:
        return self.clock.now().timestamp()

    def version(self, number: int, **alerts: Any) -> None:
        self.models.create(entities.version(number, monitoring={"alerts": ALERTS | alerts}))

    def publish(self, *findings: Finding, rows: int = 10, version: int = 1) -> None:
        """The log grows by `rows` rows in which this was found, and nobody is told."""
        head = self.ledger.head(version)
        bulletin = Bulletin(version_id=version, first=head.rows, rows=rows, at=self.now, findings=findings)
        following = Head(version_id=version, rows=head.rows + rows)
        addition = Addition(head=head, segments=(), batches=(), next=following, bulletin=bulletin)
        assert self.ledger.publish(f"c{next(self._commits)}", [addition], 0)

    def happen(self, *findings: Finding, rows: int = 10, version: int = 1) -> None:
        """The log grows, and word of it arrives."""
        self.publish(*findings, rows=rows, version=version)
        keep_watch(self, version)

    def firing(self, version: int = 1) -> list[Alert]:
        return list(self.watches.get(version)[0].firing)

    @property
    def notices(self) -> list[Notice]:
        """What the topic was told, each once."""
        told = {each.notice.id: each.notice for each in self.deliveries.items if each.receiver == TOPIC}
        return list(told.values())

    @property
    def told(self) -> list[tuple[str, str]]:
        """Occasion and key of everything that anybody was told of."""
        return [(str(told.occasion), told.alert.key) for notice in self.notices for told in notice.told]


def finding(count: int = 5, field: str = "x", name: str = "max", **changes: Any) -> Finding:
    fields: dict[str, Any] = {
        "trouble": Trouble.CHECK,
        "field": field,
        "name": name,
        "count": count,
        "first_seen": 1_767_225_000.0,
        "last_seen": 1_767_225_100.0,
        "description": "healthy when value <= 9",
        "value": "12.5",
        "threshold": "9",
        "application": "adders",
        "stage": 0,
        "examples": ("r1", "r2", "r3"),
    }
    return Finding(**fields | changes)


def receiver(name: str = "ops", **changes: Any) -> Receiver:
    fields: dict[str, Any] = {"url": f"https://{name}.example.org/hook", "secret": "ops", "created": entities.START}
    return Receiver(name=name, **fields | changes)
