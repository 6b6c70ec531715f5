"""Puts the edge's parts together: two listeners, two watches, one pool of connections to the emulator."""

import asyncio
import contextlib
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web

from local.edge.balancer import Target
from local.edge.distribution import Distribution
from local.edge.forwarder import Forwarder
from local.edge.proxy import Proxy
from local.edge.viewer import Functions
from local.edge.watch import Watch

HEALTH = "/_edge/health"
# shorter than the emulator's own, so that it is never the emulator that ends an idle connection under a request
IDLE_ORIGIN_CONNECTION = 15.0
LONGEST_HEADER = 64 * 1024
SHUTDOWN = 2.0


class Edge:
    """An async context: leaving it closes listeners and connections. `cloud` is told to whoever asks for health."""

    def __init__(
        self,
        emulator: str,
        distribution: Watch[Distribution | None],
        targets: Watch[tuple[Target, ...]],
        cloud: str = "",
    ) -> None:
        self._emulator = emulator
        self._distribution = distribution
        self._targets = targets
        self._cloud = cloud
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_ORIGIN_CONNECTION)
        self._session = await self._stack.enter_async_context(
            aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                max_line_size=LONGEST_HEADER,
                max_field_size=LONGEST_HEADER,
            )
        )
        self._functions = Functions()
        self._stack.push_async_callback(self._functions.stop)
        for watch in (self._distribution, self._targets):
            task = asyncio.create_task(watch.run())
            self._stack.callback(task.cancel)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def listen_http(self, host: str, port: int) -> int:
        """Serve HTTP; answers the port (useful when 0 was asked for). Raises OSError when it is taken."""
        proxy = Proxy(self._emulator, self._distribution.current, self._session, self._functions)

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            return self._health() if request.raw_path == HEALTH else await proxy.handle(request)

        server = web.Server(
            handle,
            access_log=None,
            handler_cancellation=True,
            max_line_size=LONGEST_HEADER,
            max_field_size=LONGEST_HEADER,
        )
        runner = web.ServerRunner(server, shutdown_timeout=SHUTDOWN)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, host, port, backlog=512)
        await site.start()
        return int(runner.addresses[0][1])

    async def listen_grpc(self, host: str, port: int) -> int:
        """Forward TCP to the load balancer's targets; answers the port. Raises OSError when it is taken."""
        server = await Forwarder(self._targets.current).listen(host, port)
        self._stack.callback(server.close)
        return int(server.sockets[0].getsockname()[1])

    def _health(self) -> web.Response:
        distribution = self._distribution.value
        document = {
            "status": "ok",
            "cloud": self._cloud,
            "distribution": distribution.id if distribution else None,
            "targets": [f"{target.host}:{target.port}" for target in self._targets.value],
        }
        return web.json_response(document)
