"""dewpoint analyze: predictions that were made elsewhere."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from dewpoint.cli.model_commands import Version
from dewpoint.cli.progress import watch
from dewpoint.cli.session import session_of
from dewpoint.cli.strict_json import read_json
from dewpoint.errors import InvalidInput

STDIN = "-"


def analyze(
    context: typer.Context,
    version: Version,
    file: Annotated[str, typer.Option("--file", "-f", help="One JSON record a line; - reads standard input.")],
) -> None:
    """Monitor predictions of a model that runs elsewhere: a line is {"inputs": {...}, "outputs": {...}}, and with
    "requestId" and "at" it may be sent again."""
    session = session_of(context)
    with session.client() as client, _opened(file) as lines, watch(session.output, quiet=True) as watcher:
        found = client.models.find(version)
        ids = client.analysis.analyze(
            found.id,
            read_records(lines, file),
            lambda sent: watcher.state(found.full_name, "Analyzing", f"{sent} records sent"),
        )
    session.output.document({"version": found.full_name, "accepted": len(ids)})


def _opened(file: str) -> Any:
    if file == STDIN:
        return nullcontext(sys.stdin)
    try:
        return Path(file).open(encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror}") from error


def read_records(lines: Iterable[str], source: str) -> Iterator[dict[str, Any]]:
    """A record for each line that is not empty. Raises InvalidInput naming the line."""
    for number, line in enumerate(_decoded(lines, source), 1):
        if not line.strip():
            continue
        try:
            record = read_json(line)
        except ValueError as error:
            raise InvalidInput(f"{source}, line {number} is not JSON: {error}") from error
        if not isinstance(record, dict):
            raise InvalidInput(f"{source}, line {number} is no JSON object")
        yield record


def _decoded(lines: Iterable[str], source: str) -> Iterator[str]:
    try:
        yield from lines
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{source} is not UTF-8: {error}") from error
