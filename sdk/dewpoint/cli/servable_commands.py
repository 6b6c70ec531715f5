"""dewpoint servable …: running deployments of one model version."""

from typing import Annotated

import typer

from dewpoint.cli.output import Column, joined
from dewpoint.cli.progress import watch
from dewpoint.cli.session import session_of
from dewpoint.errors import InvalidInput
from dewpoint.waiting import START_TIMEOUT, Patience

servables = typer.Typer(help="Running deployments of one model version.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The servable's name.")]

COLUMNS = [
    Column("NAME", lambda servable: servable.name),
    Column("MODEL", lambda servable: servable.model),
    Column("STATUS", lambda servable: servable.status),
    Column("REPLICAS", lambda servable: f"{servable.healthy}/{servable.desired}"),
    Column("APPLICATIONS", lambda servable: joined(servable.applications)),
    Column("MESSAGE", lambda servable: servable.message),
]


@servables.command("list")
def list_(context: typer.Context) -> None:
    """List servables."""
    session = session_of(context)
    with session.client() as client:
        session.output.table(client.servables.list(), COLUMNS, lambda servable: servable.raw)


@servables.command("show")
def show(context: typer.Context, name: Name) -> None:
    """Show a servable."""
    session = session_of(context)
    with session.client() as client:
        session.output.document(client.servables.get(name).raw)


@servables.command("deploy")
def deploy(
    context: typer.Context,
    model: Annotated[str, typer.Argument(metavar="MODEL[:VERSION]", help="Without a version: the newest Released.")],
    configuration: Annotated[str, typer.Option("--config", "-c", help="A deployment configuration's name.")] = "",
    metadata: Annotated[list[str] | None, typer.Option("--metadata", "-m", help="KEY=VALUE; may be repeated.")] = None,
    wait: Annotated[bool, typer.Option(help="Wait until it serves.")] = True,
    timeout: Annotated[float, typer.Option(help="Seconds to wait.")] = START_TIMEOUT,
) -> None:
    """Start a servable of a model version."""
    session = session_of(context)
    pairs = dict(_pair(text) for text in metadata or ())
    with session.client() as client, watch(session.output, quiet=True) as watcher:
        servable = client.servables.deploy(client.models.find(model), configuration, pairs)
        if wait:
            servable = client.servables.wait_serving(servable.name, watcher, Patience(timeout))
    session.output.table([servable], COLUMNS, lambda each: each.raw)


@servables.command("rm")
def remove(context: typer.Context, name: Name) -> None:
    """Stop a servable."""
    session = session_of(context)
    with session.client() as client:
        client.servables.delete(name)
    session.output.note(f"deleted {name}")


@servables.command("logs")
def logs(
    context: typer.Context,
    name: Name,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for more until interrupted.")] = False,
) -> None:
    """Print a servable's log."""
    session = session_of(context)
    with session.client() as client:
        for line in client.servables.follow_log(name) if follow else client.servables.log(name):
            session.output.line(line)


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (key and equals):
        raise InvalidInput(f"--metadata {text!r} is not KEY=VALUE")
    return key, value
