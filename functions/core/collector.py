"""The garbage collector, and bodies of very many values."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

LARGE = 100_000  # bytes of JSON


@contextmanager
def collector_at_rest(size: int) -> Iterator[None]:
    """No collection while a body of `size` bytes, if that is large, becomes tensors.

    The collector would look through the lists of a large body again and again while they are made, and none of them is
    garbage. They should be gone by the end, or it looks through them then.
    """
    if size < LARGE or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
