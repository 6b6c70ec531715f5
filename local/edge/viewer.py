"""CloudFront Functions on viewer requests, run by Node: the very code that is deployed.

A function may change, add and remove headers, or answer itself; what it does to address, query and cookies is not
followed. The names are CloudFront's: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
"""

import asyncio
import json
from collections import deque
from pathlib import Path
from typing import Any

from aiohttp import web
from multidict import CIMultiDict

PROGRAM = Path(__file__).with_name("viewer_function.js")
LONGEST_LINE = 1024 * 1024
KEPT = "cookie"  # stands beside the headers of an event, and passes unchanged


class FunctionFailed(Exception):
    """The function raised, or cannot be run."""


class Runner:
    """One function's process; events are answered in the order in which they came."""

    def __init__(self, code: str) -> None:
        self._code = code
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._lock = asyncio.Lock()

    async def call(self, event: dict[str, Any]) -> dict[str, Any]:
        """The function's answer: a request, or a response. Raises FunctionFailed."""
        async with self._lock:
            stdin = await self._started()
            said: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            self._waiting.append(said)
            stdin.write(_line(event))
        document = await said
        if not isinstance(document.get("answer"), dict):
            raise FunctionFailed(document.get("error", "the function answered nothing"))
        return dict(document["answer"])

    async def stop(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        if self._reader is not None:
            await self._reader

    async def _started(self) -> asyncio.StreamWriter:
        if self._process is None or self._process.returncode is not None:
            try:
                self._process = await asyncio.create_subprocess_exec(
                    "node",
                    str(PROGRAM),
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    limit=LONGEST_LINE,
                )
            except OSError as error:
                raise FunctionFailed(f"node cannot be started: {error}") from error
            self._reader = asyncio.create_task(self._read(self._process))
            assert self._process.stdin is not None
            self._process.stdin.write(_line(self._code))
        assert self._process.stdin is not None
        return self._process.stdin

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            said = self._waiting.popleft()
            if not said.done():  # its caller may have gone away
                said.set_result(json.loads(line))
        await process.wait()
        while self._waiting:
            said = self._waiting.popleft()
            if not said.done():
                said.set_result({"error": "the function's process ended"})


class Functions:
    """The functions of the distribution, each started when it is first needed."""

    def __init__(self) -> None:
        self._runners: dict[str, Runner] = {}

    async def on_request(self, code: str, request: web.BaseRequest, path: str) -> CIMultiDict[str] | web.Response:
        """The headers to go on with, or the function's own answer. Raises FunctionFailed."""
        runner = self._runners.setdefault(code, Runner(code))
        answer = await runner.call(to_event(request, path))
        if "statusCode" in answer:
            return web.Response(status=int(answer["statusCode"]), headers=from_headers(answer.get("headers") or {}))
        headers = from_headers(answer.get("headers") or {})
        headers.extend((name, value) for name, value in request.headers.items() if name.lower() == KEPT)
        return headers

    async def stop(self) -> None:
        for runner in self._runners.values():
            await runner.stop()


def to_event(request: web.BaseRequest, path: str) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    for name in dict.fromkeys(name.lower() for name in request.headers if name.lower() != KEPT):
        values = request.headers.getall(name)
        many = {"multiValue": [{"value": value} for value in values]} if len(values) > 1 else {}
        headers[name] = {"value": values[0], **many}
    return {
        "version": "1.0",
        "context": {"eventType": "viewer-request"},
        "viewer": {"ip": request.remote},
        "request": {"method": request.method, "uri": path, "querystring": {}, "headers": headers, "cookies": {}},
    }


def from_headers(headers: dict[str, Any]) -> CIMultiDict[str]:
    found: CIMultiDict[str] = CIMultiDict()
    for name, header in headers.items():
        for each in header.get("multiValue") or [header]:
            found.add(name, each["value"])
    return found


def _line(document: Any) -> bytes:
    return json.dumps(document).encode() + b"\n"
