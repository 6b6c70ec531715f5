"""What a model's author says of an image that is their own: how it shows its health, and what it calls the model."""

import msgspec

from functions.core.errors import InvalidRequest, Problem
from functions.core.models import CUSTOM, Container

FORMS = ("CMD", "CMD-SHELL")
POINTER = "/container/healthCheck"
EXAMPLE = '["CMD", "python", "healthy.py"]'


class NewContainer(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The request. `health_check` is a list that begins with CMD or CMD-SHELL, or a shell's command as one text."""

    health_check: list[str] | str | None = None
    model_name: str = ""
    model_version: str = ""


def describe_container(runtime: str | None, asked: NewContainer | None) -> Container | None:
    """The container of a custom runtime; None for the platform's own. Raises InvalidRequest."""
    if runtime != CUSTOM:
        if runtime and asked:
            raise InvalidRequest.of([Problem("/container", f"nothing but for the runtime {CUSTOM}", "a container")])
        return None
    asked = asked or NewContainer()
    return Container(
        health_check=health_command(asked.health_check),
        model_name=asked.model_name,
        model_version=asked.model_version,
    )


def health_command(asked: list[str] | str | None) -> tuple[str, ...]:
    """In the task definition's words. Raises InvalidRequest."""
    if not asked:
        expected = f"a command that ends with 0 while the model can be asked, such as {EXAMPLE}"
        raise InvalidRequest.of([Problem(POINTER, expected, "nothing")])
    if isinstance(asked, str):
        return (FORMS[1], asked)
    if asked[0] not in FORMS or len(asked) < 2 or (asked[0] == FORMS[1] and len(asked) > 2):
        expected = f"CMD and a command's words, or CMD-SHELL and one text, such as {EXAMPLE}"
        raise InvalidRequest.of([Problem(POINTER, expected, repr(asked)[:80])])
    return tuple(asked)
