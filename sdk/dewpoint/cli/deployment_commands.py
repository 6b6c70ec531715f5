"""dewpoint depconf …: deployment configurations."""

from typing import Annotated

import typer

from dewpoint.cli.output import Column
from dewpoint.cli.session import session_of
from dewpoint.entities import DeploymentConfiguration

deployments = typer.Typer(help="Deployment configurations.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The configuration's name.")]


def provisioned(configuration: DeploymentConfiguration, name: str) -> object:
    """What a copy really gets: `cpu` in processors, `memory` in MiB."""
    return (configuration.raw.get("provisioned") or {}).get(name)


COLUMNS = [
    Column("NAME", lambda configuration: configuration.name),
    Column("CPU", lambda configuration: provisioned(configuration, "cpu")),
    Column("MIB", lambda configuration: provisioned(configuration, "memory")),
    Column("REPLICAS", lambda configuration: (configuration.raw.get("deployment") or {}).get("replicaCount")),
]


@deployments.command("list")
def list_(context: typer.Context) -> None:
    """List deployment configurations."""
    session = session_of(context)
    with session.client() as client:
        session.output.table(client.deployment_configurations.list(), COLUMNS, lambda each: each.raw)


@deployments.command("show")
def show(context: typer.Context, name: Name) -> None:
    """Show a deployment configuration."""
    session = session_of(context)
    with session.client() as client:
        session.output.document(client.deployment_configurations.get(name).raw)


@deployments.command("rm")
def remove(context: typer.Context, name: Name) -> None:
    """Delete a deployment configuration that nothing uses."""
    session = session_of(context)
    with session.client() as client:
        client.deployment_configurations.delete(name)
    session.output.note(f"deleted {name}")
