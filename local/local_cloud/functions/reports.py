"""What the Lambda service itself says: error documents and the START, END and REPORT lines of the log."""

import json


def error_document(kind: str, message: str) -> bytes:
    """The JSON payload of an error that the service, not the function, reports."""
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()


def too_large(limit: int) -> bytes:
    """The answer exceeds `limit` bytes."""
    message = f"Response payload size exceeded maximum allowed payload size ({limit} bytes)."
    return error_document("Function.ResponseSizeTooLarge", message)


def timed_out(request_id: str, timeout_s: float) -> bytes:
    """The function did not answer within its timeout."""
    return error_document(
        "Sandbox.Timedout", f"RequestId: {request_id} Error: Task timed out after {timeout_s:.2f} seconds"
    )


def exited(returncode: int | None, request_id: str | None = None) -> bytes:
    """The runtime process ended by itself: an exit status, or a signal when negative."""
    how = f"signal: {-returncode}" if returncode is not None and returncode < 0 else f"exit status {returncode}"
    subject = f"RequestId: {request_id} " if request_id else ""
    return error_document("Runtime.ExitError", f"{subject}Error: Runtime exited with error: {how}")


def log_text(request_id: str, version: str, output: str, report: str) -> str:
    """The log of one invocation: what was printed, between the service's lines."""
    separator = "" if not output or output.endswith("\n") else "\n"
    return f"START RequestId: {request_id} Version: {version}\n{output}{separator}END RequestId: {request_id}\n{report}"


def report_line(request_id: str, duration_ms: float, memory_mb: int, peak_mb: int, init_ms: float | None) -> str:
    """The REPORT line; `init_ms` only for the first invocation of an environment."""
    init = "" if init_ms is None else f"\tInit Duration: {init_ms:.2f} ms"
    return (
        f"REPORT RequestId: {request_id}\tDuration: {duration_ms:.2f} ms\tBilled Duration: {int(duration_ms) + 1} ms"
        f"\tMemory Size: {memory_mb} MB\tMax Memory Used: {peak_mb} MB{init}\t\n"
    )
