"""The OpenAPI document of one application: its prediction routes, with schemas made from its signature."""

import math
from collections.abc import Iterable
from typing import Any

from functions.core.example import count_elements, example_element, example_inputs, example_shape
from functions.core.leaves import Leaf, leaves
from functions.core.models import Application
from functions.core.openapi.problems import PROBLEM_SCHEMAS, SECURITY, SECURITY_SCHEMES, problem_responses
from functions.core.openapi.values import Schema, components, object_schema, reference, tensor_schema
from functions.core.signature import MAX_DEPTH, Signature

VERSION = "3.1.0"
JSON = "application/json"
REFUSALS = (400, 404, 413, 429, 500, 503, 504)
ELSEWHERE = {
    "description": "The answer is too large for HTTP: it is at the address in Location.",
    "headers": {"Location": {"description": "For a quarter of an hour.", "schema": {"type": "string"}}},
}
LARGEST_EXAMPLE = 1000  # elements; a longer example would bury the document


def application_document(application: Application, answering: Iterable[Signature] = ()) -> dict[str, Any]:
    """`info.version` is the application's revision: the schemas change with it. `answering` are the signatures of the
    last stage's variants: what only some of them give is not in every answer."""
    signature = application.signature
    tensors = leaves((*signature.inputs, *signature.outputs))
    schemas = {
        "Inputs": object_schema(signature.inputs, closed=False),
        "Outputs": object_schema(signature.outputs, closed=True, promised=_promised(answering)),
        "InferRequest": _infer_request(signature),
        "InferAnswer": _infer_answer(signature),
    }
    return {
        "openapi": VERSION,
        "info": {"title": application.name, "version": str(application.revision)},
        "servers": [{"url": "/"}],
        "security": SECURITY,
        "paths": {
            f"/gateway/application/{application.name}": {"post": _predict(signature)},
            f"/v2/models/{application.name}/infer": {"post": _infer(signature)},
        },
        "components": {
            "securitySchemes": SECURITY_SCHEMES,
            "schemas": {**components(tensors), **schemas, **PROBLEM_SCHEMAS},
        },
    }


def _promised(answering: Iterable[Signature]) -> set[str] | None:
    """The leaves that every variant gives; None when nobody knows the variants."""
    given = [{leaf.name for leaf in leaves(signature.outputs)} for signature in answering]
    return set.intersection(*given) if given else None


def _predict(signature: Signature) -> dict[str, Any]:
    shown = count_elements(signature) <= LARGEST_EXAMPLE
    headers = {
        "x-dewpoint-model": {"description": "Which version answered.", "schema": {"type": "string"}},
        "x-dewpoint-warning": {"description": "Inputs that were left out.", "schema": {"type": "string"}},
    }
    return {
        "operationId": "predict",
        "summary": "One prediction in plain JSON.",
        "requestBody": _body("Inputs", example_inputs(signature) if shown else None),
        "responses": {
            "200": _answer("Outputs") | {"headers": headers},
            "303": ELSEWHERE,
            **problem_responses(*REFUSALS),
        },
    }


def _infer(signature: Signature) -> dict[str, Any]:
    shown = count_elements(signature) <= LARGEST_EXAMPLE
    return {
        "operationId": "infer",
        "summary": "One prediction in the Open Inference Protocol.",
        "requestBody": _body("InferRequest", infer_example(signature) if shown else None),
        "responses": {"200": _answer("InferAnswer"), "303": ELSEWHERE, **problem_responses(*REFUSALS)},
    }


def infer_example(signature: Signature) -> dict[str, Any]:
    """The example inputs as an Open Inference request."""
    return {
        "inputs": [
            {
                "name": leaf.name,
                "datatype": leaf.dtype.datatype,
                "shape": list(example_shape(leaf)),
                "data": [example_element(leaf)] * math.prod(example_shape(leaf)),
            }
            for leaf in leaves(signature.inputs)
        ]
    }


def _body(schema: str, example: Any) -> dict[str, Any]:
    content = {"schema": reference(schema)} | ({"example": example} if example is not None else {})
    return {"required": True, "content": {JSON: content}}


def _answer(schema: str) -> dict[str, Any]:
    return {"description": "The prediction.", "content": {JSON: {"schema": reference(schema)}}}


def _infer_request(signature: Signature) -> Schema:
    return {
        "type": "object",
        "required": ["inputs"],
        "properties": {
            "id": {"type": "string"},
            "inputs": _tensors(leaves(signature.inputs), flat_only=False),
            "outputs": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {"name": {"enum": [leaf.name for leaf in leaves(signature.outputs)]}},
                },
            },
        },
    }


def _infer_answer(signature: Signature) -> Schema:
    text = {"type": "string"}
    outputs = _tensors(leaves(signature.outputs), flat_only=True) | {"minItems": 0}  # a caller may ask for some only
    return {
        "type": "object",
        "required": ["model_name", "model_version", "outputs"],
        "properties": {"model_name": text, "model_version": text, "id": text, "outputs": outputs},
    }


def _tensors(tensors: tuple[Leaf, ...], *, flat_only: bool) -> Schema:
    each = [_tensor(leaf, flat_only=flat_only) for leaf in tensors]
    return {"type": "array", "minItems": len(each), "maxItems": len(each), "items": {"anyOf": each}}


def _tensor(leaf: Leaf, *, flat_only: bool) -> Schema:
    flat: Schema = {"type": "array", "items": reference(leaf.dtype.value)}
    nested = leaf.dims is None or len(leaf.dims) > 1
    data = flat if flat_only or not nested else {"anyOf": [flat, tensor_schema(leaf.dtype, leaf.dims)]}
    return {
        "type": "object",
        "required": ["name", "datatype", "shape", "data"],
        "properties": {
            "name": {"const": leaf.name},
            "datatype": {"const": leaf.dtype.datatype},
            "shape": _shape(leaf),
            "data": data,
        },
    }


def _shape(leaf: Leaf) -> Schema:
    size: Schema = {"type": "integer", "minimum": -1}
    if leaf.dims is None:
        return {"type": "array", "items": size, "maxItems": MAX_DEPTH}
    fixed = [size if each == -1 else {"enum": [each, -1]} for each in leaf.dims]
    bounds = {"minItems": len(fixed), "maxItems": len(fixed)}
    return {"type": "array", **({"prefixItems": fixed} if fixed else {}), **bounds}
