"""CloudFront Functions at the edge: what they do to a request's headers, what they answer, and how they fail."""

import asyncio

from aiohttp import web
from edge_scene import FakeDeployment, Run, distribution_config, scene

from local.edge.distribution import Distribution

ARN = "arn:aws:cloudfront::000000000000:function/f"
RENAME = """
function handler(event) {
    var headers = event.request.headers;
    if (event.request.uri === '/v2/closed') {
        return { statusCode: 302, headers: { location: { value: '/v2/open' } } };
    }
    if (event.request.uri === '/v2/broken') { throw new Error('no'); }
    headers['x-was'] = { value: event.request.method + ' ' + headers['x-old'].value };
    delete headers['x-old'];
    return event.request;
}
"""


def deployed_with(code: str) -> FakeDeployment:
    config = distribution_config()
    association = {"Items": [{"EventType": "viewer-request", "FunctionARN": ARN}]}
    for behaviour in config["CacheBehaviors"]["Items"]:
        if behaviour["PathPattern"].startswith("/v2"):
            behaviour["FunctionAssociations"] = association
    return FakeDeployment(Distribution.from_config("E1", config, {ARN: code}))


async def ok(_request: web.BaseRequest) -> web.StreamResponse:
    return web.Response(body=b"ok")


def test_a_function_changes_adds_and_removes_headers_where_it_is_associated(run: Run) -> None:
    async def scenario() -> None:
        headers = [("X-Old", "1"), ("X-Two", "a"), ("X-Two", "b"), ("Cookie", "c=d")]
        async with scene(ok, deployed_with(RENAME)) as s:
            for path in ("/v2/x", "/api/x"):
                async with s.client.get(f"{s.edge}{path}", headers=headers) as answer:
                    assert answer.status == 200
            changed, unchanged = (
                [(k.lower(), v) for k, v in seen[2] if k.lower().startswith(("x-was", "x-old", "x-two", "cookie"))]
                for seen in s.origin.seen
            )
            assert sorted(changed) == [("cookie", "c=d"), ("x-two", "a"), ("x-two", "b"), ("x-was", "GET 1")]
            assert sorted(unchanged) == [("cookie", "c=d"), ("x-old", "1"), ("x-two", "a"), ("x-two", "b")]

    run(scenario())


def test_many_requests_at_once_get_their_own_answers(run: Run) -> None:
    async def echo(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text=request.headers["X-Was"])

    async def scenario() -> None:
        async with scene(echo, deployed_with(RENAME)) as s:

            async def ask(number: int) -> str:
                async with s.client.get(f"{s.edge}/v2/x", headers={"X-Old": str(number)}) as answer:
                    return await answer.text()

            assert await asyncio.gather(*map(ask, range(50))) == [f"GET {n}" for n in range(50)]

    run(scenario())


def test_a_function_answers_itself(run: Run) -> None:
    async def scenario() -> None:
        async with scene(ok, deployed_with(RENAME)) as s:
            async with s.client.get(f"{s.edge}/v2/closed", allow_redirects=False) as answer:
                assert (answer.status, answer.headers["Location"]) == (302, "/v2/open")
            assert s.origin.seen == []

    run(scenario())


def test_a_function_that_fails_is_a_503_and_the_next_request_is_served(run: Run) -> None:
    async def scenario() -> None:
        async with scene(ok, deployed_with(RENAME)) as s:
            async with s.client.get(f"{s.edge}/v2/broken") as answer:
                assert answer.status == 503
                assert "Error: no" in (await answer.json())["detail"]
            async with s.client.get(f"{s.edge}/v2/x", headers={"X-Old": "1"}) as answer:
                assert answer.status == 200

    run(scenario())


def test_code_that_is_no_function_is_a_503_and_nobody_hangs(run: Run) -> None:
    async def scenario() -> None:
        async with scene(ok, deployed_with("this is not JavaScript")) as s:
            for _ in range(2):
                async with s.client.get(f"{s.edge}/v2/x") as answer:
                    assert answer.status == 503

    run(scenario())
