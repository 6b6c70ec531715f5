"""Profiles over HTTP: training beside production, for any window of time."""

from typing import Any

import numpy as np
import pytest

from functions.core.dtypes import DType, encode
from functions.core.models import ModelVersion
from functions.core.observations import training_profile_key
from functions.core.signature import Field, Profile, Shape, Signature
from functions.core.tensor import Tensor
from functions.numerics.profiles.column import Column
from functions.numerics.profiles.stored import profile_rows, to_bytes
from functions.sonar import read_profile, wiring
from functions.sonar.table import row_fields
from functions.sonar.training.profile_training_data import profile_training_data
from tests.unit.sonar.http import Http
from tests.unit.sonar.world import START, World, call, number, numbers, prediction, scalar

HOUR = 3600.0
MIXED = Signature(
    "predict",
    (
        scalar("x"),
        scalar("v", (2,)),
        Field("colour", DType.STRING, Shape(()), Profile.CATEGORICAL),
        Field("image", DType.UINT8, Shape((2, 2)), Profile.IMAGE),
    ),
    (scalar("y"),),
)
WORDS = Signature("predict", (Field("words", DType.STRING, Shape(()), Profile.TEXT),), (scalar("y"),))


def text(value: str) -> Tensor:
    return Tensor(DType.STRING, (), encode(DType.STRING, [value]))


def mixed_call(x: float, colour: str) -> Any:
    image = Tensor(DType.UINT8, (2, 2), bytes([int(x)] * 4))
    inputs = {"x": number(x), "v": numbers(x, -x), "colour": text(colour), "image": image}
    return call(inputs=inputs, outputs={"y": number(x + 1)})


