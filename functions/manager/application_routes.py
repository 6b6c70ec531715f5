"""Applications. The ETag is the revision; If-Match on a change refuses it when somebody else was quicker."""

from collections.abc import Sequence

from functions.core.models import Application
from functions.core.revisions import Revision
from functions.doors.http import Answer, Request
from functions.doors.pages import paged
from functions.manager import wiring
from functions.manager.create_application import NewApplication, create_application
from functions.manager.delete_application import delete_application
from functions.manager.door import etag, expected_revision, route
from functions.manager.example_calls import example_view
from functions.manager.rollback_application import Rollback, rollback_application
from functions.manager.update_application import ChangedApplication, update_application
from functions.manager.views import View, application_view, revision_view


@route("GET", "/api/v2/application")
def get_applications(request: Request) -> Answer:
    applications = wiring.ports().applications.list()
    return paged(request, applications, lambda each: each.name, lambda page: list(map(application_view, page)))


@route("POST", "/api/v2/application")
def post_application(request: Request) -> Answer:
    return _answer(create_application(wiring.ports(), request.json_as(NewApplication)), 201)


@route("GET", "/api/v2/application/{name}")
def get_application(_request: Request, name: str) -> Answer:
    return _answer(wiring.ports().applications.get(name))


@route("PUT", "/api/v2/application/{name}")
def put_application(request: Request, name: str) -> Answer:
    expected = expected_revision(request.headers.get("if-match"))
    return _answer(update_application(wiring.ports(), name, request.json_as(ChangedApplication), expected))


@route("GET", "/api/v2/application/{name}/revisions")
def get_revisions(request: Request, name: str) -> Answer:
    application = wiring.ports().applications.get(name)
    revisions = wiring.ports().applications.revisions(application.id)

    def view(page: Sequence[Revision]) -> list[View]:
        return [revision_view(revision, application) for revision in page]

    return paged(request, revisions, lambda revision: -revision.number, view)  # the newest first


@route("POST", "/api/v2/application/{name}/rollback")
def post_rollback(request: Request, name: str) -> Answer:
    expected = expected_revision(request.headers.get("if-match"))
    wanted = request.json_as(Rollback) if request.raw else Rollback()
    return _answer(rollback_application(wiring.ports(), name, wanted, expected))


@route("DELETE", "/api/v2/application/{name}")
def remove_application(request: Request, name: str) -> View:
    expected = expected_revision(request.headers.get("if-match"))
    return application_view(delete_application(wiring.ports(), name, expected))


def _answer(application: Application, status: int = 200) -> Answer:
    view = application_view(application) | {"example": example_view(application)}
    return Answer(view, status, etag(application.revision))
