"""dewpoint context …: the platforms a user knows."""

import sys
from typing import Annotated, Any

import typer

from dewpoint.cli.output import Column
from dewpoint.cli.session import session_of
from dewpoint.contexts import Context

contexts = typer.Typer(help="The platforms you know.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The context's name.")]
SHOWN = 6  # characters of a key


@contexts.command("add")
def add(
    context: typer.Context,
    name: Name,
    url: Annotated[str, typer.Option("--url", "--server", help="The platform's address.")],
    grpc: Annotated[str, typer.Option(help="host:port of the gRPC gateway.")] = "",
    api_key: Annotated[str, typer.Option(help="The API key; - reads it from standard input.")] = "",
    use: Annotated[bool, typer.Option(help="Make it the current one.")] = True,
) -> None:
    """Add a platform, or change it."""
    session = session_of(context)
    key = sys.stdin.readline().strip() if api_key == "-" else api_key
    session.contexts.put(Context(name, url, grpc, key), current=use)
    session.output.note(f"context {name} is in {session.contexts.path}")


@contexts.command("use")
def use(context: typer.Context, name: Name) -> None:
    """Make a platform the current one."""
    session = session_of(context)
    session.contexts.use(name)
    session.output.note(f"the current context is {name}")


@contexts.command("list")
def list_(context: typer.Context) -> None:
    """List the platforms."""
    session = session_of(context)
    current = session.contexts.current()
    columns = [
        Column("", lambda known: "*" if known.name == current else " "),
        Column("NAME", lambda known: known.name),
        Column("URL", lambda known: known.url),
        Column("GRPC", lambda known: known.grpc),
    ]
    session.output.table(session.contexts.list(), columns, lambda known: view(known, current))


@contexts.command("show")
def show(context: typer.Context, name: Annotated[str | None, typer.Argument()] = None) -> None:
    """Show a platform, or the one in use. The key is shortened."""
    session = session_of(context)
    shown = session.contexts.get(name) if name else session.context()
    session.output.document(view(shown, session.contexts.current()))


@contexts.command("rm")
def remove(context: typer.Context, name: Name) -> None:
    """Forget a platform."""
    session = session_of(context)
    session.contexts.remove(name)
    session.output.note(f"context {name} is forgotten")


def view(shown: Context, current: str) -> dict[str, Any]:
    key = f"{shown.api_key[:SHOWN]}…" if shown.api_key else ""
    return {
        "name": shown.name,
        "url": shown.url,
        "grpc": shown.grpc,
        "apiKey": key,
        "current": shown.name == current,
    }
