"""Adaptive micro-batching: calls that arrive while the model is busy become one call of the model.

A call that finds the model free runs at once, in its own thread and alone: without concurrency nothing is added. What
arrives meanwhile waits, and the next call of the model takes all of it, up to a number of rows. So batches grow with
the load by themselves. `max_latency_ms` is more time to gather them, for models that gain much by it: 0 unless it is
asked for, and never spent while calls come one by one.

Only models of rows can be joined: every input and output begins with a free dimension. When a joint call fails, each of
its calls is made again alone, so that one bad request fails by itself. A model that does not answer a row for a row is
found out by its first joint call, and not joined any more.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from servable.contract import Batching, Contract
from servable.errors import CannotLoad, ModelFailed, ServableError
from servable.tensors import Array

log = logging.getLogger(__name__)

Arrays = dict[str, Array]
Answer = Callable[[Arrays], Arrays]


class Call:
    """One request on its way. `kind` tells which calls may be joined: same sizes but for the rows; None is none."""

    __slots__ = ("answer", "done", "error", "inputs", "kind", "leads", "rows")

    def __init__(self, inputs: Arrays) -> None:
        self.inputs = inputs
        self.rows = min(len(array) for array in inputs.values())
        together = self.rows > 0 and all(len(array) == self.rows for array in inputs.values())
        self.kind = tuple(array.shape[1:] for array in inputs.values()) if together else None
        self.answer: Arrays | None = None
        self.error: ServableError = ModelFailed("the call was given up")
        self.leads = False
        self.done = threading.Event()  # answered, or its turn to lead

    def result(self) -> Arrays:
        if self.answer is None:
            raise self.error
        return self.answer


class Batcher:
    """Stands before `answer`. Of the threads that wait, one leads: it calls the model for all, then hands over."""

    def __init__(self, answer: Answer, batching: Batching, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._answer = answer
        self._most = batching.max_batch_size
        self._patience = batching.max_latency_ms / 1000
        self._clock = clock
        self._waiting: deque[Call] = deque()
        self._changed = threading.Condition()
        self._busy = False
        self._last = 0  # calls in the last batch
        self._joins = True

    def __call__(self, inputs: Arrays) -> Arrays:
        """Raises what the model raises for these inputs."""
        call = Call(inputs)
        with self._changed:
            self._waiting.append(call)
            call.leads = not self._busy
            self._busy = True
            self._changed.notify()
        if not call.leads:
            call.done.wait()
        if call.leads:
            self._lead()
        return call.result()

    def _lead(self) -> None:
        """Runs one batch. The leader's own call is the oldest, and so in it."""
        batch = self._gather()
        try:
            self._run(batch)
        finally:
            self._hand_over()
            for call in batch:
                call.done.set()

    def _gather(self) -> list[Call]:
        with self._changed:
            if self._joins and max(len(self._waiting), self._last) > 1:
                self._await_more()
            batch = self._take()
            self._last = len(batch)
            return batch

    def _take(self) -> list[Call]:
        """The oldest call and what can be joined to it; the rest waits on, in order."""
        first = self._waiting.popleft()
        batch, rows = [first], first.rows
        if not self._joins or first.kind is None:
            return batch
        left: deque[Call] = deque()
        for call in self._waiting:
            if call.kind == first.kind and rows + call.rows <= self._most:
                batch.append(call)
                rows += call.rows
            else:
                left.append(call)
        self._waiting = left
        return batch

    def _await_more(self) -> None:
        end = self._clock() + self._patience
        while sum(call.rows for call in self._waiting) < self._most:
            left = end - self._clock()
            if left <= 0 or not self._changed.wait(left):
                return

    def _hand_over(self) -> None:
        with self._changed:
            if not self._waiting:
                self._busy = False
                return
            following = self._waiting[0]
            following.leads = True
        following.done.set()

    def _run(self, batch: Sequence[Call]) -> None:
        if len(batch) > 1 and self._run_together(batch):
            return
        for call in batch:
            try:
                call.answer = self._answer(call.inputs)
            except ServableError as error:
                call.error = error

    def _run_together(self, batch: Sequence[Call]) -> bool:
        """False when each call must be made alone."""
        try:
            outputs = self._answer(join([call.inputs for call in batch]))
        except (ServableError, MemoryError) as error:
            log.info("a joint call of %d requests failed, each is called alone: %s", len(batch), error)
            return False
        rows = [call.rows for call in batch]
        if any(output.shape[:1] != (sum(rows),) for output in outputs.values()):
            self._joins = False
            log.warning("the model does not answer a row for each row: requests are not joined any more")
            return False
        for call, answer in zip(batch, split(outputs, rows), strict=True):
            call.answer = answer
        return True


def join(parts: Sequence[Arrays]) -> Arrays:
    """The rows of all parts, one after the other."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def split(joined: Arrays, rows: Sequence[int]) -> Iterator[Arrays]:
    """What `join` put together, part by part: views, no copies."""
    begin = 0
    for count in rows:
        yield {name: array[begin : begin + count] for name, array in joined.items()}
        begin += count


def check_rows(contract: Contract) -> None:
    """Raises CannotLoad when a model that asks for batching is not one of rows."""
    fields = (*contract.signature.inputs, *contract.signature.outputs)
    single = [field.name for field in fields if field.dims is None or field.dims[:1] != (-1,)]
    if single:
        named = ", ".join(single)
        raise CannotLoad(f"batching joins rows, and {named} has none: begin every shape with -1, or leave batching out")
