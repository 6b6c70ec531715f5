"""Comparisons as people write them: `x > 3 and v_2 <= 0.5 and island == "Biscoe" and _hs_score < 1`.

A name is a field of the signature, an element of one (`v_2`), or one of SCORES; in quotes where it holds a space or an
operator. An output hides an input of the same name, as it does in the documents. Values are JSON.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from functions.core.checks import SYMBOLS, Operator
from functions.core.dtypes import DType
from functions.core.errors import InvalidRequest, Problem
from functions.core.leaves import Leaf, leaves
from functions.core.request_log import Comparison, Of, Scalar
from functions.core.signature import Signature

POINTER = "/query/where"
MOST = 20
LARGEST = 10**30  # whole numbers that are written out; no type of a field has so large ones
SCORES = {"_hs_score": Of.SCORE, "_hs_overall_score": Of.OVERALL_SCORE, "_hs_latency": Of.LATENCY}
QUOTED = r'"(?:[^"\\]|\\.)*"'
ONE = re.compile(rf'\s*({QUOTED}|[^\s"<>=!]+)\s*(<=|>=|==|!=|<|>)\s*({QUOTED}|[^\s"]+)\s*')
AND = re.compile(r"and\s", re.IGNORECASE)
OPERATORS = {symbol: operator for operator, symbol in SYMBOLS.items()}
EXPECTED = 'comparisons with "and" between them, such as x > 3 and y == "a"'


def read_where(text: str, signature: Signature) -> tuple[Comparison, ...]:
    """Raises InvalidRequest naming what was not understood."""
    found = tuple(_comparison(signature, *parts) for parts in _split(text))
    if len(found) > MOST:
        raise _refused(f"at most {MOST} comparisons", str(len(found)))
    return found


def _split(text: str) -> Iterator[tuple[str, str, str]]:
    at = 0
    while True:
        match = ONE.match(text, at)
        if match is None:
            raise _refused(EXPECTED, repr(text[at:])[:80])
        yield match[1], match[2], match[3]
        at = match.end()
        if at == len(text):
            return
        joint = AND.match(text, at)
        if joint is None:
            raise _refused('"and" between comparisons', repr(text[at:])[:80])
        at = joint.end()


def _comparison(signature: Signature, name: str, symbol: str, value: str) -> Comparison:
    name, operator = str(_json(name)) if name.startswith('"') else name, OPERATORS[symbol]
    if name in SCORES:
        return Comparison(of=SCORES[name], operator=operator, value=_value(name, DType.DOUBLE, operator, value))
    of, field, element = _find(signature, name)
    wanted = _value(name, field.dtype, operator, value)
    return Comparison(of=of, name=field.name, element=element, operator=operator, value=wanted)


def _find(signature: Signature, name: str) -> tuple[Of, Leaf, int | None]:
    fields = {leaf.name: (Of.INPUT, leaf) for leaf in leaves(signature.inputs)}
    fields |= {leaf.name: (Of.OUTPUT, leaf) for leaf in leaves(signature.outputs)}
    if name in fields:
        of, field = fields[name]
        if field.dims != ():
            raise _refused(f"one of its elements, such as {name}_0", f"{name}, which has many")
        return of, field, None
    stem, _, place = name.rpartition("_")
    if stem in fields and place.isdecimal() and place.isascii() and len(place) < 10 and fields[stem][1].dims != ():
        of, field = fields[stem]
        return of, field, int(place)
    raise _refused(f"one of {', '.join((*fields, *SCORES))}", repr(name)[:80])


def _value(name: str, dtype: DType, operator: Operator, text: str) -> Scalar:
    value: Scalar = _json(text)
    if dtype is DType.STRING:
        fits, kind = isinstance(value, str), "a text in quotes"
    elif dtype is DType.BOOL:
        fits, kind = isinstance(value, bool), "true or false"
    else:
        fits, kind = isinstance(value, int | float) and not isinstance(value, bool), "a number"
    if not fits:
        raise _refused(f"{kind} to compare {name} with", text[:80])
    if isinstance(value, int) and abs(value) >= LARGEST:
        raise _refused(f"a number below 1e30 to compare {name} with", text[:80])
    if dtype is DType.BOOL and operator not in (Operator.EQ, Operator.NOT_EQ):
        raise _refused(f"== or != for {name}, which is true or false", operator.symbol)
    return value


def _json(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _refused('a number, true, false or a text in quotes ("a")', text[:80]) from None


def _refused(expected: str, received: str) -> InvalidRequest:
    return InvalidRequest.of([Problem(POINTER, expected, received)])
