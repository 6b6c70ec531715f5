"""`python -m cdk.openapi` writes docs/openapi.json; it stands in the repository, and a test fails when it is stale."""

import json
from pathlib import Path

from app import app
from cdk.openapi.document import build_document

TARGET = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"


def render() -> str:
    return json.dumps(build_document(app), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(render())
