"""Training data is given to a version unless it has the very same file already."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from dewpoint.apply.outcome import Outcome
from dewpoint.client import Dewpoint
from dewpoint.errors import InvalidPayload
from dewpoint.profiles import S3, find_known
from dewpoint.waiting import Patience, Watcher


def apply_training_data(
    client: Dewpoint, reference: str, sources: Sequence[str], watcher: Watcher, patience: Patience | None
) -> Iterator[Outcome]:
    """One outcome per file of the version `reference` (name:version), as it comes about; with `patience` once it is
    profiled.

    Raises Ended with the reason, TimedOut, Unreachable, Refused.
    """
    if not sources:
        return
    version = client.models.find(reference)
    before = client.profiles.files(version)
    profiled = {file.id for file in before if file.status == "Success"}
    for source in sources:
        file = find_known(before, source) or client.profiles.upload_training_data(version, source, watcher)
        if patience and file.status != "Success":
            file = client.profiles.wait(file, watcher, patience)
        name = f"{version.full_name} {file.name or file.id}"
        yield Outcome("TrainingData", name, "unchanged" if file.id in profiled else "created", file.status)


def resolve_sources(model: str, folder: Path, sources: Sequence[str]) -> tuple[str, ...]:
    """Paths relative to `folder` as paths. Raises InvalidPayload for files that are not there."""
    found = [source if source.startswith(S3) else str(folder / source) for source in sources]
    lost = [source for source in found if not source.startswith(S3) and not Path(source).is_file()]
    if lost:
        raise InvalidPayload("\n".join(f"model {model}: training-data: there is no file {source}" for source in lost))
    return tuple(found)
