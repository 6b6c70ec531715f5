"""Answers by the key of their request in DynamoDB. The table forgets them, but not to the minute: we look as well."""

from datetime import datetime

import msgspec

from functions.adapters.dynamo.refusal import refused
from functions.adapters.dynamo.tables import IdempotencyRow, bind
from functions.core.idempotency import BUSY, KEPT, Claim, Held, KeptAnswer


class DynamoAnswerStore:
    def __init__(self, prefix: str) -> None:
        self._row = bind(IdempotencyRow, prefix)

    def claim(self, claim: Claim, now: datetime) -> Held | None:
        row, seconds = self._row, int(now.timestamp())
        item = row(
            claim.key,
            owner=claim.owner,
            fingerprint=claim.fingerprint,
            busy_until=seconds + BUSY,
            expires=seconds + KEPT,
        )
        abandoned = row.answer.does_not_exist() & (row.busy_until <= seconds)
        if not refused(lambda: item.save(row.key.does_not_exist() | (row.expires <= seconds) | abandoned)):
            return None
        try:
            found = row.get(claim.key, consistent_read=True)
        except row.DoesNotExist:  # released this moment; the caller may try again
            return Held(claim.fingerprint, None)
        answer = msgspec.json.decode(found.answer, type=KeptAnswer) if found.answer else None
        return Held(found.fingerprint, answer)

    def finish(self, claim: Claim, answer: KeptAnswer) -> None:
        text = msgspec.json.encode(answer).decode()
        kept = self._row.answer.set(text)
        refused(lambda: self._row(claim.key).update([kept], self._row.owner == claim.owner))

    def release(self, claim: Claim) -> None:
        refused(lambda: self._row(claim.key).delete(self._row.owner == claim.owner))
