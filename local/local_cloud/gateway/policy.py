"""IAM policy documents as a Lambda authorizer returns them: does one allow invoking a method? Explicit deny wins."""

import re
from collections.abc import Iterable
from enum import Enum
from typing import Any

INVOKE = "execute-api:Invoke"


class Verdict(Enum):
    """What a policy says about one request."""

    ALLOWED = "allowed"
    DENIED = "denied explicitly"
    NOT_ALLOWED = "not allowed"


class UnusablePolicy(Exception):
    """The document is not one that this module can decide by."""


def decide(document: Any, resource: str) -> Verdict:
    """Evaluate a policy document (parsed JSON) for `execute-api:Invoke` on a method ARN; raises `UnusablePolicy`."""
    verdict = Verdict.NOT_ALLOWED
    for statement in statements(document):
        if not (matches(statement.get("Action"), INVOKE) and matches(statement.get("Resource"), resource)):
            continue
        if statement.get("Effect") == "Deny":
            return Verdict.DENIED
        if statement.get("Effect") == "Allow":
            verdict = Verdict.ALLOWED
    return verdict


def statements(document: Any) -> Iterable[dict[str, Any]]:
    """The statements of a document; raises `UnusablePolicy` for other shapes and for conditions (never judged)."""
    found = document.get("Statement") if isinstance(document, dict) else None
    found = [found] if isinstance(found, dict) else found
    if not isinstance(found, list) or not all(isinstance(statement, dict) for statement in found):
        raise UnusablePolicy("no statements")
    if any("Condition" in statement for statement in found):
        raise UnusablePolicy("conditions are not supported")
    return found


def matches(patterns: Any, value: str) -> bool:
    """Whether a value fits one of the patterns (`*` any text, `?` any character, letter case ignored as IAM does)."""
    if isinstance(patterns, str):
        patterns = [patterns]
    if not isinstance(patterns, list):
        raise UnusablePolicy("a statement needs Action and Resource")
    return any(re.fullmatch(to_regex(str(pattern)), value, re.IGNORECASE) for pattern in patterns)


def to_regex(pattern: str) -> str:
    """A pattern of IAM as a regular expression."""
    return re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
