"""What the gateway says about itself."""

import platform

from functions.core.inference import ServerDescription

VERSION = "0.1.0"
SERVER = ServerDescription(name="dewpoint", version=VERSION, extensions=("binary_tensor_data", "model_repository"))


def build_info() -> dict[str, str]:
    return {"name": "dewpoint-gateway", "version": VERSION, "pythonVersion": platform.python_version()}
