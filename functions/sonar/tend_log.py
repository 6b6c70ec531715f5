"""The hourly round through all logs: merge what is ripe, remove what is too old, delete what nothing names.

A round may end anywhere, be repeated, or meet another one: what it leaves undone is ripe still in the next.
"""

from collections.abc import Sequence
from datetime import timedelta

from aws_lambda_powertools import Logger

from functions.core.errors import NotFound
from functions.core.models import ModelVersion
from functions.core.monitoring import log_days_of
from functions.sonar.merge_segments import merge_segments
from functions.sonar.plan_merges import plan_merges
from functions.sonar.ports import Ports
from functions.sonar.remove_log import clear_litter, remove_all, remove_old, sweep

MOST_MERGES = 500  # in one round
PATIENCE = timedelta(minutes=6)  # after which a round begins nothing more

log = Logger(service="sonar", utc=True)


class RoundFailed(Exception):
    """Some logs could not be tended; the others were."""


def tend_logs(ports: Ports, *, sweeps: bool) -> None:
    """One round; with `sweeps` also for files that nothing names, which takes a list of all of them.

    Raises RoundFailed at its end with the logs that failed.
    """
    end = ports.clock.now() + PATIENCE
    failed: list[int] = []
    for version_id in _in_turn(ports.keeper.versions(), ports.clock.now().hour):
        try:
            _tend(ports, version_id, sweeps=sweeps)
        except Exception:
            log.exception("log not tended", model_version_id=version_id)
            failed.append(version_id)
        if ports.clock.now() > end:
            break
    if failed:
        raise RoundFailed(f"the logs of model versions {', '.join(map(str, failed))}")


def _in_turn(versions: Sequence[int], hour: int) -> Sequence[int]:
    """Each round begins with another one, so that none is always the last."""
    first = hour % len(versions) if versions else 0
    return [*versions[first:], *versions[:first]]


def _tend(ports: Ports, version_id: int, *, sweeps: bool) -> None:
    clear_litter(ports, version_id)
    version = _version(ports, version_id)
    if version is None:
        remove_all(ports, version_id)
        return
    kept = timedelta(days=log_days_of(version, ports.rules.log_days))
    removed = remove_old(ports, version_id, (ports.clock.now() - kept).timestamp())
    merges = _merge(ports, version_id)
    orphans = sweep(ports, version_id) if sweeps else 0
    if removed or merges or orphans:
        log.info("log tended", model_version_id=version_id, removed=removed, merges=merges, orphans=orphans)


def _merge(ports: Ports, version_id: int) -> int:
    """Until nothing is ripe: many small segments take several times to become one."""
    end = ports.clock.now() + PATIENCE
    done = 0
    while done < MOST_MERGES and ports.clock.now() <= end:
        ripe = list(plan_merges(ports.index.segments(version_id), ports.clock.now().timestamp()))
        merged = [merge_segments(ports, sources) for sources in ripe[: MOST_MERGES - done]]
        done += sum(merged)
        if not any(merged):
            break
    return done


def _version(ports: Ports, version_id: int) -> ModelVersion | None:
    try:
        return ports.models.by_id(version_id)
    except NotFound:
        return None
