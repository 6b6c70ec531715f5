"""From files, folders and standard input to documents. All faults of all files are told at once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dewpoint.documents.application import ApplicationDocument, read_application
from dewpoint.documents.deployment import DeploymentDocument, read_deployment
from dewpoint.documents.external_model import ExternalModelDocument, read_external_model
from dewpoint.documents.model import ModelDocument, read_model
from dewpoint.documents.reader import Reader
from dewpoint.documents.source import Source, read_sources
from dewpoint.errors import InvalidDocument

STDIN = "-"
KINDS: dict[str, Callable[[Reader], Any]] = {
    "Model": read_model,
    "ExternalModel": read_external_model,
    "Application": read_application,
    "DeploymentConfiguration": read_deployment,
}


@dataclass(frozen=True)
class Documents:
    """In the order in which they are applied."""

    deployments: list[DeploymentDocument] = field(default_factory=list)
    models: list[ModelDocument] = field(default_factory=list)
    external_models: list[ExternalModelDocument] = field(default_factory=list)
    applications: list[ApplicationDocument] = field(default_factory=list)


def load_documents(paths: Sequence[str], read_stdin: Callable[[], str]) -> Documents:
    """The documents of files, of the `*.yaml` and `*.yml` files in folders, and of standard input (`-`).

    Raises InvalidDocument with everything that is wrong.
    """
    faults: list[str] = []
    documents = Documents()
    for path in paths:
        for origin, folder, text in _texts(path, read_stdin, faults):
            try:
                sources = read_sources(text, origin, folder)
            except InvalidDocument as error:
                faults.extend(error.faults)
                continue
            if not sources:
                faults.append(f"{origin}: holds no document")
            for source in sources:
                _add(documents, _read(source, faults))
    faults.extend(_twice(documents))
    if faults:
        raise InvalidDocument(faults)
    return documents


def _texts(path: str, read_stdin: Callable[[], str], faults: list[str]) -> Iterator[tuple[str, Path, str]]:
    if path == STDIN:
        yield "standard input", Path.cwd(), read_stdin()
        return
    place = Path(path)
    files = [place]
    if place.is_dir():
        files = sorted(file for file in place.iterdir() if file.suffix in (".yaml", ".yml") and file.is_file())
        if not files:
            faults.append(f"{path}: the folder holds no .yaml or .yml file")
    for file in files:
        try:
            yield str(file), file.parent, file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            faults.append(f"{file}: cannot be read: {getattr(error, 'strerror', None) or error}")


def _read(source: Source, faults: list[str]) -> Any:
    reader = Reader(source, faults, source.data)
    kind = reader.text("kind", required=isinstance(source.data, dict))
    if kind in KINDS:
        return KINDS[kind](reader)
    if kind:
        reader.fault(("kind",), f"expected one of {', '.join(KINDS)}, received {kind!r}")
    return None


def _add(documents: Documents, document: Any) -> None:
    if isinstance(document, ModelDocument):
        documents.models.append(document)
    elif isinstance(document, ExternalModelDocument):
        documents.external_models.append(document)
    elif isinstance(document, ApplicationDocument):
        documents.applications.append(document)
    elif isinstance(document, DeploymentDocument):
        documents.deployments.append(document)


def _twice(documents: Documents) -> Iterator[str]:
    """Two applications of one name cannot both be had; two versions of one model can."""
    for kind, several in (("Application", documents.applications), ("DeploymentConfiguration", documents.deployments)):
        names = [document.name for document in several]
        for name in sorted({name for name in names if name and names.count(name) > 1}):
            yield f"{kind} {name!r} stands twice"
