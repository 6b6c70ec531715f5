"""How the command ends: what is said on standard error, and the exit code.

0 done · 1 refused by the platform, or ended badly there · 2 wrong usage or files · 3 not reachable · 4 out of time
"""

from dewpoint.cli.output import Output
from dewpoint.errors import DeadlineExceeded, DewpointError, Ended, InvalidInput, Refused, TimedOut, Unreachable

EXIT_CODES: dict[type[DewpointError], int] = {
    InvalidInput: 2,
    Unreachable: 3,
    TimedOut: 4,
    DeadlineExceeded: 4,
    Ended: 1,
    Refused: 1,
}


def exit_code(error: DewpointError) -> int:
    """The code of the nearest class of the error tree that has one."""
    return next((EXIT_CODES[cls] for cls in type(error).__mro__ if cls in EXIT_CODES), 1)


def tell(error: DewpointError, output: Output) -> None:
    """The error on standard error: a problem document field by field."""
    if not isinstance(error, Refused):
        for line in str(error).splitlines():
            output.note(f"error: {line}", "red")
        return
    problem = error.problem
    output.note(f"error: {problem.title} ({problem.status})", "bold red")
    for line in map(str, problem.errors):
        output.note(f"  {line}", "red")
    if problem.detail and not problem.errors:
        output.note(f"  {problem.detail}", "red")
    if problem.request_id:
        output.note(f"  request {problem.request_id}")
