"""What is said beside an answer, in headers over HTTP and in metadata of the same names over gRPC."""

from collections.abc import Sequence
from urllib.parse import quote

LONGEST_WARNING = 1000


def remarks(model: str, ignored: Sequence[str]) -> dict[str, str]:
    """Which version answered, and the inputs that were left out."""
    told = {"x-dewpoint-model": model}
    if ignored:
        # Names are the caller's own bytes: quoted, they cannot end the header
        named = ", ".join(quote(name, safe=" /") for name in ignored)
        told["x-dewpoint-warning"] = f"ignored inputs: {named}"[:LONGEST_WARNING]
    return told
