"""CloudWatch Logs filter patterns; the community edition lets every event match every pattern.

Text patterns: terms that must occur, `"quoted phrases"`, `?any` and `-none`. JSON patterns:
`{ $.a.b = "x*" && $.n > 3 }` with one kind of conjunction and `=`, `!=`, `<`, `<=`, `>`, `>=`. A JSON pattern beyond
that matches nothing.
"""

import json
import re
from collections.abc import Callable
from typing import Any

Matcher = Callable[[str], bool]

TERM = re.compile(r"\(?\s*\$((?:\.\w+)+)\s*(=|!=|<=|>=|<|>)\s*(\"[^\"]*\"|[^\s)]+)\s*\)?")
TOKEN = re.compile(r'([?-]?)("[^"]*"|\S+)')
ORDERINGS: dict[str, Callable[[float, float], bool]] = {
    "<": float.__lt__,
    ">": float.__gt__,
    "<=": float.__le__,
    ">=": float.__ge__,
}


def compiled(pattern: str) -> Matcher:
    """The predicate over log messages that a filter pattern describes."""
    pattern = pattern.strip()
    return json_pattern(pattern[1:-1]) if pattern.startswith("{") else text_pattern(pattern)


def text_pattern(pattern: str) -> Matcher:
    """Terms by sign: all of the plain ones, none of the `-` ones, at least one of the `?` ones."""
    by_sign: dict[str, list[str]] = {"": [], "?": [], "-": []}
    for sign, term in TOKEN.findall(pattern):
        by_sign[sign].append(term.strip('"'))

    def matches(message: str) -> bool:
        return (
            all(term in message for term in by_sign[""])
            and not any(term in message for term in by_sign["-"])
            and (not by_sign["?"] or any(term in message for term in by_sign["?"]))
        )

    return matches


def json_pattern(condition: str) -> Matcher:
    """Comparisons of members, joined by `&&` or by `||`."""
    terms = [TERM.fullmatch(part.strip()) for part in re.split(r"&&|\|\|", condition)]
    combine = any if "||" in condition else all

    def matches(message: str) -> bool:
        try:
            document = json.loads(message)
        except ValueError:
            return False
        return combine(term is not None and holds(term, document) for term in terms)

    return matches


def holds(term: re.Match[str], document: Any) -> bool:
    """Whether one comparison holds; a missing member differs from everything."""
    path, operator, literal = term.groups()
    for name in path[1:].split("."):
        if not isinstance(document, dict) or name not in document:
            return operator == "!="
        document = document[name]
    if operator in ("=", "!="):
        return same(document, literal) == (operator == "=")
    try:
        return ORDERINGS[operator](float(document), float(literal))
    except (TypeError, ValueError):
        return False


def same(value: Any, literal: str) -> bool:
    """Equality with a literal in which `*` stands for anything."""
    text = json.dumps(value) if isinstance(value, bool) or value is None else str(value)
    return re.fullmatch(re.escape(literal.strip('"')).replace(r"\*", ".*"), text) is not None


def install() -> None:
    """Give the logs provider these patterns; it keeps one matcher per filter and passes events to it."""
    from localstack.services.logs import provider

    def matcher(pattern: str | None) -> Callable[[str, Any], bool]:
        matches = compiled(pattern or "")
        return lambda _pattern, event: matches(message_of(event))

    provider.get_pattern_matcher = matcher


def message_of(event: Any) -> str:
    """The text of a log event, which comes as a dict or as an object."""
    return (event.get("message") if isinstance(event, dict) else getattr(event, "message", str(event))) or ""
