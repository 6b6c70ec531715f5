"""The emulator of running_cloud, with an image that behaves as its environment says."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "builds"), str(HERE.parents[1])]

from running_cloud import REGISTRY, Cloud, cloud  # noqa: E402
from task_scene import Scene  # noqa: E402

__all__ = ["cloud"]


@pytest.fixture(scope="session")
def scene(cloud: Cloud) -> Scene:
    """The image in its repository, a cluster, a log group."""
    cloud.client("ecr").create_repository(repositoryName="behaves")
    image = f"{REGISTRY}/behaves:v1"
    built = cloud.docker("build", "-t", image, str(HERE / "image"))
    assert built.returncode == 0, built.stdout + built.stderr
    pushed = cloud.docker("push", image)
    assert pushed.returncode == 0, pushed.stderr
    cloud.client("ecs").create_cluster(clusterName="tests")
    cloud.client("logs").create_log_group(logGroupName="/tests")
    return Scene(cloud, image)
