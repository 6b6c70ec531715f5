"""Functions shipped as images run from the store of the engine."""

import os
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import ACCOUNT, REGION, ROLE, Cloud, emulator_python

pytestmark = pytest.mark.cloud

SOURCE = """
import os
def handler(event, context): return [event, os.environ["FROM_IMAGE"], os.path.basename(os.getcwd())]
def other(event, context): return "other"
"""

# the runtime client is this environment's, so that no package has to be fetched
DOCKERFILE = f"""
FROM python:3.11-slim
WORKDIR /var/task
COPY app.py .
ENV FROM_IMAGE=yes
ENTRYPOINT ["{sys.executable}", "-m", "awslambdaric"]
CMD ["app.handler"]
"""


def docker(cloud: Cloud, *arguments: str) -> None:
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": cloud.endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "DEWPOINT_IMAGES": str(cloud.images),
    }
    command = [emulator_python(), "-m", "local_cloud.engine.docker", *arguments]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=120)


def test_an_image_function(cloud: Cloud, invoke: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(SOURCE)
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    name, functions = f"image-{uuid.uuid4().hex[:8]}", cloud.client("lambda")
    reference = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{name}:1"
    cloud.client("ecr").create_repository(repositoryName=name)
    docker(cloud, "build", "-t", reference, str(tmp_path))
    docker(cloud, "push", reference)

    functions.create_function(
        FunctionName=name, PackageType="Image", Code={"ImageUri": reference}, Role=ROLE, Timeout=20
    )
    functions.get_waiter("function_active_v2").wait(FunctionName=name)
    assert invoke(name, {"a": 1}) == [{"a": 1}, "yes", "task"]

    functions.update_function_configuration(FunctionName=name, ImageConfig={"Command": ["app.other"]})
    functions.get_waiter("function_updated_v2").wait(FunctionName=name)
    assert invoke(name) == "other"


def test_an_image_that_was_never_built(cloud: Cloud) -> None:
    functions = cloud.client("lambda")
    reference = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/nowhere:1"
    functions.create_function(FunctionName="nowhere", PackageType="Image", Code={"ImageUri": reference}, Role=ROLE)
    functions.get_waiter("function_active_v2").wait(FunctionName="nowhere")

    with pytest.raises(functions.exceptions.ClientError, match="not built here"):
        functions.invoke(FunctionName="nowhere")
