"""Signatures, uploads, waiting and provenance, below the command line."""

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dewpoint import Dewpoint, ModelSpec, SignatureBuilder
from dewpoint.entities import LogPage
from dewpoint.errors import InvalidInput, Problem, Refused, TimedOut, refused
from dewpoint.models import parse_reference
from dewpoint.payload import collect
from dewpoint.provenance import provenance
from dewpoint.signatures import Signature, parse_dtype, parse_shape
from dewpoint.transport import is_loopback
from dewpoint.waiting import Patience, Silent, read_log, wait

from tests.unit.sdk.platform_double import PlatformDouble


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


class Diary(Silent):
    def __init__(self) -> None:
        self.sent: list[tuple[int, int]] = []

    def uploaded(self, sent: int, size: int) -> None:
        self.sent.append((sent, size))


@pytest.mark.parametrize(
    ("written", "dtype"),
    [
        ("double", "DT_DOUBLE"),
        ("DT_FLOAT", "DT_FLOAT"),
        ("float", "DT_DOUBLE"),
        (float, "DT_DOUBLE"),
        ("float32", "DT_FLOAT"),
        (np.float32, "DT_FLOAT"),
        (np.int8, "DT_INT8"),
        (int, "DT_INT64"),
        ("str", "DT_STRING"),
        (bool, "DT_BOOL"),
        ("half", "DT_HALF"),
        ("uint16", "DT_UINT16"),
    ],
)
def test_types(written: object, dtype: str) -> None:
    assert parse_dtype(written) == dtype


@pytest.mark.parametrize("written", ["integer64", "", "DT_float64", "complex64", object()])
def test_unknown_types(written: object) -> None:
    with pytest.raises(InvalidInput, match="unknown type"):
        parse_dtype(written)


def test_shapes() -> None:
    assert (parse_shape("scalar"), parse_shape("any"), parse_shape(None), parse_shape([-1, 3])) == (
        (),
        None,
        None,
        (-1, 3),
    )
    for wrong in ("square", [0], [-2], [True], [1.5]):
        with pytest.raises(InvalidInput):
            parse_shape(wrong)  # type: ignore[arg-type]


def test_a_signature_and_back() -> None:
    signature = (
        SignatureBuilder("infer")
        .input("x", float, [-1, 2], "numerical")
        .input("t", str, "any")
        .output("y", "int64")
        .build()
    )
    document = signature.to_json()
    assert Signature.from_json(document) == signature
    assert "shape" not in document["inputs"][1]
    assert document["outputs"] == [{"name": "y", "dtype": "DT_INT64", "shape": {"dims": []}, "profile": "NONE"}]
    with pytest.raises(InvalidInput, match="no outputs"):
        SignatureBuilder().input("x", int).build()
    with pytest.raises(InvalidInput, match="twice"):
        SignatureBuilder().input("x", int).input("x", int).output("y", int).build()


@pytest.mark.parametrize(("written", "read"), [("m:3", ("m", 3)), ("m", ("m", None)), ("m:latest", ("m", None))])
def test_references(written: str, read: tuple[str, int | None]) -> None:
    assert parse_reference(written) == read


@pytest.mark.parametrize("written", ["", ":1", "m:", "m:0", "m:-1", "m:1:2", "m:one"])
def test_wrong_references(written: str) -> None:
    with pytest.raises(InvalidInput):
        parse_reference(written)


@pytest.fixture
def spec(tmp_path: Path) -> ModelSpec:
    (tmp_path / "weights.bin").write_bytes(np.random.default_rng(7).bytes(700_000))
    signature = SignatureBuilder().input("x", float).output("y", float).build()
    return ModelSpec(name="big", runtime="python", payload=collect(tmp_path, ["weights.bin"]), signature=signature)


def test_an_upload_from_python(client: Dewpoint, platform: PlatformDouble, spec: ModelSpec) -> None:
    """The bytes are streamed with their length to the address that was given, without the key."""
    diary = Diary()
    version = client.models.wait_released(client.models.upload(spec, diary))
    assert (version.full_name, version.status) == ("big:1", "Released")
    sizes = [sent for sent, _ in diary.sent]
    assert sizes == sorted(sizes)
    assert len(sizes) > 2
    assert diary.sent[-1] == (sizes[-1], sizes[-1])
    assert version.metadata["dewpoint.digest"] == spec.digest()
    assert client.models.latest("big") == version


