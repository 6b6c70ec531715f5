"""Metric specs: what says when a request is healthy. The ETag is the revision; If-Match on a change is honoured."""

from collections.abc import Sequence

from functions.core.metric_specs import MetricSpec
from functions.doors.http import Answer, Request
from functions.doors.pages import paged
from functions.manager import wiring
from functions.manager.create_metric_spec import NewMetricSpec, create_metric_spec
from functions.manager.delete_metric_spec import delete_metric_spec
from functions.manager.door import etag, expected_revision, number, route
from functions.manager.servable_routes import servable_views
from functions.manager.update_metric_spec import ChangedMetricSpec, update_metric_spec
from functions.manager.views import View, metric_spec_view


@route("GET", "/api/v2/monitoring/metricspec")
def get_metric_specs(request: Request) -> Answer:
    return paged(request, wiring.ports().specs.list(), _place, _views)


@route("POST", "/api/v2/monitoring/metricspec")
def post_metric_spec(request: Request) -> Answer:
    return _answer(create_metric_spec(wiring.ports(), request.json_as(NewMetricSpec)), 201)


@route("GET", "/api/v2/monitoring/metricspec/modelversion/{version_id}")
def get_metric_specs_of_version(request: Request, version_id: str) -> Answer:
    ports = wiring.ports()
    version = ports.models.by_id(number(version_id, "model version with id"))
    return paged(request, ports.specs.of_version(version.id), lambda spec: spec.name, _views)


@route("GET", "/api/v2/monitoring/metricspec/{spec_id}")
def get_metric_spec(_request: Request, spec_id: str) -> Answer:
    return _answer(wiring.ports().specs.get(spec_id))


@route("PUT", "/api/v2/monitoring/metricspec/{spec_id}")
def put_metric_spec(request: Request, spec_id: str) -> Answer:
    expected = expected_revision(request.headers.get("if-match"))
    return _answer(update_metric_spec(wiring.ports(), spec_id, request.json_as(ChangedMetricSpec), expected))


@route("DELETE", "/api/v2/monitoring/metricspec/{spec_id}")
def remove_metric_spec(request: Request, spec_id: str) -> View:
    expected = expected_revision(request.headers.get("if-match"))
    [view] = _views([wiring.ports().specs.get(spec_id)])
    delete_metric_spec(wiring.ports(), spec_id, expected)
    return view


def _place(spec: MetricSpec) -> str:
    """Sorts by the watched version, then by name."""
    return f"{spec.model_version_id:015d}/{spec.name}"


def _answer(spec: MetricSpec, status: int = 200) -> Answer:
    return Answer(_views([spec])[0], status, etag(spec.revision))


def _views(specs: Sequence[MetricSpec]) -> list[View]:
    servables = wiring.ports().servables.get_many(spec.servable_name for spec in specs)
    views = {view["fullName"]: view for view in servable_views(servables.values())}
    return [metric_spec_view(spec, views.get(spec.servable_name)) for spec in specs]
