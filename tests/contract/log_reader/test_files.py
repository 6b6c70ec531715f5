"""The files of the request log: which parts of them are read, and that S3 holds them as a folder does."""

from pathlib import Path
from typing import Any

import boto3
import pytest
from msgspec.structs import replace

from functions.adapters import log_statistics, parquet
from functions.adapters.log_files import S3LogFiles
from functions.adapters.log_reader import S3LogReader
from functions.adapters.log_statistics import folder_tails, s3_tails, stretches
from functions.core.checks import Operator
from functions.core.errors import Gone
from functions.core.observations import LogFiles
from functions.core.request_log import Comparison, LogPart, LogReader, Of, Wanted
from tests.contract.log_reader.scene import SIGNATURE, VERSION, FolderFiles, row, segment, x_is


def test_s14_row_groups_that_cannot_hold_a_wanted_row_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "ROW_GROUP", 2)
    monkeypatch.setattr(log_statistics, "WORTH", 1)
    files = FolderFiles(tmp_path)
    files.write("log/a.parquet", SIGNATURE, [row(at, x=float(at)) for at in range(8)])
    large, none = (Comparison(of=Of.INPUT, name="v", element=0, operator=Operator.GREATER, value=v) for v in (7.6, 9))
    exact = Comparison(of=Of.OUTPUT, name="y", operator=Operator.EQ, value=30)

    def read(*comparisons: Comparison) -> Any:
        part = [segment("log/a.parquet", 8)]
        return stretches(folder_tails(str(tmp_path)), part, Wanted(comparisons=comparisons)).get("log/a.parquet")

    assert read(exact) == [(2, 2)]
    assert read(replace(large, value=7.0)) == [(0, 8)]  # another element of each vector is 7.5
    assert read(large, exact) == read(none) == []
    assert read(replace(exact, operator=Operator.NOT_EQ)) is None
    reader, part = S3LogReader(str(tmp_path)), LogPart(VERSION, (segment("log/a.parquet", 8),))
    assert reader.find(part, Wanted(comparisons=(none,)), 5) == []
    monkeypatch.setattr(log_statistics, "TAIL", 100)  # too short for the footer: everything is read
    assert read(exact) is None


@pytest.fixture
def store(socket_enabled: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An S3 of one's own on loopback: Polars speaks HTTP by itself, so a client in this process is not enough."""
    from moto.server import ThreadedMotoServer

    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield boto3.client("s3", endpoint_url="http://{}:{}".format(*server.get_host_and_port()), region_name="us-east-1")
    server.stop()


def test_files_on_s3_are_read_in_place(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from functions.adapters.clients import object_store

    store.create_bucket(Bucket="observations")
    files: LogFiles = S3LogFiles(store, "observations")
    monkeypatch.setattr(log_statistics, "WORTH", 1)
    tails = s3_tails(store, "observations")
    reader: LogReader = S3LogReader("s3://observations", lambda: object_store(store), tails)
    rows = [row(at, f"r{at}") for at in range(30)]
    keys = [f"log/version=7/day=2026-01-01/hour=00/{at}.parquet" for at in range(3)]
    for at, key in enumerate(keys):
        files.write(key, SIGNATURE, rows[10 * at : 10 * at + 10])
    files.merge(keys, "log/version=7/all.parquet")
    part = LogPart(VERSION, (segment("log/version=7/all.parquet", 30),))
    spots = reader.find(part, x_is(Operator.EQ, 1.0), 2)
    assert [spot.number for spot in spots] == [29, 28]
    assert reader.read(part, [29])[29].observation.request_id == "r29"
    with pytest.raises(Gone):
        reader.find(LogPart(VERSION, (segment("log/gone.parquet", 30),)), x_is(Operator.EQ, 1.0), 2)
    assert sorted(one.key for one in files.stored("log/version=7/day=")) == keys
    files.remove([*keys, "log/never.parquet"])
    assert list(files.stored("log/version=7/day=")) == []
    with pytest.raises(Gone):
        reader.find(LogPart(VERSION, (segment(keys[0], 10),)), Wanted(), 1)
