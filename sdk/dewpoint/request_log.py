"""The request log of a model version: every prediction with its checks, and the files that hold them."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dewpoint.errors import InvalidInput, Problem, refused
from dewpoint.transport import Transport, answered, open_client

ROOT = "/monitoring"
PAGE = 1000
TIMEOUT = 300.0  # seconds for each file
Document = dict[str, Any]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which rows; None wants any. `where` is such as `x > 3 and island == "Biscoe"`; `failed` names a field or metric
    with a failed check, `errored` one whose check could not be decided."""

    since: datetime | None = None
    till: datetime | None = None
    where: str | None = None
    error: bool | None = None
    shadow: bool | None = None
    failed: str | None = None
    errored: str | None = None
    application: str | None = None

    def to_query(self) -> dict[str, str]:
        """Raises InvalidInput for a moment without a zone."""
        told: dict[str, Any] = {
            "from": moment(self.since),
            "till": moment(self.till),
            "where": self.where,
            "error": _truth(self.error),
            "shadow": _truth(self.shadow),
            "failed": self.failed,
            "errored": self.errored,
            "application": self.application,
        }
        return {name: value for name, value in told.items() if value is not None}


EVERYTHING = Filter()


class RequestLog:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def requests(self, version_id: int, wanted: Filter = EVERYTHING, limit: int | None = None) -> Iterator[Document]:
        """Rows, newest first; they are fetched as they are taken. Raises NotFound, BadRequest."""
        size = str(PAGE if limit is None else max(1, min(limit, PAGE)))
        pages = self._transport.get_pages(f"{ROOT}/checks/all/{version_id}", {**wanted.to_query(), "limit": size})
        return islice((row for page in pages for row in page), limit)

    def request(self, request_id: str) -> list[Document]:
        """All rows of one request: its stages, and their shadows. Raises NotFound."""
        rows: list[Document] = self._transport.get(f"{ROOT}/requests/{quote(request_id, safe='')}")
        return rows

    def sample(
        self, version_id: int, size: int = 100, seed: int | None = None, wanted: Filter = EVERYTHING
    ) -> list[Document]:
        """Rows by chance; the same seed gives the same ones."""
        chosen = {} if seed is None else {"seed": str(seed)}
        query = {**wanted.to_query(), "size": str(size), **chosen}
        rows: list[Document] = self._transport.get(f"{ROOT}/checks/subsample/{version_id}", query)
        return rows

    def compare(
        self, version_id: int, other_id: int, since: datetime | None = None, till: datetime | None = None
    ) -> Document:
        """How far two versions agree on the requests that both have logged."""
        query = Filter(since=since, till=till).to_query()
        found: Document = self._transport.get(f"{ROOT}/comparison/{version_id}/{other_id}", query)
        return found

    def pairs(
        self, version_id: int, other_id: int, since: datetime | None = None, till: datetime | None = None
    ) -> Iterator[Document]:
        """Those requests, newest first, as both saw them."""
        query = Filter(since=since, till=till).to_query()
        pages = self._transport.get_pages(f"{ROOT}/comparison/{version_id}/{other_id}/pairs", query)
        return (pair for page in pages for pair in page)

    def files(
        self, version_id: int, since: datetime | None = None, till: datetime | None = None
    ) -> Iterator[list[Document]]:
        """The Parquet files of the hours from `since` to `till`, page by page; their addresses hold for an hour."""
        query = Filter(since=since, till=till).to_query()
        return (page["files"] for page in self._transport.get_pages(f"{ROOT}/export/{version_id}", query))

    def export(
        self,
        version_id: int,
        folder: Path,
        since: datetime | None = None,
        till: datetime | None = None,
        progress: Progress = lambda _done, _known: None,
    ) -> list[Path]:
        """Fetches those files into `folder`, where they lie as `version=…/day=…/hour=…/`. A file that is there already
        is not fetched again. `progress` hears rows that are there and rows known of.

        When all are there, files of an earlier export go whose rows the log has in other files by now: nobody who reads
        the folder meets a row twice. Hours that lie in the window in part are left as they are.
        """
        found: list[Path] = []
        hours: dict[Path, str] = {}
        done = known = 0
        for page in self.files(version_id, since, till):
            known += sum(file["rows"] for file in page)
            for file in page:
                path = folder / Path(file["path"]).relative_to("log")
                if not path.exists():
                    _fetch(file["url"], path)
                found.append(path)
                hours[path.parent] = file["hour"]
                done += file["rows"]
                progress(done, known)
        for parent, hour in hours.items():
            if _holds_whole(hour, since, till):
                _remove_others(parent, found)
        return found

    def forget(self, version_id: int) -> None:
        """Removes what was logged up to now. Raises NotFound."""
        self._transport.send("DELETE", f"{ROOT}/checks/{version_id}")


def moment(at: datetime | None) -> str | None:
    """Raises InvalidInput for one without a zone."""
    if at is not None and at.tzinfo is None:
        raise InvalidInput(f"the moment {at.isoformat()} needs a time zone")
    return at.isoformat() if at else None


def _holds_whole(hour: str, since: datetime | None, till: datetime | None) -> bool:
    begin = datetime.strptime(hour, "%Y-%m-%dT%H").replace(tzinfo=UTC)
    return (since is None or since <= begin) and (till is None or till >= begin + timedelta(hours=1))


def _remove_others(folder: Path, kept: Sequence[Path]) -> None:
    for path in set(folder.glob("*.parquet")) - set(kept):
        path.unlink()


def _fetch(url: str, path: Path) -> None:
    """The file appears when it is whole. The API key is not sent to where it lies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with open_client(url, timeout=TIMEOUT) as client, partial.open("wb") as target:
        response = answered(url.split("?")[0], lambda: client.get(url))
        if not response.is_success:
            raise refused(Problem(response.status_code, "The file was refused", response.text[:300]))
        target.write(response.content)
    shutil.move(partial, path)


def _truth(value: bool | None) -> str | None:
    return None if value is None else str(value).lower()
