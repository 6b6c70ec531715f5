"""dewpoint metric …: what says when requests are healthy."""

from typing import Annotated

import typer

from dewpoint.cli.output import Column
from dewpoint.cli.session import session_of
from dewpoint.client import Dewpoint
from dewpoint.entities import Metric

metrics = typer.Typer(help="Metrics: when the requests of a model version are healthy.", no_args_is_help=True)

Which = Annotated[str, typer.Argument(metavar="MODEL[:VERSION]/NAME", help="Or a metric's id.")]

COLUMNS = [
    Column("MODEL", lambda metric: metric.model),
    Column("NAME", lambda metric: metric.name),
    Column("HEALTHY WHEN", lambda metric: metric.healthy),
    Column("METRIC MODEL", lambda metric: metric.metric_model),
    Column("SERVABLE", lambda metric: metric.servable),
    Column("STATUS", lambda metric: metric.status),
    Column("ID", lambda metric: metric.id),
]


@metrics.command("list")
def list_(
    context: typer.Context,
    model: Annotated[
        str | None, typer.Argument(metavar="MODEL[:VERSION]", help="Only those that watch this version.")
    ] = None,
) -> None:
    """List metrics."""
    session = session_of(context)
    with session.client() as client:
        found = client.metrics.of_version(client.models.find(model).id) if model else client.metrics.list()
        session.output.table(found, COLUMNS, lambda metric: metric.raw)


@metrics.command("show")
def show(context: typer.Context, metric: Which) -> None:
    """Show a metric."""
    session = session_of(context)
    with session.client() as client:
        session.output.document(find(client, metric).raw)


@metrics.command("rm")
def remove(context: typer.Context, metric: Which) -> None:
    """Delete a metric; its model stops with the last that needs it."""
    session = session_of(context)
    with session.client() as client:
        client.metrics.delete(find(client, metric).id)
    session.output.note(f"deleted {metric}")


def find(client: Dewpoint, reference: str) -> Metric:
    model, slash, name = reference.rpartition("/")
    return client.metrics.find(client.models.find(model).id, name) if slash else client.metrics.get(reference)
