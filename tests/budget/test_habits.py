"""The house rules that no linter knows: short files, short functions, modules that are named after what they do."""

import ast
import functools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ("app.py", "functions", "servable", "cdk", "sdk", "local")
GENERATED = ("functions/adapters/pb", "servable/pb")
LEFT_OUT = {"__pycache__", ".state", "build", "tests", "node_modules"}
LONGEST_FILE = 300
LONGEST_FUNCTION = 40
VAGUE = {"util", "utils", "helper", "helpers", "common", "shared", "base", "misc", "lib", "tools", "stuff"}


@functools.cache
def sources() -> tuple[Path, ...]:
    """Our own Python, generated code left out; relative to the root."""
    return tuple(file for name in HOUSE for file in walk(ROOT / name) if not str(file).startswith(GENERATED))


def walk(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path.relative_to(ROOT)
    for folder, subfolders, names in os.walk(path):
        subfolders[:] = sorted(set(subfolders) - LEFT_OUT)
        yield from (Path(folder, name).relative_to(ROOT) for name in sorted(names) if name.endswith(".py"))


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the body's first statement on: a long list of parameters, or a docstring, is not long code."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (node.end_lineno or node.lineno) - body[0].lineno + 1 if body else 0


def long_functions(text: str) -> list[str]:
    return [
        f"{node.name}: {code_lines(node)} lines"
        for node in functions(ast.parse(text))
        if code_lines(node) > LONGEST_FUNCTION
    ]


def test_files_can_be_read_in_one_go() -> None:
    tests = (file for folder in ("tests", "local/tests") for file in walk(ROOT / folder))
    found = {str(file): len((ROOT / file).read_text().splitlines()) for file in (*sources(), *tests)}
    assert len(found) > 50
    assert {name: lines for name, lines in found.items() if lines > LONGEST_FILE} == {}


def test_functions_fit_on_a_screen() -> None:
    assert {str(file): long for file in sources() if (long := long_functions((ROOT / file).read_text()))} == {}


def test_the_ruler_measures() -> None:
    body = "\n".join(f"    x{n} = {n}" for n in range(LONGEST_FUNCTION + 1))
    assert long_functions(f"def long():\n{body}\n") == [f"long: {LONGEST_FUNCTION + 1} lines"]
    assert long_functions("def short():\n    return 1\n") == []


@pytest.mark.parametrize("kind", ["modules", "packages"])
def test_names_say_what_is_inside(kind: str) -> None:
    names = {part for file in sources() for part in ([file.stem] if kind == "modules" else file.parts[:-1])}
    assert names & VAGUE == set()
