"""A POST with an Idempotency-Key is carried out once: repeated within a day, it is answered as it was the first time.

A refusal is not kept: it changed nothing, and the next try may find things otherwise. The key belongs to its caller
and stands for one request: method, path and body.
"""

import hashlib
import re
import uuid
from collections.abc import Callable

import msgspec
from aws_lambda_powertools import Logger
from msgspec.structs import replace

from functions.core.access import HEADER as CALLER
from functions.core.errors import Conflict, InProgress, InvalidRequest, Problem
from functions.core.idempotency import AnswerStore, Claim, KeptAnswer
from functions.core.ports import Clock
from functions.doors.http import Answer, Request

log = Logger(service="manager", utc=True)

HEADER = "idempotency-key"
REPLAYED = {"Idempotency-Replayed": "true"}
KEY = re.compile(r"[\x21-\x7e]{1,255}")
LARGEST = 390 * 1024  # bytes; an item of the table may have 400 KB

Act = Callable[[], Answer]


def answer_once(answers: AnswerStore, clock: Clock, key: str, request: Request, act: Act) -> Answer:
    """The answer of `act`, or the one that it gave before.

    Raises InvalidRequest for what is no key, Conflict for the key of another request, InProgress; what `act` raises.
    """
    claim = claim_of(key, request)
    held = answers.claim(claim, clock.now())
    if held is None:
        return _first(answers, claim, act)
    if held.fingerprint != claim.fingerprint:
        raise Conflict(f"{HEADER} {key} was used for another request: another path, or another body")
    if held.answer is None:
        raise InProgress(f"the request with {HEADER} {key} is being worked on")
    if not held.answer.body:
        raise Conflict(f"the request with {HEADER} {key} was carried out; its answer was too large to be kept")
    body = msgspec.json.decode(held.answer.body)
    return Answer(body, held.answer.status, {**held.answer.headers, **REPLAYED})


def claim_of(key: str, request: Request) -> Claim:
    """Raises InvalidRequest."""
    if not KEY.fullmatch(key):
        expected = "1 to 255 visible ASCII characters"
        raise InvalidRequest.of([Problem(f"/headers/{HEADER}", expected, repr(key)[:80])])
    return Claim(
        key=_digest(request.headers.get(CALLER, "").encode(), key.encode()),
        owner=uuid.uuid4().hex,
        fingerprint=_digest(request.method.encode(), request.path.encode(), request.raw),
    )


def _first(answers: AnswerStore, claim: Claim, act: Act) -> Answer:
    try:
        answer = act()
    except Exception:
        answers.release(claim)
        raise
    try:
        answers.finish(claim, kept(answer))
    except Exception:
        # The caller shall know what was done. Until the claim is stale nobody does it again.
        log.exception("an answer could not be kept", key=claim.key)
    return answer


def kept(answer: Answer) -> KeptAnswer:
    """`answer` in the form that is stored, without a body that is too large for it. JSON in JSON grows: its quotes are
    escaped."""
    whole = KeptAnswer(answer.status, answer.headers, msgspec.json.encode(answer.body).decode())
    return whole if len(msgspec.json.encode(whole)) <= LARGEST else replace(whole, body="")


def _digest(*parts: bytes) -> str:
    """Of the parts, and of where each of them ends."""
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
