"""The HTTP edge against a real origin: bytes, headers, limits and errors."""

import asyncio
import gzip
import os
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web
from edge_scene import FakeDeployment, Run, Scene, distribution_config, scene

from local.edge.distribution import Distribution

BINARY = os.urandom(700_001)


async def echo(request: web.BaseRequest) -> web.StreamResponse:
    body = await request.content.read()
    headers = {"X-Length": str(len(body)), "Content-Type": request.headers.get("Content-Type", "none/none")}
    return web.Response(body=body, headers=headers)


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


def test_the_bucket_gets_neither_keys_nor_queries_and_only_reads(run: Run, deployed: FakeDeployment) -> None:
    async def scenario() -> None:
        async with scene(echo, deployed) as s:
            async with s.client.get(
                f"{s.edge}/?acl", headers={"x-api-key": "k", "Cookie": "c=1", "Range": "bytes=0-1"}
            ) as got:
                assert got.status == 200
            async with s.client.delete(f"{s.edge}/index.html") as got:
                assert got.status == 403
            (method, target, headers) = s.origin.seen[0]
            names = {name.lower() for name, _ in headers}
            assert (method, target) == ("GET", "/site-bucket/index.html")
            assert "range" in names
            assert not names & {"x-api-key", "cookie", "authorization"}
            assert len(s.origin.seen) == 1

    run(scenario())


def test_a_missing_object_becomes_the_single_page(run: Run) -> None:
    async def bucket(request: web.BaseRequest) -> web.StreamResponse:
        if request.raw_path == "/site-bucket/index.html":
            return web.Response(text="<html>", content_type="text/html")
        return web.Response(status=404, text="NoSuchKey")

    items = [{"ErrorCode": 403, "ResponsePagePath": "/index.html", "ResponseCode": "200"}]
    config = distribution_config(CustomErrorResponses={"Items": items})

    async def scenario() -> None:
        async with scene(bucket, FakeDeployment(Distribution.from_config("E1", config))) as s:
            async with s.client.get(f"{s.edge}/applications/fraud") as got:
                assert (got.status, got.content_type, await got.text()) == (200, "text/html", "<html>")
            async with s.client.get(f"{s.edge}/v2/missing") as got:
                assert got.reason == "Not Found"
                assert got.status == 404  # only 403 is replaced, and only a bucket turns 404 into 403

    run(scenario())


def test_health_names_the_cloud_and_what_is_deployed(run: Run, deployed: FakeDeployment) -> None:
    async def scenario() -> None:
        async with scene(echo, deployed) as s:
            await asyncio.sleep(0.2)
            async with s.client.get(f"{s.edge}/_edge/health") as got:
                assert await got.json() == {"status": "ok", "cloud": "test", "distribution": "E1", "targets": []}

    run(scenario())


def test_a_missing_object_without_a_page_is_forbidden_as_in_aws(run: Run, deployed: FakeDeployment) -> None:
    async def bucket(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=404, text="NoSuchKey")

    async def scenario() -> None:
        async with scene(bucket, deployed) as s, s.client.get(f"{s.edge}/nothing.js") as got:
            assert (got.status, got.reason) == (403, "Forbidden")

    run(scenario())
