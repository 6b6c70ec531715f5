"""What sonar keeps, in memory."""

import threading
from collections.abc import Callable, Iterator, Sequence

from functions.core.dead_letters import Letter
from functions.core.errors import Conflict, NotFound, PreconditionFailed
from functions.core.feed import METRIC_SPECS
from functions.core.log_keeping import ForgetLog
from functions.core.metric_specs import MetricSpec
from functions.core.observations import Checked, StoredFile
from functions.core.signature import Signature
from tests.fakes.feed import FakeEventFeed


class FakeLogFiles:
    """`before` runs ahead of each write: a test lets it raise. `now` is when files are written."""

    def __init__(self, before: Callable[[], object] = lambda: None, now: Callable[[], float] = lambda: 0.0) -> None:
        self.rows: dict[str, list[Checked]] = {}
        self.written: dict[str, float] = {}
        self._before = before
        self._now = now

    def __len__(self) -> int:
        return len(self.rows)

    def write(self, key: str, signature: Signature, rows: Sequence[Checked]) -> None:
        self._before()
        self.rows[key] = list(rows)
        self.written[key] = self._now()

    def merge(self, keys: Sequence[str], target: str) -> None:
        self._before()
        missing = [key for key in keys if key not in self.rows]
        if missing:
            raise NotFound(f"nothing is stored at {missing[0]}")
        self.rows[target] = [row for key in keys for row in self.rows[key]]
        self.written[target] = self._now()

    def stored(self, prefix: str) -> Iterator[StoredFile]:
        for key, written in list(self.written.items()):
            if key.startswith(prefix):
                yield StoredFile(key, written)

    def remove(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.rows.pop(key, None)
            self.written.pop(key, None)

    def address(self, key: str, seconds: int) -> str:
        return f"https://files.example/{key}?for={seconds}"


class FakeProfileStore:
    def __init__(self) -> None:
        self.profiles: dict[str, bytes] = {}

    def read(self, key: str) -> bytes | None:
        return self.profiles.get(key)

    def write(self, key: str, profile: bytes) -> None:
        self.profiles[key] = profile

    def remove(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.profiles.pop(key, None)


class FakeCareQueue:
    def __init__(self) -> None:
        self.wishes: list[ForgetLog] = []

    def ask(self, wish: ForgetLog) -> None:
        self.wishes.append(wish)


class FakeClaims:
    def __init__(self) -> None:
        self.bodies: dict[tuple[str, str], bytes] = {}

    def read(self, bucket: str, key: str) -> bytes:
        try:
            return self.bodies[(bucket, key)]
        except KeyError:
            raise NotFound(f"nothing is stored at {key}") from None


class FakeRedelivery:
    def __init__(self) -> None:
        self.put_offs: list[tuple[str, int]] = []

    def put_off(self, receipt: str, seconds: int) -> None:
        self.put_offs.append((receipt, seconds))


class FakeDeadLetters:
    """A desk as well: `redriven` are the bodies that went back, `now` tells when letters are buried."""

    def __init__(self, now: Callable[[], float] = lambda: 0.0) -> None:
        self.buried: list[tuple[str, str]] = []
        self.redriven: list[str] = []
        self._now = now
        self._letters: dict[str, Letter] = {}
        self._held: set[str] = set()

    def __len__(self) -> int:
        return len(self.buried)

    def bury(self, body: str, reason: str) -> None:
        self.buried.append((body, reason))
        id_ = f"l{len(self.buried)}"
        self._letters[id_] = Letter(id=id_, receipt=id_, body=body, reason=reason, sent=self._now())

    def take(self) -> Sequence[Letter]:
        free = [letter for id_, letter in self._letters.items() if id_ not in self._held][:10]
        self._held |= {letter.id for letter in free}
        return free

    def redrive(self, letters: Sequence[Letter]) -> None:
        for letter in letters:
            self.redriven.append(letter.body)
            del self._letters[letter.id]

    def put_back(self, letters: Sequence[Letter]) -> None:
        self._held -= {letter.id for letter in letters}


class FakeLogNews:
    """`before` runs ahead of each word: a test lets it raise."""

    def __init__(self, before: Callable[[], object] = lambda: None) -> None:
        self.told: list[tuple[int, ...]] = []
        self._before = before

    def tell(self, version_ids: Sequence[int]) -> None:
        self._before()
        self.told.append(tuple(version_ids))


class FakeMetricSpecStore:
    def __init__(self, *specs: MetricSpec, feed: FakeEventFeed | None = None) -> None:
        self.items: dict[str, MetricSpec] = {}
        self._feed = feed or FakeEventFeed()
        self._lock = threading.RLock()
        for spec in specs:
            self.create(spec)

    def __len__(self) -> int:
        return len(self.items)

    def create(self, spec: MetricSpec) -> None:
        with self._lock:
            if any(other.name == spec.name for other in self.of_version(spec.model_version_id)):
                raise Conflict(f"model version {spec.model} has a metric {spec.name} already")
            self._put(spec)

    def get(self, id: str) -> MetricSpec:  # noqa: A002 - the port's word
        try:
            return self.items[id]
        except KeyError:
            raise NotFound(f"there is no metric spec {id}") from None

    def of_version(self, model_version_id: int) -> Sequence[MetricSpec]:
        watching = [spec for spec in self.items.values() if spec.model_version_id == model_version_id]
        return sorted(watching, key=lambda spec: spec.name)

    def list(self) -> list[MetricSpec]:
        return sorted(self.items.values(), key=lambda spec: (spec.model_version_id, spec.name))

    def update(self, spec: MetricSpec, expected_revision: int) -> None:
        with self._lock:
            if self.get(spec.id).revision != expected_revision:
                raise PreconditionFailed(f"metric spec {spec.id} was changed by somebody else")
            self._put(spec)

    def delete(self, id: str) -> None:  # noqa: A002
        with self._lock:
            self.get(id)
            del self.items[id]
            self._feed.append(METRIC_SPECS.remove, id, None)

    def _put(self, spec: MetricSpec) -> None:
        self.items[spec.id] = spec
        self._feed.append(METRIC_SPECS.update, spec.id, spec)