def train(world: World, rows: int = 100) -> ModelVersion:
    version = world.models.by_id(1)
    values = np.arange(float(rows))
    columns = {
        "x": Column(values),
        "v": Column(np.stack([values, -values], axis=1)),
        "colour": Column(np.array(["red", "green"] * (rows // 2), object)),
        "image": Column(np.zeros((rows, 2, 2), np.uint8)),
        "y": Column(values + 1),
    }
    profiles = profile_rows(row_fields(version.released_signature), columns)
    world.profiles.write(training_profile_key(1), to_bytes(profiles))
    return version


@pytest.fixture
def world() -> World:
    """Trained on 0 … 99; in each of the first three hours, ten predictions of that hour's own hundred."""
    world = World(signature=MIXED)
    train(world)
    for hour in range(3):
        made = [
            prediction(f"r{hour}-{n}", START + hour * HOUR + n, calls=(mixed_call(100.0 * hour + n, "blue"),))
            for n in range(10)
        ]
        assert world.observe(*made) == {}
    return world


def test_s03_a_numeric_field_has_every_statistic_on_both_sides(http: Http) -> None:
    view = http.json("GET", "/profiles/1/x")
    for side in ("training", "production"):
        assert set(view[side]) == {"kind", "common", "quantile", "descriptive", "histogram"}
        assert set(view[side]["descriptive"]) == {"mean", "std", "variance", "skewness", "kurtosis", "variationCoef"}
        assert {"p5", "q1", "median", "q3", "p95", "range", "IQR", "min", "max"} == set(view[side]["quantile"])
    assert view["training"]["descriptive"]["mean"] == 49.5
    assert view["production"]["common"]["count"] == 30
    assert view["production"]["quantile"]["max"] == 209
    assert view["field"] == {
        "name": "x", "dtype": "DT_DOUBLE", "shape": [], "profile": "NONE", "kind": "numeric"
    }  # fmt: skip


def test_s03_both_histograms_stand_on_the_same_bins(http: Http) -> None:
    histogram = http.json("GET", "/profiles/1/x")["comparison"]["histogram"]
    bins = np.array(histogram["bins"])
    seen = np.concatenate([100.0 * hour + np.arange(10.0) for hour in range(3)])
    assert histogram["training"] == np.histogram(np.arange(100.0), bins)[0].tolist()
    assert histogram["production"] == np.histogram(seen, bins)[0].tolist()


def test_s04_a_categorical_field_shows_categories_of_both_sides(http: Http) -> None:
    view = http.json("GET", "/profiles/1/colour")
    assert view["training"]["entropy"] == 1.0
    assert view["production"]["mode"] == "blue"
    assert view["comparison"]["frequencies"] == {
        "values": ["green", "red", "blue"],
        "training": [50, 50, 0],
        "production": [0, 0, 30],
        "otherTraining": 0,
        "otherProduction": 0,
    }


@pytest.mark.slow
def test_s05_a_text_field_is_profiled_in_training_and_in_production() -> None:
    world = World(signature=WORDS)
    http = Http(world)
    http.json("POST", "/profiles/batch/1", b'words\nThe sun shines.\n"Well, it rains."\n', 202)
    profile_training_data(world, world.training_queue.sent[0], lambda: 900.0)
    world.observe(prediction(calls=(call(inputs={"words": text("It rains.")}, outputs={"y": number(1)}),)))
    view = http.json("GET", "/profiles/1/words")
    wiring.use(None)
    assert (view["training"]["meanTokenLength"], view["production"]["meanTokenLength"]) == (3.0, 2.0)
    assert view["training"]["meanCharacterLength"] == 15.0
    for side in ("training", "production"):
        assert sum(view[side]["language"].values()) == pytest.approx(1)
        assert sum(view[side]["partOfSpeech"].values()) == pytest.approx(1)
        assert -1 <= view[side]["meanSentimentScore"] <= 1
        assert 0 < view[side]["meanUniqueLemmaRatio"] <= 1
        assert set(view[side]["unavailable"]) <= {"dependencyTreeDepth"}
    lengths = view["comparison"]["distributions"]["characterLength"]["histogram"]
    assert (sum(lengths["training"]), sum(lengths["production"])) == (2, 1)


def test_s06_an_image_field_shows_what_images_measure(http: Http) -> None:
    view = http.json("GET", "/profiles/1/image")
    assert view["training"]["statistics"]["brightness"]["quantile"]["max"] == 0
    assert view["production"]["statistics"]["brightness"]["quantile"]["max"] == 209
    assert sum(view["comparison"]["statistics"]["brightness"]["histogram"]["production"]) == 30


def test_s07_each_element_of_a_vector_has_its_profile_and_can_be_asked_for(http: Http) -> None:
    view = http.json("GET", "/profiles/1/v")
    assert [each["quantile"]["max"] for each in view["production"]["elements"]] == [209, 0]
    assert len(view["comparison"]["elements"]) == 2
    element = http.json("GET", "/profiles/1/v_1")
    assert element["training"]["quantile"]["min"] == -99
    assert element["production"] == view["production"]["elements"][1]
    assert element["field"]["name"] == "v_1"


@pytest.mark.parametrize("name", ["v_2", "x_0", "nothing", "v_"])
def test_a_field_or_element_that_is_not_there_is_404(http: Http, name: str) -> None:
    assert http.call("GET", f"/profiles/1/{name}").status_code == 404


def test_s08_production_of_any_window_is_merged_from_its_hours(http: Http) -> None:
    second = http.json("GET", "/profiles/1/x?from=2026-01-01T01:30:00Z&till=2026-01-01T01:45:00Z")
    assert second["production"]["quantile"]["min"] == 100
    assert second["production"]["common"]["count"] == 10
    assert second["window"] == {
        "from": "2026-01-01T01:00:00.000000Z",
        "till": "2026-01-01T02:00:00.000000Z",
        "granularity": "1 hour",
        "rows": 10,
        "segments": 1,
        "complete": True,
        "next": None,
    }
    first_two = http.json("GET", "/profiles/1/x?till=2026-01-01T02:00:00%2B00:00")
    assert first_two["production"]["common"]["count"] == 20
    by_seconds = http.json("GET", f"/profiles/1/x?from={int(START + HOUR)}")
    assert by_seconds["production"]["quantile"]["min"] == 100
    assert http.json("GET", "/profiles/1/x?from=0900-01-01")["production"]["common"]["count"] == 30
    nothing = http.json("GET", "/profiles/1/x?from=2026-02-01")
    assert (nothing["production"], nothing["comparison"], nothing["window"]["rows"]) == (None, None, 0)
    assert nothing["training"]["common"]["count"] == 100


@pytest.mark.parametrize("query", ["from=yesterday", "till=2026-13-01", "from=2026-01-02&till=2026-01-01"])
def test_a_window_that_cannot_be_is_refused(http: Http, query: str) -> None:
    assert http.call("GET", f"/profiles/1/x?{query}").status_code == 400


def test_s08_one_call_merges_so_many_segments_and_says_where_to_go_on(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_profile, "LARGEST", 2)
    newest = http.json("GET", "/profiles/1/x")
    assert newest["production"]["common"]["count"] == 20
    window = newest["window"]
    assert (window["segments"], window["complete"], window["from"]) == (2, False, "2026-01-01T01:00:00.000000Z")
    assert window["next"] == {"from": None, "till": "2026-01-01T01:00:00.000000Z"}
    rest = http.json("GET", f"/profiles/1/x?till={window['next']['till']}")
    assert rest["production"]["common"]["count"] == 10
    assert rest["window"]["complete"]


def test_s08_the_log_is_never_read_again(world: World, http: Http) -> None:
    world.files.rows.clear()
    assert http.json("GET", "/profiles/1/x")["production"]["common"]["count"] == 30


def test_a_segment_that_is_merged_at_this_moment_is_asked_for_again(world: World, http: Http) -> None:
    (first, *_) = world.ledger.segments(1)
    del world.profiles.profiles[first.profile_key]
    refused = http.call("GET", "/profiles/1/x")
    assert refused.status_code == 503
    assert "Retry-After" in refused.headers


def test_the_fields_of_a_version_say_what_is_profiled(world: World, http: Http) -> None:
    fields = {field["name"]: field for field in http.json("GET", "/fields/1")}
    assert {name: field["kind"] for name, field in fields.items()} == {
        "x": "numeric",
        "v": "numeric",
        "colour": "categorical",
        "image": "image",
        "y": "numeric",
    }
    assert fields["y"]["side"] == "output"
    assert all(field["training"] for field in fields.values())
    world.version(2)
    assert [field["training"] for field in http.json("GET", "/fields/2")] == [False, False]
    assert http.json("GET", "/profiles/2/x")["training"] is None
    assert http.call("GET", "/fields/9").status_code == 404
