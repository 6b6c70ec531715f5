"""The HTTP edge against a real origin: bytes and headers cross as they are."""

import asyncio
import gzip
import os
from collections.abc import AsyncIterator

from aiohttp import web
from edge_scene import FakeDeployment, Run, echo, scene

BINARY = os.urandom(700_001)


def test_small_and_large_bodies_arrive_byte_for_byte(run: Run, deployed: FakeDeployment) -> None:
    async def scenario() -> None:
        async with scene(echo, deployed) as s:
            for body in (b"", b"\x00\xff{}", BINARY[:65_536], BINARY):
                async with s.client.post(f"{s.edge}/v2/models/m/infer", data=body) as answer:
                    assert answer.status == 200
                    assert await answer.read() == body

    run(scenario())


def test_a_body_of_unknown_length_is_streamed_both_ways(run: Run, deployed: FakeDeployment) -> None:
    async def chunked(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        async for chunk in request.content.iter_any():
            await response.write(chunk)
        return response

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(BINARY), 50_000):
            yield BINARY[start : start + 50_000]

    async def scenario() -> None:
        async with scene(chunked, deployed) as s, s.client.post(f"{s.edge}/v2/x", data=pieces()) as answer:
            assert await answer.read() == BINARY

    run(scenario())


def test_the_first_part_of_a_streamed_answer_arrives_before_the_last_is_made(
    run: Run, deployed: FakeDeployment
) -> None:
    seen = asyncio.Event()

    async def slow(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"first")
        await asyncio.wait_for(seen.wait(), 5)
        await response.write(b"last")
        return response

    async def scenario() -> None:
        async with scene(slow, deployed) as s, s.client.get(f"{s.edge}/v2/x") as answer:
            assert await answer.content.readexactly(5) == b"first"
            seen.set()
            assert await answer.read() == b"last"

    run(scenario())


def test_the_target_reaches_the_origin_as_it_was_sent(run: Run, deployed: FakeDeployment) -> None:
    async def scenario() -> None:
        async with scene(echo, deployed) as s:
            reader, writer = await asyncio.open_connection("127.0.0.1", int(s.edge.rpartition(":")[2]))
            writer.write(
                b"GET /api/v2/a%2Fb/%C3%A9/../x?q=%20&r=a+b HTTP/1.1\r\nHost: h:1\r\nConnection: close\r\n\r\n"
            )
            assert b"200 OK" in await reader.readline()
            writer.close()
            assert s.origin.seen[0][1] == "/_aws/execute-api/abc123/local/api/v2/a%2Fb/%C3%A9/../x?q=%20&r=a+b"

    run(scenario())


def test_headers_cross_except_those_of_the_hop(run: Run, deployed: FakeDeployment) -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = web.Response(body=b"x", headers={"Connection": "X-Private", "X-Private": "1", "X-Request-Id": "r1"})
        response.headers.add("Set-Cookie", "a=1")
        response.headers.add("Set-Cookie", "b=2")
        return response

    async def scenario() -> None:
        async with scene(answer, deployed) as s:
            sent = {
                "x-api-key": "k",
                "Connection": "X-Hop",
                "X-Hop": "1",
                "TE": "trailers",
                "X-Forwarded-For": "10.0.0.1",
            }
            async with s.client.get(f"{s.edge}/v2/x", headers=sent) as got:
                assert got.headers.getall("Set-Cookie") == ["a=1", "b=2"]
                assert got.headers["X-Request-Id"] == "r1"
                assert "X-Private" not in got.headers
            headers = {name.lower(): value for name, value in s.origin.seen[0][2]}
            assert headers["x-api-key"] == "k"
            assert headers["x-forwarded-for"] == "10.0.0.1, 127.0.0.1"
            assert headers["x-forwarded-proto"] == "http"
            assert headers["x-forwarded-host"] == s.edge.removeprefix("http://")
            assert headers["host"] == s.origin.url.removeprefix("http://")
            assert headers["x-origin-secret"] == "s3cret"
            assert "x-hop" not in headers
            assert "te" not in headers

    run(scenario())


def test_a_compressed_answer_stays_compressed(run: Run, deployed: FakeDeployment) -> None:
    packed = gzip.compress(b"hello" * 100)

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

    async def scenario() -> None:
        async with scene(answer, deployed) as s, s.client.get(f"{s.edge}/v2/x") as got:
            assert await got.read() == b"hello" * 100
            assert got.headers["Content-Length"] == str(len(packed))

    run(scenario())


def test_head_and_empty_answers_keep_their_headers(run: Run, deployed: FakeDeployment) -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if request.method == "HEAD":
            return web.Response(headers={"Content-Length": "1234"})
        return web.Response(status=204, headers={"X-Done": "1"})

    async def scenario() -> None:
        async with scene(answer, deployed) as s:
            async with s.client.head(f"{s.edge}/v2/x") as got:
                assert (got.status, got.headers["Content-Length"]) == (200, "1234")
            async with s.client.delete(f"{s.edge}/v2/x") as got:
                assert (got.status, got.headers["X-Done"], await got.read()) == (204, "1", b"")

    run(scenario())


def test_health_names_the_cloud_and_what_is_deployed(run: Run, deployed: FakeDeployment) -> None:
    async def scenario() -> None:
        async with scene(echo, deployed) as s:
            await asyncio.sleep(0.2)
            async with s.client.get(f"{s.edge}/_edge/health") as got:
                assert await got.json() == {"status": "ok", "cloud": "test", "distribution": "E1", "targets": []}

    run(scenario())
