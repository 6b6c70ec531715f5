"""The HTTP side of the edge: viewer -> behaviour -> origin and back, byte for byte.

Small bodies travel in one piece (one packet each way, no event-loop turn per chunk), large and unsized ones are
streamed, so memory stays flat whatever passes. Errors of the edge itself are problem documents; errors of an origin
pass unless the distribution replaces them.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import aiohttp
from aiohttp import web
from yarl import URL

from local.edge import headers, origins
from local.edge.bodies import SMALL, TooLarge, body_of
from local.edge.distribution import Behaviour, Distribution, ErrorResponse
from local.edge.problems import to_problem
from local.edge.viewer import FunctionFailed, Functions

log = logging.getLogger(__name__)

# the origin's own words only: nothing is added on the way that the viewer did not send
NOT_ADDED = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
RETRY_AFTER = 2


class Proxy:
    """Serves one distribution. `distribution` answers the deployed one, or None while there is none."""

    def __init__(
        self,
        emulator: str,
        distribution: Callable[[], Awaitable[Distribution | None]],
        session: aiohttp.ClientSession,
        functions: Functions,
    ) -> None:
        self._emulator = emulator
        self._distribution = distribution
        self._session = session
        self._functions = functions

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a viewer. Every error becomes a response; nothing is raised but cancellation."""
        target = request_target(request)
        path, _, query = target.partition("?")
        distribution = await self._distribution()
        if distribution is None:
            detail = "nothing is deployed yet: there is no CloudFront distribution to serve"
            return to_problem(503, detail, path, retry_after=RETRY_AFTER)
        behaviour = distribution.behaviour_for(path)
        if request.method not in behaviour.methods:
            return to_problem(403, f"{request.method} is not allowed here by the distribution", path)
        try:
            sent: headers.Headers | web.Response = request.headers
            if behaviour.function is not None:
                sent = await self._functions.on_request(behaviour.function, request, path)
            if isinstance(sent, web.Response):
                return sent
            return await self._forward(request, sent, distribution, behaviour, path, query)
        except FunctionFailed as error:
            return to_problem(503, f"the distribution's function failed: {error}", path)
        except TooLarge as error:
            return to_problem(413, str(error), path)
        except (origins.UnknownOrigin, aiohttp.InvalidURL) as error:
            return to_problem(502, str(error), path)
        except TimeoutError:
            return to_problem(504, f"the origin did not answer within {behaviour.origin.read_timeout:g} seconds", path)
        except aiohttp.ClientError as error:
            log.warning("%s %s: %r", request.method, path, error)
            return to_problem(
                502, f"the origin cannot be reached: {type(error).__name__}", path, retry_after=RETRY_AFTER
            )

    async def _forward(
        self,
        request: web.BaseRequest,
        sent: headers.Headers,
        distribution: Distribution,
        behaviour: Behaviour,
        path: str,
        query: str,
    ) -> web.StreamResponse:
        origin = behaviour.origin
        address = origins.locate(origin, self._emulator)
        # a query would select a sub-resource of the bucket; CloudFront's policy for buckets does not forward it
        suffix = f"?{query}" if query and not address.is_bucket else ""
        url = URL(f"{address.base}{distribution.origin_path(path)}{suffix}", encoded=True)
        body = await body_of(request, address.limit)
        call = self._session.request(
            request.method,
            url,
            headers=headers.for_origin(request, sent, origin.headers, address.is_bucket),
            data=body.data,
            allow_redirects=False,
            skip_auto_headers=NOT_ADDED,
            timeout=aiohttp.ClientTimeout(sock_connect=origin.connect_timeout, sock_read=origin.read_timeout),
        )
        try:
            async with call as answer:
                replacement = distribution.error_response(seen_status(answer.status, address.is_bucket))
                if replacement and (page := await self._error_page(distribution, replacement)):
                    return page
                return await relay(request, answer, seen_status(answer.status, address.is_bucket))
        except aiohttp.ClientError:
            body.raise_if_too_large()
            raise

    async def _error_page(self, distribution: Distribution, error: ErrorResponse) -> web.Response | None:
        """The page that replaces an error, or None when the page itself cannot be had."""
        origin = distribution.behaviour_for(error.page).origin
        url = URL(f"{origins.locate(origin, self._emulator).base}{error.page}", encoded=True)
        async with self._session.get(url, skip_auto_headers=NOT_ADDED) as answer:
            if answer.status != 200:
                return None
            return web.Response(
                status=error.status, headers=headers.for_viewer(answer.headers), body=await answer.read()
            )


async def relay(request: web.BaseRequest, answer: aiohttp.ClientResponse, status: int) -> web.StreamResponse:
    """Pass an origin's answer on. An origin that breaks off makes the viewer's connection break off, too."""
    passed = headers.for_viewer(answer.headers)
    reason = answer.reason if status == answer.status else None
    if answer.content_length is not None and answer.content_length <= SMALL and request.method != "HEAD":
        return web.Response(status=status, reason=reason, headers=passed, body=await answer.read())
    response = web.StreamResponse(status=status, reason=reason, headers=passed)
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    try:
        async for chunk in answer.content.iter_any():
            await response.write(chunk)
    except (aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError) as error:
        log.warning("%s: the origin broke off: %r", request.path, error)
        if request.transport is not None:
            request.transport.abort()
    return response


def seen_status(status: int, is_bucket: bool) -> int:
    """CloudFront may read objects but not list them, and to such a caller S3 says 403 where an object is missing."""
    return 403 if is_bucket and status == 404 else status


def request_target(request: web.BaseRequest) -> str:
    """The request's target as sent, percent-encoding and all, in origin form."""
    target = request.raw_path
    if target.startswith("/"):
        return target
    url = URL(target, encoded=True)
    return url.raw_path_qs if url.absolute else "/"
