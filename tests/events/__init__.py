"""Events as AWS documents them."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def load(name: str) -> dict[str, Any]:
    """The sample event `name`.json."""
    event: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return event
