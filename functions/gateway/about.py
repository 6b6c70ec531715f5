"""What the gateway says about itself."""

import platform

from functions.core.inference import ServerDescription
from functions.core.version import VERSION

SERVER = ServerDescription(name="dewpoint", version=VERSION, extensions=("binary_tensor_data", "model_repository"))


def build_info() -> dict[str, str]:
    return {"name": "dewpoint-gateway", "version": VERSION, "pythonVersion": platform.python_version()}
