"""A Lambda Runtime API server for one execution environment.

The runtime (awslambdaric, or any `bootstrap`) talks to it over loopback HTTP:

    GET  /2018-06-01/runtime/invocation/next            long poll for the next event
    POST /2018-06-01/runtime/invocation/<id>/response   the handler's result
    POST /2018-06-01/runtime/invocation/<id>/error      the handler's error
    POST /2018-06-01/runtime/init/error                 the module could not be imported
"""

import queue
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local_cloud.functions.reports import too_large

HOST = "127.0.0.1"
PREFIX = "/2018-06-01/runtime/"
MAX_RESPONSE_BYTES = 6 * 1024 * 1024 + 100
POLL_SECONDS = 1.0


@dataclass(frozen=True)
class Answer:
    """What the runtime sent back for one invocation: a JSON document, a result or an error."""

    body: bytes
    is_error: bool


@dataclass(frozen=True)
class Event:
    """One invocation on its way to the runtime."""

    body: bytes
    headers: dict[str, str]


class RuntimeApi:
    """The server's state: is the runtime ready, what awaits it, who awaits its answers."""

    def __init__(self) -> None:
        self.ready = threading.Event()  # the runtime asked for its first event, or reported that it cannot start
        self.init_error: bytes | None = None
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._awaited: dict[str, Future[Answer]] = {}
        self._server = _Server((HOST, 0), type("Handler", (_Handler,), {"api": self}))
        self.address = f"{HOST}:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, name="runtime-api", daemon=True).start()

    def reset(self) -> None:
        """Forget the old runtime process before a new one is started."""
        self._events.put(None)
        self._events = queue.SimpleQueue()
        self.ready.clear()
        self.init_error = None

    def submit(self, request_id: str, arn: str, payload: bytes, trace_id: str, timeout_s: float) -> Future[Answer]:
        """Queue one event (JSON bytes) for the runtime; the future is its answer. `withdraw` it when it is late."""
        answer: Future[Answer] = Future()
        self._awaited[request_id] = answer
        headers = {
            "Lambda-Runtime-Aws-Request-Id": request_id,
            "Lambda-Runtime-Invoked-Function-Arn": arn,
            "Lambda-Runtime-Trace-Id": trace_id,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + timeout_s) * 1000)),
        }
        self._events.put(Event(payload, headers))
        return answer

    def withdraw(self, request_id: str) -> None:
        """Stop waiting for an answer."""
        self._awaited.pop(request_id, None)

    def next_event(self) -> Event | None:
        """Block until there is an event; None when the asking runtime was replaced or the environment stopped."""
        events = self._events
        self.ready.set()
        return events.get()

    def fail_init(self, body: bytes) -> None:
        """The runtime could not import the handler (JSON error document)."""
        self.init_error = body
        self.ready.set()

    def complete(self, request_id: str, body: bytes, is_error: bool) -> bool:
        """Hand an answer to whoever awaits it; False when nobody does any more."""
        awaited = self._awaited.pop(request_id, None)
        if awaited is None:
            return False
        oversized = not is_error and len(body) > MAX_RESPONSE_BYTES
        if oversized:
            body, is_error = too_large(MAX_RESPONSE_BYTES), True
        awaited.set_result(Answer(body, is_error))
        return True

    def close(self) -> None:
        """Stop serving, without waiting for it."""
        self._events.put(None)
        threading.Thread(target=self._shut, name="runtime-api-close", daemon=True).start()

    def _shut(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 16


class _Handler(BaseHTTPRequestHandler):
    api: RuntimeApi
    protocol_version = "HTTP/1.1"
    # without these two each call costs 40 ms: Nagle's algorithm against delayed acknowledgements
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def do_GET(self) -> None:
        """The long poll."""
        if self.path != f"{PREFIX}invocation/next":
            self._reply(404)
            return
        event = self.api.next_event()
        if event is None:
            self.close_connection = True
            return
        self._reply(200, event.body, event.headers)

    def do_POST(self) -> None:
        """A result or an error."""
        body = self._read_body()
        match self.path.removeprefix(PREFIX).split("/"):
            case ["init", "error"]:
                self.api.fail_init(body)
                self._reply(202)
            case ["invocation", request_id, ("response" | "error") as kind]:
                # acknowledged first: the runtime asks for its next event while the caller gets this answer
                self._reply(202)
                self.api.complete(request_id, body, is_error=kind == "error")
            case _:
                self._reply(404)

    def log_message(self, *args: Any) -> None:
        pass

    def _reply(self, status: int, body: bytes = b'{"status":"OK"}', headers: dict[str, str] | None = None) -> None:
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        data = bytearray()
        while size := int(self.rfile.readline().split(b";")[0], 16):
            data += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return bytes(data)
