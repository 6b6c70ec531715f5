"""The code at the edge that puts an API key into its header: run by Node, as CloudFront runs it."""

import base64
import json
import subprocess
from typing import Any

import pytest

from cdk.stacks.edge import CARRY_KEY

KEY = "dp_Ab-_9"
RUN = "const f = require('fs').readFileSync(process.argv[1], 'utf8'); const e = JSON.parse(process.argv[2]);"
RUN += "process.stdout.write(JSON.stringify(new Function(f + '; return handler;')()(e)))"


def basic(pair: str) -> str:
    return "Basic " + base64.b64encode(pair.encode()).decode()


def headers_after(**headers: str) -> dict[str, str]:
    sent = {name.replace("_", "-"): {"value": value} for name, value in headers.items()}
    event = json.dumps({"version": "1.0", "request": {"method": "GET", "uri": "/api/v2/model", "headers": sent}})
    done = subprocess.run(["node", "-e", RUN, CARRY_KEY, event], capture_output=True, text=True, check=True)
    request: dict[str, Any] = json.loads(done.stdout)
    assert (request["method"], request["uri"]) == ("GET", "/api/v2/model")
    return {name: header["value"] for name, header in request["headers"].items()}


@pytest.mark.parametrize(
    "authorization", [f"Bearer {KEY}", f"bearer  {KEY}", basic(f"key:{KEY}"), basic(f"{KEY}:"), basic(f":{KEY}")]
)
def test_a_key_in_the_authorization_header_becomes_the_keys_own_header(authorization: str) -> None:
    assert headers_after(authorization=authorization, accept="*/*") == {"x-api-key": KEY, "accept": "*/*"}


@pytest.mark.parametrize(
    "authorization", ["Bearer other", f"Digest {KEY}", KEY, "", "Basic !!!", basic("me:secret"), basic("dp_\r\nx: y")]
)
def test_what_is_no_key_is_left_alone(authorization: str) -> None:
    assert headers_after(authorization=authorization) == {"authorization": authorization}


def test_the_keys_own_header_wins() -> None:
    sent = {"x-api-key": "dp_mine", "authorization": f"Bearer {KEY}"}
    assert headers_after(x_api_key="dp_mine", authorization=f"Bearer {KEY}") == sent
    assert headers_after(accept="*/*") == {"accept": "*/*"}
