"""dewpoint events: what changed on the platform."""

import json
from typing import Annotated

import typer

from dewpoint.cli.output import Column, Format, Output
from dewpoint.cli.session import session_of
from dewpoint.errors import InvalidInput
from dewpoint.events import OLDEST, Event

COLUMNS = [
    Column("ID", lambda event: event.id),
    Column("AT", lambda event: event.at),
    Column("TYPE", lambda event: event.type),
    Column("NAME", lambda event: event.name),
]


def events(
    context: typer.Context,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for more until interrupted.")] = False,
    after: Annotated[str | None, typer.Option(help=f"From this event on, by its id, or {OLDEST}.")] = None,
) -> None:
    """Show changes of models, servables, applications and deployment configurations.

    Without --after: all that are kept, or with --follow those from now on. Followed as JSON, each is one line.
    """
    session = session_of(context)
    if after is not None and after != OLDEST and not after.isdecimal():
        raise InvalidInput(f"--after {after!r} is neither an event's id nor {OLDEST}")
    with session.client() as client:
        if follow:
            for event in client.events.follow(after):
                show(session.output, event)
        else:
            session.output.table(list(client.events.kept(after or OLDEST)), COLUMNS, lambda event: event.raw)


def show(output: Output, event: Event) -> None:
    """One event as it comes."""
    if output.asked is Format.json:
        print(json.dumps(event.raw, ensure_ascii=False), flush=True)
    elif output.asked is Format.yaml:
        print("---")
        output.document(event.raw)
    else:
        output.line("  ".join(str(column.read(event)) for column in COLUMNS))
