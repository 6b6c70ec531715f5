"""The alerts of a version, and its silences."""

from functions.alerts import wiring
from functions.alerts.door import route, version_named
from functions.alerts.ports import Ports
from functions.alerts.silence import NewSilence, end_silence, silence, silences_of
from functions.alerts.views import View, alert_view, silence_view
from functions.core.alerts import Alert, AlertState
from functions.core.errors import InvalidRequest, Problem
from functions.doors.http import Answer, Request
from functions.doors.pages import paged


@route("GET", "/monitoring/alerts/{version_id}")
def get_alerts(request: Request, version_id: str) -> Answer:
    """Newest first; `state` is firing or resolved."""
    ports = wiring.ports()
    version = version_named(ports, version_id)
    now = ports.clock.now().timestamp()
    watch, _ = ports.watches.get(version.id)

    def view(alert: Alert) -> View:
        silenced = alert.is_firing and watch.silenced(alert.key, now)
        return alert_view(alert, ports.rules.public_url, silenced=silenced)

    found = _alerts(ports, version.id, watch.firing, _state_in(request))
    return paged(request, found, lambda alert: -alert.number, lambda page: list(map(view, page)))


def _alerts(ports: Ports, version_id: int, firing: tuple[Alert, ...], state: AlertState | None) -> list[Alert]:
    """One that ended between the two looks is shown as it ended."""
    over = () if state is AlertState.FIRING else ports.archive.of_version(version_id)
    ended = {alert.number for alert in over}
    lasting = () if state is AlertState.RESOLVED else (alert for alert in firing if alert.number not in ended)
    return [*lasting, *over]


def _state_in(request: Request) -> AlertState | None:
    """Raises InvalidRequest."""
    text = request.query.get("state")
    if text is not None and text not in list(AlertState):
        raise InvalidRequest.of([Problem("/query/state", f"one of {', '.join(AlertState)}", repr(text)[:80])])
    return AlertState(text) if text is not None else None


@route("GET", "/monitoring/alerts/{version_id}/silences")
def get_silences(request: Request, version_id: str) -> Answer:
    ports = wiring.ports()
    found = silences_of(ports, version_named(ports, version_id).id)
    return paged(request, found, lambda one: one.id, lambda page: list(map(silence_view, page)))


@route("POST", "/monitoring/alerts/{version_id}/silences")
def post_silence(request: Request, version_id: str) -> Answer:
    wanted = request.json_as(NewSilence)
    ports = wiring.ports()
    return Answer(silence_view(silence(ports, version_named(ports, version_id).id, wanted)), 201)


@route("DELETE", "/monitoring/alerts/{version_id}/silences/{id}")
def delete_silence(_request: Request, version_id: str, id: str) -> View:  # noqa: A002 - the route's word
    ports = wiring.ports()
    return silence_view(end_silence(ports, version_named(ports, version_id).id, id))
