"""dewpoint predict: ask an application."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from dewpoint.cli.output import Format
from dewpoint.cli.session import session_of
from dewpoint.cli.strict_json import read_json
from dewpoint.errors import InvalidInput

STDIN = "-"


def predict(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="APPLICATION", help="The application's name.")],
    source: Annotated[str | None, typer.Argument(metavar="[-]", help="- reads standard input.")] = None,
    data: Annotated[str | None, typer.Option("--data", "-d", help="The inputs, as a JSON object.")] = None,
    file: Annotated[str | None, typer.Option("--file", "-f", help="A file with the inputs; - reads stdin.")] = None,
    servable: Annotated[bool, typer.Option("--servable", help="NAME is a servable, not an application.")] = False,
) -> None:
    """Send inputs, print the outputs."""
    session = session_of(context)
    inputs = read_inputs(source, data, file)
    with session.client() as client:
        call = client.predictions.call_servable if servable else client.predictions.call
        prediction = call(name, inputs)
    for warning in prediction.warnings:
        session.output.note(f"warning: {warning}", "yellow")
    session.output.document(prediction.outputs, otherwise=Format.json)


def read_inputs(source: str | None, data: str | None, file: str | None) -> dict[str, Any]:
    """The JSON object that exactly one of the three gives. Raises InvalidInput."""
    if source not in (None, STDIN):
        raise InvalidInput(f"unexpected {source!r}; inputs are given by --data, --file or -")
    given = [each for each in (source, data, file) if each is not None]
    if len(given) != 1:
        raise InvalidInput("give the inputs once: --data JSON, --file FILE, or - for standard input")
    text = data if data is not None else _read(source or file or "")
    try:
        inputs = read_json(text)
    except ValueError as error:
        raise InvalidInput(f"the inputs are not JSON: {error}") from error
    if not isinstance(inputs, dict):
        raise InvalidInput("the inputs are not a JSON object with one key per input")
    return inputs


def _read(source: str) -> str:
    try:
        return sys.stdin.read() if source == STDIN else Path(source).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{source} cannot be read: {getattr(error, 'strerror', None) or error}") from error
