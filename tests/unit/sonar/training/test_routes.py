"""Training data over HTTP: three ways in, the status, the list, and the way out again."""

import hashlib

import pytest
from msgspec.structs import replace

from functions.core.models import VersionStatus
from functions.core.observations import training_profile_key
from functions.core.training import Location
from functions.sonar.training.profile_training_data import profile_training_data
from tests.unit.sonar.http import Http
from tests.unit.sonar.world import OWN_BUCKET, World

BATCH = "/profiles/batch/1"
CSV = b"x,y\n1,2\n3,4\nbad,5\n"


def profile(world: World) -> None:
    for wanted in world.training_queue.sent:
        profile_training_data(world, wanted, lambda: 900.0)


def test_s01_a_large_file_is_announced_uploaded_and_completed(world: World, http: Http) -> None:
    announcement = {"sha256": hashlib.sha256(CSV).hexdigest(), "size": len(CSV), "name": "train.csv"}
    announced = http.json("POST", BATCH, announcement, 201)
    assert (announced["method"], announced["file"]["status"]) == ("PUT", "Uploading")
    path = f"{BATCH}/{announced['file']['id']}/complete"
    assert http.json("GET", f"{BATCH}/status")["kind"] == "NotRegistered"
    refused = http.json("POST", path, status=400)
    assert refused["errors"][0]["received"] == "nothing"
    assert world.training_objects.upload(announced["url"], CSV) == 200
    for _ in range(2):  # an answer that was lost is asked for again
        assert http.json("POST", path, status=202)["status"] == "Processing"
    profile(world)
    status = http.json("GET", f"{BATCH}/status")
    assert (status["kind"], status["rows"], status["rejected"], status["progress"]) == ("Success", 2, 1, 1.0)
    (file,) = status["files"]
    assert (file["name"], file["bytes"], file["status"]) == ("train.csv", len(CSV), "Success")
    assert file["rejections"] == [
        {
            "reason": "x: expected DT_DOUBLE, a number",
            "count": 1,
            "examples": [{"place": "line 4", "received": "bad"}],
        }
    ]
    assert http.json("POST", BATCH, announcement, 201)["file"]["status"] == "Success"  # known by its content


def test_s01_a_small_file_comes_as_the_body_whatever_its_type_is_called(world: World, http: Http) -> None:
    for headers in ({}, {"content_type": "text/csv"}, {"content_type": "application/octet-stream"}):
        file = http.json("POST", BATCH, CSV, 202, **headers)
        assert file["status"] == "Processing"
    assert len(world.training_files) == 1
    profile(world)
    assert http.json("GET", f"{BATCH}/status")["kind"] == "Success"


def test_s01_a_file_on_s3_is_read_where_it_lies(world: World, http: Http) -> None:
    world.training_objects.objects[Location("lake", "a/train.csv")] = CSV
    file = http.json("POST", f"{BATCH}/s3", {"path": "s3://lake/a/train.csv"}, 202)
    assert (file["name"], file["path"]) == ("train.csv", "s3://lake/a/train.csv")
    profile(world)
    assert http.json("GET", f"{BATCH}/status")["rows"] == 2
    assert len(world.training_objects) == 1  # nothing was copied


def test_s01_only_buckets_that_are_named_are_read(world: World, http: Http) -> None:
    for path in ("s3://secrets/a.csv", f"s3://{OWN_BUCKET}/log/version=1/a.parquet"):
        refused = http.json("POST", f"{BATCH}/s3", {"path": path}, 400)
        (problem,) = refused["errors"]
        assert problem["expected"] == f"a path below s3://{OWN_BUCKET}/training-data/…, s3://lake/…"
        assert problem["received"] == path
    world.training_objects.denied = {"lake"}
    assert http.call("POST", f"{BATCH}/s3", {"path": "s3://lake/a.csv"}).status_code == 403


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (BATCH, {"sha256": "abc", "size": 0}, 400),
        (BATCH, {"sha256": "0" * 64, "size": 5 * 1024**3 + 1}, 413),
        (BATCH, b"", 400),
        (f"{BATCH}/s3", {"path": "https://example.org/a.csv"}, 400),
        (f"{BATCH}/s3", {"path": "s3://lake/nothing.csv"}, 404),
        (f"{BATCH}/s3", {}, 400),
        (f"{BATCH}/{'0' * 32}/complete", {}, 404),
        ("/profiles/batch/2", CSV, 404),
        ("/profiles/batch/x", CSV, 404),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(
    world: World, http: Http, path: str, body: object, status: int
) -> None:
    assert http.call("POST", path, body).status_code == status
    assert len(world.training_files) == len(world.training_queue) == len(world.training_objects) == 0


