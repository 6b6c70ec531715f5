"""Model images in ECR, all in one repository: a tag for each version."""

from typing import TYPE_CHECKING

from functions.core.models import Image

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient


class EcrImageRegistry:
    def __init__(self, client: "ECRClient") -> None:
        self._client = client

    def remove(self, image: Image) -> None:
        # by its tag: an image that another version's tag names too stays
        answer = self._client.batch_delete_image(
            repositoryName=image.name.partition("/")[2], imageIds=[{"imageTag": image.tag}]
        )
        failures = [one for one in answer["failures"] if one["failureCode"] != "ImageNotFound"]
        if failures:
            told = "; ".join(f"{one['failureCode']}: {one.get('failureReason', '')}" for one in failures)
            raise RuntimeError(f"image {image.name}:{image.tag} cannot be removed: {told}")
