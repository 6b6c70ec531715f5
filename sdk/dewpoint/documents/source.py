"""YAML text as plain data, with the line of every value, so that a fault can say where it is."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from dewpoint.errors import InvalidDocument

DEEPEST = 50
MOST_VALUES = 100_000

Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class Source:
    """One document. `origin` is the file's name, `folder` where its relative paths start, `number` counts from 1."""

    origin: str
    folder: Path
    number: int
    data: Any
    lines: dict[Path_, int] = field(repr=False)

    def place(self, path: Path_) -> str:
        """`serving.yaml:12 contract.inputs.x1.type`; the line is that of the nearest thing that is there."""
        at = path
        while at not in self.lines and at:
            at = at[:-1]
        return f"{self.origin}:{self.lines.get(at, 1)}{' ' if path else ''}{dotted(path)}"


class _Beyond(yaml.MarkedYAMLError):
    """YAML, but more of it than any document has: aliases that hold themselves, or one another many times."""

    def __init__(self, problem: str, mark: yaml.Mark) -> None:
        super().__init__(problem=problem, problem_mark=mark)
        self.line = mark.line + 1


class _Loader(yaml.SafeLoader):
    """Like the safe loader, but a timestamp stays the text that was written: metadata is text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_sources(text: str, origin: str, folder: Path) -> list[Source]:
    """The documents of a YAML text; empty ones are left out. Raises InvalidDocument for what is not YAML."""
    loader = _Loader(text)
    sources: list[Source] = []
    try:
        while loader.check_node():
            node = loader.get_node()
            lines: dict[Path_, int] = {}
            faults = list(_survey(node, (), lines))
            if faults:
                raise InvalidDocument([f"{origin}:{line} {fault}" for line, fault in faults])
            data = loader.construct_document(node)
            if data is not None:
                sources.append(Source(origin, folder, len(sources) + 1, data, lines))
    except _Beyond as error:
        raise InvalidDocument([f"{origin}:{error.line}: {error.problem}"]) from None
    except RecursionError:
        raise InvalidDocument([f"{origin}: nested too deeply"]) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InvalidDocument([f"{origin}:{line} is not YAML: {error.problem or error.context}"]) from error
    except yaml.YAMLError as error:
        raise InvalidDocument([f"{origin} is not YAML: {error}"]) from error
    finally:
        loader.dispose()
    return sources


def dotted(path: Path_) -> str:
    """`pipeline[0][1].weight`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")


def _survey(node: Any, path: Path_, lines: dict[Path_, int]) -> Iterator[tuple[int, str]]:
    """Notes the line of every value; yields keys that stand twice, of which YAML would silently drop the first.

    Raises _Beyond.
    """
    lines.setdefault(path, node.start_mark.line + 1)
    if len(path) > DEEPEST:
        raise _Beyond(f"nested more than {DEEPEST} deep", node.start_mark)
    if len(lines) > MOST_VALUES:
        raise _Beyond(f"holds more than {MOST_VALUES} values", node.start_mark)
    if isinstance(node, yaml.SequenceNode):
        for at, item in enumerate(node.value):
            yield from _survey(item, (*path, at), lines)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                yield key.start_mark.line + 1, f"{dotted((*path, name))}: stands twice"
            seen.add(name)
            lines[(*path, name)] = key.start_mark.line + 1
            yield from _survey(value, (*path, name), lines)
