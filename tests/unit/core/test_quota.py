"""The bucket of calls: never more than it holds and gains, and never less."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.api_keys import Quota
from functions.core.quota import ask, headers, refusal

QUOTAS = st.builds(
    Quota,
    requests_per_second=st.sampled_from([0.1, 1.0, 2.5, 100.0, 500.0]),
    burst=st.integers(1, 20),
)


@given(quota=QUOTAS, gaps=st.lists(st.floats(0, 2), min_size=1, max_size=60))
def test_x01_it_answers_as_a_bucket_that_is_counted_by_tokens(quota: Quota, gaps: list[float]) -> None:
    """Against the textbook's token bucket, call by call."""
    now, full_at, tokens = 1_700_000_000.0, 0.0, float(quota.burst)
    for gap in gaps:
        now += gap
        tokens = min(quota.burst, tokens + gap * quota.requests_per_second)
        allowance = ask(quota, full_at, now)
        if abs(tokens - 1) > 1e-3:  # on the edge, either rounding is right
            assert allowance.allowed == (tokens >= 1)
        if allowance.allowed:
            full_at, tokens = now + allowance.reset, tokens - 1
            assert allowance.remaining == pytest.approx(tokens, abs=1.001)
        else:
            assert allowance.retry_after == pytest.approx((1 - tokens) / quota.requests_per_second, abs=1e-3)


def test_x01_a_refusal_says_the_quota_and_when_to_come_back() -> None:
    quota = Quota(requests_per_second=0.5, burst=1)
    used = ask(quota, 0.0, 100.0)
    assert headers(quota, used) == {"RateLimit-Limit": "1", "RateLimit-Remaining": "0", "RateLimit-Reset": "2"}
    refused = refusal(quota, ask(quota, 102.0, 100.5))
    assert refused.detail == "the API key may make 0.5 calls a second and 1 at once"
    assert (refused.retry_after, refused.headers["RateLimit-Reset"]) == (2, "2")
