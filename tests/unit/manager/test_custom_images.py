"""Versions that bring their own image, and builds that use a private package index."""

from typing import Any

import msgspec
import pytest

from functions.core.errors import InvalidRequest
from functions.core.models import Container
from functions.manager.complete_upload import complete_upload
from functions.manager.deploy_servable import deploy_servable
from functions.manager.describe_container import NewContainer
from functions.manager.finish_build import finish_build
from tests.fakes import entities
from tests.unit.manager.world import SIGNATURE, Http, World, archive

CHECK = ["CMD", "python", "healthy.py"]
CUSTOM: dict[str, Any] = {"runtime": "custom", "container": {"healthCheck": CHECK}}


def payload(**files: bytes) -> bytes:
    return archive(Dockerfile=b"FROM scratch", **files)


def announced(http: Http, **more: Any) -> tuple[int, Any]:
    body = {"name": "iris", "modelSignature": SIGNATURE, "payload": {"sha256": "0" * 64, "size": 1}, **CUSTOM, **more}
    answer = http.call("POST", "/model/upload", body)
    return answer.status_code, answer.json_body


def told(body: Any) -> dict[str, tuple[str, str]]:
    return {error["pointer"]: (error["expected"], error["received"]) for error in body["errors"]}


def custom(world: World, **more: Any) -> str:
    container = NewContainer(health_check=CHECK, **more)
    return world.uploaded(payload(), name="iris", runtime="custom", container=container)


def test_m22_a_custom_image_is_built_on_what_its_dockerfile_says(world: World) -> None:
    version = complete_upload(world, custom(world, model_name="forest"))
    assert (version.runtime, version.runtime_image) == ("custom", "")
    assert version.container == Container(health_check=tuple(CHECK), model_name="forest")
    [key] = world.builder.contracts.values()
    assert msgspec.json.decode(world.payloads.objects[key])["runtime"] == "custom"


def test_m22_a_servable_of_it_is_asked_by_the_name_that_the_server_knows(world: World) -> None:
    complete_upload(world, custom(world, model_name="forest"))
    version = world.models.get("iris", 1)
    world.builder.succeed(version.build_id)
    finish_build(world, version.build_id)
    servable = deploy_servable(world, world.models.get("iris", 1), "default", {})
    assert servable.asked_as == ("forest", "")
    assert world.servables.get(servable.name).container == version.container


@pytest.mark.parametrize(
    ("names", "asked"),
    [
        ({}, ("penguins", "2")),
        ({"model_name": "forest"}, ("forest", "")),
        ({"model_name": "forest", "model_version": "v1"}, ("forest", "v1")),
        ({"model_version": "v1"}, ("penguins", "v1")),
    ],
)
def test_m22_names_that_are_not_given_are_the_platforms(names: dict[str, str], asked: tuple[str, str]) -> None:
    container = Container(health_check=("CMD-SHELL", "true"), **names)
    assert entities.servable(model_version=2, container=container).asked_as == asked
    assert entities.servable(model_version=2).asked_as == ("penguins", "2")


def test_m22_a_payload_without_dockerfile_is_refused(world: World) -> None:
    upload = world.uploaded(archive(sub__Dockerfile=b""), runtime="custom", container=NewContainer(health_check="true"))
    with pytest.raises(InvalidRequest, match="a Dockerfile at its top"):
        complete_upload(world, upload)
    assert len(world.models) == 0


def test_m22_what_a_custom_image_lacks_is_told_at_once(http: Http) -> None:
    status, body = announced(http, container=None, modelSignature=None, installCommand="pip install x")
    assert status == 400
    assert told(body).keys() == {"/container/healthCheck", "/modelSignature", "/installCommand"}
    assert '["CMD", "python", "healthy.py"]' in told(body)["/container/healthCheck"][0]


@pytest.mark.parametrize("check", [["python", "x.py"], ["CMD"], ["CMD-SHELL", "a", "b"], [], ""])
def test_m22_a_health_check_is_said_in_dockers_words(http: Http, check: Any) -> None:
    status, body = announced(http, container={"healthCheck": check})
    assert status == 400
    assert list(told(body)) == ["/container/healthCheck"]


def test_m22_a_health_check_may_be_a_line_for_the_shell(http: Http, world: World) -> None:
    status, body = announced(http, container={"healthCheck": "grpc_health_probe -addr :9091"})
    assert status == 201
    assert world.uploads.get(body["uploadId"]).container == Container(
        health_check=("CMD-SHELL", "grpc_health_probe -addr :9091")
    )


def test_m22_the_platforms_own_runtimes_look_after_themselves(http: Http) -> None:
    status, body = announced(http, runtime="sklearn")
    assert status == 400
    assert told(body) == {"/container": ("nothing but for the runtime custom", "a container")}


def test_m23_a_package_index_travels_by_its_name_alone(http: Http, world: World) -> None:
    version = complete_upload(world, world.uploaded(package_index="corporate"))
    assert version.package_index == "corporate"
    [key] = world.builder.contracts.values()
    assert b"corporate" not in world.payloads.objects[key]
    shown = http.call("GET", "/model/version/penguins/1").json_body
    assert shown["packageIndex"] == "corporate"


@pytest.mark.parametrize("name", ["../other", "a/b", "arn:aws:secretsmanager:eu-west-1:1:secret:x", "A", "x" * 65])
def test_m23_a_model_cannot_name_any_other_secret(http: Http, name: str) -> None:
    status, body = announced(http, packageIndex=name)
    assert status == 400
    assert list(told(body)) == ["/packageIndex"]
