"""Which variant answers: by chance, or by a key that a caller brings.

By chance it is one uniform draw over cumulative weights. By key it is weighted rendezvous hashing: every variant throws
a number that follows from the salt, its own identity and the key, divides its logarithm by its weight, and the lowest
wins. The shares are the weights, nobody remembers anything, and a change of weights moves a key from one variant to
another only when the second one's weight grew against the first one's (docs/decisions/0017).
"""

import hashlib
import math
from collections import Counter
from collections.abc import Iterator, Sequence

from functions.core.models import Variant


def choose(variants: Sequence[Variant], draw: float) -> Variant:
    """The variant whose share of [0, 1) holds `draw`. A weight of 0 never answers.

    Raises ValueError when no variant has a weight.
    """
    total = sum(variant.weight for variant in variants)
    if total <= 0:
        raise ValueError("no variant has a weight above 0")
    mark, edge = draw * total, 0
    for variant in variants:
        edge += variant.weight
        if mark < edge:
            return variant
    return next(variant for variant in reversed(variants) if variant.weight)


def choose_by_key(variants: Sequence[Variant], salt: str, key: str) -> Variant:
    """The same variant for the same key, whatever the order of the variants. A weight of 0 never answers.

    `salt` makes the choices of two stages, or of two applications, independent of each other. Raises ValueError when
    no variant has a weight.
    """
    throws = [
        (-math.log(_uniform(salt, identity, key)) / variant.weight, identity, variant)
        for identity, variant in _identified(variants)
        if variant.weight > 0
    ]
    if not throws:
        raise ValueError("no variant has a weight above 0")
    return min(throws, key=lambda throw: throw[:2])[2]


def _identified(variants: Sequence[Variant]) -> Iterator[tuple[str, Variant]]:
    """A variant is what was deployed and how: its servable may be another one after an update, and keys stay."""
    seen: Counter[str] = Counter()
    for variant in variants:
        identity = f"{variant.model_name}:{variant.model_version}/{variant.deployment_configuration_name}"
        seen[identity] += 1
        yield f"{identity}#{seen[identity]}", variant


def _uniform(*parts: str) -> float:
    """A number in (0, 1), the same for the same parts on every machine."""
    hashed = hashlib.blake2b(digest_size=8)
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        hashed.update(len(raw).to_bytes(4, "big") + raw)
    return ((int.from_bytes(hashed.digest(), "big") >> 11) + 0.5) / 2**53
