"""Everything that is wrong with a request, told at once."""

from collections.abc import Callable
from typing import TypeVar

from functions.core.errors import InvalidRequest, Problem

T = TypeVar("T")


class Findings:
    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(self, pointer: str, expected: str, received: str) -> None:
        self.problems.append(Problem(pointer, expected, received))

    def attempt(self, check: Callable[[], T]) -> T | None:
        """What `check` returns; None when it found the request invalid, which is noted."""
        try:
            return check()
        except InvalidRequest as error:
            self.problems.extend(error.problems)
            return None

    def error(self) -> InvalidRequest:
        """All that was found, as one error."""
        return InvalidRequest.of(self.problems)

    def close(self) -> None:
        """Raises InvalidRequest when anything was found."""
        if self.problems:
            raise self.error()
