"""What a refused condition means: an answer, not a fault."""

from collections.abc import Callable

from pynamodb.exceptions import DeleteError, PutError, TransactWriteError, UpdateError

REFUSED = "ConditionalCheckFailedException"
CANCELLED, REFUSED_ITEM = "TransactionCanceledException", "ConditionalCheckFailed"


def refused(action: Callable[[], object]) -> bool:
    """Did DynamoDB refuse the condition of `action`? Other errors pass through."""
    try:
        action()
    except (PutError, UpdateError, DeleteError) as error:
        if error.cause_response_code != REFUSED:
            raise
        return True
    return False


def is_refused(error: TransactWriteError) -> bool:
    """Was a transaction cancelled because a condition of one of its items does not hold?"""
    codes = {reason.code for reason in error.cancellation_reasons if reason}
    return error.cause_response_code == CANCELLED and REFUSED_ITEM in codes
