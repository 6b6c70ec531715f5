"""Training data: given in three ways, watched while they are profiled, listed and taken back."""

from functions.core.errors import InvalidRequest, Problem
from functions.doors.http import Answer, Request
from functions.doors.pages import paged
from functions.sonar import wiring
from functions.sonar.door import number, route
from functions.sonar.training.remove_training_data import remove_training_data
from functions.sonar.training.submit_training_data import (
    NewTrainingFile,
    TrainingPath,
    announce_training_data,
    complete_training_data,
    receive_training_data,
    refer_to_training_data,
)
from functions.sonar.training_views import announced_view, file_view, status_view
from functions.sonar.views import View

JSON = "application/json"
NAME = "x-file-name"


@route("POST", "/monitoring/profiles/batch/{version_id}")
def post_training_data(request: Request, version_id: str) -> Answer:
    """A small file itself; or, as JSON, the announcement of one, answered with where it goes."""
    ports, version = wiring.ports(), _version(version_id)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == JSON:
        announced = announce_training_data(ports, version, request.json_as(NewTrainingFile))
        return Answer(announced_view(announced), 201)
    file = receive_training_data(ports, version, request.raw, request.headers.get(NAME, ""))
    return Answer(file_view(file), 202)


@route("POST", "/monitoring/profiles/batch/{version_id}/s3")
def post_training_path(request: Request, version_id: str) -> Answer:
    """A file that lies on S3."""
    path = request.json_as(TrainingPath).path
    return Answer(file_view(refer_to_training_data(wiring.ports(), _version(version_id), path)), 202)


@route("POST", "/monitoring/profiles/batch/{version_id}/{file_id}/complete")
def post_training_complete(_request: Request, version_id: str, file_id: str) -> Answer:
    """The announced file is at its address."""
    return Answer(file_view(complete_training_data(wiring.ports(), _version(version_id), file_id)), 202)


@route("GET", "/monitoring/profiles/batch/{version_id}/status")
def get_training_status(_request: Request, version_id: str) -> View:
    ports = wiring.ports()
    version = ports.models.by_id(_version(version_id))
    return status_view(ports.training_files.of_version(version.id))


@route("GET", "/monitoring/training_data")
def get_training_data(request: Request) -> Answer:
    ports = wiring.ports()
    text = request.query.get("modelVersionId")
    if text is None:
        raise InvalidRequest.of([Problem("/query/modelVersionId", "the id of a model version", "nothing")])
    version = ports.models.by_id(_version(text))
    files = ports.training_files.of_version(version.id)
    return paged(request, files, lambda file: file.id, lambda page: [file_view(file, files) for file in page])


@route("DELETE", "/monitoring/training_data/{version_id}/{file_id}")
def delete_training_data(_request: Request, version_id: str, file_id: str) -> View:
    """Takes a file out of the version's training profile."""
    return file_view(remove_training_data(wiring.ports(), _version(version_id), file_id))


def _version(text: str) -> int:
    return number(text, "model version with id")