def test_a_broken_upload_is_sent_again(client: Dewpoint, platform: PlatformDouble, spec: ModelSpec) -> None:
    platform.break_uploads = 1
    assert client.models.upload(spec).version == 1


def test_a_build_takes_its_time(client: Dewpoint, platform: PlatformDouble, spec: ModelSpec) -> None:
    platform.looks = 4
    clock = Clock()
    version = client.models.wait_released(client.models.upload(spec), patience=clock_patience(clock, 100))
    assert version.status == "Released"
    assert len(clock.pauses) == 3
    assert clock.pauses == sorted(clock.pauses)


def clock_patience(clock: Clock, timeout: float) -> Patience:
    return Patience(timeout, clock=clock.time, sleep=clock.sleep)


def test_looks_grow_rarer_and_end_on_time() -> None:
    clock = Clock()
    with pytest.raises(TimedOut, match="tea: not within 20 s"):
        wait("tea", lambda: "water", lambda seen: seen == "tea", clock_patience(clock, 20))
    assert sum(clock.pauses) == pytest.approx(20)
    assert max(clock.pauses) == 3.0
    assert len(clock.pauses) < 15


def test_not_now_does_not_end_a_wait() -> None:
    answers: list[Any] = [refused(Problem(503, "Unavailable")), "tea"]

    def look() -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert wait("tea", look, lambda seen: seen == "tea", clock_patience(Clock(), 5)) == "tea"


def test_a_log_that_is_there_is_read_to_its_end() -> None:
    told = {None: (("a",), "1"), "1": ((), "2"), "2": (("b",), "2")}
    pages = {token: LogPage(*page, ended=False) for token, page in told.items()}
    assert list(read_log(lambda token: pages[token])) == ["a", "b"]


def test_k11_where_a_model_was_made(tmp_path: Path) -> None:
    assert set(provenance(tmp_path)) == {"dewpoint.version"}
    for command in (
        ["init", "-q", "-b", "trunk"],
        ["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "--allow-empty", "-m", "first"],
    ):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True)
    clean = provenance(tmp_path)
    assert (clean["git.branch"], clean["git.is-dirty"], len(clean["git.sha"])) == ("trunk", "false", 40)
    (tmp_path / "new.py").touch()
    assert provenance(tmp_path)["git.is-dirty"] == "true"
    assert not any("author" in key for key in clean)
    asked = provenance(tmp_path, author=True)
    assert (asked["git.author"], asked["git.author-email"]) == ("a", "a@example.org")


def test_k11_what_dvc_tracks_is_where_a_model_was_made_too(tmp_path: Path) -> None:
    (tmp_path / "train.csv.dvc").write_text("outs:\n- {md5: 1a2b, size: 9, hash: md5, path: train.csv}\n")
    (tmp_path / "broken.dvc").write_text("outs: [")
    stage = "{cmd: python train.py, outs: [{path: model.bin, md5: 3c4d}, {path: not-made-yet}]}"
    (tmp_path / "dvc.lock").write_text(f"schema: '2.0'\nstages:\n  train: {stage}\n")
    found = provenance(tmp_path)
    assert {key: found[key] for key in found if key.startswith("dvc.")} == {
        "dvc.train.csv": "md5:1a2b",
        "dvc.model.bin": "md5:3c4d",
    }


def test_a_repository_of_many_files_leaves_a_number(tmp_path: Path) -> None:
    outs = "".join(f"- {{md5: {at}a, path: image-{at}.png}}\n" for at in range(60))
    (tmp_path / "images.dvc").write_text(f"outs:\n{outs}")
    found = provenance(tmp_path)
    assert sum(key.startswith("dvc.image-") for key in found) == 50
    assert found["dvc.outputs-left-out"] == "10"


def test_problems_of_others_are_understood() -> None:
    assert str(refused(Problem.from_json(403, {"message": "Forbidden"}))) == "The platform refused: Forbidden"
    assert refused(Problem.from_json(502, "<html>")).status == 502
    assert type(refused(Problem(418, "Teapot"))) is Refused


def test_loopback_goes_without_a_proxy() -> None:
    assert all(map(is_loopback, ("http://127.0.0.1:1", "http://127.3.2.1", "http://localhost/x", "http://[::1]:2")))
    assert not any(map(is_loopback, ("https://example.org", "http://10.0.0.1", "nothing")))
