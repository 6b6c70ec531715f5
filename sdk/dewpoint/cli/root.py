"""The root of the command: options that hold everywhere, and one place where errors become exit codes."""

from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from dewpoint.cli.ending import exit_code, tell
from dewpoint.cli.output import Output
from dewpoint.cli.session import Session
from dewpoint.errors import DewpointError

ANYWHERE = ("-o", "--output", "--context", "--cluster")  # the last as the reference system calls it


class Root(TyperGroup):
    """`--output` and `--context` (or `--cluster`) may stand before or after a command's name."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, to_front(args))

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except DewpointError as error:
            session = ctx.find_object(Session)
            tell(error, session.output if session else Output(None))
            raise typer.Exit(exit_code(error)) from error


def to_front(arguments: Sequence[str]) -> list[str]:
    """The options that hold everywhere before all else, the rest in its order; nothing after `--` is moved."""
    front: list[str] = []
    rest: list[str] = []
    left = list(arguments)
    while left:
        word = left.pop(0)
        if word == "--":
            return [*front, *rest, word, *left]
        if word in ANYWHERE:
            front += [word, *left[:1]]
            left = left[1:]
        elif word.startswith(tuple(f"{option}=" for option in ANYWHERE)) or _is_short(word):
            front.append(word)
        else:
            rest.append(word)
    return front + rest


def _is_short(word: str) -> bool:
    """`-ojson`."""
    return word.startswith("-o") and len(word) > len("-o")
