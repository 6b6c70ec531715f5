"""Which calls to AWS a function of the platform can make: everything that its entry reaches in the source."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from tests.infra.source import ADAPTERS, PACKAGE, Class, Module, adapters, annotations, last_name, modules, port_names

# PynamoDB's methods of rows, and what they ask DynamoDB for
DYNAMO = {
    "get": "GetItem",
    "refresh": "GetItem",
    "batch_get": "BatchGetItem",
    "batch_write": "BatchWriteItem",
    "scan": "Scan",
    "query": "Query",
    "count": "Query",
    "save": "PutItem",
    "update": "UpdateItem",
    "delete": "DeleteItem",
    "condition_check": "ConditionCheckItem",
}
INDIRECT = ("get_paginator", "generate_presigned_url", "get_waiter")  # name the operation in their first argument
SERVICES = {
    "cloudwatchlogs": "logs",
    "applicationautoscaling": "application-autoscaling",
}  # where boto3 calls the service otherwise than its client's type


@dataclass(frozen=True)
class AwsCall:
    """`operation` as boto3 spells it, or DynamoDB's own word; `on` is a table's name, elsewhere the adapter's."""

    service: str
    operation: str
    on: str


@dataclass(frozen=True)
class Place:
    """A function, method or assignment; `owner` is the class, `adapter` the one behind the port that led here.

    `rows` and `parts` are what the store on the way here bound and made: what it hands to its Documents.
    """

    module: str
    owner: str
    name: str
    adapter: str = ""
    rows: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


def calls_from(entries: list[str]) -> set[AwsCall]:
    """What can be called from anything in the modules `entries`."""
    waiting = [place for name in entries for place in everything(modules()[name])]
    seen: set[Place] = set()
    found: set[AwsCall] = set()
    while waiting:
        place = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        found |= set(aws_calls(place))
        waiting += neighbours(place)
    return found


def everything(module: Module) -> list[Place]:
    methods = [Place(module.name, one.name, method) for one in module.classes.values() for method in one.methods]
    return [*(Place(module.name, "", unit) for unit in module.units), *methods]


def neighbours(place: Place) -> list[Place]:
    """What the code at `place` mentions."""
    parameters = annotations(body(place))
    found: list[Place] = []
    for node in ast.walk(body(place)):
        if isinstance(node, ast.Name):
            found += named(modules()[place.module], node.id, place)
        elif isinstance(node, ast.Attribute):
            found += reached(node, place, parameters)
    return found


def body(place: Place) -> ast.AST:
    module = modules()[place.module]
    return module.classes[place.owner].methods[place.name] if place.owner else module.units[place.name]


def named(module: Module, name: str, place: Place) -> list[Place]:
    """A name of this module or an imported one. Adapters are entered through their ports only."""
    home, name = module.imports.get(name, (module.name, name))
    target = modules().get(home)
    if target is None:
        return []
    if name in target.units:
        return [Place(home, "", name, place.adapter, place.rows, place.parts)]
    if name in target.classes and not home.startswith(ADAPTERS):
        return [Place(home, name, method) for method in target.classes[name].methods]
    return []


def reached(node: ast.Attribute, place: Place, parameters: dict[str, str]) -> list[Place]:
    """self.method, self.field.method, port.method and module.name."""
    receiver = node.value.func if isinstance(node.value, ast.Call) else node.value  # ports.exchange().read
    target = last_name(receiver)
    own = modules()[place.module].classes.get(place.owner)
    if isinstance(receiver, ast.Name):
        if receiver.id == "self" and own:
            return method(own, node.attr, place)
        if parameters.get(target) in adapters():
            return through(parameters[target], node.attr)
        home, name = modules()[place.module].imports.get(target, ("", ""))
        sibling = modules().get(f"{home}.{name}")
        return named(sibling, node.attr, place) if sibling else []
    of_self = own is not None and last_name(getattr(receiver, "value", receiver)) == "self"
    if own and of_self and (inner := part(own, target, place)):
        return method(inner, node.attr, place)
    port = port_names().get(target.lstrip("_"))
    return through(port, node.attr) if port else []


def through(port: str, name: str) -> list[Place]:
    adapter = adapters()[port]
    return method(adapter, name, Place("", "", "", adapter.name))


def method(owner: Class, name: str, place: Place) -> list[Place]:
    if name not in owner.methods:
        return []
    rows, parts = owner.rows or place.rows, owner.parts or place.parts
    return [Place(owner.module, owner.name, name, place.adapter, rows, parts)]


def part(own: Class, name: str, place: Place) -> Class | None:
    """The class of the field `name`. An optional one (the journal of Documents) is there where a store made it."""
    kind = own.fields.get(name, "")
    if name in own.optional and kind not in place.parts:
        return None
    return modules()[own.module].classes.get(kind) or class_named(kind)


def class_named(name: str) -> Class | None:
    """An adapters' class that is no port's: Documents, DynamoCounters, CloudWatchLogs."""
    for module in modules().values():
        if module.name.startswith(ADAPTERS) and name in module.classes:
            return module.classes[name]
    return None


def aws_calls(place: Place) -> Iterator[AwsCall]:
    """What the code at `place` itself asks AWS for."""
    own = modules()[place.module].classes.get(place.owner)
    for node in ast.walk(body(place)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or own is None:
            continue
        receiver = last_name(node.func.value)
        kind = own.fields.get(receiver, "")
        if kind.endswith("Client"):
            service = kind.removesuffix("Client").lower()
            yield AwsCall(SERVICES.get(service, service), operation(node), place.adapter)
        elif asks_a_table(place, own, node.func):
            yield from (AwsCall("dynamodb", DYNAMO[node.func.attr], table(row)) for row in place.rows)


def asks_a_table(place: Place, own: Class, function: ast.Attribute) -> bool:
    """In the stores, whatever is no object of ours with methods of its own is a row of PynamoDB's."""
    receiver = last_name(function.value)
    is_row = receiver != "self" and class_named(own.fields.get(receiver, "")) is None
    return place.module.startswith(f"{ADAPTERS}.dynamo") and function.attr in DYNAMO and is_row


def operation(node: ast.Call) -> str:
    name = last_name(node.func)
    if name in INDIRECT and isinstance(node.args[0], ast.Constant):
        return str(node.args[0].value)
    return name


def table(row: str) -> str:
    from functions.adapters.dynamo import tables

    return str(getattr(tables, row).Meta.table_name)


def everything_adapters_call() -> set[tuple[str, str]]:
    """Service and operation of every AWS call in the adapters, whoever reaches it."""
    places = [
        place for module in modules().values() if module.name.startswith(ADAPTERS) for place in everything(module)
    ]
    rows = {place: modules()[place.module].classes[place.owner].rows for place in places if place.owner}
    known = [Place(p.module, p.owner, p.name, p.owner, rows.get(p, ())) for p in places]
    return {(call.service, call.operation) for place in known for call in aws_calls(place)}


def http_entries(slice_name: str) -> list[str]:
    """The modules of a slice that declare routes."""
    home = f"{PACKAGE}.{slice_name}."
    return [name for name in modules() if name.startswith(home) and name.endswith("routes")]
