"""Which runtime a model's author means."""

import re
from collections.abc import Mapping

from functions.core.errors import InvalidRequest, Problem

# The reference system's images: hydrosphere/serving-runtime-python-3.7:3.0.0 and their like
REFERENCE = re.compile(r"(?:hydrosphere/)?serving-runtime-(python|sklearn|onnx)(?:-[\w.]+)?")


def choose_runtime(images: Mapping[str, str], wanted: object, pointer: str = "/runtime") -> str:
    """The name among `images` for "sklearn", "sklearn:1", {"name": "sklearn", "tag": "1"}, or an image of the
    reference system. Raises InvalidRequest listing what exists."""
    if isinstance(wanted, dict):
        wanted = wanted.get("name")
    name = str(wanted).partition(":")[0] if isinstance(wanted, str) else ""
    if match := REFERENCE.fullmatch(name):
        name = match[1]
    if name in images:
        return name
    received = "nothing" if wanted is None else repr(wanted)[:80]
    raise InvalidRequest.of([Problem(pointer, f"one of the runtimes {', '.join(sorted(images))}", received)])
