"""Predictions from Python and from the command line."""

import warnings
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from dewpoint import Dewpoint
from dewpoint.errors import BadRequest, InvalidInput, NotFound
from dewpoint.frames import to_columns
from dewpoint.predictions import PredictionWarning
from dewpoint.values import to_json

from tests.unit.sdk.conftest import Cli
from tests.unit.sdk.platform_double import PlatformDouble

pytestmark = pytest.mark.xdist_group("pandas")  # one worker loads it


class Point(NamedTuple):
    x1: float
    x2: float


def application(platform: PlatformDouble, dims: list[int]) -> None:
    fields = [{"name": name, "dtype": "DT_DOUBLE", "shape": {"dims": dims}} for name in ("x1", "x2", "y")]
    signature = {"signatureName": "infer", "inputs": fields[:2], "outputs": fields[2:]}
    platform.applications["adder"] = {"name": "adder", "status": "Ready", "signature": signature}


@pytest.fixture
def adder(platform: PlatformDouble, client: Dewpoint) -> Dewpoint:
    application(platform, [])
    return client


@pytest.mark.parametrize(
    "data",
    [
        {"x1": 1, "x2": 2.5},
        {"x1": np.float64(1), "x2": np.array(2.5)},
        Point(1, 2.5),
    ],
)
def test_one_prediction(adder: Dewpoint, data: Any) -> None:
    assert adder.predictions.predict("adder", data) == {"y": 3.5}


def test_a_row_of_a_table_is_one_prediction(adder: Dewpoint) -> None:
    import pandas as pd

    assert adder.predictions.predict("adder", pd.Series({"x1": 1, "x2": 2.5})) == {"y": 3.5}


def test_numpy_out(adder: Dewpoint) -> None:
    outputs = adder.predictions.predict("adder", {"x1": np.arange(3), "x2": [1, 1, 1]}, kind="numpy")
    assert outputs["y"].tolist() == [1, 2, 3]
    assert adder.predictions.predict("adder", {"x1": 1, "x2": 2}, kind="numpy")["y"] == np.int64(3)


@pytest.mark.parametrize(("dims", "calls"), [([], 3), ([-1], 1)])
def test_a_table_goes_in_one_call_where_it_can(
    adder: Dewpoint, platform: PlatformDouble, dims: list[int], calls: int
) -> None:
    import pandas as pd

    application(platform, dims)
    frame = pd.DataFrame({"x1": [1.0, 2.0, 3.0], "x2": [10, 20, 30]}, index=["a", "b", "c"])
    answer = adder.predictions.predict("adder", frame)
    pd.testing.assert_frame_equal(answer, pd.DataFrame({"y": [11.0, 22.0, 33.0]}, index=["a", "b", "c"]))
    assert len(platform.calls("POST", "/gateway/application/adder")) == calls
    assert list(adder.predictions.predict("adder", frame[:0]).columns) == ["y"]


def test_errors_name_the_fields(adder: Dewpoint) -> None:
    with pytest.raises(BadRequest) as told:
        adder.predictions.predict("adder", {})
    assert [(error.pointer, error.received) for error in told.value.problem.errors] == [
        ("/x1", "nothing"),
        ("/x2", "nothing"),
    ]
    with pytest.raises(NotFound):
        adder.predictions.predict("a/b?c", {"x": 1})
    with pytest.raises(InvalidInput, match="a mapping"):
        adder.predictions.predict("adder", 7)


def test_warnings_are_python_warnings(adder: Dewpoint) -> None:
    with pytest.warns(PredictionWarning, match="ignored inputs: x3"):
        adder.predictions.predict("adder", {"x1": 1, "x2": 2, "x3": 3})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert adder.predictions.call("adder", {"x1": 1, "x2": 2}).request_id == "r-7"


def test_unobserved(adder: Dewpoint, platform: PlatformDouble) -> None:
    adder.predictions.call("adder", {"x1": 1, "x2": 2}, observed=False)
    assert platform.requests[-1].headers["x-dewpoint-observe"] == "false"


def test_values_as_json() -> None:
    assert to_json([float("nan"), float("inf"), -np.inf, 1.5]) == ["NaN", "Infinity", "-Infinity", 1.5]
    assert to_json({"a": (np.int8(3), np.array([True])[0], np.str_("x"), b"bytes", None)}) == {
        "a": [3, True, "x", "bytes", None]
    }
    assert to_json(np.ones((2, 2), np.float32)) == [[1.0, 1.0], [1.0, 1.0]]
    for value in (object(), {1, 2}, b"\xff"):
        with pytest.raises(InvalidInput):
            to_json(value)


