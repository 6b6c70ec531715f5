"""What the slice of alerts keeps and whom it tells, in memory."""

import threading
from collections.abc import Callable, Iterable, Sequence

import msgspec

from functions.core.alerts import Alert, Watch
from functions.core.errors import Conflict, NotFound
from functions.core.receivers import Delivery, Outcome, Receiver


class FakeWatchStore:
    """The archive as well: what is over is written with the watch. `before` runs ahead of each write."""

    def __init__(self, before: Callable[[], object] = lambda: None) -> None:
        self.before = before
        self.writes = 0
        self._watches: dict[int, tuple[bytes, int]] = {}
        self._over: dict[tuple[int, int], Alert] = {}
        self._lock = threading.Lock()

    def get(self, version_id: int) -> tuple[Watch, int]:
        if version_id not in self._watches:
            return Watch(version_id=version_id), 0
        document, revision = self._watches[version_id]
        return msgspec.json.decode(document, type=Watch), revision

    def save(self, watch: Watch, expected: int, over: Sequence[Alert], expires: int) -> bool:
        self.before()
        with self._lock:
            if self.get(watch.version_id)[1] != expected:
                return False
            self._watches[watch.version_id] = (msgspec.json.encode(watch), expected + 1)
            self._over |= {(alert.version_id, alert.number): alert for alert in over}
            self.writes += 1
            return True

    def all(self) -> Iterable[Watch]:
        return [self.get(version)[0] for version in sorted(self._watches)]

    def of_version(self, version_id: int) -> Sequence[Alert]:
        found = [alert for (version, _), alert in self._over.items() if version == version_id]
        return sorted(found, key=lambda alert: -alert.number)


class FakeReceiverStore:
    """The outcomes of deliveries as well."""

    def __init__(self) -> None:
        self.items: dict[str, Receiver] = {}
        self._outcomes: dict[str, Outcome] = {}

    def create(self, receiver: Receiver) -> None:
        if receiver.name in self.items:
            raise Conflict(f"receiver {receiver.name} exists already")
        self.items[receiver.name] = receiver

    def get(self, name: str) -> Receiver:
        try:
            return self.items[name]
        except KeyError:
            raise NotFound(f"there is no receiver {name}") from None

    def list(self) -> list[Receiver]:
        return sorted(self.items.values(), key=lambda receiver: receiver.name)

    def delete(self, name: str) -> None:
        self.get(name)
        del self.items[name]
        self._outcomes.pop(name, None)

    def note(self, receiver: str, outcome: Outcome) -> None:
        if receiver in self.items:
            self._outcomes[receiver] = outcome

    def all(self) -> dict[str, Outcome]:
        return dict(self._outcomes)


class FakeDeliveryQueue:
    """`before` runs ahead of each delivery: a test lets it raise."""

    def __init__(self, before: Callable[[], object] = lambda: None) -> None:
        self.items: list[Delivery] = []
        self.before = before

    def put(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            self.before()
            self.items.append(delivery)


class FakePoster:
    """`refuse` is raised in place of posting."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, bytes, dict[str, str]]] = []
        self.refuse: Exception | None = None

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> None:
        if self.refuse:
            raise self.refuse
        self.posted.append((url, body, headers))


class FakeAlertTopic:
    def __init__(self) -> None:
        self.published: list[tuple[str, dict[str, str]]] = []

    def publish(self, body: str, attributes: dict[str, str]) -> None:
        self.published.append((body, attributes))


class FakeSigningSecrets:
    def __init__(self, **values: str) -> None:
        self.values = values

    def read(self, name: str) -> bytes:
        try:
            return self.values[name].encode()
        except KeyError:
            raise NotFound(f"there is no secret {name}") from None