def test_a_version_without_a_signature_takes_none_yet(world: World, http: Http) -> None:
    version = replace(world.models.by_id(1), signature=None, status=VersionStatus.ASSEMBLING)
    world.models.items[("penguins", 1)] = version
    assert http.call("POST", BATCH, CSV).status_code == 409


def test_s01_the_files_of_a_version_are_listed_and_can_be_taken_back(world: World, http: Http) -> None:
    first, second = (http.json("POST", BATCH, content, 202)["id"] for content in (CSV, b"x\n100\n"))
    profile(world)
    listed = http.json("GET", "/training_data?modelVersionId=1")
    assert {file["id"] for file in listed} == {first, second}
    assert http.call("GET", "/training_data").status_code == 400
    assert http.call("GET", "/training_data?modelVersionId=7").status_code == 404
    assert http.json("DELETE", f"/training_data/1/{second}")["id"] == second
    view = http.json("GET", "/profiles/1/x")
    assert view["training"]["quantile"]["max"] == 3
    assert http.call("DELETE", f"/training_data/1/{second}").status_code == 404
    assert [file["id"] for file in http.json("GET", "/training_data?modelVersionId=1")] == [first]


def test_s01_a_file_that_is_taken_back_leaves_nothing(world: World, http: Http) -> None:
    world.training_objects.objects[Location("lake", "t.csv")] = b"x\n5\n"
    kept = http.json("POST", f"{BATCH}/s3", {"path": "s3://lake/t.csv"}, 202)["id"]
    upload = http.json("POST", BATCH, CSV, 202)["id"]
    for wanted in world.training_queue.sent:
        profile_training_data(world, wanted, lambda: 900.0)
    for file in (upload, kept):
        http.json("DELETE", f"/training_data/1/{file}")
    assert list(world.training_objects.objects) == [Location("lake", "t.csv")]  # somebody else's
    assert list(world.profiles.profiles) == [training_profile_key(1)]


def test_s01_an_upload_that_nobody_completes_goes_and_one_that_was_completed_stays(world: World, http: Http) -> None:
    announcement = {"sha256": hashlib.sha256(CSV).hexdigest(), "size": len(CSV), "name": "train.csv"}
    announced = http.json("POST", BATCH, announcement, 201)
    world.training_objects.upload(announced["url"], CSV)
    assert http.json("GET", "/training_data?modelVersionId=1")[0]["status"] == "Uploading"
    world.training_objects.days_pass()
    path = f"{BATCH}/{announced['file']['id']}/complete"
    assert http.json("POST", path, status=400)["errors"][0]["received"] == "nothing"
    for _ in range(2):  # also when it is announced and sent again
        world.training_objects.upload(http.json("POST", BATCH, announcement, 201)["url"], CSV)
        http.json("POST", path, status=202)
    world.training_objects.upload(http.json("POST", BATCH, announcement, 201)["url"], CSV)
    world.training_objects.days_pass()
    assert len(world.training_objects) == 1


def test_s01_an_object_that_was_given_again_is_marked_as_replaced(world: World, http: Http) -> None:
    for content in (CSV, b"x\n7\n"):
        world.clock.advance(1)
        world.training_objects.objects[Location("lake", "t.csv")] = content
        http.json("POST", f"{BATCH}/s3", {"path": "s3://lake/t.csv"}, 202)
        profile_training_data(world, world.training_queue.sent[-1], lambda: 900.0)
    files = http.json("GET", "/training_data?modelVersionId=1")
    assert sorted((file["rows"], file["replaced"]) for file in files) == [(1, False), (2, True)]
    assert http.json("GET", f"{BATCH}/status")["rows"] == 1


def test_the_newest_file_says_how_the_training_data_stand(world: World, http: Http) -> None:
    http.json("POST", BATCH, CSV, 202)
    profile(world)
    world.clock.advance(1)
    http.json("POST", BATCH, b"z\n1\n", 202)
    assert http.json("GET", f"{BATCH}/status")["kind"] == "Processing"
    profile_training_data(world, world.training_queue.sent[-1], lambda: 900.0)
    status = http.json("GET", f"{BATCH}/status")
    assert (status["kind"], status["rows"]) == ("Failure", 2)
    assert "/x: expected a column of that name" in status["reason"]
