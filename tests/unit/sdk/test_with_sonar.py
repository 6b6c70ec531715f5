"""The client and the command line against the platform's real code for training data and profiles."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dewpoint import Dewpoint
from dewpoint.errors import Ended, InvalidPayload, NotFound, Refused

from functions.core.ports import Presigned
from functions.core.training import Location
from functions.sonar import wiring
from functions.sonar.training.profile_training_data import profile_training_data
from tests.unit.sdk.conftest import Cli
from tests.unit.sdk.loopback import Answer, Request
from tests.unit.sdk.managed_platform import Platform
from tests.unit.sonar.http import Http
from tests.unit.sonar.world import World

SONAR = "/monitoring"
STORAGE = "/training-storage/"
CSV = "x1,x2,y\n1,2,3\n4,5,9\nbad,1,1\n"


class WatchedPlatform(Platform):
    """Manager and sonar side by side, with the same versions; files are profiled when somebody looks."""

    def __init__(self) -> None:
        super().__init__()
        self.sonar = World()
        self.sonar.models = self.world.models
        self.sonar_http = Http(self.sonar)
        self.puts = 0
        signing = self.sonar.training_objects.presign
        self.addresses: list[str] = []

        def reachable(*args: Any, passing: bool) -> Presigned:
            presigned = signing(*args, passing=passing)
            self.addresses.append(presigned.url)
            return Presigned(f"{self.server.url}{STORAGE}{len(self.addresses) - 1}", presigned.headers)

        self.sonar.training_objects.presign = reachable  # type: ignore[method-assign]

    def answer(self, request: Request) -> Answer:
        if request.path.startswith(STORAGE):
            self.puts += 1
            url = self.addresses[int(request.path.removeprefix(STORAGE))]
            return Answer(status=self.sonar.training_objects.upload(url, request.raw))
        if not request.path.startswith(SONAR):
            return super().answer(request)
        while self.sonar.training_queue.sent and request.method == "GET":
            profile_training_data(self.sonar, self.sonar.training_queue.sent.pop(), lambda: 900.0)
        headers = {"content_type": request.headers["content-type"]} if request.raw else {}
        answer = self.sonar_http.call(request.method, request.target.removeprefix(SONAR), request.raw, **headers)
        return Answer(status=answer.status_code, raw=answer.body, headers=dict(answer.headers))


@pytest.fixture
def platform(socket_enabled: None) -> Iterator[WatchedPlatform]:
    made = WatchedPlatform()
    made.server.start()
    yield made
    made.server.stop()
    wiring.use(None)


@pytest.fixture
def cli(platform: WatchedPlatform, offline_cli: Cli) -> Cli:
    offline_cli("context", "add", "watched", "--url", platform.server.url)
    return offline_cli


@pytest.fixture
def client(platform: WatchedPlatform) -> Iterator[Dewpoint]:
    with Dewpoint(platform.server.url, timeout=10) as opened:
        yield opened


@pytest.fixture
def data(model_folder: Path) -> Path:
    """Beside an adder whose document names it."""
    document = model_folder / "serving.yaml"
    document.write_text(f"training-data: data.csv\n{document.read_text()}")
    (model_folder / "data.csv").write_text(CSV)
    return model_folder / "data.csv"


def kinds(applied: list[dict[str, str]]) -> list[tuple[str, str, str, str]]:
    return [(each["kind"], each["name"], each["action"], each["status"]) for each in applied]


def test_k10_apply_gives_the_training_data_of_a_document_once(
    cli: Cli, platform: WatchedPlatform, model_folder: Path, data: Path
) -> None:
    created = ("TrainingData", "adder:1 data.csv", "created", "Success")
    assert created in kinds(cli.json("apply", "-f", model_folder))
    assert ("TrainingData", "adder:1 data.csv", "unchanged", "Success") in kinds(cli.json("apply", "-f", model_folder))
    assert platform.puts == 1
    data.write_text("x1,x2\n7,8\n")
    assert created in kinds(cli.json("apply", "-f", model_folder))
    assert cli.json("profile", "status", "adder")["rows"] == 3


def test_k10_training_data_on_s3_and_of_external_models(cli: Cli, platform: WatchedPlatform, tmp_path: Path) -> None:
    platform.sonar.training_objects.objects[Location("lake", "a.csv")] = b"x,y\n1,2\n"
    fields = "{inputs: {x: {shape: scalar, type: double}}, outputs: {y: {shape: scalar, type: int}}}"
    document = tmp_path / "external.yaml"
    document.write_text(f"kind: ExternalModel\nname: far\ncontract: {fields}\ntraining-data: s3://lake/a.csv\n")
    for action in ("created", "unchanged"):
        (_, told) = kinds(cli.json("apply", "-f", document))
        assert told == ("TrainingData", "far:1 a.csv", action, "Success")


def test_k10_training_data_that_cannot_be_used_fail_the_command_with_the_reason(
    cli: Cli, model_folder: Path, data: Path
) -> None:
    data.write_text("a,b\n1,2\n")
    told = cli("apply", "-f", model_folder, code=1)
    assert "training data data.csv failed: /x1: expected a column of that name" in told.stderr
    assert "adder:1" in told.stdout  # what is done is shown


def test_k12_training_data_are_pushed_and_their_status_shown(cli: Cli, model_folder: Path, data: Path) -> None:
    cli("apply", "-f", model_folder, "--no-wait")
    more = data.with_name("more.csv")
    more.write_text("x1,x2,spare\n10,20,0\n")
    pushed = cli("profile", "push", "adder", more)
    assert "Success" in pushed.stdout
    assert "no field is called spare" in pushed.stderr
    status = cli("profile", "status", "adder:1")
    assert status.stdout.splitlines()[0] == "Success"
    assert "rejected 1 × x1: expected DT_DOUBLE, a number (line 4: 'bad')" in status.stderr
    assert len(cli.json("profile", "status", "adder")["files"]) == 2
    assert "there is no" in cli("profile", "push", "adder", "s3://lake/nothing.csv", code=1).stderr
    assert "a path below s3://" in cli("profile", "push", "adder", "s3://secrets/a.csv", code=1).stderr
    assert "nowhere.csv" in cli("profile", "push", "adder", "nowhere.csv", code=2).stderr


def test_k13_profiles_are_shown_and_files_taken_back(
    cli: Cli, platform: WatchedPlatform, model_folder: Path, data: Path
) -> None:
    cli("apply", "-f", model_folder)
    assert "numeric" in cli("profile", "show", "adder").stdout
    shown = cli.json("profile", "show", "adder", "x1", "--from", "2026-01-01T00:00:00Z")
    assert (shown["training"]["quantile"]["max"], shown["production"]) == (4.0, None)
    (file,) = cli.json("profile", "status", "adder")["files"]
    cli("profile", "rm", "adder", file["id"])
    assert cli("profile", "status", "adder").stdout.strip() == "NotRegistered"
    assert "has no field z" in cli("profile", "show", "adder", "z", code=1).stderr


def test_k04_the_client_uploads_waits_and_reads(
    cli: Cli, client: Dewpoint, platform: WatchedPlatform, model_folder: Path
) -> None:
    cli("apply", "-f", model_folder)
    version = client.models.find("adder")
    (model_folder / "train.csv").write_text(CSV)
    file = client.profiles.wait(client.profiles.upload_training_data(version, model_folder / "train.csv"))
    assert (file.status, file.rows, file.rejected) == ("Success", 2, 1)
    assert file.id == hashlib.sha256(CSV.encode()).hexdigest()[:32]
    assert client.profiles.status(version).kind == "Success"
    assert client.profiles.get(version, "x2")["training"]["common"]["count"] == 2
    (model_folder / "bad.csv").write_text("nothing\n1\n")
    with pytest.raises(Ended, match="/x1: expected a column"):
        client.profiles.wait(client.profiles.upload_training_data(version, str(model_folder / "bad.csv")))
    with pytest.raises(InvalidPayload):
        client.profiles.upload_training_data(version, "nowhere.csv")
    with pytest.raises(Refused, match="bucket/key"):
        client.profiles.upload_training_data(version, "s3://")
    with pytest.raises(NotFound):
        client.profiles.status(99)
    for given in client.profiles.files(version):
        client.profiles.remove(version, given.id)
    assert client.profiles.files(version) == []
