"""moto's server with DynamoDB's promise that a call is made whole: moto lets two interleave."""

import sys
import threading
from typing import Any

from moto.dynamodb.responses import DynamoHandler
from moto.server import main

one_at_a_time, call_action = threading.Lock(), DynamoHandler.call_action


def whole(handler: DynamoHandler) -> Any:
    with one_at_a_time:
        return call_action(handler)


DynamoHandler.call_action = whole  # type: ignore[method-assign]

if __name__ == "__main__":
    main(sys.argv[1:])
