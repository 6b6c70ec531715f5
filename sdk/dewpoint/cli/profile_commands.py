"""dewpoint profile …: training data of model versions, and profiles of their fields."""

from typing import Annotated

import typer

from dewpoint.cli.output import Column, Output
from dewpoint.cli.progress import watch
from dewpoint.cli.session import session_of
from dewpoint.profiles import PROFILE_TIMEOUT, TrainingFile
from dewpoint.waiting import Patience

profiles = typer.Typer(help="Training data, and profiles of fields.", no_args_is_help=True)

Version = Annotated[str, typer.Argument(metavar="MODEL[:VERSION]", help="Without a version: the newest Released one.")]

FILES = [
    Column("FILE", lambda file: file.name or file.id),
    Column("STATUS", lambda file: file.status),
    Column("PROGRESS", lambda file: f"{file.progress:.0%}"),
    Column("ROWS", lambda file: file.rows),
    Column("REJECTED", lambda file: file.rejected),
    Column("REASON", lambda file: file.reason),
    Column("ID", lambda file: file.id),
]
FIELDS = [
    Column("FIELD", lambda field: field["name"]),
    Column("SIDE", lambda field: field["side"]),
    Column("TYPE", lambda field: field["dtype"]),
    Column("PROFILE", lambda field: field["kind"]),
    Column("TRAINING", lambda field: "yes" if field["training"] else "no"),
]


@profiles.command("push")
def push(
    context: typer.Context,
    version: Version,
    source: Annotated[str, typer.Argument(metavar="FILE|s3://BUCKET/KEY", help="CSV with a header, or Parquet.")],
    wait: Annotated[bool, typer.Option(help="Wait until it is profiled.")] = True,
    timeout: Annotated[float, typer.Option(help="Seconds to wait.")] = PROFILE_TIMEOUT,
) -> None:
    """Give training data to a model version. Several files add up; the same file counts once."""
    session = session_of(context)
    with session.client() as client, watch(session.output, quiet=True) as watcher:
        file = client.profiles.upload_training_data(client.models.find(version), source, watcher)
        if wait:
            file = client.profiles.wait(file, watcher, Patience(timeout))
    session.output.table([file], FILES, lambda each: each.raw)
    tell_rejected(session.output, file)


@profiles.command("status")
def status(context: typer.Context, version: Version) -> None:
    """Show how the training data of a model version stand, file by file."""
    session = session_of(context)
    with session.client() as client:
        found = client.profiles.status(client.models.find(version))
    if session.output.asked is not None:
        session.output.document(found.raw)
        return
    session.output.line(found.kind)
    if found.files:
        session.output.table(found.files, FILES, lambda each: each.raw)
    for file in found.files:
        tell_rejected(session.output, file)


@profiles.command("show")
def show(
    context: typer.Context,
    version: Version,
    field: Annotated[
        str | None, typer.Argument(help="A field, or an element such as x_3; without one: a list.")
    ] = None,
    since: Annotated[str, typer.Option("--from", help="Production from this moment on, ISO 8601; whole hours.")] = "",
    till: Annotated[str, typer.Option("--till", help="Production before this moment.")] = "",
) -> None:
    """Show the profiles of a field, training beside production; or which fields there are."""
    session = session_of(context)
    with session.client() as client:
        found = client.models.find(version)
        if field is None:
            session.output.table(client.profiles.fields(found), FIELDS, lambda each: each)
        else:
            session.output.document(client.profiles.get(found, field, since, till))


@profiles.command("rm")
def remove(
    context: typer.Context,
    version: Version,
    file: Annotated[str, typer.Argument(help="The file's id, as `status` shows it.")],
) -> None:
    """Take a file out of the training data of a model version."""
    session = session_of(context)
    with session.client() as client:
        client.profiles.remove(client.models.find(version), file)
    session.output.note(f"removed {file}")


def tell_rejected(output: Output, file: TrainingFile) -> None:
    """Which rows were left out, and which columns."""
    for rejection in file.rejections:
        output.note(f"warning: {file.name}: rejected {rejection}", "yellow")
    if file.ignored:
        output.note(f"warning: {file.name}: no field is called {', '.join(file.ignored)}", "yellow")
