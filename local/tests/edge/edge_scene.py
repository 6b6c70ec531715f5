"""A real edge in front of a tiny real origin; only what the emulator would say about the deployment is a fake."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

from local.edge.balancer import Target
from local.edge.distribution import Distribution
from local.edge.serve import Edge
from local.edge.watch import Watch

Run = Callable[[Awaitable[None]], None]

ALL = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]


def behaviour(origin: str, pattern: str | None = None, methods: list[str] | None = None) -> dict:
    config = {"TargetOriginId": origin, "AllowedMethods": {"Items": methods or ALL}}
    return config | ({"PathPattern": pattern} if pattern else {})


def distribution_config(**extra: object) -> dict:
    """As CDK deploys it: an API behind three patterns, a bucket behind the rest."""
    origins = [
        {
            "Id": "api",
            "DomainName": "abc123.execute-api.us-east-1.amazonaws.com",
            "OriginPath": "/local",
            "CustomHeaders": {"Items": [{"HeaderName": "X-Origin-Secret", "HeaderValue": "s3cret"}]},
            "CustomOriginConfig": {"OriginReadTimeout": 1},
        },
        {"Id": "ui", "DomainName": "site-bucket.s3.us-east-1.amazonaws.com", "OriginPath": ""},
        {"Id": "elsewhere", "DomainName": "example.com"},
    ]
    behaviours = [behaviour("api", p) for p in ("/v2/*", "/v2", "/gateway/*", "/api/*")]
    behaviours.append(behaviour("elsewhere", "/elsewhere"))
    return {
        "Origins": {"Items": origins},
        "CacheBehaviors": {"Items": behaviours},
        "DefaultCacheBehavior": behaviour("ui", methods=["GET", "HEAD"]),
        "DefaultRootObject": "index.html",
        **extra,
    }


@dataclass
class FakeDeployment:
    """What is deployed, settable by a test."""

    distribution: Distribution | None = None
    targets: tuple[Target, ...] = ()
    reads: int = 0

    def read_distribution(self) -> Distribution | None:
        self.reads += 1
        return self.distribution

    def read_targets(self) -> tuple[Target, ...]:
        return self.targets


async def echo(request: web.BaseRequest) -> web.StreamResponse:
    body = await request.content.read()
    headers = {"X-Length": str(len(body)), "Content-Type": request.headers.get("Content-Type", "none/none")}
    return web.Response(body=body, headers=headers)


@dataclass
class Origin:
    """The emulator's place taken by a server that records requests and answers as told."""

    answer: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
    seen: list[tuple[str, str, list[tuple[str, str]]]] = field(default_factory=list)
    url: str = ""

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.seen.append((request.method, request.raw_path, list(request.headers.items())))
        return await self.answer(request)


@dataclass
class Scene:
    deployment: FakeDeployment
    origin: Origin
    edge: str
    grpc: tuple[str, int]
    client: aiohttp.ClientSession


@contextlib.asynccontextmanager
async def scene(
    answer: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]], deployment: FakeDeployment
) -> AsyncIterator[Scene]:
    origin = Origin(answer)
    runner = web.ServerRunner(web.Server(origin.handle), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    origin.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    distribution = Watch("distribution", deployment.read_distribution, None, period=0.05, patience=0.0)
    targets = Watch("targets", deployment.read_targets, (), period=0.05, patience=0.0)
    async with Edge(origin.url, distribution, targets, cloud="test") as edge, aiohttp.ClientSession() as client:
        port = await edge.listen_http("127.0.0.1", 0)
        grpc = await edge.listen_grpc("127.0.0.1", 0)
        yield Scene(deployment, origin, f"http://127.0.0.1:{port}", ("127.0.0.1", grpc), client)
    await runner.cleanup()
