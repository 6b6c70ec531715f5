"""What a caller may say beside the inputs, in headers over HTTP and in metadata of the same names over gRPC."""

from collections.abc import Mapping

from functions.core.errors import InvalidRequest, Problem
from functions.gateway.ports import OBSERVE_HEADER, CallOptions, is_observed

LONGEST = 1024  # characters of a header of ours
STICKY_HEADER = "x-dewpoint-sticky-key"
VARIANT_HEADER = "x-dewpoint-variant"


def read_options(
    headers: Mapping[str, str], request_id: str, heard: float, time_left: float | None = None
) -> CallOptions:
    """`headers` by lower-case name; `heard` by the ports' clock; `time_left` in seconds from then on, None when the
    caller set no deadline.

    Raises InvalidRequest for one that is too long.
    """
    if problems := [
        Problem(f"/headers/{name}", f"at most {LONGEST} characters", f"{len(headers[name])} characters")
        for name in (OBSERVE_HEADER, STICKY_HEADER, VARIANT_HEADER)
        if len(headers.get(name, "")) > LONGEST
    ]:
        raise InvalidRequest.of(problems)
    return CallOptions(
        request_id=request_id,
        heard=heard,
        time_left=time_left,
        observed=is_observed(headers.get(OBSERVE_HEADER)),
        sticky_key=headers.get(STICKY_HEADER, ""),
        variant=headers.get(VARIANT_HEADER, ""),
    )
