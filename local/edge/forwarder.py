"""The TCP side of the edge: a viewer's connection joined to one target's, bytes untouched (gRPC goes through here).

Written on asyncio's protocols, not streams: a chunk is handed over in the callback that received it. A side that
reads slowly stops the other from being read (back-pressure); a side that has finished sending (half-close) leaves the
other open; a broken side breaks the other.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import cast

from local.edge.balancer import RoundRobin, Target

log = logging.getLogger(__name__)

CONNECT_TIMEOUT = 2.0


class Side(asyncio.Protocol):
    """One of the two connections; `peer` is the other, None until both stand."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.peer: Side | None = None
        self.finished = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if (other := self._other()) is not None:
            other.write(data)

    def eof_received(self) -> bool:
        """Returns True: this side may still be written to, until the other has finished as well."""
        self.finished = True
        if (other := self._other()) is None:
            return False
        if other.can_write_eof():
            other.write_eof()
        return not (self.peer is not None and self.peer.finished)

    def pause_writing(self) -> None:
        if (other := self._other()) is not None:
            other.pause_reading()

    def resume_writing(self) -> None:
        if (other := self._other()) is not None:
            other.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        if (other := self._other()) is None:
            return
        if exc is None:
            other.close()
        else:
            other.abort()

    def _other(self) -> asyncio.Transport | None:
        """The other side's transport while it can be used."""
        transport = self.peer.transport if self.peer is not None else None
        return None if transport is None or transport.is_closing() else transport


class Viewer(Side):
    """The accepted connection: looks for a target first and reads nothing until there is one."""

    def __init__(self, find: Callable[["Viewer"], Awaitable[None]]) -> None:
        super().__init__()
        self._find = find
        self._search: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        cast("asyncio.Transport", transport).pause_reading()
        self._search = asyncio.ensure_future(self._find(self))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._search is not None:
            self._search.cancel()
        super().connection_lost(exc)


class Forwarder:
    """Accepts connections and gives each a target. `targets` answers the healthy ones, best known first."""

    def __init__(self, targets: Callable[[], Awaitable[tuple[Target, ...]]]) -> None:
        self._targets = targets
        self._turns = RoundRobin()

    async def listen(self, host: str, port: int) -> asyncio.Server:
        """Start accepting; raises OSError when the port is taken."""
        return await asyncio.get_running_loop().create_server(lambda: Viewer(self._join), host, port, backlog=512)

    async def _join(self, viewer: Viewer) -> None:
        assert viewer.transport is not None
        for target in self._turns.order(await self._targets()):
            if await self._connect(viewer, target):
                viewer.transport.resume_reading()
                return
        viewer.transport.close()

    async def _connect(self, viewer: Viewer, target: Target) -> bool:
        def side() -> Side:
            made = Side()
            made.peer = viewer
            viewer.peer = made
            return made

        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                await asyncio.get_running_loop().create_connection(side, target.host, target.port)
        except (OSError, TimeoutError) as error:
            viewer.peer = None
            log.warning("target %s:%d does not answer: %r", target.host, target.port, error)
            return False
        return True
