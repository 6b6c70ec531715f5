"""The load: closed-loop connections from one thread, over gRPC or HTTP/1.1, cheap enough not to be what is measured.

A request is the same bytes every time, so a call costs this process some 15 µs beside the kernel's share (a grpcio
client costs more than most of the servers measured). Every answer is compared with the first one, which the caller
checks. HTTP/2 is spoken as far as unary gRPC needs it: own headers are never indexed or compressed, the server's are
skipped, both flow-control windows are kept.
"""

import gc
import selectors
import socket
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

Address = tuple[str, int]

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 6, 7, 8, 9
END_STREAM, END_HEADERS, ACK = 1, 4, 1
WINDOW = 2**30
FRAME = 16384  # the largest that every server takes
INITIAL_WINDOW = 65535


class Conversation(Protocol):
    """One connection's protocol state, without the socket."""

    def opening(self) -> bytes:
        """What is sent once, before the first request."""

    def request(self) -> bytes:
        """The next request, or as much of it as may be sent now."""

    def feed(self, data: bytes) -> tuple[bytes | None, bytes]:
        """(the answer, when it is complete; what must be sent now). Raises ValueError for an error."""


class Http1:
    """POST of `body`; any status but 200 is an error."""

    def __init__(self, address: Address, path: str, body: bytes, content_type: str = "application/json") -> None:
        head = f"POST {path} HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\nContent-Type: {content_type}\r\n"
        self._request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        self._received = b""

    def opening(self) -> bytes:
        return b""

    def request(self) -> bytes:
        return self._request

    def feed(self, data: bytes) -> tuple[bytes | None, bytes]:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if not separator:
            return None, b""
        lines = head.lower().split(b"\r\n")
        if lines[0].split()[1] != b"200":
            raise ValueError(self._received.decode(errors="replace"))
        length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), None)
        if length is None:
            raise ValueError("an answer without Content-Length")
        if len(body) < length:
            return None, b""
        self._received = b""
        return body, b""


class Grpc:
    """A unary call of `method` ("/package.Service/Method") with the serialised `message`."""

    def __init__(
        self, address: Address, method: str, message: bytes, metadata: Mapping[str, str] | None = None
    ) -> None:
        headers = {":path": method, ":authority": f"{address[0]}:{address[1]}", "content-type": "application/grpc"}
        headers |= {"te": "trailers", **(metadata or {})}
        self._headers = b"\x83\x86" + b"".join(_literal(name, value) for name, value in headers.items())
        self._message = struct.pack(">BI", 0, len(message)) + message
        self._stream = -1
        self._connection_window = INITIAL_WINDOW
        self._initial_window = INITIAL_WINDOW
        self._stream_window = 0
        self._unsent = b""
        self._buffer = b""
        self._answer = b""
        self._received = 0

    def opening(self) -> bytes:
        settings = struct.pack(">HIHI", 4, WINDOW, 1, 0)  # a wide stream window, no header table
        window = struct.pack(">I", WINDOW - INITIAL_WINDOW)
        return (
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _frame(SETTINGS, 0, 0, settings) + _frame(WINDOW_UPDATE, 0, 0, window)
        )

    def request(self) -> bytes:
        self._stream += 2
        self._stream_window = self._initial_window
        self._unsent, self._answer = self._message, b""
        return _frame(HEADERS, END_HEADERS, self._stream, self._headers) + self._more()

    def feed(self, data: bytes) -> tuple[bytes | None, bytes]:
        self._buffer = self._buffer + data if self._buffer else data
        answer, reply, at, end = None, b"", 0, len(self._buffer)
        while end - at >= 9:
            size = int.from_bytes(self._buffer[at : at + 3], "big")
            if end - at < 9 + size:
                break
            kind, flags = self._buffer[at + 3], self._buffer[at + 4]
            payload = self._buffer[at + 9 : at + 9 + size]
            at += 9 + size
            if kind == DATA:
                self._answer += payload
                reply += self._open_window(size)
            elif kind not in (HEADERS, CONTINUATION):
                reply += self._control(kind, flags, self._buffer[at - size - 4 : at - size], payload)
            if kind in (DATA, HEADERS) and flags & END_STREAM:
                answer = self._finished()
        self._buffer = self._buffer[at:]
        return answer, reply

    def _more(self) -> bytes:
        """Data frames as far as the windows allow."""
        frames = []
        while self._unsent:
            size = min(FRAME, len(self._unsent), self._connection_window, self._stream_window)
            if size <= 0:
                break
            part, self._unsent = self._unsent[:size], self._unsent[size:]
            self._connection_window -= size
            self._stream_window -= size
            frames.append(_frame(DATA, 0 if self._unsent else END_STREAM, self._stream, part))
        return b"".join(frames)

    def _open_window(self, size: int) -> bytes:
        self._received += size
        if self._received < WINDOW // 2:
            return b""
        update, self._received = struct.pack(">I", self._received), 0
        return _frame(WINDOW_UPDATE, 0, 0, update)

    def _control(self, kind: int, flags: int, stream: bytes, payload: bytes) -> bytes:
        if kind == SETTINGS and not flags & ACK:
            for at in range(0, len(payload), 6):
                name, value = struct.unpack_from(">HI", payload, at)
                if name == 4:
                    self._stream_window += value - self._initial_window
                    self._initial_window = value
            return _frame(SETTINGS, ACK, 0, b"") + self._more()
        if kind == PING and not flags & ACK:
            return _frame(PING, ACK, 0, payload)
        if kind == WINDOW_UPDATE:
            increment = int.from_bytes(payload, "big")
            if int.from_bytes(stream, "big"):
                self._stream_window += increment
            else:
                self._connection_window += increment
            return self._more()
        if kind in (RST_STREAM, GOAWAY):
            raise ValueError(f"the server ended the conversation: {payload!r}")
        return b""

    def _finished(self) -> bytes:
        if len(self._answer) < 5 or int.from_bytes(self._answer[1:5], "big") != len(self._answer) - 5:
            raise ValueError("the call ended without a message: the status is an error")
        return self._answer[5:]


