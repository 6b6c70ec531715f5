"""Training data on the cloud: given in every way, profiled off the queue, and what predictions are checked by."""

import uuid
from typing import Any

import pytest

from tests.cloud import Served, wait_until

TRAINING = "examples/blobs/training_data.csv"  # x1 and x2 within ±12, 300 rows


@pytest.fixture
def version(served: Served) -> int:
    with served.cloud.http() as http:
        versions = http.get("/api/v2/model/version").json()
    return int(next(each["id"] for each in reversed(versions) if each["model"]["name"] == "blobs"))


def test_s01_training_data_are_profiled_and_flag_what_lies_outside(served: Served, version: int) -> None:
    pushed = served.cloud.cli("profile", "push", "blobs", TRAINING, "-o", "json")
    assert pushed.code == 0, pushed.err
    (file,) = pushed.json()
    assert (file["status"], file["rows"], file["rejected"]) == ("Success", 300, 0)
    inside, outside = uuid.uuid4().hex, uuid.uuid4().hex
    with served.cloud.http() as http:
        for request, x1 in ((inside, -5.0), (outside, 1e6)):
            answer = http.post(
                "/gateway/application/blobs", json={"x1": x1, "x2": 1.0}, headers={"x-request-id": request}
            )
            assert answer.status_code == 200, answer.text

        def flagged() -> Any:
            batches = http.get(f"/monitoring/checks/aggregates/{version}").json()["results"]
            return next((each for each in batches if each.get("x1", {}).get("failed")), None)

        batch = wait_until("the outlier is flagged", flagged, timeout=120)
        assert batch["x2"]["failed"] == 0
        profile = http.get(f"/monitoring/profiles/{version}/x1").json()
    assert profile["training"]["common"]["count"] == 300
    assert profile["production"]["quantile"]["max"] == 1e6
    assert sum(profile["comparison"]["histogram"]["training"]) == 300


def test_s01_a_body_in_chunks_without_a_type_and_a_path_on_s3(served: Served, version: int) -> None:
    """The reference system's client sends a file as a chunked body, and asks for the status until it is there."""
    content = b'x1,x2\n1,2\n"3",4\n?,5\n'
    path = f"/monitoring/profiles/batch/{version}"
    chunks = (content[at : at + 7] for at in range(0, len(content), 7))
    bucket = next(b["Name"] for b in served.cloud.client("s3").list_buckets()["Buckets"] if "observations" in b["Name"])
    key = f"training-data/{uuid.uuid4().hex}.csv"
    served.cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=b"x1,x2\n7,8\n")
    with served.cloud.http() as http:
        sent = http.post(path, content=chunks)
        assert sent.status_code == 202, sent.text
        on_s3 = http.post(f"{path}/s3", json={"path": f"s3://{bucket}/{key}"})
        assert on_s3.status_code == 202, on_s3.text
        refused = http.post(f"{path}/s3", json={"path": "s3://somebody-elses/a.csv"})
        assert refused.status_code == 400
        assert f"s3://{bucket}/training-data/" in refused.json()["errors"][0]["expected"]
        wait_until("both are profiled", lambda: http.get(f"{path}/status").json()["kind"] == "Success", timeout=120)
        files = {each["id"]: each for each in http.get(f"/monitoring/training_data?modelVersionId={version}").json()}
        first, second = files[sent.json()["id"]], files[on_s3.json()["id"]]
        assert (first["rows"], first["rejected"], second["rows"]) == (2, 1, 1)
        assert first["rejections"][0]["examples"] == [{"place": "line 4", "received": "?"}]
        for file in (first, second):
            assert http.delete(f"/monitoring/training_data/{version}/{file['id']}").status_code == 200
