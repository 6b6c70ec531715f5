"""dewpoint key …: API keys. Only an admin may use these."""

from typing import Annotated

import typer

from dewpoint.cli.output import Column
from dewpoint.cli.session import session_of
from dewpoint.errors import InvalidInput
from dewpoint.keys import Role

keys = typer.Typer(help="API keys (admin only).", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The key's name.")]

COLUMNS = [
    Column("NAME", lambda key: key.name),
    Column("ROLE", lambda key: key.role),
    Column("QUOTA", lambda key: "" if key.rate is None else f"{key.rate:g}/s, {key.burst} at once"),
    Column("CREATED", lambda key: key.created),
]


@keys.command("create")
def create(
    context: typer.Context,
    name: Name,
    role: Annotated[Role, typer.Option(help="What the key may do.")] = Role.viewer,
    rate: Annotated[float | None, typer.Option(help="Calls a second that it may make; no limit when left out.")] = None,
    burst: Annotated[int | None, typer.Option(help="Calls at once, with --rate; what a second brings.")] = None,
) -> None:
    """Create a key. It is shown now and never again."""
    session = session_of(context)
    if burst is not None and rate is None:
        raise InvalidInput("--burst needs --rate")
    with session.client() as client:
        key = client.keys.create(name, role, rate, burst)
    session.output.document(key.raw)
    session.output.note("keep the key: it is not shown again", "yellow")


@keys.command("list")
def list_(context: typer.Context) -> None:
    """List keys, without their secrets."""
    session = session_of(context)
    with session.client() as client:
        session.output.table(client.keys.list(), COLUMNS, lambda key: key.raw)


@keys.command("rm")
def remove(context: typer.Context, name: Name) -> None:
    """Revoke a key."""
    session = session_of(context)
    with session.client() as client:
        client.keys.delete(name)
    session.output.note(f"deleted {name}")
