"""Request bodies on their way to an origin: in one piece when small, streamed and counted when not."""

from collections.abc import AsyncIterator

from aiohttp import HttpVersion11, hdrs, web

SMALL = 256 * 1024
"""Bodies up to this many bytes are not worth streaming."""


class TooLarge(Exception):
    """The body is larger than the origin accepts."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the request body is larger than {limit} bytes, the most this address accepts")


class Body:
    """What to send: `data` is None, bytes, or a stream that stops with TooLarge at the limit."""

    def __init__(self, data: bytes | AsyncIterator[bytes] | None = None) -> None:
        self.data = data
        self._too_large: TooLarge | None = None

    @classmethod
    def stream(cls, request: web.BaseRequest, limit: int | None) -> "Body":
        body = cls()
        body.data = body._counted(request, limit)
        return body

    def raise_if_too_large(self) -> None:
        """Raises TooLarge when that is why the stream stopped: the HTTP client reports only a failed upload."""
        if self._too_large is not None:
            raise self._too_large

    async def _counted(self, request: web.BaseRequest, limit: int | None) -> AsyncIterator[bytes]:
        count = 0
        async for chunk in request.content.iter_any():
            count += len(chunk)
            if limit is not None and count > limit:
                self._too_large = TooLarge(limit)
                raise self._too_large
            yield chunk


async def body_of(request: web.BaseRequest, limit: int | None) -> Body:
    """The body of a viewer's request. Raises TooLarge at once when its announced length exceeds `limit` bytes."""
    if not request.body_exists:
        return Body()
    length = request.content_length
    if limit is not None and length is not None and length > limit:
        raise TooLarge(limit)
    await answer_expectation(request)
    if length is not None and length <= SMALL:
        return Body(await request.content.read())
    return Body.stream(request, limit)


async def answer_expectation(request: web.BaseRequest) -> None:
    """A viewer that asked first is told to go on; only after the announced length was found acceptable."""
    if request.version >= HttpVersion11 and request.headers.get(hdrs.EXPECT, "").lower() == "100-continue":
        writer = request.writer
        await writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        writer.output_size = 0  # the answer itself has not begun
