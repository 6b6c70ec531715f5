"""Circuit breakers: an endpoint that failed three times in a row is left alone for a while.

closed → open after FAILURES transport errors in a row; open → half-open after COOL_DOWN seconds: one call goes through
as a probe; its success closes the circuit, its failure opens it again. Only what says that nobody answered is an error:
a model that refuses, crashes, or takes no more now, did answer. A timeout says nothing either way, because callers
choose their deadlines, and one with a very short one must not cut everybody else off.

In memory of the process: each finds out for itself within three calls, and no table is asked on the way of a request.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from functions.core.errors import DeadlineExceeded, DewpointError, Overloaded, Unavailable

FAILURES = 3
COOL_DOWN = 5.0  # seconds
SIZE = 4096


class Circuit(msgspec.Struct):
    """`opened` None: closed. `probing`: half-open, and the probe is on its way."""

    failures: int = 0
    opened: float | None = None
    probing: bool = False


class Breakers:
    """One circuit per endpoint; an endpoint without one is closed. `clock` measures seconds."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        failures: int = FAILURES,
        cool_down: float = COOL_DOWN,
        size: int = SIZE,
    ) -> None:
        self._clock = clock
        self._failures = failures
        self._cool_down = cool_down
        self._size = size
        self._circuits: OrderedDict[str, Circuit] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._circuits)

    def admits(self, endpoint: str) -> bool:
        """May `endpoint` be called? Whoever is told yes must call it, `watching` it: the call may be the probe."""
        if endpoint not in self._circuits:
            return True
        with self._lock:
            circuit = self._circuits.get(endpoint, Circuit())
            if circuit.opened is None:
                return True
            if circuit.probing or self._clock() - circuit.opened < self._cool_down:
                return False
            circuit.probing = True
            return True

    def rest(self, endpoint: str) -> float:
        """Seconds until `endpoint` may be called again; 0 for one that may be called now."""
        if endpoint not in self._circuits:
            return 0.0
        with self._lock:
            circuit = self._circuits.get(endpoint, Circuit())
            if circuit.opened is None:
                return 0.0
            return max(0.0, circuit.opened + self._cool_down - self._clock())

    @contextmanager
    def watching(self, endpoint: str) -> Iterator[None]:
        """Around a call of `endpoint`: how it ends moves the circuit. Lets every error through."""
        try:
            yield
        except DewpointError as error:
            if isinstance(error, DeadlineExceeded):
                self._undecided(endpoint)
            elif isinstance(error, Unavailable) and not isinstance(error, Overloaded):
                self._failed(endpoint)
            else:
                self._answered(endpoint)
            raise
        except BaseException:
            self._undecided(endpoint)
            raise
        self._answered(endpoint)

    def _answered(self, endpoint: str) -> None:
        if endpoint in self._circuits:
            with self._lock:
                self._circuits.pop(endpoint, None)

    def _undecided(self, endpoint: str) -> None:
        """The next call is the next probe."""
        with self._lock:
            if circuit := self._circuits.get(endpoint):
                circuit.probing = False

    def _failed(self, endpoint: str) -> None:
        with self._lock:
            circuit = self._circuits.setdefault(endpoint, Circuit())
            self._circuits.move_to_end(endpoint)
            circuit.failures += 1
            # A call that began before the circuit opened must not keep it open for longer
            if circuit.probing or (circuit.opened is None and circuit.failures >= self._failures):
                circuit.opened = self._clock()
                circuit.probing = False
            if len(self._circuits) > self._size:
                self._circuits.popitem(last=False)
