"""What ends a build.

BuildError
├── BuildspecError      YAML_FILE_ERROR       the buildspec is not one
├── SourceError         CLIENT_ERROR          the source or a parameter could not be fetched
├── CommandFailed       COMMAND_EXECUTION_ERROR
├── BuildStopped        (status STOPPED)
└── BuildTimedOut       BUILD_TIMED_OUT (status TIMED_OUT)
"""


class BuildError(Exception):
    """Root of the tree. `code` is the statusCode of the phase context, `status` the build's."""

    code = "INTERNAL_SERVICE_ERROR"
    status = "FAILED"


class BuildspecError(BuildError):
    """The buildspec cannot be read."""

    code = "YAML_FILE_ERROR"


class SourceError(BuildError):
    """What the build starts from is not there."""

    code = "CLIENT_ERROR"


class CommandFailed(BuildError):
    """A command of the buildspec ended with a non-zero status."""

    code = "COMMAND_EXECUTION_ERROR"

    def __init__(self, command: str, status: int) -> None:
        super().__init__(f"Error while executing command: {command.strip()}. Reason: exit status {status}")


class BuildStopped(BuildError):
    """StopBuild was called."""

    code = ""
    status = "STOPPED"


class BuildTimedOut(BuildError):
    """The project's timeout passed."""

    code = "BUILD_TIMED_OUT"
    status = "TIMED_OUT"
