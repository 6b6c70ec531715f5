"""Logs, a page at a time: come back with `next` for what was written since."""

import msgspec

from functions.core.models import ServableStatus, VersionStatus
from functions.core.ports import LogPage
from functions.manager.ports import Ports


class LogView(msgspec.Struct, frozen=True):
    """`ended`: nothing will follow."""

    lines: tuple[str, ...]
    next: str | None
    ended: bool


def read_build_log(ports: Ports, version_id: int, after: str | None) -> LogView:
    """Raises NotFound, InvalidRequest for a bad token."""
    version = ports.models.by_id(version_id)
    over = version.status is not VersionStatus.ASSEMBLING
    page = ports.builder.log(version.build_id, after) if version.build_id else LogPage((), after)
    return LogView(page.lines, page.next, ended=over and not page.lines)


def read_servable_log(ports: Ports, name: str, after: str | None) -> LogView:
    """Raises NotFound, InvalidRequest for a bad token."""
    servable = ports.servables.get(name)
    page = ports.host.log(name, after)
    over = servable.status is ServableStatus.NOT_SERVING and bool(servable.failure)
    return LogView(page.lines, page.next, ended=over and not page.lines)
