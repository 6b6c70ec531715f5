"""Uploads, models and their versions."""

from functools import partial

import msgspec

from functions.core.models import ModelVersion
from functions.doors.forms import is_form, read_form, require
from functions.doors.http import Answer, Request, decode_json
from functions.doors.pages import paged
from functions.manager import wiring
from functions.manager.announce_upload import NewUpload, announce_upload
from functions.manager.complete_upload import complete_upload
from functions.manager.delete_model import delete_model, delete_version
from functions.manager.door import number, route
from functions.manager.find_models import find_model, list_models
from functions.manager.log_answers import answer_log
from functions.manager.read_log import read_build_log
from functions.manager.receive_upload import ReceivedModel, receive_upload
from functions.manager.register_external import NewExternalModel, register_external
from functions.manager.views import View, model_view, version_view


@route("POST", "/api/v2/model/upload")
def post_upload(request: Request) -> Answer:
    """A small payload itself, in a form; or the announcement of one, answered with where it goes."""
    if is_form(request):
        form = read_form(request)
        model = decode_json(require(form, "metadata"), ReceivedModel)
        return Answer(_view(receive_upload(wiring.ports(), model, require(form, "payload"))), 202)
    announced = announce_upload(wiring.ports(), request.json_as(NewUpload))
    body = {
        "uploadId": announced.upload.upload_id,
        "url": announced.target.url,
        "method": "PUT",
        "headers": announced.target.headers,
        "expiresAt": msgspec.to_builtins(announced.expires),
    }
    return Answer(body, 201)


@route("POST", "/api/v2/model/upload/{upload_id}/complete")
def post_complete(_request: Request, upload_id: str) -> Answer:
    return Answer(_view(complete_upload(wiring.ports(), upload_id)), 202)


@route("POST", "/api/v2/externalmodel")
def post_external(request: Request) -> Answer:
    return Answer(_view(register_external(wiring.ports(), request.json_as(NewExternalModel))), 201)


@route("GET", "/api/v2/model")
def get_models(request: Request) -> Answer:
    models = list_models(wiring.ports())
    return paged(request, models, lambda model: model[0].name, lambda page: list(map(model_view, page)))


@route("GET", "/api/v2/model/{model_id}")
def get_model(_request: Request, model_id: str) -> View:
    return model_view(find_model(wiring.ports(), number(model_id, "model with id")))


@route("DELETE", "/api/v2/model/{model_id}")
def remove_model(_request: Request, model_id: str) -> View:
    return model_view(delete_model(wiring.ports(), number(model_id, "model with id")))


@route("GET", "/api/v2/model/version")
def get_versions(request: Request) -> Answer:
    ports = wiring.ports()
    applications = ports.applications.list()
    views = partial(version_view, applications=applications)
    return paged(request, ports.models.list(), lambda each: each.id, lambda page: list(map(views, page)))


@route("GET", "/api/v2/model/version/{key}/{version}")
def get_version(_request: Request, key: str, version: str) -> View:
    return _view(wiring.ports().models.get(key, number(version, f"model version {key}")))


@route("DELETE", "/api/v2/model/version/{key}/{version}")
def remove_version(_request: Request, key: str, version: str) -> View:
    return _view(delete_version(wiring.ports(), key, number(version, f"model version {key}")))


@route("GET", "/api/v2/model/version/{key}/logs")
def get_build_log(request: Request, key: str) -> Answer:
    version_id = number(key, "model version with id")
    return answer_log(request, partial(read_build_log, wiring.ports(), version_id), ends=True)


def _view(version: ModelVersion) -> View:
    return version_view(version, wiring.ports().applications.list())
