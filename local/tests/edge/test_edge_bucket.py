"""The HTTP edge before a bucket: what reaches it, and what a missing object becomes."""

from aiohttp import web
from edge_scene import FakeDeployment, Run, distribution_config, echo, scene

from local.edge.distribution import Distribution


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


def test_a_missing_object_without_a_page_is_forbidden_as_in_aws(run: Run, deployed: FakeDeployment) -> None:
    async def bucket(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=404, text="NoSuchKey")

    async def scenario() -> None:
        async with scene(bucket, deployed) as s, s.client.get(f"{s.edge}/nothing.js") as got:
            assert (got.status, got.reason) == (403, "Forbidden")

    run(scenario())
