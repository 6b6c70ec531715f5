"""What whole families of operations share: lists in pages, and POSTs that may be repeated."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from cdk.openapi.operation import Header, Operation, Operations, Parameter
from functions.doors import streams
from functions.doors.pages import DEFAULT_LIMIT, MAX_LIMIT, NEXT
from functions.manager.answer_once import KEY, REPLAYED

Limit = Annotated[int, Meta(ge=1, le=MAX_LIMIT, extra_json_schema={"default": DEFAULT_LIMIT})]
RepeatKey = Annotated[str, Meta(pattern=f"^{KEY.pattern}$")]

LIMIT = Parameter("limit", "query", "How many, at most.", Limit)
TOKEN = Parameter("next", "query", "The token `x-next` of the page before.")
FOLLOWING = (
    Header(NEXT, "The token of the next page; not there on the last."),
    Header("Link", 'The next page as `<?…>; rel="next"`; not there on the last.'),
)
HOLD = Parameter(
    streams.HOLD,
    "query",
    "How often the caller was sent round already.",
    Annotated[int, Meta(ge=0, le=streams.ROUNDS, extra_json_schema={"default": 0})],
)
ETAG = Header("ETag", "The revision, for `If-Match`.")
IDEMPOTENCY_KEY = Parameter(
    "Idempotency-Key", "header", "Carried out once: sent again within a day, it gives the first answer.", RepeatKey
)
REPEATED = tuple(Header(name, "The first answer, given again.") for name in REPLAYED)


def listing(summary: str, of: Any) -> Operation:
    """A list of `of`, in pages."""
    return Operation(summary=summary, answer=list[of], parameters=(LIMIT, TOKEN), headers=FOLLOWING, refusals=(400,))


def repeatable(operations: Operations) -> Operations:
    """`operations`, of which every POST takes an Idempotency-Key, as it does behind the manager's door."""
    return {route: _once(each) if route[0] == "POST" else each for route, each in operations.items()}


def _once(operation: Operation) -> Operation:
    return msgspec.structs.replace(
        operation,
        parameters=(*operation.parameters, IDEMPOTENCY_KEY),
        headers=(*operation.headers, *REPEATED),
        refusals=(*operation.refusals, 400, 409),
    )
