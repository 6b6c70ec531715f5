"""The code of functions/ as a graph: which function mentions which, read from the source without running it.

It follows names, `self`, fields that a constructor fills, and calls of ports into the adapters behind them. An adapter
belongs to the port whose name ends its own (DynamoModelStore: ModelStore).
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "functions"
ADAPTERS = f"{PACKAGE}.adapters"


@dataclass
class Class:
    """`fields`: attribute -> name of its type, as far as __init__ tells."""

    module: str
    name: str
    methods: dict[str, ast.AST] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    optional: set[str] = field(default_factory=set)  # fields that whoever makes one may leave out
    rows: tuple[str, ...] = ()  # the DynamoDB rows that __init__ binds
    parts: tuple[str, ...] = ()  # what __init__ makes
    is_port: bool = False


@dataclass
class Module:
    name: str
    units: dict[str, ast.AST] = field(default_factory=dict)  # functions and assignments
    classes: dict[str, Class] = field(default_factory=dict)
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)  # name -> module, name
    nodes: list[ast.AST] = field(default_factory=list)


@cache
def modules() -> dict[str, Module]:
    """By their dotted names."""
    files = (file for file in (ROOT / PACKAGE).rglob("*.py") if "pb" not in file.parts)
    return {module.name: module for module in map(read, files)}


def read(file: Path) -> Module:
    name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    module = Module(name)
    tree = ast.parse(file.read_text())
    module.nodes = list(ast.walk(tree))
    for node in module.nodes:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(PACKAGE):
            module.imports |= {item.asname or item.name: (node.module, item.name) for item in node.names}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            module.units[node.name] = node
        elif isinstance(node, ast.ClassDef):
            module.classes[node.name] = read_class(name, node)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            module.units |= {target.id: node.value for target in targets if isinstance(target, ast.Name)}
    return module


def read_class(module: str, node: ast.ClassDef) -> Class:
    methods = {item.name: item for item in node.body if isinstance(item, ast.FunctionDef)}
    is_port = "Protocol" in map(last_name, node.bases)
    made = Class(module, node.name, dict(methods), is_port=is_port)
    if "__init__" in methods:
        parameters = annotations(methods["__init__"])
        for item in ast.walk(methods["__init__"]):
            target = item.targets[0] if isinstance(item, ast.Assign) else getattr(item, "target", None)
            if isinstance(item, ast.Assign | ast.AnnAssign) and isinstance(target, ast.Attribute) and item.value:
                made.fields[target.attr] = type_of(item.value, parameters)
                if last_name(item.value) in may_be_none(methods["__init__"]):
                    made.optional.add(target.attr)
        made.rows = tuple(bound_rows(methods["__init__"]))
        made.parts = tuple(last_name(item.func) for item in ast.walk(methods["__init__"]) if isinstance(item, ast.Call))
    return made


def may_be_none(function: ast.FunctionDef) -> set[str]:
    """Parameters annotated as `X | None`."""
    arguments = [*function.args.args, *function.args.kwonlyargs]
    return {one.arg for one in arguments if isinstance(one.annotation, ast.BinOp)}


def type_of(value: ast.AST, parameters: dict[str, str]) -> str:
    if isinstance(value, ast.Call):
        return last_name(value.func)
    return parameters.get(value.id, "") if isinstance(value, ast.Name) else ""


def bound_rows(init: ast.AST) -> Iterator[str]:
    for item in ast.walk(init):
        if isinstance(item, ast.Call) and last_name(item.func) == "bind":
            yield last_name(item.args[0])


def annotations(function: ast.AST) -> dict[str, str]:
    """Parameter -> last part of its annotation's name."""
    if not isinstance(function, ast.FunctionDef):
        return {}
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return {one.arg: annotated(one.annotation) for one in arguments if one.annotation}


def annotated(annotation: ast.AST) -> str:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return annotation.value.rsplit(".", 1)[-1]
    if isinstance(annotation, ast.BinOp) and ast.unparse(annotation.right) == "None":
        return annotated(annotation.left)
    return last_name(annotation)


def last_name(node: ast.AST) -> str:
    """`c` of a.b.c; nothing for what is no name."""
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


@cache
def adapters() -> dict[str, Class]:
    """Port -> the class behind it. The kernel declares ports beside what they are about: feed.py, idempotency.py."""
    ports = [one.name for one in classes_in(f"{PACKAGE}.core.") if one.is_port]
    return {port: one for port in ports for one in classes_in(ADAPTERS) if one.name.endswith(port)}


def classes_in(package: str) -> list[Class]:
    return [one for module in modules().values() if module.name.startswith(package) for one in module.classes.values()]


@cache
def port_names() -> dict[str, str]:
    """What ports are called where they are handed on: "models" -> "ModelStore"."""
    names: dict[str, str] = {}
    for module in modules().values():
        for node in module.nodes:
            told = declared(node)
            names |= {name: kind for name, kind in told.items() if kind in adapters()}
    return names


def declared(node: ast.AST) -> dict[str, str]:
    """Fields, parameters and properties with the names of their types."""
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return {node.target.id: annotated(node.annotation)}
    if not isinstance(node, ast.FunctionDef):
        return {}
    is_property = node.returns is not None and bool(node.decorator_list)
    return annotations(node) | ({node.name: annotated(node.returns)} if is_property and node.returns else {})
