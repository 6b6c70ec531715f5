"""Models that do not make it, and things that may not be deleted yet."""

import hashlib
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cloud import Cloud, Served, wait_until
from tests.e2e.uploads import SIGNATURE, payload, upload, wait_for_build
from tests.unit.core.archives import HOSTILE, archive


@pytest.mark.parametrize("kind", ["absolute", "parent", "symbolic link", "device", "bomb"])
def test_a_hostile_archive_is_refused_by_entry(cloud: Cloud, kind: str) -> None:
    entry, fill = HOSTILE[kind]
    answer = upload(cloud, "hostile", archive(fill))
    assert answer.status_code == 400, answer.text
    assert entry.strip("./") in answer.json()["detail"]
    with cloud.http() as http:
        assert "hostile" not in {model["name"] for model in http.get("/api/v2/model").json()}


def test_what_was_announced_is_what_must_arrive(cloud: Cloud) -> None:
    content = payload("def infer(x): return {'y': x}")
    announced = {"sha256": hashlib.sha256(b"something else").hexdigest(), "size": len(content)}
    body = {"name": "liar", "runtime": "python", "modelSignature": SIGNATURE, "payload": announced}
    with cloud.http() as http:
        ticket = http.post("/api/v2/model/upload", json=body).json()
        put = httpx.put(ticket["url"], content=content, headers=ticket["headers"], timeout=60)
        completed = http.post(f"/api/v2/model/upload/{ticket['uploadId']}/complete", json={})
    assert put.status_code == 400
    assert completed.status_code in (400, 409)


@pytest.mark.parametrize(
    ("name", "source", "more", "reason"),
    [
        (
            "no-install",
            "def infer(x): return {'y': x}",
            {"installCommand": "echo no such thing >&2; exit 3"},
            "no such thing",
        ),
        ("no-function", "def predict(x): return {'y': x}", {}, "func_main.py has no function 'infer'"),
        ("no-import", "import nothing_of_that_name", {}, "nothing_of_that_name"),
    ],
)
def test_m03_a_build_that_fails_says_why(
    cloud: Cloud, name: str, source: str, more: dict[str, Any], reason: str
) -> None:
    answer = upload(cloud, name, payload(source), **more)
    assert answer.status_code == 202, answer.text
    version = wait_for_build(cloud, answer.json())
    assert version["status"] == "Failed"
    assert reason in version["statusMessage"]
    with cloud.http() as http:
        refused = http.post("/api/v2/servable", json={"modelName": name, "version": version["modelVersion"]})
    assert refused.status_code in (400, 409)


FOLLOWED = "echo the first of two; sleep 6; echo the second of two"


def test_m04_a_build_log_is_read_while_it_runs_and_resumed_with_its_token(cloud: Cloud) -> None:
    started = upload(cloud, "talker", payload("def infer(x): return {'y': x}"), installCommand=FOLLOWED).json()
    path = f"/api/v2/model/version/{started['id']}/logs"
    with cloud.http() as http:

        def page(after: str | None) -> dict[str, Any]:
            asked = {"after": after} if after else {}
            return http.get(path, params=asked, headers={"accept": "application/json"}).json()  # type: ignore[no-any-return]

        def line(text: str, lines: list[str]) -> bool:
            return any(one.endswith(text) and "echo" not in one for one in lines)

        early = wait_until("the first line", lambda: line("the first of two", page(None)["lines"]) and page(None), 120)
        assert not early["ended"]
        assert not line("the second of two", early["lines"])
        assert wait_for_build(cloud, started)["status"] == "Released"
        late, token, ended = [], early["next"], False
        while not ended:
            seen = page(token)
            late, token, ended = [*late, *seen["lines"]], seen["next"] or token, seen["ended"]
        assert line("the second of two", late)
        assert not line("the first of two", late)
        assert [*early["lines"], *late] == page(None)["lines"]


def test_m09_a_deleted_version_takes_its_image_along(cloud: Cloud) -> None:
    version = wait_for_build(cloud, upload(cloud, "brief", payload("def infer(x): return {'y': x}")).json())
    image = version["image"]
    wanted = {"repositoryName": image["name"].partition("/")[2], "imageIds": [{"imageDigest": image["sha256"]}]}
    assert cloud.client("ecr").batch_get_image(**wanted)["images"]
    with cloud.http() as http:
        assert http.delete("/api/v2/model/version/brief/1").status_code == 200
    assert not cloud.client("ecr").batch_get_image(**wanted)["images"]


def test_g18_values_and_crashes_of_the_model(cloud: Cloud) -> None:
    """A bad value is the caller's (4xx), a crash is the model's (5xx), and both say what happened."""
    source = """
def infer(x):
    if x < 0:
        raise ValueError("x must not be negative")
    return {"y": 1 / (int(x) - 7)}
"""
    version = wait_for_build(cloud, upload(cloud, "moody", payload(source)).json())
    assert version["status"] == "Released", version
    with cloud.http() as http:
        name = http.post("/api/v2/servable", json={"modelName": "moody", "version": 1}).json()["fullName"]
        show = f"/api/v2/servable/{name}"
        wait_until("it serves", lambda: http.get(show).json()["status"] == "Serving", timeout=90)
        assert http.post(f"/gateway/servable/{name}", json={"x": 9.0}).json() == {"y": 0.5}
        bad, crash = (http.post(f"/gateway/servable/{name}", json={"x": x}) for x in (-1.0, 7.0))
        assert (bad.status_code, crash.status_code) == (400, 500)
        assert "x must not be negative" in bad.json()["detail"]
        assert "ZeroDivisionError" in crash.json()["detail"]
        assert http.delete(show).status_code in (200, 204)
        assert http.post(f"/gateway/servable/{name}", json={"x": 9.0}).status_code == 404


def test_m19_what_is_used_may_not_be_deleted(served: Served) -> None:
    with served.cloud.http() as http:
        application = http.get("/api/v2/application/blobs").json()
        variant = application["executionGraph"]["stages"][0]["modelVariants"][0]
        for path in (
            f"/api/v2/servable/{variant['servableName']}",
            f"/api/v2/model/version/blobs/{variant['modelVersion']}",
        ):
            refused = http.delete(path)
            assert refused.status_code == 409, path
            assert "blobs" in refused.json()["detail"]


def test_logs_of_build_and_servable(served: Served) -> None:
    build = served.cloud.cli("model", "logs", "blobs:1")
    assert build.code == 0
    assert "models:blobs-1" in build.out
    name = served.cloud.cli("-o", "json", "servable", "list").json()[0]["fullName"]
    assert served.cloud.cli("servable", "logs", name).code == 0


def test_applying_again_changes_nothing(served: Served) -> None:
    before = served.cloud.cli("-o", "json", "app", "show", "blobs").json()
    assert served.cloud.cli("apply", "-f", str(Path("examples/blobs"))).code == 0
    assert served.cloud.cli("-o", "json", "app", "show", "blobs").json() == before
