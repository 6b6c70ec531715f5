"""dewpoint dead-letters …: observations that could not be recorded. Only an admin may use these."""

from typing import Annotated

import typer

from dewpoint.cli.output import Column
from dewpoint.cli.session import session_of

dead_letters = typer.Typer(help="Observations that could not be recorded (admin only).", no_args_is_help=True)

COLUMNS = [
    Column("COUNT", lambda reason: reason.count),
    Column("OLDEST", lambda reason: reason.oldest),
    Column("NEWEST", lambda reason: reason.newest),
    Column("REASON", lambda reason: reason.reason),
]


@dead_letters.command("list")
def list_(context: typer.Context) -> None:
    """Show why, and how many."""
    session = session_of(context)
    with session.client() as client:
        session.output.table(client.dead_letters.list(), COLUMNS, lambda reason: reason.raw)


@dead_letters.command("redrive")
def redrive(
    context: typer.Context,
    reason: Annotated[str | None, typer.Option(help="Only those of this reason, as the list shows it.")] = None,
) -> None:
    """Put them back on their queue. What was recorded meanwhile stays as it is."""
    session = session_of(context)
    with session.client() as client:
        count = client.dead_letters.redrive(reason)
    session.output.document({"redriven": count})
