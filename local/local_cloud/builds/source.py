"""A build's source: the zip (or folder) on S3 that the project names, and the buildspec in it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .errors import BuildspecError, SourceError


def fetch(source: Mapping[str, Any], folder: Path, s3: Any) -> None:
    """Puts the source into a folder.

    Raises:
        SourceError: it is not there, or not of a kind that is fetched here.
    """
    kind = source["type"]
    if kind == "NO_SOURCE":
        return
    if kind != "S3":
        raise SourceError(f"the local cloud fetches sources of type S3 and NO_SOURCE, not {kind}")
    bucket, _, key = source["location"].removeprefix("arn:aws:s3:::").partition("/")
    try:
        if key.endswith("/"):
            _fetch_folder(s3, bucket, key, folder)
        else:
            body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
            _unzip(body, folder)
    except s3.exceptions.ClientError as error:
        raise SourceError(f"Unable to download {bucket}/{key}: {error}") from error


def buildspec_text(source: Mapping[str, Any], folder: Path) -> str:
    """The project's buildspec: inline text, a path in the source, or `buildspec.yml`.

    Raises:
        BuildspecError: there is none.
    """
    given = source.get("buildspec") or ""
    if "\n" in given or given.lstrip().startswith("{"):
        return str(given)
    path = folder / (given or "buildspec.yml")
    if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        raise BuildspecError(f"stat {given or 'buildspec.yml'}: no such file or directory")
    return path.read_text()


def _fetch_folder(s3: Any, bucket: str, prefix: str, folder: Path) -> None:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for entry in page.get("Contents", []):
            target = folder / entry["Key"].removeprefix(prefix)
            if target.resolve().is_relative_to(folder.resolve()) and not entry["Key"].endswith("/"):
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read())


def _unzip(body: bytes, folder: Path) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for entry in archive.infolist():
                target = Path(archive.extract(entry, folder))
                mode = entry.external_attr >> 16 & 0o777
                if mode and not entry.is_dir():
                    target.chmod(mode)
    except zipfile.BadZipFile as error:
        raise SourceError(f"the source is not a zip archive: {error}") from error
