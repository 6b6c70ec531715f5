"""Signed webhooks: a receiver that shares the secret knows who sent a body, and when.

HMAC-SHA256 (RFC 2104) over the moment of sending and the body, `<seconds since the epoch>.<body>`. The moment is part
of what is signed, so a receiver that refuses what is older than REPLAY_WINDOW cannot be told an old story again.
"""

import hashlib
import hmac

HEADER = "dewpoint-signature"
REPLAY_WINDOW = 300  # seconds, as the documentation advises


def signature(secret: bytes, body: bytes, at: int) -> str:
    """The header's value: `t=<at>,v1=<hexadecimal>`."""
    digest = hmac.new(secret, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
