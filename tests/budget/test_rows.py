"""Every row of the table of features that is promised so far has a test that carries its name: `test_g12_…`."""

import ast
import re
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("tests", "local/tests")
# Gateway, manager, what cuts across, SDK and command line
PROMISED = {
    "g": [*range(1, 21), *range(22, 25)],
    "m": [*range(1, 26)],
    "x": [1, 2],
    "s": [*range(1, 20), *range(21, 24)],
    "k": [7, 8, 9, 10, 11, 12, 16],
}
ROWS = {f"{letter}{number:02}" for letter, numbers in PROMISED.items() for number in numbers}


def proven(sources: Iterable[str]) -> set[str]:
    """The rows that tests in `sources` are named after."""
    names = (
        node.name
        for source in sources
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return {match[1] for name in names if (match := re.match(r"test_([a-z]\d\d)_[a-z]", name))}


def test_every_promised_row_has_a_test_of_its_name() -> None:
    files = [file for folder in FOLDERS for file in (ROOT / folder).rglob("test_*.py")]
    assert len(files) > 100
    assert ROWS - proven(file.read_text() for file in files) == set()


def test_only_tests_with_the_name_of_the_row_count() -> None:
    source = (
        "# test_g01_commented\nclass A:\n    def test_g02_a(self): ...\ndef test_g3_b(): ...\ndef g04_c(): 'test_g04_c'"
    )
    assert proven([source, "async def test_x01_d(): ..."]) == {"g02", "x01"}
