"""The docker command: build, tag, push, inspect, and honest refusals."""

import json
from pathlib import Path
from typing import Any

import pytest
from engine_scene import BASE, Workbench
from local_cloud.engine import docker
from local_cloud.engine.errors import EngineError, PushRefused
from local_cloud.engine.registry import Registry, manifest

REPOSITORY = "000000000000.dkr.ecr.us-east-1.amazonaws.com/models/one"


class FakeEcr:
    """A registry with one repository; answers as boto3's client does."""

    class exceptions:  # noqa: N801
        class ClientError(Exception):
            def __init__(self, code: str, message: str) -> None:
                super().__init__(message)
                self.response = {"Error": {"Code": code, "Message": message}}

        class ImageAlreadyExistsException(ClientError):
            pass

    def __init__(self) -> None:
        self.images: dict[str, str] = {}

    def put_image(self, **request: Any) -> dict[str, Any]:
        if request["repositoryName"] != "models/one":
            raise self.exceptions.ClientError("RepositoryNotFoundException", "does not exist")
        if self.images.get(request["imageTag"]) == request["imageDigest"]:
            raise self.exceptions.ImageAlreadyExistsException("ImageAlreadyExistsException", "again")
        self.images[request["imageTag"]] = request["imageDigest"]
        return {"image": {"imageId": {"imageDigest": request["imageDigest"]}}}


@pytest.fixture
def ecr() -> FakeEcr:
    return FakeEcr()


@pytest.fixture
def command(bench: Workbench, ecr: FakeEcr) -> docker.Docker:
    return docker.Docker(bench.machine, Registry(lambda region: ecr))


def run(command: docker.Docker, *words: str) -> int:
    options = docker.parser().parse_args(list(words))
    return int(getattr(command, options.command)(options))


def test_build_tag_push_inspect(command, ecr, bench: Workbench, context: Path, capsys) -> None:
    (context / "Other").write_text(BASE + "ARG WORD\nRUN echo $WORD > f\n")
    words = [
        "build",
        "-t",
        "local:1",
        "-f",
        "Other",
        "--build-arg",
        "WORD=w",
        "--platform=linux/amd64",
        "--label",
        "a=b",
    ]
    assert run(command, *words, str(context)) == 0
    assert bench.store.get("local:1").config.labels == {"a": "b"}
    assert run(command, "tag", "local:1", f"{REPOSITORY}:v1") == 0
    assert run(command, "push", f"{REPOSITORY}:v1") == 0
    capsys.readouterr()
    assert run(command, "inspect", "--format", "{{index .RepoDigests 0}}", f"{REPOSITORY}:v1") == 0
    reference = capsys.readouterr().out.strip()
    assert reference == f"{REPOSITORY}@{ecr.images['v1']}"
    assert bench.store.get(reference).digest == bench.store.get("local:1").digest
    assert run(command, "push", f"{REPOSITORY}:v1") == 0, "pushing again is no error"
    capsys.readouterr()
    run(command, "inspect", "local:1")
    found = json.loads(capsys.readouterr().out)[0]
    assert found["Config"]["Labels"] == {"a": "b"}
    assert "local:1" in found["RepoTags"]


def test_the_manifest_names_the_image(bench: Workbench, context: Path) -> None:
    image, _ = bench.build(context, BASE)
    assert json.loads(manifest(image))["config"]["digest"] == image.digest


def test_refusals(command, bench: Workbench, context: Path) -> None:
    image, _ = bench.build(context, BASE)
    for name in ("nowhere/x:1", "000000000000.dkr.ecr.us-east-1.amazonaws.com/other:1"):
        bench.store.tag(name, image.digest)
        with pytest.raises(PushRefused):
            run(command, "push", name)
    with pytest.raises(EngineError, match="No such image: absent:1"):
        run(command, "inspect", "absent:1")
    with pytest.raises(EngineError, match="cannot do the template"):
        run(command, "inspect", "--format", "{{range .X}}{{end}}", "nowhere/x:1")
    with pytest.raises(SystemExit):
        docker.parser().parse_args(["run", "-it", "x"])
    with pytest.raises(SystemExit):
        docker.parser().parse_args(["build", "--squash", "."])
