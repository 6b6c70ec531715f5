"""The use case behind the queue: a file of training data becomes part of its version's training profile, once.

    1. the file is read, and its profile written under the file's own name
    2. the record is told of the profile
    3. the version's profile is merged from those of all files
    4. the record says Success

Whoever dies after any step is delivered again and leaves what one run leaves. Who runs out of time writes down how far
it came, and asks for the file again: the next one goes on from there, and a file may take as long as it takes.
"""

from collections.abc import Callable
from datetime import timedelta

from aws_lambda_powertools import Logger
from msgspec.structs import replace

from functions.core.errors import Conflict, Forbidden, InvalidRequest, NotFound
from functions.core.signature import Signature
from functions.core.training import FileStatus, ProfileWanted, TrainingFile, begun_key, file_profile_key
from functions.numerics.profiles.stored import to_bytes
from functions.sonar.ports import Ports
from functions.sonar.training import begun
from functions.sonar.training.begun import Begun, Mark
from functions.sonar.training.merge_training_profile import merge_training_profile
from functions.sonar.training.range_file import RangeFile
from functions.sonar.training.read_file import Read, read_file

log = Logger(service="training", utc=True)

ATTEMPTS = 4
MARGIN = 30.0  # seconds that are left for the end of the work
TOLD_EVERY = timedelta(seconds=2)
LONGEST_REASON = 1000
FAULTS = (InvalidRequest, NotFound, Forbidden, Conflict)  # of the file: no attempt would do better

Left = Callable[[], float]


def profile_training_data(ports: Ports, wanted: ProfileWanted, left: Left, attempt: int = 1) -> None:
    """`left` tells the seconds that the worker has. `attempt` counts deliveries: the last one only says that the others
    failed. What cannot be helped now is raised, and delivered again."""
    file = _begin(ports, wanted)
    if file is None:
        return
    if attempt > ATTEMPTS and not file.profile_key:
        _give_up(ports, file)
        return
    try:
        if not file.profile_key:
            signature = ports.models.by_id(file.version_id).released_signature
            read = _read(ports, file, signature, left)
            if read.rest is not None:
                _put_off(ports, file, read, read.rest)
                return
            _keep(ports, file, read)
    except FAULTS as error:
        _fail(ports, file, error.detail)
        return
    except Exception as error:
        told = f"attempt {attempt}: {type(error).__name__}: {error}"[:LONGEST_REASON]
        _change(ports, file, lambda now: replace(now, reason=told))
        raise
    merge_training_profile(ports, file.version_id)
    _change(ports, file, lambda now: _succeeded(ports, now))


def _begin(ports: Ports, wanted: ProfileWanted) -> TrainingFile | None:
    """None when the file was removed meanwhile."""

    def begin(now: TrainingFile) -> TrainingFile:
        return replace(now, status=FileStatus.PROCESSING, started=now.started or ports.clock.now())

    return ports.training_files.update(wanted.version_id, wanted.file_id, begin)


def _read(ports: Ports, file: TrainingFile, signature: Signature, left: Left) -> Read:
    told = ports.clock.now()

    def progress(share: float) -> bool:
        nonlocal told
        is_last = left() < MARGIN
        if is_last or ports.clock.now() - told >= TOLD_EVERY:
            told = ports.clock.now()
            _change(ports, file, lambda now: replace(now, progress=max(now.progress, round(share, 4))))
        return is_last

    def read_range(start: int, length: int) -> bytes:
        return ports.training_objects.read(file.location, file.etag, start, length)

    return read_file(signature, RangeFile(read_range, file.size), file.size, progress, _begun(ports, file))


def _begun(ports: Ports, file: TrainingFile) -> Begun | None:
    """How far others came with the very same content."""
    stored = ports.profiles.read(begun_key(file.version_id, file.id))
    try:
        return begun.from_bytes(stored) if stored else None
    except ValueError:  # by another release: from the beginning
        return None


def _put_off(ports: Ports, file: TrainingFile, read: Read, rest: Mark) -> None:
    """Another worker goes on at `rest`."""
    ports.profiles.write(begun_key(file.version_id, file.id), begun.to_bytes(read.so_far(rest)))
    ports.training_queue.send(ProfileWanted(file.version_id, file.id))
    log.info("training data to be gone on with", version_id=file.version_id, file_id=file.id, at=rest.at)


def _keep(ports: Ports, file: TrainingFile, read: Read) -> None:
    key = file_profile_key(file.version_id, file.id)
    ports.profiles.write(key, to_bytes(read.profiles))

    def keep(now: TrainingFile) -> TrainingFile:
        return replace(
            now,
            profile_key=key,
            progress=1.0,
            rows=read.profiles.rows,
            rejected=read.rejected.rows,
            rejections=read.rejected.listed(),
            ignored=read.layout.ignored,
            absent=read.layout.absent,
        )

    _change(ports, file, keep)
    ports.profiles.remove([begun_key(file.version_id, file.id)])


def _succeeded(ports: Ports, file: TrainingFile) -> TrainingFile:
    return replace(file, status=FileStatus.SUCCESS, reason="", finished=file.finished or ports.clock.now())


def _fail(ports: Ports, file: TrainingFile, reason: str) -> None:
    log.warning("training data refused", version_id=file.version_id, file_id=file.id, reason=reason)

    def fail(now: TrainingFile) -> TrainingFile:
        return replace(now, status=FileStatus.FAILURE, reason=reason[:LONGEST_REASON], finished=ports.clock.now())

    _change(ports, file, fail)


def _give_up(ports: Ports, file: TrainingFile) -> None:
    last = file.reason or "the worker ended without a word, out of memory or time"
    log.error("training data given up", version_id=file.version_id, file_id=file.id, reason=last)
    _fail(ports, file, f"given up after {ATTEMPTS} attempts; {last}")


def _change(ports: Ports, file: TrainingFile, change: Callable[[TrainingFile], TrainingFile]) -> None:
    """Only what is still Processing: a late worker changes nothing that is settled."""

    def careful(now: TrainingFile) -> TrainingFile:
        return change(now) if now.status is FileStatus.PROCESSING else now

    ports.training_files.update(file.version_id, file.id, careful)
