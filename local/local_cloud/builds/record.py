"""A build as the API shows it: its phases, its status, its logs; and the same as an EventBridge event."""

from __future__ import annotations

import copy
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


def now() -> datetime:
    """The present moment, with its zone."""
    return datetime.now(UTC)


@dataclass
class Phase:
    """One line of the build's timeline."""

    name: str
    started: datetime = field(default_factory=now)
    ended: datetime | None = None
    status: str | None = None
    code: str = ""
    message: str = ""

    def to_api(self) -> dict[str, Any]:
        """As in BatchGetBuilds."""
        shown: dict[str, Any] = {"phaseType": self.name, "startTime": self.started}
        if self.ended and self.status:
            shown |= {"phaseStatus": self.status, "endTime": self.ended, "durationInSeconds": self.seconds}
            shown["contexts"] = [{"statusCode": self.code, "message": self.message}]
        return shown

    @property
    def seconds(self) -> int:
        return int(((self.ended or now()) - self.started).total_seconds())


class BuildRecord:
    """The changing facts of one build; safe to read while it runs.

    Args:
        project: the project with the overrides of StartBuild already applied.
    """

    def __init__(
        self, number: int, build_id: str, arn: str, project: Mapping[str, Any], group: str, stream: str
    ) -> None:
        self.id = build_id
        self.arn = arn
        self.number = number
        self.project = copy.deepcopy(dict(project))
        self.group, self.stream = group, stream
        self.started = now()
        self.ended: datetime | None = None
        self.status = "IN_PROGRESS"
        self.exported: dict[str, str] = {}
        self.phases = [Phase("SUBMITTED", ended=now(), status="SUCCEEDED"), Phase("QUEUED")]
        self.stop_requested = threading.Event()
        self._lock = threading.RLock()

    @property
    def region(self) -> str:
        return self.arn.split(":")[3]

    @property
    def account(self) -> str:
        return self.arn.split(":")[4]

    @property
    def current(self) -> Phase:
        return self.phases[-1]

    def enter(self, name: str) -> None:
        """Begins a phase; the one before it, still open, ended well."""
        with self._lock:
            self.leave("SUCCEEDED")
            self.phases.append(Phase(name))

    def leave(self, status: str, code: str = "", message: str = "") -> None:
        """Ends the present phase, when it has not ended yet."""
        with self._lock:
            phase = self.current
            if phase.ended is None:
                phase.status, phase.code, phase.message, phase.ended = status, code, message, now()

    def complete(self, status: str) -> None:
        """Ends the build."""
        with self._lock:
            self.leave("SUCCEEDED")
            self.status, self.ended = status, now()
            self.phases.append(Phase("COMPLETED"))

    def to_api(self) -> dict[str, Any]:
        """As in BatchGetBuilds."""
        with self._lock:
            project = self.project
            kept = ("source", "environment", "serviceRole", "timeoutInMinutes", "queuedTimeoutInMinutes")
            shown = {name: project[name] for name in kept if name in project}
            shown |= {
                "id": self.id,
                "arn": self.arn,
                "artifacts": {"location": ""},
                "buildNumber": self.number,
                "startTime": self.started,
                "currentPhase": self.current.name,
                "buildStatus": self.status,
                "projectName": project["name"],
                "phases": [phase.to_api() for phase in self.phases],
                "logs": self._logs(),
                "buildComplete": self.ended is not None,
                "initiator": project.get("initiator", "local"),
                "exportedEnvironmentVariables": [{"name": n, "value": v} for n, v in self.exported.items()],
            }
            return shown | ({"endTime": self.ended} if self.ended else {})

    def to_event(self) -> dict[str, Any]:
        """The detail of "CodeBuild Build State Change".

        Reference: https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications.html
        """
        with self._lock:
            environment, source = self.project["environment"], self.project["source"]
            return {
                "build-status": self.status,
                "project-name": self.project["name"],
                "build-id": self.arn,
                "current-phase": self.current.name,
                "current-phase-context": "[]",
                "version": "1",
                "additional-information": {
                    "environment": {
                        "image": environment.get("image"),
                        "privileged-mode": bool(environment.get("privilegedMode")),
                        "compute-type": environment.get("computeType"),
                        "type": environment.get("type"),
                        "environment-variables": environment.get("environmentVariables", []),
                    },
                    "timeout-in-minutes": self.project["timeoutInMinutes"],
                    "build-number": self.number,
                    "build-complete": self.ended is not None,
                    "initiator": self.project.get("initiator", "local"),
                    "build-start-time": _spelled(self.started),
                    "source": {key: source[key] for key in ("type", "location", "buildspec") if key in source},
                    "artifact": {"location": ""},
                    "logs": {
                        "group-name": self.group,
                        "stream-name": self.stream,
                        "deep-link": self._logs()["deepLink"],
                    },
                    "phases": [_phase_event(phase) for phase in self.phases],
                },
            }

    def _logs(self) -> dict[str, Any]:
        stream = f"arn:aws:logs:{self.region}:{self.account}:log-group:{self.group}:log-stream:{self.stream}"
        console = f"https://console.aws.amazon.com/cloudwatch/home?region={self.region}"
        return {
            "groupName": self.group,
            "streamName": self.stream,
            "deepLink": f"{console}#logEvent:group={self.group};stream={self.stream}",
            "cloudWatchLogsArn": stream,
            "cloudWatchLogs": {"status": "ENABLED", "groupName": self.group},
        }


def _phase_event(phase: Phase) -> dict[str, Any]:
    shown: dict[str, Any] = {"phase-type": phase.name, "start-time": _spelled(phase.started)}
    if phase.ended:
        shown |= {
            "phase-context": [f"{phase.code}: {phase.message}"],
            "end-time": _spelled(phase.ended),
            "duration-in-seconds": phase.seconds,
            "phase-status": phase.status,
        }
    return shown


def _spelled(moment: datetime) -> str:
    """As "Sep 1, 2017 4:12:29 PM"."""
    hour = moment.hour % 12 or 12
    return f"{moment:%b} {moment.day}, {moment.year} {hour}:{moment:%M:%S} {moment:%p}"
