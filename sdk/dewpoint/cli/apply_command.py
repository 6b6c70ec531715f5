"""dewpoint apply: make a platform what documents say."""

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from dewpoint.apply.apply_documents import apply_documents
from dewpoint.cli.output import Column
from dewpoint.cli.progress import watch
from dewpoint.cli.session import session_of
from dewpoint.documents.load import load_documents
from dewpoint.waiting import BUILD_TIMEOUT, Patience

COLUMNS = [
    Column("KIND", lambda outcome: outcome.kind),
    Column("NAME", lambda outcome: outcome.name),
    Column("", lambda outcome: outcome.action),
    Column("STATUS", lambda outcome: outcome.status),
]


def apply(
    context: typer.Context,
    files: Annotated[
        list[str], typer.Option("--file", "-f", help="A YAML file, a folder of them, or - for standard input.")
    ],
    wait: Annotated[bool, typer.Option(help="Wait until models are built and applications are ready.")] = True,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no build logs.")] = False,
    author: Annotated[bool, typer.Option(help="Keep the name and e-mail address of the commit's author.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for each build and application.")] = BUILD_TIMEOUT,
) -> None:
    """Create or change models, applications and deployment configurations.

    What is there already stays as it is: a model made of the same files and words is not uploaded again.
    """
    session = session_of(context)
    documents = load_documents(files, sys.stdin.read)
    outcomes = []
    try:
        with session.client() as client, watch(session.output, quiet=quiet) as watcher:
            patience = Patience(timeout) if wait else None
            for outcome in apply_documents(client, documents, watcher, patience=patience, author=author):
                outcomes.append(outcome)  # noqa: PERF402 (what is done is shown even when the next one fails)
    finally:
        if outcomes:
            session.output.table(outcomes, COLUMNS, asdict)
