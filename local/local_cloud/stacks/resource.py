"""What a CloudFormation type is, as data: the API calls that make, change and remove a resource of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Properties = Mapping[str, Any]
Client = Any


@dataclass(frozen=True)
class Resource:
    """A resource as far as it is known: logical name, properties from the template, physical id, attributes.

    `item["Property"]` and `item.get("Property.Nested")` read properties; attributes are read the same way once the
    resource exists.
    """

    stack: str
    logical_id: str
    region: str
    account: str
    properties: Properties
    id: str = ""
    previous: Properties = field(default_factory=dict)

    def __getitem__(self, path: str) -> Any:
        found = self.get(path)
        if found is None:
            raise KeyError(path)
        return found

    def get(self, path: str, default: Any = None) -> Any:
        """The property or attribute at a dotted path."""
        return lookup(self.properties, path, default)

    def only(self, *names: str) -> dict[str, Any]:
        """The named properties that are set."""
        return {name: self.properties[name] for name in names if self.properties.get(name) is not None}

    def without(self, *names: str) -> dict[str, Any]:
        """All properties but the named ones."""
        return {name: value for name, value in self.properties.items() if name not in names}


def lookup(tree: Any, path: str, default: Any = None) -> Any:
    """The value at a dotted path of nested mappings and lists (`[0]` is the part "0"); None counts as missing."""
    for part in path.split("."):
        if isinstance(tree, list):
            tree = tree[int(part)] if part.isdigit() and int(part) < len(tree) else None
        else:
            tree = tree.get(part) if isinstance(tree, Mapping) else None
    return default if tree is None else tree


Parameters = Callable[[Resource], Mapping[str, Any]]


def all_properties(item: Resource) -> Properties:
    """The parameters of a call that takes what the template gives."""
    return item.properties


@dataclass(frozen=True)
class Call:
    """One API operation (boto3's name of the method) and its parameters, in CloudFormation's or the API's spelling."""

    operation: str
    parameters: Parameters = all_properties
    when: str | Callable[[Resource], bool] | None = None  # a property that must be set, or a condition

    def applies(self, item: Resource) -> bool:
        """Whether the template asks for this call."""
        if callable(self.when):
            return self.when(item)
        return self.when is None or item.get(self.when) is not None


@dataclass(frozen=True)
class Named:
    """The property that names a resource, for which CloudFormation invents a value when the template has none."""

    property: str
    limit: int = 63
    lower: bool = False


Settle = Callable[[Client, Resource], str | None]


@dataclass(frozen=True)
class ResourceType:
    """A CloudFormation type.

    `identifier` makes the physical id from the answer of `create` and the resource; `attributes` says where in that
    answer each attribute of Fn::GetAtt is. Without `update` any change replaces the resource. `follow_up` calls come
    after creating and after updating. `settle` waits for the resource to work and returns why it never will, or None.
    """

    service: str
    create: Call
    identifier: Callable[[Mapping[str, Any], Resource], str]
    attributes: Mapping[str, str] = field(default_factory=dict)
    derived: Callable[[Resource], Properties] | None = None
    update: Call | tuple[Call, ...] | None = None
    delete: Call | None = None
    follow_up: tuple[Call, ...] = ()
    before_delete: tuple[Call, ...] = ()
    named: Named | None = None
    create_only: tuple[str, ...] = ()
    settle: Settle | None = None
    gone: tuple[str, ...] = ()  # error codes that mean: already deleted


def answer(path: str) -> Callable[[Mapping[str, Any], Resource], str]:
    """An identifier that the API answers, by dotted path."""
    return lambda reply, _item: str(lookup(reply, path))


def given(path: str) -> Callable[[Mapping[str, Any], Resource], str]:
    """An identifier that is one of the properties."""
    return lambda _reply, item: str(item[path])
