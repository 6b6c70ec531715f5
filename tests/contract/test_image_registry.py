"""What the registry of images promises, held against the fake and against ECR."""

import hashlib
import json
from typing import Protocol

import boto3
import pytest

from functions.adapters.clients import client
from functions.adapters.ecr import EcrImageRegistry
from functions.core.models import Image
from tests.fakes.registry import FakeImageRegistry

pytestmark = pytest.mark.disable_socket

REPOSITORY = "dewpoint/models"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
NAME = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/{REPOSITORY}"


class Registry(Protocol):
    """The port, and what a build does to it."""

    def __contains__(self, image: Image) -> bool: ...
    def push(self, image: Image, digest: str) -> None: ...
    def remove(self, image: Image) -> None: ...


class Ecr(EcrImageRegistry):
    def __init__(self) -> None:
        super().__init__(client("ecr"))
        self._ecr = boto3.client("ecr")
        self._ecr.create_repository(repositoryName=REPOSITORY)

    def __contains__(self, image: Image) -> bool:
        found = self._ecr.batch_get_image(repositoryName=REPOSITORY, imageIds=[{"imageTag": image.tag}])
        return bool(found["images"])

    def push(self, image: Image, digest: str) -> None:
        manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": {"digest": digest}})
        self._ecr.put_image(
            repositoryName=REPOSITORY,
            imageTag=image.tag,
            imageManifest=manifest,
            imageDigest="sha256:" + hashlib.sha256(manifest.encode()).hexdigest(),
        )


@pytest.fixture(params=["fake", "ecr"])
def registry(request: pytest.FixtureRequest) -> Registry:
    if request.param == "fake":
        return FakeImageRegistry()
    request.getfixturevalue("aws")
    return Ecr()


def image(number: int) -> Image:
    return Image(name=NAME, tag=f"penguins-{number}")


def test_m09_an_image_is_removed_by_its_tag_however_often(registry: Registry) -> None:
    registry.push(image(1), "sha256:" + "1" * 64)
    registry.push(image(2), "sha256:" + "2" * 64)
    for _ in range(2):
        registry.remove(image(1))
    assert image(1) not in registry
    assert image(2) in registry


def test_m09_an_image_that_another_version_has_too_stays_with_it(registry: Registry) -> None:
    for number in (1, 2):
        registry.push(image(number), "sha256:" + "1" * 64)
    registry.remove(image(1))
    assert image(1) not in registry
    assert image(2) in registry


def test_m09_an_image_that_was_never_pushed_is_removed_already(registry: Registry) -> None:
    registry.remove(image(3))
