"""dewpoint alert …: what is wrong with model versions."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from dewpoint.alerts import State
from dewpoint.cli.model_commands import Version
from dewpoint.cli.output import Column
from dewpoint.cli.session import session_of

LONGEST = 366 * 24  # hours, as the platform has it

alerts = typer.Typer(help="Alerts of model versions.", no_args_is_help=True)

COLUMNS = [
    Column("NUMBER", lambda alert: alert.number),
    Column("CHECK", lambda alert: alert.check),
    Column("STATE", lambda alert: f"{alert.state}, silenced" if alert.silenced else alert.state),
    Column("FAILURES", lambda alert: f"{alert.failures} of {alert.requests}"),
    Column("SINCE", lambda alert: alert.starts_at),
    Column("UNTIL", lambda alert: alert.ends_at),
]
SILENCE_COLUMNS = [
    Column("ID", lambda silence: silence["id"]),
    Column("CHECK", lambda silence: silence["check"] or "all of the version"),
    Column("UNTIL", lambda silence: silence["until"]),
    Column("COMMENT", lambda silence: silence["comment"]),
]


@alerts.command("list")
def list_(
    context: typer.Context,
    version: Version,
    state: Annotated[State | None, typer.Option(help="Only those that go on, or that are over.")] = None,
) -> None:
    """List the alerts of a version, newest first."""
    session = session_of(context)
    with session.client() as client:
        found = client.alerts.list(client.models.find(version).id, state)
    session.output.table(found, COLUMNS, lambda alert: alert.raw)


@alerts.command("silence")
def silence(
    context: typer.Context,
    version: Version,
    hours: Annotated[float, typer.Option(min=0.01, max=LONGEST, help="For how long; a year at most.")] = 24,
    check: Annotated[str | None, typer.Option(help="As the list shows it; all of the version without it.")] = None,
    comment: Annotated[str, typer.Option(help="Why.")] = "",
) -> None:
    """Tell nobody of a check, or of anything of a version, for some hours."""
    session = session_of(context)
    until = datetime.now(UTC) + timedelta(hours=hours)
    with session.client() as client:
        made = client.alerts.silence(client.models.find(version).id, until, check, comment)
    session.output.document(made)


@alerts.command("silences")
def silences(context: typer.Context, version: Version) -> None:
    """List the silences of a version that hold."""
    session = session_of(context)
    with session.client() as client:
        found = client.alerts.silences(client.models.find(version).id)
    session.output.table(found, SILENCE_COLUMNS, lambda silence: silence)


@alerts.command("end-silence")
def end_silence(
    context: typer.Context,
    version: Version,
    silence_id: Annotated[str, typer.Argument(help="Its id, as `silences` shows it.")],
) -> None:
    """Tell of it again."""
    session = session_of(context)
    with session.client() as client:
        client.alerts.end_silence(client.models.find(version).id, silence_id)
    session.output.note(f"ended the silence {silence_id}")
