"""An answer larger than what goes over HTTP is put into the exchange, and its address is the answer: 303 See Other.

A client that follows redirects has its answer and notices nothing; any other is told where it is.
"""

import uuid
from datetime import UTC, datetime, timedelta

import msgspec

from functions.doors.http import LARGEST_ANSWER, Answer, size_on_the_way
from functions.gateway.announce_payload import EXPIRY
from functions.gateway.ports import Ports

ANSWERS = "answers"  # the prefix of the keys
JSON = "application/json"


class Deposited(msgspec.Struct, frozen=True, rename="camel"):
    """GET `url`, with no key. `error` is for clients of the Open Inference Protocol, who look nowhere else."""

    url: str
    size: int
    content_type: str
    expires_at: datetime
    detail: str
    error: str


def deposit_answer(ports: Ports, answer: Answer) -> Answer:
    """`answer`, or where it is when it is too large. Raises Unavailable."""
    body = answer.body if isinstance(answer.body, bytes) else msgspec.json.encode(answer.body)
    if size_on_the_way(answer.body if isinstance(answer.body, bytes) else body.decode()) <= LARGEST_ANSWER:
        return answer if isinstance(answer.body, bytes) else msgspec.structs.replace(answer, body=msgspec.Raw(body))
    content_type = answer.headers.get("Content-Type", JSON)
    url = ports.exchange().deposit(f"{ANSWERS}/{uuid.uuid4().hex}", body, content_type, EXPIRY)
    told = f"the answer takes {len(body)} bytes, more than go over HTTP: get it at the address in Location"
    expires = datetime.fromtimestamp(ports.now(), UTC) + timedelta(seconds=EXPIRY)
    where = Deposited(url, len(body), content_type, expires, told, told)
    headers = {**answer.headers, "Content-Type": JSON, "Location": url}
    return Answer(where, status=303, headers=headers)
