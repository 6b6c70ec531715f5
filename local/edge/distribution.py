"""A CloudFront distribution as a plan: which behaviour and origin serve a path, and what replaces an error.

Read from the answer of `GetDistributionConfig`; the rules are CloudFront's: behaviours in order, the first pattern that
matches wins, the default behaviour last; `*` matches any run of characters, `?` one; patterns are case-sensitive.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

READ_ONLY = frozenset({"GET", "HEAD"})


@dataclass(frozen=True)
class Origin:
    """Where a behaviour's requests go. `read_timeout` is in seconds, as `OriginReadTimeout`."""

    id: str
    domain: str
    path: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    read_timeout: float = 30.0
    connect_timeout: float = 10.0

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        custom = config.get("CustomOriginConfig") or {}
        headers = (config.get("CustomHeaders") or {}).get("Items") or []
        return cls(
            id=config["Id"],
            domain=config["DomainName"],
            path=(config.get("OriginPath") or "").rstrip("/"),
            headers=tuple((item["HeaderName"], item["HeaderValue"]) for item in headers),
            read_timeout=float(custom.get("OriginReadTimeout") or 30),
            connect_timeout=float(config.get("ConnectionTimeout") or 10),
        )


@dataclass(frozen=True)
class Behaviour:
    """One cache behaviour; the default one has the pattern `*`. `function` is the code that sees requests first."""

    pattern: re.Pattern[str]
    origin: Origin
    methods: frozenset[str] = READ_ONLY
    function: str | None = field(default=None, repr=False)

    @classmethod
    def from_config(cls, config: dict[str, Any], origins: dict[str, Origin], functions: Mapping[str, str]) -> Self:
        methods = (config.get("AllowedMethods") or {}).get("Items") or READ_ONLY
        return cls(
            pattern=compile_pattern(config.get("PathPattern") or "*"),
            origin=origins[config["TargetOriginId"]],
            methods=frozenset(methods),
            function=next((functions[arn] for arn in viewer_functions(config)), None),
        )


@dataclass(frozen=True)
class ErrorResponse:
    """What a viewer gets instead of an origin's error: the page, with another status if one is given."""

    page: str
    status: int


@dataclass(frozen=True)
class Distribution:
    id: str
    default: Behaviour
    behaviours: tuple[Behaviour, ...] = ()
    root_object: str = ""
    errors: tuple[tuple[int, ErrorResponse], ...] = ()

    @classmethod
    def from_config(cls, id: str, config: dict[str, Any], functions: Mapping[str, str] = {}) -> Self:  # noqa: A002
        """The plan in a `DistributionConfig`; `functions` are the codes of CloudFront Functions by their ARN.

        Raises KeyError when a behaviour names an origin or a function that is not there.
        """
        origins = {item["Id"]: Origin.from_config(item) for item in config["Origins"]["Items"]}
        items = (config.get("CacheBehaviors") or {}).get("Items") or []
        errors = (config.get("CustomErrorResponses") or {}).get("Items") or []
        return cls(
            id=id,
            default=Behaviour.from_config(config["DefaultCacheBehavior"], origins, functions),
            behaviours=tuple(Behaviour.from_config(item, origins, functions) for item in items),
            root_object=config.get("DefaultRootObject") or "",
            errors=tuple((int(item["ErrorCode"]), to_error_response(item)) for item in errors if has_page(item)),
        )

    def behaviour_for(self, path: str) -> Behaviour:
        """The behaviour for a request path (without the query string)."""
        return next((item for item in self.behaviours if item.pattern.fullmatch(path)), self.default)

    def origin_path(self, path: str) -> str:
        """The path to ask the origin for: the default root object stands in for `/` alone, as in CloudFront."""
        return f"/{self.root_object}" if path == "/" and self.root_object else path

    def error_response(self, status: int) -> ErrorResponse | None:
        return dict(self.errors).get(status)


def viewer_functions(behaviour: dict[str, Any]) -> list[str]:
    """The ARNs of the functions on a behaviour's viewer requests: one, or none."""
    items = (behaviour.get("FunctionAssociations") or {}).get("Items") or []
    return [item["FunctionARN"] for item in items if item["EventType"] == "viewer-request"]


def all_viewer_functions(config: dict[str, Any]) -> set[str]:
    items = (config.get("CacheBehaviors") or {}).get("Items") or []
    return {arn for item in (config["DefaultCacheBehavior"], *items) for arn in viewer_functions(item)}


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """A path pattern as a regular expression; the leading slash is optional in CloudFront."""
    rooted = pattern if pattern.startswith(("/", "*")) else f"/{pattern}"
    wild = {"*": ".*", "?": "."}
    return re.compile("".join(wild.get(char) or re.escape(char) for char in rooted), re.DOTALL)


def has_page(config: dict[str, Any]) -> bool:
    return bool(config.get("ResponsePagePath"))


def to_error_response(config: dict[str, Any]) -> ErrorResponse:
    return ErrorResponse(config["ResponsePagePath"], int(config.get("ResponseCode") or config["ErrorCode"]))
