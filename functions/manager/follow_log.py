"""A log read to where it ends just now, and watched a while for more: what becomes a stream of server-sent events."""

import time
from collections.abc import Callable

import msgspec

from functions.doors.pages import FULL
from functions.manager.read_log import LogView

LOOK_EVERY = 1.0  # seconds

ReadPage = Callable[[str | None], LogView]


class Followed(msgspec.Struct, frozen=True):
    """Lines after a token, and the token to go on with.

    `ended`: nothing will follow. `full`: something does, but an answer holds no more.
    """

    lines: tuple[str, ...]
    next: str | None
    ended: bool = False
    full: bool = False


def follow_log(
    page: ReadPage,
    after: str | None,
    wait: int,
    *,
    to_the_end: bool,
    pause: Callable[[float], None] = time.sleep,
) -> Followed:
    """What came after `after`, as soon as there is any; or, `to_the_end`, when nothing will follow.

    Answers after `wait` seconds in any case. Raises what `page` raises.
    """
    found = read_on(page, Followed((), after))
    for _ in range(wait):
        if found.ended or found.full or (found.lines and not to_the_end):
            break
        pause(LOOK_EVERY)
        found = read_on(page, found)
    return found


def read_on(page: ReadPage, found: Followed) -> Followed:
    """`found` and what was written since."""
    lines, token = list(found.lines), found.next
    size = sum(map(len, lines))
    while True:
        view = page(token)
        lines += view.lines
        token = view.next
        size += sum(map(len, view.lines))
        if size > FULL:
            return Followed(tuple(lines), token, full=True)
        if view.ended or not view.lines:
            return Followed(tuple(lines), token, view.ended)
