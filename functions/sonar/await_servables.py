"""Metric models and shadows may be asleep, or on their way up, when a prediction is to be recorded. No check is lost by
that (docs/decisions/0037).

Who is needed is asked for when asleep, and metric models are noted as called, as the gateway does with its servables.
Predictions that need nobody who is still coming are recorded at once; for the others sonar waits a little. Those that
lack somebody even then are put off: the queue delivers them again. That happens a few times at most, and then they are
recorded as they are, with errored checks that say who was missing.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from aws_lambda_powertools import Logger

from functions.core.errors import Postponed
from functions.core.messages import PredictionMade, ServableWanted
from functions.core.models import Servable, ServableStatus
from functions.core.scaling import Scaling
from functions.core.sleep import may_sleep, note_interval
from functions.sonar.groups import Delivered
from functions.sonar.ports import Ports
from functions.sonar.watched import Watched

log = Logger(service="sonar", utc=True)

AGAIN = 5.0  # seconds between two wishes for the same servable
LOOK_EVERY = 0.5  # seconds
PUT_OFF = 30  # seconds until a message comes again
DELIVERIES = 4  # with this one a message is recorded, whoever is missing: after the fifth it would be a dead letter
STARTS_WITHIN = timedelta(minutes=3)  # what takes longer is not waited for


def sort_out(ports: Ports, watched: Watched, delivered: Sequence[Delivered]) -> tuple[list[Delivered], list[Delivered]]:
    """Those that can be recorded now, and those that need somebody who is coming and is called here."""
    metrics = {name for one in delivered for name in metric_servables(watched, one.made)}
    watched.load(metrics)
    note(ports, watched, metrics)
    rouse(ports, watched, metrics | {name for one in delivered for name in shadows(one.made)})
    ready: list[Delivered] = []
    waiting: list[Delivered] = []
    for one in delivered:
        is_last = one.deliveries >= DELIVERIES
        (ready if is_last or not missing(ports, watched, one.made) else waiting).append(one)
    return ready, waiting


def await_servables(
    ports: Ports, watched: Watched, waiting: Sequence[Delivered]
) -> tuple[list[Delivered], dict[int, Exception]]:
    """Those that can be recorded after a while, and by place in the delivery why others are put off.

    A process waits for the same servable once in a while only: it has other versions' predictions to record.
    """
    lacking = {one.at: missing(ports, watched, one.made) for one in waiting}
    names = {name for of_one in lacking.values() for name in of_one}
    fresh = [name for name in sorted(names) if ports.awaited.admits(name, PUT_OFF)]
    for _ in range(int(ports.rules.wake_timeout / LOOK_EVERY) if fresh else 0):
        ports.pause(LOOK_EVERY)
        watched.load({name for names in lacking.values() for name in names}, again=True)
        lacking = {one.at: names for one in waiting if (names := missing(ports, watched, one.made))}
        if not lacking:
            break
    postponed: dict[int, Exception] = {
        at: Postponed(f"on its way: {', '.join(sorted(names))}", PUT_OFF) for at, names in lacking.items()
    }
    return [one for one in waiting if one.at not in postponed], postponed


def missing(ports: Ports, watched: Watched, made: PredictionMade) -> set[str]:
    """The servables that `made` needs and that are on their way."""
    needed = metric_servables(watched, made) | shadows(made)
    return {name for name in needed if (servable := watched.servable(name)) and is_coming(ports, servable)}


def is_coming(ports: Ports, servable: Servable) -> bool:
    """It sleeps and is called, or it starts and has not done so for too long."""
    begun = servable.woken or servable.created
    starting = servable.status is ServableStatus.STARTING and ports.clock.now() - begun < STARTS_WITHIN
    return servable.is_asleep or starting


def shadows(made: PredictionMade) -> set[str]:
    return {name for call in made.calls for name in call.shadows}


def metric_servables(watched: Watched, made: PredictionMade) -> set[str]:
    """Those that will be asked about the calls that have an answer, and about what shadows will say."""
    versions = {call.model_version_id for call in made.calls if call.outputs is not None}
    versions |= {shadow.model_version_id for name in shadows(made) if (shadow := watched.servable(name))}
    return {spec.servable_name for version in versions for spec in watched.specs(version)}


def note(ports: Ports, watched: Watched, names: Iterable[str]) -> None:
    """That they are called: nobody else does. The next batch makes up for what goes wrong."""
    known = [servable for name in names if (servable := watched.servable(name)) and may_sleep(servable)]
    called = [s.name for s in known if ports.noted.admits(s.name, note_interval(s.scaling or Scaling()))]
    try:
        if called:
            ports.usage.note(called, ports.clock.now())
    except Exception:
        for name in called:
            ports.noted.forget(name)
        log.exception("calls could not be noted", servables=called)


def rouse(ports: Ports, watched: Watched, names: Iterable[str]) -> None:
    """Asks for those that sleep. The next delivery makes up for what goes wrong."""
    for name in sorted(names):
        servable = watched.servable(name)
        if servable is None or not servable.is_asleep or not ports.wanted.admits(name, AGAIN):
            continue
        try:
            ports.wake_ups.publish(ServableWanted(servable=name))
        except Exception:
            ports.wanted.forget(name)
            log.exception("a wake-up could not be sent", servable=name)
