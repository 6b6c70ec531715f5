"""The TCP edge: whose turn it is, what happens without targets, and that bytes and half-closes pass untouched."""

import asyncio
import contextlib
import os
import socket

from aiohttp import web
from edge_scene import FakeDeployment, Run, scene

from local.edge.balancer import RoundRobin, Target, healthy_targets


async def nothing(request: web.BaseRequest) -> web.StreamResponse:
    return web.Response()


def described(host: str, port: int, state: str = "healthy") -> dict:
    return {"Target": {"Id": host, "Port": port}, "TargetHealth": {"State": state}}


def test_only_healthy_local_targets_are_used_in_turn() -> None:
    descriptions = [
        described("127.1.0.2", 9091),
        described("127.1.0.1", 9091),
        described("127.1.0.3", 9091, "unhealthy"),
        described("10.0.0.1", 9091),
    ]
    targets = healthy_targets(descriptions)
    assert [target.host for target in targets] == ["127.1.0.1", "127.1.0.2"]
    turns = RoundRobin()
    assert [turns.order(targets)[0].host for _ in range(3)] == ["127.1.0.1", "127.1.0.2", "127.1.0.1"]
    assert turns.order(()) == []


@contextlib.asynccontextmanager
async def target(name: bytes):
    """Answers with its name, then with everything it got, once the other side has finished sending."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(name)
        writer.write(await reader.read())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield Target("127.0.0.1", server.sockets[0].getsockname()[1])


async def call(address: tuple[str, int], data: bytes = b"") -> bytes:
    reader, writer = await asyncio.open_connection(*address)
    writer.write(data)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    return answer


def unused() -> Target:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return Target(*sock.getsockname())


def test_connections_take_turns_and_skip_a_target_that_does_not_answer(run: Run) -> None:
    async def scenario() -> None:
        async with target(b"a") as first, target(b"b") as second:
            deployment = FakeDeployment(targets=(first, second, unused()))
            async with scene(nothing, deployment) as s:
                answers = [await call(s.grpc) for _ in range(6)]
        assert set(answers) == {b"a", b"b"}
        assert all(answers.count(name) >= 2 for name in (b"a", b"b"))

    run(scenario())


def test_half_close_passes_and_large_payloads_survive(run: Run) -> None:
    data = os.urandom(5_000_000)

    async def scenario() -> None:
        async with target(b">") as only, scene(nothing, FakeDeployment(targets=(only,))) as s:
            assert await call(s.grpc, data) == b">" + data

    run(scenario())


def test_without_a_target_the_connection_closes_at_once(run: Run) -> None:
    async def scenario() -> None:
        for targets in ((), (unused(),)):
            async with scene(nothing, FakeDeployment(targets=targets)) as s:
                assert await asyncio.wait_for(call(s.grpc), 1) == b""

    run(scenario())


def test_a_slow_reader_stops_the_sender(run: Run) -> None:
    """Back-pressure: a viewer that reads nothing must not fill the edge's memory with the target's answer."""
    sent = 0

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        with contextlib.suppress(ConnectionError):
            while sent < 200_000_000:
                writer.write(bytes(100_000))
                await writer.drain()
                sent += 100_000

    async def scenario() -> None:
        server = await asyncio.start_server(flood, "127.0.0.1", 0)
        async with server:
            targets = (Target("127.0.0.1", server.sockets[0].getsockname()[1]),)
            async with scene(nothing, FakeDeployment(targets=targets)) as s:
                sock = socket.socket()
                sock.setblocking(False)  # noqa: FBT003 - the socket module's own signature
                await asyncio.get_running_loop().sock_connect(sock, s.grpc)
                await asyncio.sleep(1.0)
                assert 0 < sent < 50_000_000
                sock.close()
                await asyncio.sleep(0.1)

    run(scenario())


def test_a_target_that_breaks_breaks_the_viewer(run: Run) -> None:
    async def slam(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async def scenario() -> None:
        server = await asyncio.start_server(slam, "127.0.0.1", 0)
        async with server:
            targets = (Target("127.0.0.1", server.sockets[0].getsockname()[1]),)
            async with scene(nothing, FakeDeployment(targets=targets)) as s:
                with contextlib.suppress(ConnectionResetError):
                    assert await asyncio.wait_for(call(s.grpc), 2) == b""

    run(scenario())


def test_new_targets_are_noticed(run: Run) -> None:
    async def scenario() -> None:
        async with (
            target(b"old") as old,
            target(b"new") as new,
            scene(nothing, FakeDeployment(targets=(old,))) as s,
        ):
            assert await call(s.grpc) == b"old"
            s.deployment.targets = (new,)
            await asyncio.sleep(0.3)
            assert await call(s.grpc) == b"new"

    run(scenario())
