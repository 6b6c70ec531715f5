"""Image functions as containers: the docker client is the process that the executor starts, watches and ends.

As in Lambda the root is read-only but for /tmp, the user has no weight, and memory is limited. The network is the
machine's, over which the runtime reaches the executor's Runtime API.
"""

import subprocess
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING

from local_cloud.containers.names import LABEL, on_loopback
from local_cloud.engine.machine import ContainerSettings
from local_cloud.functions.launch import CLOUD, NotRunnable, overrides
from local_cloud.functions.process import Launch

if TYPE_CHECKING:
    from localstack.services.lambda_.invocation.lambda_models import VersionFunctionConfiguration

USER = "993:993"  # somebody who is nobody in the image
OF_THE_IMAGE = {"PATH", "LANG"}
RUN = (
    # init: a signal to the client reaches the runtime, which as the first process would not hear it
    *("run", "--rm", "--init", "--network=host", "--read-only", "--tmpfs", "/tmp:size=512m,mode=1777"),
    *("--cap-drop=ALL", "--security-opt=no-new-privileges", "--pids-limit=1024", "--user", USER),
)


def container_launch(
    config: "VersionFunctionConfiguration", environment: Mapping[str, str], settings: ContainerSettings
) -> Launch:
    """How to run an image function in a container; raises `NotRunnable` for an image that is not on the registry."""
    image = on_loopback(config.image.image_uri, settings.registry)
    client = {"PATH": environment["PATH"], "DOCKER_HOST": settings.host, CLOUD: environment[CLOUD]}
    pulled = subprocess.run(
        [settings.docker, "pull", "--quiet", image], env=client, capture_output=True, text=True, check=False
    )
    if pulled.returncode:
        reason = pulled.stderr.strip()
        raise NotRunnable(f"no image {config.image.image_uri} on this machine: it was not built here ({reason})")
    entrypoint, words, folder = overrides(config.image_config)
    inner = {name: value for name, value in environment.items() if name not in OF_THE_IMAGE}
    inner |= {"HOME": "/tmp", "TMPDIR": "/tmp"}
    name, memory = f"function-{uuid.uuid4().hex}", f"{config.memory_size}m"
    options = [
        *("--name", name, "--label", f"{LABEL}={environment[CLOUD]}"),
        *("--memory", memory, "--memory-swap", memory),
        *(word for name in sorted(inner) for word in ("--env", name)),  # the values are the client's environment
        *(("--workdir", folder) if folder else ()),
        *(("--entrypoint", entrypoint[0]) if entrypoint else ()),
    ]
    argv = [settings.docker, *RUN, *options, image, *(entrypoint or ())[1:], *(words or ())]
    return Launch(argv, "/", {**inner, **client}, ending=(settings.docker, "rm", "--force", name))
