"""From the body of a queue's message to the predictions that it tells of."""

from collections.abc import Sequence

import msgspec

from functions.core.errors import NotFound
from functions.core.messages import Claim, PredictionMade, PredictionsMade, decode
from functions.sonar.ports import Ports


def read_message(ports: Ports, body: str) -> Sequence[PredictionMade]:
    """None of what nobody can read, now or later: it goes to the dead letters with the reason."""
    try:
        message = decode(body)
        if isinstance(message, Claim):
            message = decode(ports.claims.read(message.bucket, message.key))
        if isinstance(message, PredictionMade):
            return [message]
        if isinstance(message, PredictionsMade):
            return message.predictions
        reason = "a claim of a claim"
    except msgspec.MsgspecError as error:
        reason = str(error)
    except NotFound as error:
        reason = error.detail
    ports.dead_letters.bury(body, reason)
    return []
