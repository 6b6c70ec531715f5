"""Why a task could not start, in ECS's words.

TaskFailure
├── CannotPull         CannotPullContainerError
├── CannotStart        CannotStartContainerError
└── CannotInitialize   ResourceInitializationError
"""


class TaskFailure(Exception):
    """Root of the tree; `reason` is the task's stoppedReason."""

    name = "TaskFailed"

    @property
    def reason(self) -> str:
        return f"{self.name}: {self}"


class CannotPull(TaskFailure):
    """The image is not to be had."""

    name = "CannotPullContainerError"


class CannotStart(TaskFailure):
    """The image's command cannot be started."""

    name = "CannotStartContainerError"


class CannotInitialize(TaskFailure):
    """A secret, a log group or an address is missing."""

    name = "ResourceInitializationError"
