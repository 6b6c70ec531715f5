"""Model versions made the way a client makes them."""

import hashlib
from typing import Any

import httpx

from tests.cloud import Cloud, wait_until
from tests.unit.core.archives import add_file, archive

SIGNATURE = {
    "signatureName": "infer",
    "inputs": [{"name": "x", "dtype": "DT_DOUBLE", "shape": {"dims": []}}],
    "outputs": [{"name": "y", "dtype": "DT_DOUBLE", "shape": {"dims": []}}],
}


def upload(cloud: Cloud, name: str, content: bytes, **more: Any) -> httpx.Response:
    """Announce, put, complete: what a client does; the answer to the last step."""
    announced = {
        "name": name,
        "runtime": "python",
        "modelSignature": SIGNATURE,
        "payload": {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)},
    } | more
    with cloud.http() as http:
        answer = http.post("/api/v2/model/upload", json=announced)
        assert answer.status_code == 201, answer.text
        ticket = answer.json()
        put = httpx.put(ticket["url"], content=content, headers=ticket["headers"], timeout=60)
        assert put.status_code == 200, put.text
        return http.post(f"/api/v2/model/upload/{ticket['uploadId']}/complete", json={})


def payload(source: str) -> bytes:
    return archive(lambda tar: add_file(tar, "src/func_main.py", source.encode()))


def wait_for_build(cloud: Cloud, version: dict[str, Any]) -> dict[str, Any]:
    path = f"/api/v2/model/version/{version['model']['name']}/{version['modelVersion']}"
    with cloud.http() as http:
        wait_until("the build ends", lambda: http.get(path).json()["status"] != "Assembling", timeout=180)
        return http.get(path).json()  # type: ignore[no-any-return]