def test_the_command(cli: Cli, platform: PlatformDouble, tmp_path: Path) -> None:
    application(platform, [])
    question = '{"x1": 1, "x2": 2.5}'
    (tmp_path / "question.json").write_text(question)
    assert cli("predict", "adder", "--data", question).stdout == '{\n  "y": 3.5\n}\n'
    assert cli.json("predict", "adder", "--file", tmp_path / "question.json") == {"y": 3.5}
    assert cli.json("predict", "adder", "-", stdin=question) == {"y": 3.5}
    assert cli.json("predict", "adder", "-f", "-", stdin=question) == {"y": 3.5}
    assert cli("predict", "adder", "-d", question, "-o", "yaml").stdout == "y: 3.5\n"
    told = cli("predict", "adder", "--data", '{"x1": 1}', code=1)
    assert "/x2: expected DT_DOUBLE, a scalar, received nothing" in told.stderr
    assert told.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "give the inputs once"),
        (["-", "--data", "{}"], "give the inputs once"),
        (["question.json"], "unexpected 'question.json'"),
        (["--data", "{"], "not JSON"),
        (["--data", "[1]"], "not a JSON object"),
        (["--file", "missing.json"], "cannot be read"),
    ],
)
def test_wrong_usage(offline_cli: Cli, arguments: list[str], words: str) -> None:
    assert words in offline_cli("predict", "adder", *arguments, code=2).stderr


def test_k05_rows_keep_the_types_of_their_columns(adder: Dewpoint, platform: PlatformDouble) -> None:
    """pandas' own rows would make floats of the integers beside floats, and those are no integers to the platform."""
    import pandas as pd

    adder.predictions.predict("adder", pd.DataFrame({"x1": [1, 2], "x2": [0.5, 1.0]}))
    sent = [request.body for request in platform.calls("POST", "/gateway/application/adder")]
    assert sent == [{"x1": 1, "x2": 0.5}, {"x1": 2, "x2": 1.0}]
    assert isinstance(sent[0]["x1"], int)


@pytest.mark.parametrize(
    ("values", "dtype", "sent"),
    [
        ([1.5, None], None, [1.5, "NaN"]),
        ([1.5, None], "float32", [1.5, "NaN"]),
        ([1, None], object, [1, None]),
        ([1.5, float("nan")], object, [1.5, "NaN"]),
        (["a", None], None, ["a", None]),
        (["a", float("nan")], object, ["a", None]),
        ([None, None], "str", [None, None]),
        (["a", None], "category", ["a", None]),
        ([1, None], "Int64", [1, None]),
        ([1.5, None], "Float64", [1.5, None]),
        ([[1, 2], [3, 4]], None, [[1, 2], [3, 4]]),
        ([], object, []),
    ],
)
def test_k05_missing_values_are_null_unless_they_are_floats(values: list[Any], dtype: Any, sent: list[Any]) -> None:
    import pandas as pd

    assert to_columns(pd.DataFrame({"x": pd.Series(values, dtype=dtype)})) == {"x": sent}


def test_a_column_that_cannot_be_sent_is_named() -> None:
    import pandas as pd

    with pytest.raises(InvalidInput, match="column when: a Timestamp"):
        to_columns(pd.DataFrame({"when": [pd.Timestamp(0)]}))


def test_what_is_no_json_is_told(adder: Dewpoint, cli: Cli, tmp_path: Path) -> None:
    for text in ('{"x1": NaN}', '{"x1": 1e999}', '{"x1": "\\ud800"}', "[" * 100_000):
        (tmp_path / "inputs.json").write_text(text)
        assert "error: " in cli("predict", "adder", "-f", tmp_path / "inputs.json", code=2).stderr
    with pytest.raises(InvalidInput, match="surrogate"):
        adder.predictions.predict("adder", {"x1": "\ud800", "x2": 1})


@pytest.mark.parametrize("table", [False, True])
def test_a_warning_is_about_the_line_that_asked(adder: Dewpoint, platform: PlatformDouble, table: bool) -> None:
    import pandas as pd

    row = {"x1": 1.0, "x2": 2.0, "x3": 1.0}
    with pytest.warns(PredictionWarning) as told:
        adder.predictions.predict("adder", pd.DataFrame([row]) if table else row)
    assert [warning.filename for warning in told] == [__file__]


@pytest.mark.parametrize("key", ["schlüssel", "dp_x\nx-other: 1"])
def test_a_key_that_no_header_can_carry(key: str) -> None:
    with pytest.raises(InvalidInput, match="API key"):
        Dewpoint("http://127.0.0.1:1", key)
