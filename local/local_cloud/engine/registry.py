"""`docker push`: an image's manifest goes to ECR, its files stay in the store.

The manifest names the image's own digest as its configuration, so what ECR keeps identifies the content; ECR's digest
of the manifest is what `repository@sha256:...` means afterwards, as with a real registry.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from .errors import PushRefused
from .images import Image

MEDIA_TYPE = "application/vnd.docker.distribution.manifest.v2+json"
HOST = re.compile(r"^(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.[^/]+/(?P<name>.+)$")


def ecr_client(region: str) -> Any:
    """The ECR client of a region; AWS_ENDPOINT_URL and credentials come from the caller's environment."""
    import boto3  # half a second that only a push has to pay

    return boto3.client("ecr", region_name=region)


class Registry:
    """ECR, seen from a docker client."""

    def __init__(self, client: Callable[[str], Any] = ecr_client) -> None:
        self._client = client

    def put(self, repository: str, tag: str, image: Image) -> str:
        """Registers an image and returns the digest ("sha256:...") the registry knows it by.

        Raises:
            PushRefused: the repository is not one of ECR, does not exist, or refuses the tag.
        """
        text = manifest(image)
        return self.put_manifest(repository, tag, text, "sha256:" + hashlib.sha256(text.encode()).hexdigest())

    def put_manifest(self, repository: str, tag: str, text: str, digest: str) -> str:
        """Registers a manifest as it is; answers as `put`.

        Raises:
            PushRefused: as `put`.
        """
        where = HOST.match(repository)
        if where is None:
            raise PushRefused(f"{repository} is not a repository of ECR: there is no other registry here")
        client = self._client(where["region"])
        try:
            answer = client.put_image(
                repositoryName=where["name"], imageTag=tag, imageManifest=text, imageManifestMediaType=MEDIA_TYPE,
                imageDigest=digest, registryId=where["account"],
            )  # fmt: skip
        except client.exceptions.ImageAlreadyExistsException:
            return digest
        except client.exceptions.ClientError as error:
            raise PushRefused(f"{error.response['Error']['Code']}: {error.response['Error']['Message']}") from error
        return str(answer["image"]["imageId"]["imageDigest"])


def manifest(image: Image) -> str:
    """The manifest of an image: one configuration, one layer per ancestor."""
    layers = [*image.parents, image.digest]
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MEDIA_TYPE,
            "config": {
                "mediaType": "application/vnd.docker.container.image.v1+json",
                "size": 1,
                "digest": image.digest,
            },
            "layers": [
                {"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", "size": 1, "digest": layer}
                for layer in layers
            ],
        },
        sort_keys=True,
    )
