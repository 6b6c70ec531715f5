"""Joined calls: the same answers as alone, each to whom it belongs, and a bad request fails by itself."""

import json
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from servable.batching import Batcher, join, split
from servable.contract import Batching, read_contract
from servable.errors import CannotLoad, InvalidInput, ServableError
from servable.load import load_model
from tests.servable.folders import DIGITS, MIXED, field, fitted_digits, python_folder, signature, sklearn_folder
from tests.servable.running import Servable, run

ROWS = signature([field("x", dims=(-1, 2)), field("name", "DT_STRING", (-1,))], [field("y", dims=(-1,))])
# sleeps, so that calls meet; says how many rows came together; refuses a request with a row below zero
SOURCE = """
import time
import numpy as np
def predict(x, name):
    print("rows", len(x), flush=True)
    time.sleep(0.05)
    if (x < 0).any():
        raise ValueError("negative")
    return {"y": x.sum(axis=1) + np.char.str_len(name.astype(str))}
"""


def asking(folder: Path, **batching: Any) -> Path:
    """The same folder, of a version that asks for batching."""
    contract = folder / "contract.json"
    contract.write_text(json.dumps(json.loads(contract.read_text()) | {"batching": batching}))
    return folder


def rows_of(seed: int, count: int) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    names = np.array(["n" * int(length) for length in random.integers(0, 5, count)], object)
    return {"x": random.random((count, 2)), "name": names}


def expected(values: dict[str, Any]) -> Any:
    return values["x"].sum(axis=1) + [len(name) for name in values["name"]]


def batches(servable: Servable) -> list[int]:
    return [int(line.split()[1]) for line in servable.log.read_text().splitlines() if line.startswith("rows")]


def test_concurrent_requests_of_mixed_sizes_are_joined_and_each_gets_its_own_rows(tmp_path: Path) -> None:
    with Servable(asking(python_folder(tmp_path, ROWS, SOURCE))) as servable:
        asked = [rows_of(seed, 1 + seed % 4) for seed in range(60)]
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda values: servable.infer(ROWS, **values)["y"], asked))
    for values, answer in zip(asked, answers, strict=True):
        np.testing.assert_allclose(answer, expected(values))
    ran = batches(servable)
    assert sum(ran) == sum(len(values["x"]) for values in asked)
    assert len(ran) < 40
    assert 4 < max(ran) <= 32


def test_one_bad_request_fails_alone(tmp_path: Path) -> None:
    with Servable(asking(python_folder(tmp_path, ROWS, SOURCE))) as servable:

        def ask(seed: int) -> Any:
            values = rows_of(seed, 2)
            if seed == 7:
                values["x"][0, 0] = -1
            try:
                return servable.infer(ROWS, **values)["y"], expected(values)
            except grpc.RpcError as error:
                return error

        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(ask, range(16)))
    [failed] = [answer for answer in answers if isinstance(answer, grpc.RpcError)]
    assert answers[7] is failed
    assert failed.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "negative" in failed.details()
    for answer in answers:
        if answer is not failed:
            np.testing.assert_allclose(*answer)


def test_a_real_model_answers_the_same_joined_and_alone(tmp_path: Path) -> None:
    estimator, images = fitted_digits()
    folder = asking(sklearn_folder(tmp_path, DIGITS, estimator), maxBatchSize=16)
    with Servable(folder) as servable, ThreadPoolExecutor(16) as pool:
        labels = list(pool.map(lambda at: servable.infer(DIGITS, images=images[at : at + 1])["label"][0], range(64)))
    np.testing.assert_array_equal(labels, estimator.predict(images[:64].reshape(64, -1)))


def test_without_being_asked_for_nothing_is_joined(tmp_path: Path) -> None:
    with Servable(python_folder(tmp_path, ROWS, SOURCE)) as servable, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda seed: servable.infer(ROWS, **rows_of(seed, 1)), range(16)))
    assert batches(servable) == [1] * 16


@pytest.mark.parametrize(
    ("of", "named"), [(MIXED, "age, colour"), (signature([field("x", dims=None)], [field("y", dims=(-1,))]), "x")]
)
def test_only_models_of_rows_may_ask_for_it_and_the_build_says_so(tmp_path: Path, of: Any, named: str) -> None:
    folder = asking(python_folder(tmp_path, of, "def predict(**_): return {}"))
    with pytest.raises(CannotLoad, match=f"{named}.* has none: begin every shape with -1"):
        load_model(folder, read_contract(folder))
    done = run("servable.check", folder)
    assert done.returncode == 1
    assert "begin every shape with -1" in done.stderr


@pytest.mark.parametrize("wrong", [{"maxBatchSize": 0}, {"maxLatencyMs": -1}, {"maxBatchSize": "many"}])
def test_a_contract_with_wrong_numbers_is_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(CannotLoad, match="batching"):
        read_contract(asking(python_folder(tmp_path, ROWS, ""), **wrong))


