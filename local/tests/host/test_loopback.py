"""The emulator is reachable from this machine only and calls nobody outside it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import ROOT, Cloud, emulator_python

LISTEN, ESTABLISHED, SYN_SENT = "0A", "01", "02"
LOOPBACK_V4 = re.compile(r"^[0-9A-F]{6}7F:")
LOOPBACK_V6 = re.compile(r"^(0{24}01000000|0{16}FFFF0000[0-9A-F]{6}7F):")


def sockets(pid: int, states: set[str]) -> list[tuple[str, str]]:
    """(local, remote) of the process's TCP sockets in these states, as /proc writes them."""
    inodes = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(entry.readlink())
        except OSError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    rows = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] in states and fields[9] in inodes:
                rows.append((fields[1], fields[2]))
    return rows


def is_loopback(address: str) -> bool:
    return bool(LOOPBACK_V4.match(address) or LOOPBACK_V6.match(address))


@pytest.mark.cloud
def test_every_listener_is_on_loopback(cloud: Cloud) -> None:
    cloud.client("s3").list_buckets()

    listeners = sockets(cloud.pid, {LISTEN})

    assert listeners
    assert all(is_loopback(local) for local, _ in listeners), listeners


@pytest.mark.cloud
def test_every_connection_stays_on_this_machine(cloud: Cloud) -> None:
    for service, operation in (("iot", "list_things"), ("ecr", "describe_repositories"), ("sns", "list_topics")):
        try:
            getattr(cloud.client(service), operation)()
        except cloud.client(service).exceptions.ClientError:
            continue  # not served here: what matters is that nobody outside was asked

    connections = sockets(cloud.pid, {ESTABLISHED, SYN_SENT})

    assert all(is_loopback(local) and is_loopback(remote) for local, remote in connections), connections


FENCED = """
import socket, sys
sys.path.insert(0, sys.argv[1])
from local_cloud import loopback
sys.addaudithook(loopback.refuse)
def refused(action):
    try:
        action()
    except (loopback.NotLoopback, socket.gaierror):
        return True
    return False
server = socket.socket(); server.bind(("127.0.0.1", 0)); server.listen()
socket.create_connection(server.getsockname()).close()
assert refused(lambda: socket.socket().bind(("0.0.0.0", 40404)))
assert refused(lambda: socket.socket().connect(("192.0.2.1", 80)))
assert refused(lambda: socket.getaddrinfo("example.com", 80))
print("fenced")
"""


def test_the_fence_lets_loopback_through_and_nothing_else() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FENCED, str(ROOT / "local")], capture_output=True, text=True, timeout=30, check=False
    )

    assert done.stdout.strip() == "fenced", done.stderr


def test_a_public_listen_address_is_refused(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "GATEWAY_LISTEN": "0.0.0.0:40405", "FILESYSTEM_ROOT": str(tmp_path)}
    done = subprocess.run(
        [emulator_python(), "-m", "local_cloud"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode != 0
    assert "must name a loopback address" in done.stderr
