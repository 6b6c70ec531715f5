"""The last step of a build: a model that fits passes, one that does not fails with what to change."""

from pathlib import Path

import pytest
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from tests.servable.folders import IRIS, MIXED, field, fitted_iris, fitted_mixed, python_folder, signature
from tests.servable.folders import sklearn_folder as skops_folder
from tests.servable.running import run

ADD = signature([field("a"), field("b", "DT_INT64", (-1, 2))], [field("y")])


def test_m06_a_model_that_fits(tmp_path: Path) -> None:
    done = run("servable.check", skops_folder(tmp_path, MIXED, fitted_mixed()))
    assert done.returncode == 0, done.stderr
    assert "model model version 1, signature predict" in done.stdout
    assert "  takes colour: DT_STRING scalar" in done.stdout
    assert "  gives probabilities: DT_DOUBLE [2]" in done.stdout
    assert "payload of 1 files" in done.stdout
    assert "model.skops" in done.stdout
    assert "called with an example: label = " in done.stdout


def test_m06_the_example_is_ones_in_the_smallest_shape(tmp_path: Path) -> None:
    done = run("servable.check", python_folder(tmp_path, ADD, "def predict(a, b): return {'y': a + b.sum() + b.size}"))
    assert "called with an example: y = 5.0" in done.stdout


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def predict(a): ...", "does not take the signature's inputs (a, b)"),
        ("def predict(a, b): return {'z': 1}", "no output 'y', only: z"),
        ("def predict(a, b): return {'y': 'text'}", "output 'y': a value of type <U4 cannot become DT_DOUBLE"),
        ("def predict(a, b): return {'y': [1, 2]}", "output 'y': expected shape [], got [2]"),
        ("def predict(a, b): return {'y': a[0]}", "IndexError"),
        ("def predict(a, b): return {'y': a + 'x'}", "UFuncTypeError"),
        ("def predict(a, b): return open('not-here')", "FileNotFoundError"),
    ],
)
def test_m06_a_model_that_does_not_fit(tmp_path: Path, source: str, said: str) -> None:
    done = run("servable.check", python_folder(tmp_path, ADD, source))
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("build failed: ")
    assert said in last


def test_a_function_may_refuse_the_example(tmp_path: Path) -> None:
    done = run("servable.check", python_folder(tmp_path, ADD, "def predict(a, b): raise ValueError('a is too small')"))
    assert done.returncode == 0
    assert "refused, which its values may deserve: the model refused the inputs: ValueError: a is too small" in (
        done.stdout
    )


def test_a_pipeline_may_refuse_a_category_nobody_knows(tmp_path: Path) -> None:
    import pandas as pd

    table = pd.DataFrame({"colour": ["red", "blue"] * 5})
    strict = ColumnTransformer([("texts", OneHotEncoder(handle_unknown="error"), ["colour"])])
    estimator = make_pipeline(strict, LogisticRegression()).fit(table, [1, 0] * 5)
    of = signature([field("colour", "DT_STRING")], [field("label", "DT_INT64")])
    done = run("servable.check", skops_folder(tmp_path, of, estimator))
    assert done.returncode == 0, done.stderr
    assert "Found unknown categories" in done.stdout


def test_but_it_may_not_refuse_plain_numbers(tmp_path: Path) -> None:
    any_shape = signature([field("X", "DT_DOUBLE", None)], [field("label", "DT_INT64", (-1,))])
    done = run("servable.check", skops_folder(tmp_path, any_shape, fitted_iris()[0]))
    assert done.returncode == 1
    assert "1 features, but StandardScaler is expecting 4 features" in done.stderr.splitlines()[-1]


def test_m06_probabilities_of_another_width(tmp_path: Path) -> None:
    two = signature([field("X", "DT_DOUBLE", (-1, 4))], [field("probabilities", "DT_DOUBLE", (-1, 2))])
    done = run("servable.check", skops_folder(tmp_path, two, fitted_iris()[0]))
    assert "output 'probabilities': expected shape [-1, 2], got [1, 3]" in done.stderr.splitlines()[-1]


def test_a_payload_without_files(tmp_path: Path) -> None:
    folder = skops_folder(tmp_path, IRIS, fitted_iris()[0])
    (folder / "files" / "model.skops").unlink()
    (folder / "files").rmdir()
    done = run("servable.check", folder)
    assert done.stderr.splitlines()[-1] == "build failed: the model folder has no files/"
