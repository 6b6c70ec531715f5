"""A server that behaves as its environment says: BEHAVIOUR is serve, crash, sick, greedy or busy."""

import json
import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BEHAVIOUR = os.environ.get("BEHAVIOUR", "serve")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps({"environment": dict(os.environ), "pid": os.getpid()}).encode()
        self.send_response(503 if BEHAVIOUR == "sick" and self.path == "/health" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """No line per request."""


def drain(*_signal: object) -> None:
    print("draining", flush=True)
    time.sleep(0.2)
    os._exit(0)


def work() -> None:
    """Keeps a fifth of a processor busy."""
    while True:
        began = time.process_time()
        while time.process_time() - began < 0.02:
            pass
        time.sleep(0.08)


if BEHAVIOUR == "crash":
    print("cannot load model: no such file", file=sys.stderr)
    sys.exit(1)
signal.signal(signal.SIGTERM, drain)
if BEHAVIOUR == "greedy":
    hoard = [bytearray(os.urandom(1 << 20)) for _ in range(300)]
    time.sleep(60)
if BEHAVIOUR == "busy":
    threading.Thread(target=work, daemon=True).start()
print("serving", flush=True)
ThreadingHTTPServer((os.environ["APP_HOST"], int(os.environ["APP_PORT"])), Handler).serve_forever()
