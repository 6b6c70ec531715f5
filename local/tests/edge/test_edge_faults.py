"""What the HTTP edge says when a body is too large, nothing is deployed, or an origin or a viewer goes away."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web
from edge_scene import FakeDeployment, Run, Scene, distribution_config, echo, scene

from local.edge.distribution import Distribution


def test_too_large_a_body_is_refused_announced_or_not(run: Run, deployed: FakeDeployment) -> None:
    size = 10 * 1024 * 1024 + 1

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield bytes(1024 * 1024)

    async def scenario() -> None:
        async with scene(echo, deployed) as s:
            for body in (bytes(size), pieces()):
                async with s.client.post(f"{s.edge}/v2/x", data=body) as got:
                    problem = await got.json(content_type="application/problem+json")
                    assert (got.status, problem["status"], problem["title"]) == (413, 413, "Payload too large")
                    assert "10485760 bytes" in problem["error"]
            async with s.client.post(f"{s.edge}/v2/x", data=bytes(size - 1)) as got:
                assert (got.status, got.headers["X-Length"]) == (200, str(size - 1))

    run(scenario())


def test_a_viewer_that_asks_first_is_told_to_continue_or_refused(run: Run, deployed: FakeDeployment) -> None:
    async def talk(s: Scene, length: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(s.edge.rpartition(":")[2]))
        head = f"POST /v2/x HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n\r\n"
        writer.write(head.encode())
        return reader, writer

    async def scenario() -> None:
        async with scene(echo, deployed) as s:
            reader, writer = await talk(s, 3)
            assert await reader.readline() == b"HTTP/1.1 100 Continue\r\n"
            await reader.readline()
            writer.write(b"abc")
            assert b"200" in await reader.readline()
            writer.close()
            reader, writer = await talk(s, 99 * 1024 * 1024)
            assert b"413" in await reader.readline()
            writer.close()

    run(scenario())


def test_nothing_deployed_is_503_until_it_is(run: Run) -> None:
    async def scenario() -> None:
        async with scene(echo, FakeDeployment()) as s:
            async with s.client.get(f"{s.edge}/api/v2/model") as got:
                assert got.status == 503
                assert got.headers["Retry-After"] == "2"
                assert "error" not in await got.json(content_type="application/problem+json")
            s.deployment.distribution = Distribution.from_config("E1", distribution_config())
            async with s.client.get(f"{s.edge}/api/v2/model") as got:
                assert got.status == 200

    run(scenario())


def test_an_origin_that_is_away_is_502_and_a_slow_one_504(run: Run, deployed: FakeDeployment) -> None:
    async def slow(request: web.BaseRequest) -> web.StreamResponse:
        if "reset" in request.raw_path:
            request.transport.abort()
        await asyncio.sleep(3)
        return web.Response()

    async def scenario() -> None:
        async with scene(slow, deployed) as s:
            for path, status, title in (("/v2/reset", 502, "Bad gateway"), ("/v2/slow", 504, "Gateway timeout")):
                async with s.client.post(f"{s.edge}{path}") as got:
                    problem = await got.json(content_type="application/problem+json")
                    assert (got.status, problem["title"], problem["instance"]) == (status, title, path)
                    assert problem["error"] == problem["detail"]
            async with s.client.get(f"{s.edge}/elsewhere") as got:
                assert got.status == 502
                assert "example.com" in await got.text()

    run(scenario())


def test_an_origin_that_breaks_off_is_not_passed_as_a_complete_answer(run: Run, deployed: FakeDeployment) -> None:
    async def broken(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"half")
        request.transport.abort()
        return response

    async def scenario() -> None:
        async with scene(broken, deployed) as s:
            try:
                async with s.client.get(f"{s.edge}/v2/x") as got:
                    await got.read()
            except aiohttp.ClientError:
                return
            raise AssertionError("a broken answer arrived as if it were whole")

    run(scenario())


def test_a_viewer_that_leaves_ends_the_call_to_the_origin(run: Run, deployed: FakeDeployment) -> None:
    left = asyncio.Event()

    async def hanging(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 1000)
                await asyncio.sleep(0.01)
        except (ConnectionError, asyncio.CancelledError):
            left.set()
            raise

    async def scenario() -> None:
        async with scene(hanging, deployed) as s:
            async with s.client.get(f"{s.edge}/v2/x") as got:
                await got.content.readexactly(10)
                got.close()
            await asyncio.wait_for(left.wait(), 5)

    run(scenario())