class Model:
    """Doubles rows, slowly while `held`; remembers how many came together."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.free = threading.Event()
        self.free.set()
        self.entered = threading.Semaphore(0)

    def __call__(self, inputs: dict[str, Any]) -> dict[str, Any]:
        self.sizes.append(len(inputs["x"]))
        self.entered.release()
        assert self.free.wait(30)
        if (inputs["x"] < 0).any():
            raise InvalidInput("negative")
        return {"y": inputs["x"] * 2}


def ask_while_busy(model: Model, batcher: Batcher, parts: Sequence[Any]) -> list[Any]:
    """The first part occupies the model; all others arrive, in order, before it is free."""
    model.free.clear()
    answers: list[Any] = [None] * len(parts)

    def ask(at: int) -> None:
        try:
            answers[at] = batcher({"x": parts[at]})["y"]
        except ServableError as error:
            answers[at] = error

    threads = []
    for at in range(len(parts)):
        threads.append(threading.Thread(target=ask, args=(at,)))
        threads[-1].start()
        if at == 0:
            assert model.entered.acquire(timeout=30)
        else:
            end = time.monotonic() + 30
            while len(batcher._waiting) < at and time.monotonic() < end:
                time.sleep(0.001)
    model.free.set()
    for thread in threads:
        thread.join(30)
    return answers


def test_a_call_without_company_runs_at_once_and_is_not_waited_with() -> None:
    """With a minute to gather others a lone call would be noticed."""
    model = Model()
    batcher = Batcher(model, Batching(max_latency_ms=60_000))
    for at in range(5):
        assert batcher({"x": np.full((1, 1), at)})["y"] == 2 * at
    assert model.sizes == [1] * 5


def test_what_waited_is_taken_in_order_up_to_the_most_rows() -> None:
    model = Model()
    parts = [np.full((rows, 1), at) for at, rows in enumerate([1, 3, 3, 3, 9, 1])]
    answers = ask_while_busy(model, Batcher(model, Batching(max_batch_size=8)), parts)
    for part, answer in zip(parts, answers, strict=True):
        np.testing.assert_array_equal(answer, part * 2)
    # alone; 3 + 3 + 1; 3; and what is larger than the most goes alone
    assert model.sizes == [1, 7, 3, 9]


def test_only_equal_sizes_are_joined() -> None:
    model = Model()
    parts = [np.ones((1, 1)), np.ones((2, 3)), np.ones((2, 4)), np.ones((1, 3)), np.ones((0, 3))]
    answers = ask_while_busy(model, Batcher(model, Batching()), parts)
    assert [answer.shape for answer in answers] == [part.shape for part in parts]
    assert model.sizes == [1, 3, 2, 0]


def test_inputs_of_different_lengths_go_alone() -> None:
    model = Model()
    batcher = Batcher(lambda inputs: model({"x": inputs["x"]}), Batching())
    assert len(batcher({"x": np.ones((2, 1)), "z": np.ones((3, 1))})["y"]) == 2


def test_of_a_joint_call_that_fails_each_is_made_alone() -> None:
    model = Model()
    answers = ask_while_busy(model, Batcher(model, Batching()), [np.full((1, 1), value) for value in (1, 2, -3, 4)])
    assert [type(answer) for answer in answers] == [np.ndarray, np.ndarray, InvalidInput, np.ndarray]
    assert model.sizes == [1, 3, 1, 1, 1]


def test_a_model_that_does_not_answer_rows_for_rows_is_joined_once_and_never_again() -> None:
    model = Model()
    batcher = Batcher(lambda inputs: {"y": model(inputs)["y"].sum(keepdims=True)}, Batching())
    for sizes in ([1, 3, 1, 1, 1], [1, 1, 1, 1]):
        model.sizes.clear()
        answers = ask_while_busy(model, batcher, [np.full((1, 2), value) for value in range(4)])
        assert [answer.item() for answer in answers] == [0, 4, 8, 12]
        assert model.sizes == sizes


def test_time_to_gather_is_used_when_calls_come_together() -> None:
    model = Model()
    batcher = Batcher(model, Batching(max_batch_size=4, max_latency_ms=20_000))
    ask_while_busy(model, batcher, [np.ones((1, 1)) for _ in range(5)])
    assert model.sizes == [1, 4]
    # the last batch had company, so this one waits until it is full: two more calls, not twenty seconds
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: batcher({"x": np.ones((1, 1))}), range(4)))
    assert model.sizes == [1, 4, 4]


def test_nobody_is_left_waiting_when_the_model_does_what_no_model_may() -> None:
    def broken(_: dict[str, Any]) -> dict[str, Any]:
        raise RuntimeError("a fault of ours")

    batcher = Batcher(broken, Batching())
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(batcher, {"x": np.ones((1, 1))}) for _ in range(16)]
        for future in futures:
            with pytest.raises((RuntimeError, ServableError)):
                future.result(timeout=30)


@given(
    rows=st.lists(st.integers(0, 5), min_size=1, max_size=8),
    rest=st.lists(st.integers(0, 3), max_size=2),
    dtype=st.sampled_from(["<f8", "<i4", "<f2", "?", "O"]),
)
def test_splitting_undoes_joining(rows: list[int], rest: list[int], dtype: str) -> None:
    begin, parts = 0, []
    for count in rows:
        size = count * int(np.prod(rest, dtype=int))
        parts.append({"x": np.arange(begin, begin + size).reshape(count, *rest).astype(dtype)})
        begin += size
    joined = join(parts)
    assert joined["x"].dtype == np.dtype(dtype)
    for part, back in zip(parts, split(joined, rows), strict=True):
        np.testing.assert_array_equal(back["x"], part["x"])
