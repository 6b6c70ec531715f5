"""The code at the edge that puts an API key into its header: run by Node, as CloudFront runs it."""

import base64
import json
import subprocess
from typing import Any

KEY = "dp_Ab-_9"
RUN = "const f = require('fs').readFileSync(process.argv[1], 'utf8'); const e = JSON.parse(process.argv[2]);"
RUN += "process.stdout.write(JSON.stringify(e.map(new Function(f + '; return handler;')())))"


def basic(pair: str) -> str:
    return "Basic " + base64.b64encode(pair.encode()).decode()


KEYS = [f"Bearer {KEY}", f"bearer  {KEY}", basic(f"key:{KEY}"), basic(f"{KEY}:"), basic(f":{KEY}")]
OTHERS = [
    "Bearer other",
    f"Digest {KEY}",
    KEY,
    "",
    "Basic !!!",
    basic("me:secret"),
    basic("dp_\r\nx: y"),
    basic(KEY[:3]),
]


def headers_after(*calls: dict[str, str]) -> list[dict[str, str]]:
    """The headers of each call, after the function."""
    from cdk.stacks.edge import CARRY_KEY

    sent = [{name: {"value": value} for name, value in headers.items()} for headers in calls]
    events = [{"version": "1.0", "request": {"method": "GET", "uri": "/api", "headers": headers}} for headers in sent]
    command = ["node", "-e", RUN, CARRY_KEY, json.dumps(events)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    requests: list[dict[str, Any]] = json.loads(done.stdout)
    assert {(request["method"], request["uri"]) for request in requests} == {("GET", "/api")}
    return [{name: header["value"] for name, header in request["headers"].items()} for request in requests]


def test_a_key_in_the_authorization_header_becomes_the_keys_own_header() -> None:
    calls = [{"authorization": authorization, "accept": "*/*"} for authorization in KEYS]
    assert headers_after(*calls) == [{"x-api-key": KEY, "accept": "*/*"}] * len(KEYS)


def test_what_is_no_key_is_left_alone_and_the_keys_own_header_wins() -> None:
    calls = [{"authorization": authorization} for authorization in OTHERS]
    calls += [{"accept": "*/*"}, {"x-api-key": "dp_mine", "authorization": f"Bearer {KEY}"}]
    assert headers_after(*calls) == calls
