"""The id that a call carries through every log, message and answer: the caller's when it is sane, ours otherwise."""

import re
import uuid

HEADER = "x-request-id"
SANE = re.compile(r"[\x21-\x7e]{1,128}")


def choose_request_id(given: str | None) -> str:
    return given if given and SANE.fullmatch(given) else str(uuid.uuid4())
