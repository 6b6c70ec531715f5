"""A private package index on loopback: one package that is nowhere else, for those who know the password."""

import base64
import io
import secrets
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PACKAGE = "dewpoint-inhouse"
MODULE = "dewpoint_inhouse"
WHEEL = f"{MODULE}-1.0-py3-none-any.whl"
USER = "reader"


def wheel() -> bytes:
    """A package of one module, whose function doubles."""
    info = f"{MODULE}-1.0.dist-info"
    files = {
        f"{MODULE}.py": "def double(x):\n    return 2 * x\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in (*files, f"{info}/RECORD"))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return packed.getvalue()


class Handler(BaseHTTPRequestHandler):
    """The simple repository API: https://packaging.python.org/en/latest/specifications/simple-repository-api"""

    password = ""
    pages = {
        f"/simple/{PACKAGE}/": ("text/html", f'<a href="/files/{WHEEL}">{WHEEL}</a>'.encode()),
        f"/files/{WHEEL}": ("application/octet-stream", wheel()),
    }

    def do_GET(self) -> None:
        known = base64.b64encode(f"{USER}:{self.password}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {known}":
            self.send_response(401)
            self.send_header("WWW-Authenticate", "Basic")
            kind, body = "text/plain", b"who are you?"
        elif self.path in self.pages:
            self.send_response(200)
            kind, body = self.pages[self.path]
        else:
            self.send_response(404)
            kind, body = "text/plain", b"no such package"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[tuple[str, str]]:
    """The pip.conf that leads to the index, password and all; and the password, which nobody used before."""
    password = secrets.token_hex(16)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Own", (Handler,), {"password": password}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"127.0.0.1:{server.server_port}"
    try:
        yield f"[global]\nindex-url = http://{USER}:{password}@{address}/simple\n", password
    finally:
        server.shutdown()
        server.server_close()
