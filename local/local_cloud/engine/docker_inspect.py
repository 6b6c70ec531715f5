"""`docker inspect`: an image in Docker's JSON, and the few template forms that scripts use."""

from __future__ import annotations

import json
import re
from typing import Any

from .errors import EngineError
from .images import Image, ImageStore

ACTION = re.compile(r"\{\{\s*(.*?)\s*\}\}")
INDEX = re.compile(r"^index\s+(\.[\w.]+)\s+(\d+|\"[^\"]*\")$")


def description(store: ImageStore, image: Image) -> dict[str, Any]:
    """An image in the shape `docker image inspect` gives."""
    names = store.references(image.digest)
    config = image.config
    return {
        "Id": image.digest,
        "RepoTags": [name for name in names if "@" not in name],
        "RepoDigests": [name for name in names if "@" in name],
        "Os": "linux",
        "Parent": image.parents[-1] if image.parents else "",
        "Config": {
            "Env": [f"{name}={value}" for name, value in config.env.items()],
            "WorkingDir": config.workdir,
            "Entrypoint": list(config.entrypoint),
            "Cmd": list(config.command),
            "User": config.user,
            "Labels": config.labels,
            "ExposedPorts": {port: {} for port in config.ports},
            "Volumes": {path: {} for path in config.volumes},
        },
    }


def formatted(template: str | None, found: list[dict[str, Any]]) -> str:
    """What `--format` prints, one line per object; the JSON list without it.

    Raises:
        EngineError: the template uses more than `.A.B`, `index .A n` and `json .A`, or names what is not there.
    """
    if template is None or template == "json":
        return json.dumps(found, indent=4)
    return "\n".join(_filled(template, one) for one in found)


def _filled(template: str, data: dict[str, Any]) -> str:
    return ACTION.sub(lambda match: _value(match[1], data), template)


def _value(action: str, data: dict[str, Any]) -> str:
    if match := INDEX.match(action):
        key = json.loads(match[2])
        try:
            return str(_path(match[1], data)[key])
        except (KeyError, IndexError) as error:
            raise EngineError(f"template parsing error: index out of range: {key} in {match[1]}") from error
    if action.startswith("json "):
        return json.dumps(_path(action.removeprefix("json ").strip(), data))
    if action.startswith("."):
        return str(_path(action, data))
    raise EngineError(f"the process engine cannot do the template {{{{{action}}}}}")


def _path(path: str, data: Any) -> Any:
    for name in filter(None, path.split(".")):
        if not isinstance(data, dict) or name not in data:
            raise EngineError(f"template parsing error: no {name} in {path}")
        data = data[name]
    return data
