"""What a refused condition means: an answer, not a fault."""

from collections.abc import Callable

from pynamodb.exceptions import DeleteError, PutError, UpdateError

REFUSED = "ConditionalCheckFailedException"


def refused(action: Callable[[], object]) -> bool:
    """Did DynamoDB refuse the condition of `action`? Other errors pass through."""
    try:
        action()
    except (PutError, UpdateError, DeleteError) as error:
        if error.cause_response_code != REFUSED:
            raise
        return True
    return False
