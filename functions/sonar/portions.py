"""What a worker has in hand at a time: a delivery of images may be larger than its memory.

Predictions whose messages were too large for the queue are fetched as their turn comes, and what is recorded of one
portion stays recorded when the time for the next is up.
"""

from collections.abc import Iterator, Sequence
from itertools import chain

from functions.core.messages import PredictionMade
from functions.sonar.groups import Delivered
from functions.sonar.ports import Ports
from functions.sonar.read_message import read_message

FULL = 64 * 1024 * 1024  # bytes of tensors; their rows and columns take some five times as much while they are written


def portions(
    ports: Ports, bodies: Sequence[str], deliveries: Sequence[int], failures: dict[int, Exception]
) -> Iterator[list[Delivered]]:
    """The predictions in `bodies`, in order. Messages that cannot be read now are noted in `failures`, by place."""
    portion: list[Delivered] = []
    size = 0
    for at, (body, count) in enumerate(zip(bodies, deliveries, strict=True)):
        try:
            found = read_message(ports, body)
        except Exception as error:  # noqa: BLE001 - a message fails alone
            failures[at] = error
            continue
        portion += [Delivered(at, made, count) for made in found]
        size += sum(map(size_of, found))
        if size >= FULL:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def size_of(made: PredictionMade) -> int:
    """Bytes of its tensors."""
    tensors = chain.from_iterable((*one.inputs.values(), *(one.outputs or {}).values()) for one in made.calls)
    return sum(len(tensor.data) for tensor in tensors)
