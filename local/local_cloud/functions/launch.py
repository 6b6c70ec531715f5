"""What to run for a function version: pure decisions, from LocalStack's model and the environment it prepared.

Zip functions run `awslambdaric` of the interpreter in `LAMBDA_PROCESS_PYTHON` (an environment with only that client and
boto3, like AWS's runtime), in the folder of the unpacked code, with the layers on the path. Image functions run the
image's own entrypoint. A function sees nothing of the emulator's environment but the id of the cloud it belongs to.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local_cloud.functions.process import Launch

if TYPE_CHECKING:
    from local_cloud.engine.images import Image
    from localstack.services.lambda_.invocation.lambda_models import ImageConfig, VersionFunctionConfiguration

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
    find: Callable[[str], "Image | None"],
) -> Launch:
    """How to run an image function; raises `NotRunnable` for an image that was never built here."""
    from local_cloud.engine.errors import EngineError
    from local_cloud.engine.process import container_command

    image = find(config.image.image_uri)
    if image is None:
        raise NotRunnable(f"no image {config.image.image_uri} on this machine: it was not built here")
    entrypoint, words, folder = overrides(config.image_config)
    # the image decides what is found first; the PATH of this machine would hide that
    inner = {name: value for name, value in environment.items() if name != "PATH"}
    try:
        command = container_command(image, inner, entrypoint, words, folder)
    except EngineError as error:
        raise NotRunnable(f"{config.image.image_uri}: {error}") from error
    handler = next(iter(words or image.config.command), "")
    own = {"LAMBDA_TASK_ROOT": str(command.cwd), "_HANDLER": handler}
    return Launch(list(command.argv), str(command.cwd), {**command.environment, **own})


def overrides(given: "ImageConfig | None") -> tuple[Sequence[str] | None, Sequence[str] | None, str | None]:
    """Entrypoint, command and working directory that a function sets over its image's; None where it does not."""
    if given is None:
        return None, None, None
    return given.entrypoint or None, given.command or None, given.working_directory or None
