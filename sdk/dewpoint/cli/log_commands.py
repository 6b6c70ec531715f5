"""dewpoint log …: what was predicted, and what the checks said."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from dewpoint.cli.model_commands import Version
from dewpoint.cli.output import Column, joined
from dewpoint.cli.session import session_of
from dewpoint.errors import InvalidInput
from dewpoint.request_log import Filter

log = typer.Typer(help="The request log: predictions and their checks.", no_args_is_help=True)

Since = Annotated[str | None, typer.Option("--from", help="From this moment on, such as 2026-01-31T05:00:00Z; UTC.")]
Till = Annotated[str | None, typer.Option("--till", help="Up to this moment.")]

COLUMNS = [
    Column("TIME", lambda row: row["_hs_time"]),
    Column("REQUEST", lambda row: row["_hs_request_id"]),
    Column("SCORE", lambda row: row["_hs_score"]),
    Column("OVERALL", lambda row: row["_hs_overall_score"]),
    Column("MS", lambda row: f"{row['_hs_latency']:.1f}"),
    Column("FAILED", lambda row: joined(failed(row))),
    Column("ERROR", lambda row: row["_hs_error"]),
]


@log.command("list")
def list_(
    context: typer.Context,
    version: Version,
    since: Since = None,
    till: Till = None,
    where: Annotated[str | None, typer.Option(help="Such as 'x > 3 and island == \"Biscoe\"'.")] = None,
    error: Annotated[bool | None, typer.Option("--error/--no-error", help="Only those that failed, or none.")] = None,
    shadow: Annotated[bool | None, typer.Option("--shadow/--no-shadow", help="Only a shadow's, or none.")] = None,
    bad: Annotated[str | None, typer.Option("--failed", help="A field or metric whose check failed.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many rows.")] = 20,
) -> None:
    """List requests, newest first."""
    session = session_of(context)
    wanted = Filter(since=_moment(since), till=_moment(till), where=where, error=error, shadow=shadow, failed=bad)
    with session.client() as client:
        rows = list(client.log.requests(client.models.find(version).id, wanted, limit))
    session.output.table(rows, COLUMNS, lambda row: row)


@log.command("show")
def show(context: typer.Context, request_id: Annotated[str, typer.Argument(help="The request's id.")]) -> None:
    """Show all rows of a request: its stages, and their shadows."""
    session = session_of(context)
    with session.client() as client:
        session.output.document(client.log.request(request_id))


@log.command("compare")
def compare(context: typer.Context, version: Version, other: Version, since: Since = None, till: Till = None) -> None:
    """Show how far two versions agree on the same requests."""
    session = session_of(context)
    with session.client() as client:
        ids = (client.models.find(version).id, client.models.find(other).id)
        session.output.document(client.log.compare(*ids, since=_moment(since), till=_moment(till)))


@log.command("export")
def export(
    context: typer.Context,
    version: Version,
    folder: Annotated[Path, typer.Option("--folder", "-d", help="Where the files go.")] = Path(),
    since: Since = None,
    till: Till = None,
) -> None:
    """Fetch the log as Parquet, an hour or more in each file."""
    session = session_of(context)
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=session.output.err, transient=True
    )
    with session.client() as client, bar:
        found = client.models.find(version)
        rows = bar.add_task("rows", total=None)
        paths = client.log.export(
            found.id,
            folder,
            _moment(since),
            _moment(till),
            lambda done, known: bar.update(rows, completed=done, total=known),
        )
        count = int(bar.tasks[0].completed)
    session.output.document({"version": found.full_name, "files": len(paths), "rows": count, "folder": str(folder)})


@log.command("rm")
def remove(context: typer.Context, version: Version) -> None:
    """Remove what a version has logged up to now."""
    session = session_of(context)
    with session.client() as client:
        found = client.models.find(version)
        client.log.forget(found.id)
    session.output.note(f"the log of {found.full_name} up to now is being removed")


def failed(row: dict[str, object]) -> list[str]:
    """The fields and metrics with a failed check."""
    raw: dict[str, list[dict[str, object]]] = row["_hs_raw_checks"]  # type: ignore[assignment]
    metrics: dict[str, dict[str, object]] = row["_hs_metric_checks"]  # type: ignore[assignment]
    fields = [name for name, checks in raw.items() if any(check["check"] is False for check in checks)]
    return [*fields, *(name for name, check in metrics.items() if check["check"] is False)]


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{text!r} is no moment; write it as 2026-01-31T05:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
