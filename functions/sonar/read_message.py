"""From the body of a queue's message to the predictions that it tells of."""

from collections.abc import Sequence

import msgspec

from functions.core.errors import NotFound
from functions.core.messages import Claim, Observed, PredictionMade, PredictionsMade, decode
from functions.sonar.ports import Ports

END_OF_TIME = 253_402_300_800.0  # no date is later


def read_message(ports: Ports, body: str) -> Sequence[PredictionMade]:
    """None of what nobody can read, now or later: it goes to the dead letters with the reason."""
    try:
        message = decode(body)
        if isinstance(message, Claim):
            message = decode(ports.claims.read(message.bucket, message.key))
        made = _predictions(message)
        if made is None:
            reason = "a claim of a claim"
        elif misdated := [one.at for one in made if not 0 <= one.at < END_OF_TIME]:
            reason = f"at: expected seconds since the epoch, before the year 10000, received {misdated[0]:g}"
        else:
            return made
    except msgspec.MsgspecError as error:
        reason = str(error)
    except NotFound as error:
        reason = error.detail
    ports.dead_letters.bury(body, reason)
    return []


def _predictions(message: Observed | Claim) -> Sequence[PredictionMade] | None:
    if isinstance(message, PredictionMade):
        return [message]
    return message.predictions if isinstance(message, PredictionsMade) else None
