"""Which files hold the log of some hours.

Pages end between hours: files are merged within one hour only, so that whoever reads page after page while that goes on
gets every row once. The files of a page stay where they are for longer than their addresses hold (core/log_keeping.py).
"""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

import msgspec

from functions.core.ledger import Segment
from functions.core.models import ModelVersion
from functions.core.request_log import Wanted
from functions.sonar.log_parts import hours_of, may_hold
from functions.sonar.ports import Ports
from functions.sonar.views import moment

HOLDS = 3600  # seconds


class ExportPage(msgspec.Struct, frozen=True):
    """`following` is the hour after which the next page begins, empty on the last."""

    schema: Mapping[str, str]
    files: list[dict[str, Any]]
    following: str


def export_page(
    ports: Ports, version: ModelVersion, since: int | None, until: int | None, limit: int, after: str
) -> ExportPage:
    """Whole hours, until there are `limit` files."""
    when = Wanted(since=since, until=until)
    first, last = hours_of(when)
    found = ports.index.segments(version.id, max(first, after), last)
    segments = [segment for segment in found if segment.hour > after and may_hold(segment, when)]
    files: list[dict[str, Any]] = []
    for hour, of_hour in groupby(segments, key=lambda segment: segment.hour):
        files += [_view(ports, segment) for segment in of_hour]
        if len(files) >= limit and hour != segments[-1].hour:
            return ExportPage(ports.reader.columns(version), files, hour)
    return ExportPage(ports.reader.columns(version), files, "")


def _view(ports: Ports, segment: Segment) -> dict[str, Any]:
    return {
        "path": segment.key,
        "url": ports.files.address(segment.key, HOLDS),
        "rows": segment.rows,
        "hour": segment.hour,
        "from": moment(segment.earliest),
        "till": moment(segment.latest),
    }
