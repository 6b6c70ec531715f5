"""Which ports are chosen, with real sockets in the way."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.machine.errors import MachineError, PortTaken
from local.machine.ports import Reservations, choose, choose_one, is_free
from local.machine.settings import DEFAULT_PORTS, Settings, asked_port


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen(1)
        yield sock.getsockname()[1]


@pytest.fixture
def free(taken: int) -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@pytest.fixture
def reservations(tmp_path: Path) -> Iterator[Reservations]:
    made = Reservations(tmp_path / "ports")
    yield made
    made.release()


def test_a_port_with_a_listener_is_not_free(taken: int, free: int) -> None:
    assert not is_free(taken)
    assert is_free(free)


def test_a_port_whose_connections_are_closing_is_free() -> None:
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as every server of ours
        server.bind(("127.0.0.1", 0))
        server.listen(1)
        port = server.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        accepted, _ = server.accept()
        accepted.close()  # the side that closes first keeps the port in TIME_WAIT
        client.close()
    assert is_free(port)


def test_an_asked_port_is_used_or_refused(taken: int, free: int, reservations: Reservations) -> None:
    assert choose_one("edge", free, taken, False, reservations) == free  # noqa: FBT003
    with pytest.raises(PortTaken, match=rf"{taken}.*DEWPOINT_EDGE_PORT"):
        choose_one("edge", taken, None, False, reservations)  # noqa: FBT003


def test_a_remembered_port_is_kept_while_nobody_else_has_it(taken: int, free: int, reservations: Reservations) -> None:
    assert choose({}, {"edge": free}, (), reservations)["edge"] == free
    assert choose({}, {"edge": taken}, (), reservations)["edge"] != taken


def test_a_port_that_our_own_process_holds_is_ours(taken: int, reservations: Reservations) -> None:
    assert choose({}, {"edge": taken}, {"edge"}, reservations)["edge"] == taken
    assert choose({"edge": taken}, {"edge": taken}, {"edge"}, reservations)["edge"] == taken


def test_by_default_the_first_free_port_from_the_default_on(reservations: Reservations) -> None:
    ports = choose({}, {}, (), reservations)
    assert set(ports) == set(DEFAULT_PORTS)
    assert all(ports[role] >= default for role, default in DEFAULT_PORTS.items())
    assert len(set(ports.values())) == len(DEFAULT_PORTS)


def test_two_commands_at_once_choose_different_ports(tmp_path: Path) -> None:
    first, second = Reservations(tmp_path), Reservations(tmp_path)
    one = choose({}, {}, (), first)
    other = choose({}, {}, (), second)
    assert not set(one.values()) & set(other.values())
    first.release()
    assert choose({}, one, (), second) == one
    second.release()


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1"])
def test_a_port_must_be_one(text: str) -> None:
    with pytest.raises(MachineError, match="DEWPOINT_EDGE_PORT"):
        asked_port({"DEWPOINT_EDGE_PORT": text}, "edge")


def test_settings_are_read_from_the_environment(tmp_path: Path) -> None:
    environ = {"DEWPOINT_STATE": "local/.state/test", "DEWPOINT_GRPC_PORT": "9000"}
    settings = Settings.from_environment(environ, tmp_path, Path("/venv/bin/python"))
    assert settings.state == tmp_path / "local/.state/test"
    assert settings.asked == {"grpc": 9000}
    assert settings.tools == tmp_path / "local/.state/env"
