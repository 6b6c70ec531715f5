"""dewpoint model …: models and their versions."""

from typing import Annotated

import typer

from dewpoint.cli.output import Column, joined
from dewpoint.cli.session import session_of
from dewpoint.models import parse_reference

models = typer.Typer(help="Models and their versions.", no_args_is_help=True)

Version = Annotated[str, typer.Argument(metavar="MODEL[:VERSION]", help="Without a version: the newest Released one.")]

COLUMNS = [
    Column("ID", lambda version: version.id),
    Column("MODEL", lambda version: version.full_name),
    Column("STATUS", lambda version: version.status),
    Column("RUNTIME", lambda version: "(external)" if version.external else version.runtime),
    Column("APPLICATIONS", lambda version: joined(version.applications)),
    Column("CREATED", lambda version: version.created),
    Column("MESSAGE", lambda version: version.message.rpartition("\n")[2]),  # the last line says why
]


@models.command("list")
def list_(context: typer.Context, name: Annotated[str | None, typer.Argument(help="Only this model.")] = None) -> None:
    """List model versions."""
    session = session_of(context)
    with session.client() as client:
        session.output.table(client.models.versions(name), COLUMNS, lambda version: version.raw)


@models.command("show")
def show(context: typer.Context, version: Version) -> None:
    """Show a model version."""
    session = session_of(context)
    with session.client() as client:
        session.output.document(client.models.find(version).raw)


@models.command("rm")
def remove(
    context: typer.Context,
    version: Annotated[str, typer.Argument(metavar="MODEL[:VERSION]", help="Without a version: all of them.")],
) -> None:
    """Delete a model, or one version of it."""
    session = session_of(context)
    name, number = parse_reference(version)
    with session.client() as client:
        if ":" not in version:
            client.models.delete(name)
        else:
            client.models.delete_version(name, number or client.models.latest(name).version)
    session.output.note(f"deleted {version}")


@models.command("logs")
def logs(
    context: typer.Context,
    version: Annotated[str, typer.Argument(metavar="MODEL[:VERSION]", help="Without a version: the newest one.")],
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for more until the build ends.")] = False,
) -> None:
    """Print the build log of a model version."""
    session = session_of(context)
    name, number = parse_reference(version)
    with session.client() as client:
        found = client.models.newest(name) if number is None else client.models.version(name, number)
        for line in client.models.follow_log(found) if follow else client.models.log(found):
            session.output.line(line)
