"""Where in a JSON document the elements of a tensor stand, so that an error can point at the one that is wrong."""

from collections.abc import Sequence
from typing import NamedTuple


class Place(NamedTuple):
    """JSON pointer tokens (RFC 6901), each with the number of list indices that follow it.

    The ages in a list of customers are at `Place((("/customers", 1), ("/age", 0)))`: element 3 is /customers/3/age.
    """

    steps: tuple[tuple[str, int], ...] = ()

    def into(self, name: str, rank: int = 0) -> "Place":
        """The place of key `name` in the objects here, whose value is `rank` lists deep."""
        return Place((*self.steps, (f"/{escape(name)}", rank)))

    def at(self, index: Sequence[int] = ()) -> str:
        """The pointer to the element with `index`; indices beyond those of the steps come last."""
        pointer, used = "", 0
        for name, rank in self.steps:
            pointer += name + "".join(f"/{each}" for each in index[used : used + rank])
            used += rank
        return pointer + "".join(f"/{each}" for each in index[used:])


def place(pointer: str) -> Place:
    """The place that one pointer names."""
    return Place(((pointer, 0),))


def escape(name: str) -> str:
    """A name as a JSON pointer token (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def unravel(at: int, shape: Sequence[int]) -> tuple[int, ...]:
    """The index of element `at`, counted row by row, in `shape`."""
    index: list[int] = []
    for size in reversed(shape):
        at, here = divmod(at, size)
        index.append(here)
    return tuple(reversed(index))
