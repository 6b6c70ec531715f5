"""The queue of observations, as far away as SQS is: every call is answered after a while, every message counted.

A process of its own: `python -m benchmarks.serving.queue_double PORT`. moto's SQS, and its S3, would take more of the
processor than what is measured. GET /count tells how many messages came; a PUT is taken as S3 would take a claim.
"""

import asyncio
import hashlib
import json
import sys
from typing import Any

from aiohttp import web

DISTANCE = 0.008  # seconds; a send takes SQS some 5 to 15 ms within a region


class Queue:
    def __init__(self) -> None:
        self.messages = 0

    async def take(self, request: web.Request) -> web.Response:
        call = json.loads(await request.read())
        await asyncio.sleep(DISTANCE)
        entries = call.get("Entries") or [call]
        self.messages += len(entries)
        taken = [_receipt(entry, f"{self.messages}-{at}") for at, entry in enumerate(entries)]
        body = {"Successful": taken, "Failed": []} if "Entries" in call else taken[0]
        return web.json_response(body, content_type="application/x-amz-json-1.0")

    async def keep(self, request: web.Request) -> web.Response:
        await request.read()
        await asyncio.sleep(DISTANCE)
        return web.Response(headers={"ETag": '"0"'})

    async def count(self, _: web.Request) -> web.Response:
        return web.json_response(self.messages)


def _receipt(entry: dict[str, Any], identity: str) -> dict[str, str]:
    digest = hashlib.md5(entry["MessageBody"].encode(), usedforsecurity=False).hexdigest()
    return {"Id": entry.get("Id", ""), "MessageId": identity, "MD5OfMessageBody": digest}


def main() -> None:
    queue = Queue()
    app = web.Application(client_max_size=2**22)
    app.add_routes([web.get("/count", queue.count)])
    app.add_routes([web.post("/{path:.*}", queue.take), web.put("/{path:.*}", queue.keep)])
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)


if __name__ == "__main__":
    main()
