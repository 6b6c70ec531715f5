"""Deployment configurations."""

from functions.doors.http import Answer, Request
from functions.doors.pages import paged
from functions.manager import wiring
from functions.manager.create_deployment import NewDeployment, create_deployment
from functions.manager.door import route
from functions.manager.find_deployment import delete_deployment, find_deployment, list_deployments
from functions.manager.views import View, deployment_view


@route("GET", "/api/v2/deployment_configuration")
def get_deployments(request: Request) -> Answer:
    found = list_deployments(wiring.ports())
    return paged(request, found, lambda each: each.name, lambda page: list(map(deployment_view, page)))


@route("POST", "/api/v2/deployment_configuration")
def post_deployment(request: Request) -> Answer:
    return Answer(deployment_view(create_deployment(wiring.ports(), request.json_as(NewDeployment))), 201)


@route("GET", "/api/v2/deployment_configuration/{name}")
def get_deployment(_request: Request, name: str) -> View:
    return deployment_view(find_deployment(wiring.ports(), name))


@route("DELETE", "/api/v2/deployment_configuration/{name}")
def remove_deployment(_request: Request, name: str) -> View:
    return deployment_view(delete_deployment(wiring.ports(), name))
