"""A receiver is made: everything that can be known of it before anything is sent."""

from typing import Annotated
from urllib.parse import SplitResult, urlsplit

import msgspec
from msgspec import Meta

from functions.alerts.ports import Ports
from functions.core.errors import InvalidRequest, Problem
from functions.core.naming import MODEL, RECEIVER, check_name
from functions.core.receivers import Form, Receiver

LONGEST_URL = 2048
MOST_RECEIVERS = 50  # each of them is told of everything


class NewReceiver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`secret` names the secret that signs; the form `dewpoint` is always signed."""

    name: str
    url: str
    form: Form = Form.DEWPOINT
    secret: str | None = None
    models: Annotated[list[str], Meta(max_length=100)] = []


def create_receiver(ports: Ports, wanted: NewReceiver) -> Receiver:
    """Raises InvalidRequest, Conflict when the name is taken."""
    problems = [*_url_problems(wanted.url, allow_private=ports.rules.allow_private), *_secret_problems(wanted)]
    if problems:
        raise InvalidRequest.of(problems)
    if len(ports.receivers.list()) >= MOST_RECEIVERS:
        raise InvalidRequest(f"there are {MOST_RECEIVERS} receivers already; let the topic tell further ones")
    receiver = Receiver(
        name=check_name(RECEIVER, wanted.name),
        url=wanted.url,
        form=wanted.form,
        secret=wanted.secret or "",
        models=tuple(check_name(MODEL, name, f"/models/{at}") for at, name in enumerate(wanted.models)),
        created=ports.clock.now(),
    )
    ports.receivers.create(receiver)
    return receiver


def _secret_problems(wanted: NewReceiver) -> list[Problem]:
    if wanted.secret is None:
        if wanted.form is Form.DEWPOINT:
            return [Problem("/secret", "the name of the secret that signs", "nothing")]
        return []
    if not RECEIVER.fullmatch(wanted.secret):
        return [Problem("/secret", f"a name that matches ^{RECEIVER.pattern}$", repr(wanted.secret)[:80])]
    return []


def _url_problems(url: str, *, allow_private: bool) -> list[Problem]:
    """The address itself is looked at when something is sent: names may lead elsewhere by then."""
    schemes = ("https", "http") if allow_private else ("https",)
    expected = f"{' or '.join(schemes)}://host/…, without user or fragment"
    try:
        parts = urlsplit(url)
        written = url.isascii() and url.isprintable() and " " not in url
        good = len(url) <= LONGEST_URL and written and parts.scheme in schemes and _is_plain(parts)
    except ValueError:
        good = False
    return [] if good else [Problem("/url", expected, repr(url)[:80])]


def _is_plain(parts: SplitResult) -> bool:
    """Raises ValueError for a port that is none."""
    has_user = parts.username is not None or parts.password is not None
    return bool(parts.hostname) and not has_user and not parts.fragment and parts.port != 0
