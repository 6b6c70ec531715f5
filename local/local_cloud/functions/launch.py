"""What to run for a function version: pure decisions, from LocalStack's model and the environment it prepared.

Zip functions run `awslambdaric` of the interpreter in `LAMBDA_PROCESS_PYTHON` (an environment with only that client and
boto3, like AWS's runtime), in the folder of the unpacked code, with the layers on the path. Image functions run the
image's own entrypoint. A function sees nothing of the emulator's environment but the id of the cloud it belongs to.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local_cloud.functions.process import Launch

if TYPE_CHECKING:
    from local_cloud.engine.images import Image
    from localstack.services.lambda_.invocation.lambda_models import VersionFunctionConfiguration

CLOUD = "DEWPOINT_CLOUD"
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
# what LocalStack prepares for its own container and real Lambda does not set
NOT_FOR_FUNCTIONS = {"LAMBDA_RUNTIME_DIR", "EDGE_PORT", "AWS_LAMBDA_FUNCTION_TIMEOUT"}


class NotRunnable(Exception):
    """A function that this executor cannot run: its runtime is foreign or its image unknown."""


@dataclass(frozen=True)
class Settings:
    """The executor's settings, read once from the emulator's environment."""

    python: str
    cloud: str
    images: Path
    path: str = SYSTEM_PATH

    @classmethod
    def read(cls, environment: Mapping[str, str], python: str) -> "Settings":
        """`python` is the interpreter when `LAMBDA_PROCESS_PYTHON` does not name one."""
        return cls(
            python=environment.get("LAMBDA_PROCESS_PYTHON") or python,
            cloud=environment.get(CLOUD, ""),
            images=Path(environment.get("DEWPOINT_IMAGES") or Path(environment.get("FILESYSTEM_ROOT", ".")) / "images"),
            path=environment.get("PATH", SYSTEM_PATH),
        )


def clean_environment(prepared: Mapping[str, Any], folder: str, settings: Settings) -> dict[str, str]:
    """The variables every function gets, from those LocalStack prepared; `folder` is its temporary folder."""
    ours = {
        "PATH": settings.path,
        "LANG": "en_US.UTF-8",
        "HOME": folder,
        "TMPDIR": folder,
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    kept = {
        name: str(value)
        for name, value in prepared.items()
        if name not in NOT_FOR_FUNCTIONS and not name.startswith("LOCALSTACK_")
    }
    return {**ours, **kept, CLOUD: settings.cloud}


def zip_launch(config: "VersionFunctionConfiguration", environment: dict[str, str], settings: Settings) -> Launch:
    """How to run a zip function; raises `NotRunnable` for a runtime that is not Python and brings no `bootstrap`."""
    runtime = str(config.runtime)
    code = str(config.code.get_unzipped_code_location())
    layers = [str(layer.code.get_unzipped_code_location()) for layer in config.layers or []]
    if runtime.startswith("python"):
        argv = [settings.python, "-m", "awslambdaric", config.handler]
    elif runtime.startswith("provided"):
        argv = [str(Path(code, "bootstrap"))]
    else:
        raise NotRunnable(f"runtime {runtime} is not supported by the process executor")
    layered = with_layers(environment, layers, runtime.removeprefix("python"))
    own = {"LAMBDA_TASK_ROOT": code, "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime}"}
    return Launch(argv, code, {**layered, **own})


def with_layers(environment: dict[str, str], layers: list[str], python_version: str) -> dict[str, str]:
    """The environment with unpacked layers on its paths; a later layer hides an earlier one, as in /opt."""
    stacked = layers[::-1]
    if not stacked:
        return environment
    packages = [folder for layer in stacked for folder in (f"{layer}/python", site_packages(layer, python_version))]
    return {
        **environment,
        "PYTHONPATH": joined([*packages, environment.get("PYTHONPATH", "")]),
        "PATH": joined([*(f"{layer}/bin" for layer in stacked), environment["PATH"]]),
        "LD_LIBRARY_PATH": joined([*(f"{layer}/lib" for layer in stacked), environment.get("LD_LIBRARY_PATH", "")]),
    }


def site_packages(layer: str, python_version: str) -> str:
    """The other place where a layer may keep Python packages."""
    return f"{layer}/python/lib/python{python_version}/site-packages"


def joined(paths: Iterable[str]) -> str:
    """A search path without empty parts."""
    return os.pathsep.join(filter(None, paths))


def image_launch(
    config: "VersionFunctionConfiguration",
    environment: dict[str, str],
    settings: Settings,
    find: Callable[[str], "Image | None"],
) -> Launch:
    """How to run an image function; raises `NotRunnable` when the image was never built on this machine."""
    image = find(config.image.image_uri)
    if image is None:
        raise NotRunnable(f"no image {config.image.image_uri} on this machine: it was not built here")
    chosen = image_config(image, config.image_config)
    bin_folder = str(image.venv / "bin")
    inner = {**image.config.env, "PATH": joined([bin_folder, settings.path]), "VIRTUAL_ENV": str(image.venv)}
    folder = str(chosen.workdir)
    argv = [*chosen.config.entrypoint, *chosen.config.command]
    if not argv:
        raise NotRunnable(f"image {config.image.image_uri} has neither entrypoint nor command")
    argv[0] = shutil.which(argv[0], path=inner["PATH"]) or argv[0]
    handler = chosen.config.command[0] if chosen.config.command else ""
    return Launch(argv, folder, {**environment, **inner, "LAMBDA_TASK_ROOT": folder, "_HANDLER": handler})


def image_config(image: "Image", override: Any) -> "Image":
    """The image with the function's ImageConfig (entrypoint, command, working directory) laid over its own."""
    if override is None:
        return image
    changes: dict[str, Any] = {}
    if override.entrypoint:
        changes["entrypoint"] = tuple(override.entrypoint)
    if override.command:
        changes["command"] = tuple(override.command)
    if override.working_directory:
        changes["workdir"] = override.working_directory
    return replace(image, config=replace(image.config, **changes))
