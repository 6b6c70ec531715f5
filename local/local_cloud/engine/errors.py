"""What can go wrong in the engine.

EngineError
├── DockerfileError     a Dockerfile that is wrong, or asks for what the process engine cannot do
├── BuildFailed         a RUN instruction ended with a non-zero exit code
├── ImageNotFound       a reference that names no image of the store
├── PullFailed          an image that is there but cannot be had
├── PushRefused         the registry did not take an image
└── StartFailed         an image whose command cannot be started
"""


class EngineError(Exception):
    """Root of the tree; its text is fit for a build log or a stopped task's reason."""


class DockerfileError(EngineError):
    """Carries the file and line that must be changed."""

    def __init__(self, file: str, line: int, message: str) -> None:
        super().__init__(f"{file}:{line}: {message}")
        self.file = file
        self.line = line


class BuildFailed(EngineError):
    """A RUN instruction failed; `exit_code` is its own."""

    def __init__(self, command: str, exit_code: int) -> None:
        super().__init__(f"process {command!r} did not complete successfully: exit code: {exit_code}")
        self.exit_code = exit_code


class ImageNotFound(EngineError):
    """No image of the store has this reference."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"No such image: {reference}")
        self.reference = reference


class PullFailed(EngineError):
    """The registry or the engine failed."""


class PushRefused(EngineError):
    """The registry refused an image."""


class StartFailed(EngineError):
    """The command of a container could not be started."""
