"""dewpoint app …: applications."""

from enum import StrEnum
from typing import Annotated

import typer

from dewpoint.applications import ApplicationSpec
from dewpoint.cli.output import Column, Format
from dewpoint.cli.progress import watch
from dewpoint.cli.session import session_of
from dewpoint.entities import Application, Revision
from dewpoint.errors import InvalidInput
from dewpoint.waiting import START_TIMEOUT, Patience

applications = typer.Typer(help="Applications.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The application's name.")]


def graph(application: Application | Revision) -> str:
    """`prepare:1 → claims:1 80% + claims:2 20%`."""
    return " → ".join(
        " + ".join(f"{v.model} {v.weight}%" if len(stage) > 1 else v.model for v in stage)
        for stage in application.stages
    )


COLUMNS = [
    Column("NAME", lambda application: application.name),
    Column("STATUS", lambda application: application.status),
    Column("GRAPH", graph),
    Column("REVISION", lambda application: application.revision),
    Column("MESSAGE", lambda application: application.message),
]


REVISION_COLUMNS = [
    Column("REVISION", lambda revision: revision.number),
    Column("STATUS", lambda revision: revision.status),
    Column("CREATED", lambda revision: revision.created),
    Column("GRAPH", graph),
    Column("ROLLED BACK TO", lambda revision: revision.rolled_back_to),
]


@applications.command("list")
def list_(context: typer.Context) -> None:
    """List applications."""
    session = session_of(context)
    with session.client() as client:
        session.output.table(client.applications.list(), COLUMNS, lambda application: application.raw)


@applications.command("show")
def show(context: typer.Context, name: Name) -> None:
    """Show an application."""
    session = session_of(context)
    with session.client() as client:
        session.output.document(client.applications.get(name).raw)


@applications.command("revisions")
def revisions(context: typer.Context, name: Name) -> None:
    """List what an application was asked to be, the newest first."""
    session = session_of(context)
    with session.client() as client:
        session.output.table(client.applications.revisions(name), REVISION_COLUMNS, lambda revision: revision.raw)


@applications.command("rollback")
def rollback(
    context: typer.Context,
    name: Name,
    to: Annotated[int | None, typer.Option(help="The revision to bring back; the one before when left out.")] = None,
    wait: Annotated[bool, typer.Option(help="Wait until it answers.")] = True,
    timeout: Annotated[float, typer.Option(help="Seconds to wait.")] = START_TIMEOUT,
) -> None:
    """Bring an earlier revision of an application back; it answers throughout."""
    session = session_of(context)
    with session.client() as client, watch(session.output, quiet=True) as watcher:
        application = client.applications.rollback(name, to)
        if wait:
            wanted = ApplicationSpec.of(application)
            application = client.applications.wait_ready(name, wanted, watcher, Patience(timeout), application.revision)
    session.output.table([application], COLUMNS, lambda each: each.raw)


class Part(StrEnum):
    inputs = "inputs"
    curl = "curl"
    python = "python"
    httpx = "httpx"
    grpcurl = "grpcurl"


@applications.command("example")
def example(
    context: typer.Context,
    name: Name,
    part: Annotated[Part, typer.Option("--as", help="The inputs as JSON, or a call ready to paste.")] = Part.inputs,
) -> None:
    """Print inputs that the application takes, or a call with them."""
    session = session_of(context)
    with session.client() as client:
        if part is Part.inputs:
            session.output.document(client.applications.example_inputs(name), Format.json)
            return
        call = client.applications.get(name).example.get(part)
    if call is None:
        raise InvalidInput(f"the platform shows no {part} call of {name}")
    session.output.line(call.rstrip("\n"))


@applications.command("openapi")
def openapi(context: typer.Context, name: Name) -> None:
    """Print the OpenAPI document of the application's predictions."""
    session = session_of(context)
    with session.client() as client:
        session.output.document(client.applications.openapi(name), Format.json)


@applications.command("rm")
def remove(context: typer.Context, name: Name) -> None:
    """Delete an application and the servables that only it uses."""
    session = session_of(context)
    with session.client() as client:
        client.applications.delete(name)
    session.output.note(f"deleted {name}")
