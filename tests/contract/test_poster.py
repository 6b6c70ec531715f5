"""Webhooks over real sockets: what is sent arrives, and nothing goes where nobody may send."""

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from functions.adapters.webhooks import GuardedPoster, is_public
from functions.core.errors import InvalidRequest, Unavailable


class Receiver(ThreadingHTTPServer):
    """Answers with `status`, and remembers what it was sent."""

    status = 200
    location = ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[tuple[str, dict[str, str], bytes]] = []


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.received.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("location", self.server.location)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *arguments: Any) -> None: ...


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_s17_what_is_posted_arrives_as_it_was_sent(receiver: Receiver) -> None:
    url = f"http://localhost:{receiver.server_port}/hook?of=me"
    GuardedPoster(allow_private=True).post(url, b'{"x":1}', {"content-type": "application/json", "dewpoint-x": "y"})
    [(path, headers, body)] = receiver.received
    assert (path, body) == ("/hook?of=me", b'{"x":1}')
    assert (headers["content-type"], headers["dewpoint-x"]) == ("application/json", "y")
    assert headers["host"] == f"localhost:{receiver.server_port}"


@pytest.mark.parametrize("status", [301, 307, 400, 404, 500, 503])
def test_s17_whatever_is_no_success_is_a_failure_and_no_redirect_is_followed(receiver: Receiver, status: int) -> None:
    receiver.status, receiver.location = status, f"http://127.0.0.1:{receiver.server_port}/elsewhere"
    with pytest.raises(Unavailable, match=f"answered {status}"):
        GuardedPoster(allow_private=True).post(f"http://127.0.0.1:{receiver.server_port}/", b"", {})
    assert [path for path, _, _ in receiver.received] == ["/"]


def test_nobody_who_listens_is_a_failure() -> None:
    with pytest.raises(Unavailable, match="cannot be spoken to"):
        GuardedPoster(allow_private=True).post("http://127.0.0.1:9/", b"", {})


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.1.2.3", "169.254.169.254", "100.64.0.1", "0.0.0.0"])
def test_s17_addresses_that_are_not_public_are_refused(host: str) -> None:
    with pytest.raises(InvalidRequest, match="not a public address"):
        GuardedPoster().post(f"https://{host}/", b"", {})


def test_s17_only_https_is_spoken() -> None:
    with pytest.raises(InvalidRequest, match="only https"):
        GuardedPoster().post("http://93.184.216.34/", b"", {})


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("192.168.0.1", False),
        ("172.16.5.5", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("198.18.0.1", False),
    ],
)
def test_public_addresses_are_told_from_others(address: str, *, public: bool) -> None:
    assert is_public(address) is public


def self_signed(file: Path, name: str) -> Path:
    """A certificate that nobody trusts, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(datetime(2020, 1, 1, tzinfo=UTC)).not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
    pem, plain = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    private = key.private_bytes(pem, plain, serialization.NoEncryption())
    file.write_bytes(private + made.sign(key, hashes.SHA256()).public_bytes(pem))
    return file


def test_s17_the_certificate_must_be_trusted_and_the_names_own(receiver: Receiver, tmp_path: Path) -> None:
    certificate = self_signed(tmp_path / "certificate.pem", "hooks.example.org")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    receiver.socket = context.wrap_socket(receiver.socket, server_side=True)
    with pytest.raises(Unavailable, match="SSLError"):
        GuardedPoster(allow_private=True).post(f"https://localhost:{receiver.server_port}/", b"", {})
    assert receiver.received == []
