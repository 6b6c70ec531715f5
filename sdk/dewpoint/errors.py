"""One error tree.

DewpointError
├── InvalidInput          nothing was sent: the caller's files or arguments are wrong
│   ├── InvalidDocument   a YAML file; carries every fault found
│   ├── InvalidPayload    files that cannot be packed
│   └── NoContext         no platform is configured, or not the one that was asked for
├── Unreachable           nothing answers at the address
├── TimedOut              a wait, or an answer, took longer than allowed
├── Ended                 a build or a deployment ended badly; `reason` says why
└── Refused               the platform answered no; carries the problem document
    ├── BadRequest          400
    ├── Unauthenticated     401
    ├── Forbidden           403
    ├── NotFound            404
    ├── Conflict            409
    ├── Gone                410
    ├── PreconditionFailed  412
    ├── PayloadTooLarge     413
    ├── Unavailable         503
    └── DeadlineExceeded    504
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


class DewpointError(Exception):
    """The root."""


class InvalidInput(DewpointError):
    """Nothing was sent."""


class InvalidDocument(InvalidInput):
    """`faults` are sentences, each with the place it speaks of."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class InvalidPayload(InvalidInput):
    """Files that cannot be packed."""


class NoContext(InvalidInput):
    """No platform is configured, or not the one that was asked for."""


class Unreachable(DewpointError):
    """Nothing answers at the address."""


class TimedOut(DewpointError):
    """A wait, or an answer, took longer than allowed."""


class Ended(DewpointError):
    """`what` ended badly, for `reason`."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"{what} failed: {reason or 'no reason was given'}")
        self.what = what
        self.reason = reason


@dataclass(frozen=True)
class FieldProblem:
    """One thing that is wrong; `pointer` is a JSON pointer into what was sent."""

    pointer: str
    expected: str
    received: str

    def __str__(self) -> str:
        return f"{self.pointer or 'the body'}: expected {self.expected}, received {self.received}"


@dataclass(frozen=True)
class Problem:
    """A problem document (RFC 9457) as the platform sends it."""

    status: int
    title: str
    detail: str = ""
    type: str = "about:blank"
    request_id: str = ""
    errors: tuple[FieldProblem, ...] = field(default=())

    @classmethod
    def from_json(cls, status: int, document: Any) -> "Problem":
        """Reads a problem document, or whatever else came in its place."""
        if not isinstance(document, dict):
            return cls(status, "The platform refused", str(document)[:500])
        told = document.get("errors")
        listed = [entry for entry in told if isinstance(entry, dict)] if isinstance(told, list) else []
        # API Gateway's own refusals say `message`, the inference protocol says `error`
        detail = document.get("detail") or document.get("error") or document.get("message") or ""
        return cls(
            status=status,
            title=str(document.get("title") or "The platform refused"),
            detail=str(detail),
            type=str(document.get("type") or "about:blank"),
            request_id=str(document.get("requestId") or ""),
            errors=tuple(
                FieldProblem(*(str(entry.get(key, "")) for key in ("pointer", "expected", "received")))
                for entry in listed
            ),
        )


class Refused(DewpointError):
    """The platform answered no."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(": ".join(part for part in (problem.title, problem.detail) if part))
        self.problem = problem

    @property
    def status(self) -> int:
        return self.problem.status


class BadRequest(Refused):
    """400: the input is wrong; `problem.errors` lists everything."""


class Unauthenticated(Refused):
    """401: no API key, or an unknown one."""


class Forbidden(Refused):
    """403: the key's role does not permit the call."""


class NotFound(Refused):
    """404."""


class Conflict(Refused):
    """409: the name is taken, or the thing is in use."""


class Gone(Refused):
    """410: it was there once and is not kept any more."""


class PreconditionFailed(Refused):
    """412: somebody changed it first."""


class PayloadTooLarge(Refused):
    """413."""


class Unavailable(Refused):
    """503: starting, stopped or overloaded."""


class DeadlineExceeded(Refused):
    """504: no answer within the deadline."""


BY_STATUS: dict[int, type[Refused]] = {
    400: BadRequest,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    412: PreconditionFailed,
    413: PayloadTooLarge,
    503: Unavailable,
    504: DeadlineExceeded,
}


def refused(problem: Problem) -> Refused:
    """The error for a problem, by its status."""
    return BY_STATUS.get(problem.status, Refused)(problem)
