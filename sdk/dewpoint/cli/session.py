"""One run of the command: what the user and the environment said, and the client that follows from it."""

from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from functools import cached_property

import typer

from dewpoint.cli.output import Format, Output
from dewpoint.client import Dewpoint
from dewpoint.contexts import Context, ContextFile, Environment, resolve


@dataclass(frozen=True)
class Session:
    environment: Environment
    context_name: str | None = None
    format: Format | None = None

    @property
    def contexts(self) -> ContextFile:
        return ContextFile(self.environment.config)

    @cached_property
    def output(self) -> Output:
        return Output(self.format)

    def context(self) -> Context:
        """Raises NoContext."""
        return resolve(self.contexts, self.environment, self.context_name)

    def client(self) -> AbstractContextManager[Dewpoint]:
        """The platform of the context. Raises NoContext."""
        context = self.context()
        return closing(Dewpoint(context.url, context.api_key))


def session_of(context: typer.Context) -> Session:
    session = context.find_object(Session)
    if session is None:
        raise RuntimeError("the root command makes the session")
    return session
