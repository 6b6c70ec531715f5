"""One error tree for the whole platform. Doors map a class to a status once; nobody reads an error's text to decide.

DewpointError
├── InvalidRequest          the caller's input is wrong; carries every problem found
│   ├── SignatureViolation  inputs that do not fit the signature
│   └── HostileArchive      a payload archive that no one should unpack
├── Unauthenticated         no key, or a key nobody issued
├── Forbidden               a known key without the role
├── NotFound
├── Conflict                the name is taken, or the thing is in use
│   └── InProgress          the same request is being worked on at this moment
├── Gone                    it was there once and is not kept any more
├── PreconditionFailed      somebody else changed it first
├── PayloadTooLarge
├── TooManyRequests         the key's quota is used up for the moment
├── ModelFailed             the model raised, or answered what its signature does not promise
├── Unavailable             not now: starting or stopped; try again
│   ├── Overloaded          it answers, but takes no more at the moment
│   └── Postponed           what is needed is on its way: a queue's message comes again later
└── DeadlineExceeded
"""

from collections.abc import Mapping

import msgspec


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that is wrong. `pointer` is a JSON pointer (RFC 6901) into what the caller sent."""

    pointer: str
    expected: str
    received: str


class DewpointError(Exception):
    """`detail` is a sentence for the caller; `problems` lists what is wrong, all of it at once."""

    title = "Internal error"

    def __init__(self, detail: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.problems = problems


class InvalidRequest(DewpointError):
    title = "Invalid request"

    @classmethod
    def of(cls, problems: list[Problem]) -> "InvalidRequest":
        """The error for a list of problems, summed up in one sentence."""
        first = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        where = first.pointer or "the body"
        return cls(f"{where}: expected {first.expected}, received {first.received}{more}", tuple(problems))


class SignatureViolation(InvalidRequest):
    title = "Input does not match the signature"


class HostileArchive(InvalidRequest):
    title = "Archive refused"


class Unauthenticated(DewpointError):
    title = "Unauthenticated"


class Forbidden(DewpointError):
    title = "Forbidden"


class NotFound(DewpointError):
    title = "Not found"


class Conflict(DewpointError):
    title = "Conflict"


class InProgress(Conflict):
    title = "In progress"

    def __init__(self, detail: str, retry_after: int = 1) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Gone(DewpointError):
    title = "Gone"


class PreconditionFailed(DewpointError):
    title = "Precondition failed"


class PayloadTooLarge(DewpointError):
    title = "Payload too large"


class TooManyRequests(DewpointError):
    """`headers` say what the quota is and when it is free again."""

    title = "Too many requests"

    def __init__(self, detail: str, retry_after: int = 1, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
        self.headers = dict(headers or {})


class ModelFailed(DewpointError):
    title = "Model failed"


class Unavailable(DewpointError):
    title = "Unavailable"

    def __init__(self, detail: str, retry_after: int = 2) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Overloaded(Unavailable):
    title = "Overloaded"


class Postponed(Unavailable):
    title = "Postponed"


class DeadlineExceeded(DewpointError):
    title = "Deadline exceeded"