def _literal(name: str, value: str) -> bytes:
    """A header field, not indexed, not compressed (RFC 7541 6.2.2)."""
    known = {":path": b"\x04", ":authority": b"\x01"}.get(name)
    head = known if known else b"\x00" + _text(name)
    return head + _text(value)


def _text(value: str) -> bytes:
    raw = value.encode()
    if len(raw) < 127:
        return bytes([len(raw)]) + raw
    rest, out = len(raw) - 127, b"\x7f"
    while rest >= 128:
        out, rest = out + bytes([rest % 128 + 128]), rest // 128
    return out + bytes([rest]) + raw


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


@dataclass(frozen=True, slots=True)
class Round:
    """What one round saw: seconds, each call's latency in milliseconds, sorted, and all calls with the warm-up's."""

    seconds: float
    latencies: list[float]
    calls: int

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


def measure(
    address: Address, conversations: list[Conversation], expected: bytes, seconds: float, warm_up: float = 0.3
) -> Round:
    """Each conversation on a connection of its own, the next request as soon as the answer is there.

    Raises ValueError for an answer other than `expected`.
    """
    lines = [_Line(address, conversation) for conversation in conversations]
    try:
        with selectors.EpollSelector() as selector:
            for line in lines:
                selector.register(line.socket, selectors.EVENT_READ, line)
            gc.disable()
            warming = len(_drive(selector, lines, expected, warm_up))
            begun = time.perf_counter()
            latencies = _drive(selector, lines, expected, seconds)
            lasted = time.perf_counter() - begun
            return Round(lasted, sorted(latencies), warming + len(latencies))
    finally:
        gc.enable()
        for line in lines:
            line.socket.close()


def ask(address: Address, conversation: Conversation, timeout: float = 10.0) -> bytes:
    """One answer. Raises OSError while nobody listens, ValueError for an error."""
    line = _Line(address, conversation, timeout)
    try:
        line.send()
        while True:
            data = line.socket.recv(1 << 20)
            if not data:
                raise ConnectionError("the server closed the connection")
            answer, reply = conversation.feed(data)
            if reply:
                line.socket.sendall(reply)
            if answer is not None:
                return answer
    finally:
        line.socket.close()


class _Line:
    def __init__(self, address: Address, conversation: Conversation, timeout: float = 30.0) -> None:
        self.socket = socket.create_connection(address, timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.conversation = conversation
        self.begun = 0.0
        self.busy = False
        self.socket.sendall(conversation.opening())

    def send(self) -> None:
        self.begun = time.perf_counter()
        self.busy = True
        self.socket.sendall(self.conversation.request())


def _drive(selector: selectors.BaseSelector, lines: list[_Line], expected: bytes, seconds: float) -> list[float]:
    """Latencies of the calls that began and ended within `seconds`; none is left running."""
    latencies: list[float] = []
    end = time.perf_counter() + seconds
    running = len(lines)
    for line in lines:
        line.send()
    while running:
        for key, _ in selector.select(30):
            line = key.data
            answer, reply = line.conversation.feed(line.socket.recv(1 << 20))
            if reply:
                line.socket.sendall(reply)
            if answer is None:
                continue
            now = time.perf_counter()
            if answer != expected:
                raise ValueError(f"an answer differs: {answer[:200]!r}")
            latencies.append((now - line.begun) * 1000)
            if now < end:
                line.send()
            else:
                running -= 1
    return latencies
