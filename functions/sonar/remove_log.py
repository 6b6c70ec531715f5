"""Takes rows out of the log for good: what a version keeps no longer, what somebody wants forgotten, what was written
and never became part of the log. Repeating any of it changes nothing."""

from collections.abc import Sequence

from functions.core.errors import Unavailable
from functions.core.ledger import Segment
from functions.core.log_keeping import GRACE, TOGETHER, ForgetLog
from functions.sonar.merge_segments import litter_of
from functions.sonar.ports import Ports

ALL = 10**15  # no batch has so high a number
ATTEMPTS = 20  # to take segments out that are merged at the same time
ORPHANED = 2 * 3600.0  # seconds; whoever wrote a file that long ago has published it, or is dead


def forget_log(ports: Ports, wish: ForgetLog) -> None:
    """Removes what had been logged when it was wished; a segment that goes on afterwards stays. The batch in which that
    moment lies goes as a whole. Raises Unavailable when merging is always quicker."""
    for _ in range(ATTEMPTS):
        segments = [one for one in ports.index.segments(wish.version_id) if _is_meant(one, wish)]
        if not segments:
            break
        remove_segments(ports, segments)
    else:
        raise Unavailable(f"the log of model version {wish.version_id} is being tidied up: it is forgotten later")
    last = ports.index.head(wish.version_id).open
    if last and (last.earliest <= wish.until or last.number < wish.batches):
        ports.keeper.close_batch(wish.version_id)
    ports.keeper.drop_batches(wish.version_id, float("inf"), wish.batches)
    ports.keeper.drop_batches(wish.version_id, wish.until, ALL)


def remove_old(ports: Ports, version_id: int, cutoff: float) -> int:
    """Removes what was predicted before `cutoff`, whole hours at a time. How many segments it were."""
    old = [segment for segment in ports.index.segments(version_id) if segment.latest < cutoff]
    remove_segments(ports, old)
    ports.keeper.drop_batches(version_id, cutoff, ports.index.head(version_id).batches)
    return len(old)


def remove_all(ports: Ports, version_id: int) -> None:
    """The log of a version that is gone; nothing is left once its files are. A worker that knew the version still may
    add to it meanwhile: then the next run removes that."""
    rows = ports.index.head(version_id).rows
    remove_segments(ports, ports.index.segments(version_id))
    ports.keeper.close_batch(version_id)
    ports.keeper.drop_batches(version_id, float("inf"), ALL)
    sweep(ports, version_id)
    if not ports.keeper.litter(version_id) and not any(ports.files.stored(_folder(version_id))):
        ports.keeper.forget(version_id, rows)


def remove_segments(ports: Ports, segments: Sequence[Segment]) -> None:
    """Who finds some of a group gone leaves the group to the next run."""
    for at in range(0, len(segments), TOGETHER):
        group = segments[at : at + TOGETHER]
        ports.keeper.replace(group, None, litter_of(ports, group))


def clear_litter(ports: Ports, version_id: int) -> None:
    """Deletes the files that were taken out of the log long enough ago."""
    now = ports.clock.now().timestamp()
    for litter in ports.keeper.litter(version_id):
        if litter.since + GRACE <= now:
            ports.files.remove(litter.keys)
            ports.keeper.forget_litter(litter)


def sweep(ports: Ports, version_id: int) -> int:
    """Deletes the files that nothing names: those of workers who died. How many it were."""
    latest = ports.clock.now().timestamp() - ORPHANED
    old = [file.key for file in ports.files.stored(_folder(version_id)) if file.written <= latest]
    # in this order: what leaves the segments in between is litter by then
    named = {key for one in ports.index.segments(version_id) for key in (one.key, one.profile_key)}
    named |= {key for litter in ports.keeper.litter(version_id) for key in litter.keys}
    orphans = [key for key in old if key not in named]
    ports.files.remove(orphans)
    return len(orphans)


def _is_meant(segment: Segment, wish: ForgetLog) -> bool:
    return segment.latest <= wish.until or all(run.first + run.rows <= wish.rows for run in segment.numbers)


def _folder(version_id: int) -> str:
    return f"log/version={version_id}/"
