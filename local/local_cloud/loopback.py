"""The emulator executes code without asking for credentials: it listens on loopback only and calls nobody outside.

Two measures. LocalStack binds every interface whatever `GATEWAY_LISTEN` says, so its listener is given the address.
And an audit hook refuses, for the life of the process, every bind and every connection to a non-loopback address;
code that tries gets an `OSError`, as on a machine without a network.
"""

import ipaddress
import socket
import sys
from typing import Any

ANYWHERE = {"", "0.0.0.0", "::"}


class NotLoopback(OSError):
    """A socket was about to leave the machine, or to be reachable from outside it."""


def is_loopback(host: str) -> bool:
    """Whether a host name or address stays on this machine (names other than localhost do not count)."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """Audit hook; raises `NotLoopback` for sockets beyond loopback, `socket.gaierror` for names asked outside."""
    if event in ("socket.bind", "socket.connect"):
        refuse_address(event, *arguments)
    elif event == "socket.getaddrinfo":
        refuse_name(arguments[0])


def refuse_address(event: str, sock: Any, address: Any) -> None:
    """Raises `NotLoopback` when an internet socket is about to be bound or connected to another machine's address."""
    if getattr(sock, "family", None) not in (socket.AF_INET, socket.AF_INET6) or not isinstance(address, tuple):
        return
    host, port = address[0], address[1]
    if event == "socket.bind" and port == 0 and host in ANYWHERE:
        return  # how a free port is looked for; nothing listens there
    if not is_loopback(host):
        raise NotLoopback(f"{event} refused: {host}:{port} is not on this machine")


def refuse_name(host: str | bytes | None) -> None:
    """Raises `socket.gaierror` for a name that would be asked of a name server."""
    if isinstance(host, bytes):
        host = host.decode()
    if host is None or host in ANYWHERE or host == socket.gethostname() or is_loopback(host):
        return
    raise socket.gaierror(socket.EAI_NONAME, f"{host}: names are not looked up outside this machine")


def install(host: str) -> None:
    """Fence the process in and make the gateway listen on `host`; raises `NotLoopback` when host is a public one."""
    if not is_loopback(host):
        raise NotLoopback(f"GATEWAY_LISTEN must name a loopback address, not {host}")
    sys.addaudithook(refuse)

    from twisted.internet import endpoints

    original = endpoints.TCP4ServerEndpoint

    def endpoint(reactor: Any, port: int, backlog: int = 50, interface: str = "") -> Any:
        return original(reactor, port, backlog, interface or host)

    endpoints.TCP4ServerEndpoint = endpoint
