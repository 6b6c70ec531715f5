"""The `dewpoint` command."""

import os
import platform
from typing import Annotated

import typer

from dewpoint.cli.alert_commands import alerts
from dewpoint.cli.analyze_command import analyze
from dewpoint.cli.application_commands import applications
from dewpoint.cli.apply_command import apply
from dewpoint.cli.context_commands import contexts
from dewpoint.cli.dead_letter_commands import dead_letters
from dewpoint.cli.deployment_commands import deployments
from dewpoint.cli.events_command import events
from dewpoint.cli.key_commands import keys
from dewpoint.cli.log_commands import log
from dewpoint.cli.metric_commands import metrics
from dewpoint.cli.model_commands import models
from dewpoint.cli.output import Format
from dewpoint.cli.predict_command import predict
from dewpoint.cli.profile_commands import profiles
from dewpoint.cli.root import Root
from dewpoint.cli.servable_commands import servables
from dewpoint.cli.session import Session, session_of
from dewpoint.contexts import Environment
from dewpoint.version import __version__

EPILOG = (
    "--output and --context may also stand after a command. Exit codes: 0 done, 1 refused by the platform, "
    "2 wrong usage or files, 3 not reachable, 4 out of time."
)

app = typer.Typer(
    cls=Root,
    help="Serve machine-learning models with Dewpoint.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def root(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Option("--context", "--cluster", help="The platform to use, by its context's name.")
    ] = None,
    output: Annotated[Format | None, typer.Option("--output", "-o", help="How answers are written.")] = None,
) -> None:
    context.obj = Session(Environment.read(os.environ), name, output)


app.command()(apply)
app.command()(predict)
app.command()(analyze)
app.command()(events)
app.add_typer(models, name="model")
app.add_typer(servables, name="servable")
app.add_typer(applications, name="app")
app.add_typer(deployments, name="depconf")
app.add_typer(profiles, name="profile")
app.add_typer(metrics, name="metric")
app.add_typer(alerts, name="alert")
app.add_typer(dead_letters, name="dead-letters")
app.add_typer(contexts, name="context")
app.add_typer(keys, name="key")
app.add_typer(log, name="log")


@app.command()
def buildinfo(context: typer.Context) -> None:
    """Show what runs here and on the platform."""
    session = session_of(context)
    here = {"version": __version__, "python": platform.python_version()}
    with session.client() as client:
        session.output.document({"client": here, "platform": client.build_info()})


def run() -> None:
    """The entry point of the installed command."""
    app()
