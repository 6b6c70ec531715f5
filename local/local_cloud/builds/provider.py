"""The CodeBuild API: operations on projects and builds, in the emulator."""

from __future__ import annotations

import os
import re
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.skeleton import Skeleton
from localstack.aws.spec import load_service
from localstack.services.plugins import Service, aws_provider

from ..engine import machine, scratch
from ..engine.emulator import Emulator, Event, EventBus
from ..engine.spawn import Spawner
from . import toolbox
from .line import BuildLine
from .projects import Projects, overridden
from .record import BuildRecord
from .workshop import Workshop

Request = Mapping[str, Any]
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9\-_]{1,149}")
REQUIRED = ("name", "source", "artifacts", "environment", "serviceRole")


class CodeBuild:
    """Handlers by operation name."""

    def __init__(self, line: BuildLine) -> None:
        self._line = line
        self._projects: dict[tuple[str, str], Projects] = {}
        self._builds: dict[tuple[str, str], dict[str, BuildRecord]] = defaultdict(dict)

    def table(self) -> dict[str, Callable[[RequestContext, Request], Any]]:
        """The dispatch table of LocalStack's skeleton."""
        return {
            "CreateProject": self.create_project,
            "UpdateProject": self.update_project,
            "DeleteProject": self.delete_project,
            "BatchGetProjects": self.batch_get_projects,
            "ListProjects": self.list_projects,
            "StartBuild": self.start_build,
            "BatchGetBuilds": self.batch_get_builds,
            "StopBuild": self.stop_build,
            "ListBuilds": self.list_builds,
            "ListBuildsForProject": self.list_builds_for_project,
        }

    def create_project(self, context: RequestContext, request: Request) -> Any:
        """CreateProject"""
        for key in REQUIRED:
            if not request.get(key):
                raise _invalid(f"{key} is required")
        if not NAME.fullmatch(request["name"]):
            raise _invalid("Project name can only contain letters, digits, dash and underscore")
        projects = self._of(context)
        if request["name"] in projects:
            raise _error("ResourceAlreadyExistsException", f"Project already exists: {projects.arn(request['name'])}")
        return {"project": projects.create(request)}

    def update_project(self, context: RequestContext, request: Request) -> Any:
        """UpdateProject"""
        self._project(context, request["name"])
        return {"project": self._of(context).update(request)}

    def delete_project(self, context: RequestContext, request: Request) -> Any:
        """DeleteProject: its builds stay readable, as on AWS."""
        self._of(context).delete(request["name"])
        return {}

    def batch_get_projects(self, context: RequestContext, request: Request) -> Any:
        """BatchGetProjects"""
        found = {name: self._of(context).get(name) for name in request["names"]}
        return {
            "projects": [project for project in found.values() if project],
            "projectsNotFound": [name for name, project in found.items() if not project],
        }

    def list_projects(self, context: RequestContext, _request: Request) -> Any:
        """ListProjects"""
        return {"projects": self._of(context).names()}

    def start_build(self, context: RequestContext, request: Request) -> Any:
        """StartBuild"""
        project = overridden(self._project(context, request["projectName"]), request)
        number = self._of(context).next_number(project["name"])
        run = str(uuid.uuid4())
        build_id = f"{project['name']}:{run}"
        arn = f"arn:aws:codebuild:{context.region}:{context.account_id}:build/{build_id}"
        configured = project.get("logsConfig", {}).get("cloudWatchLogs", {})
        group = configured.get("groupName") or f"/aws/codebuild/{project['name']}"
        stream = f"{configured['streamName']}/{run}" if configured.get("streamName") else run
        record = BuildRecord(number, build_id, arn, project, group, stream)
        self._builds[_scope(context)][build_id] = record
        self._line.add(record)
        return {"build": record.to_api()}

    def batch_get_builds(self, context: RequestContext, request: Request) -> Any:
        """BatchGetBuilds"""
        builds = self._builds[_scope(context)]
        ids = {given: given.rpartition(":build/")[2] for given in request["ids"]}
        return {
            "builds": [builds[build_id].to_api() for build_id in ids.values() if build_id in builds],
            "buildsNotFound": [given for given, build_id in ids.items() if build_id not in builds],
        }

    def stop_build(self, context: RequestContext, request: Request) -> Any:
        """StopBuild: asks; the build ends within a second."""
        record = self._builds[_scope(context)].get(request["id"].rpartition(":build/")[2])
        if record is None:
            raise _error("ResourceNotFoundException", f"Build {request['id']} does not exist")
        record.stop_requested.set()
        return {"build": record.to_api()}

    def list_builds(self, context: RequestContext, request: Request) -> Any:
        """ListBuilds"""
        return {"ids": _sorted(list(self._builds[_scope(context)]), request)}

    def list_builds_for_project(self, context: RequestContext, request: Request) -> Any:
        """ListBuildsForProject"""
        name = self._project(context, request["projectName"])["name"]
        ids = [build_id for build_id in self._builds[_scope(context)] if build_id.startswith(f"{name}:")]
        return {"ids": _sorted(ids, request)}

    def _of(self, context: RequestContext) -> Projects:
        return self._projects.setdefault(_scope(context), Projects(*_scope(context)))

    def _project(self, context: RequestContext, name: str) -> dict[str, Any]:
        project = self._of(context).get(name)
        if project is None:
            raise _error("ResourceNotFoundException", f"Project cannot be found: {self._of(context).arn(name)}")
        return project


def _scope(context: RequestContext) -> tuple[str, str]:
    return context.account_id, context.region


def _sorted(ids: list[str], request: Request) -> list[str]:
    """Newest first, unless the caller wants otherwise."""
    return ids if request.get("sortOrder") == "ASCENDING" else ids[::-1]


def _error(code: str, message: str) -> CommonServiceException:
    return CommonServiceException(code, message, status_code=400)


def _invalid(message: str) -> CommonServiceException:
    return _error("InvalidInputException", message)


def announcer(bus: EventBus) -> Callable[[BuildRecord], None]:
    """Sends a build's state to EventBridge."""

    def announce(record: BuildRecord) -> None:
        kind = "CodeBuild Build State Change"
        bus.send(Event(record.account, record.region, "aws.codebuild", kind, [record.arn], record.to_event()))

    return announce


@aws_provider(api="codebuild", name="default")
def codebuild() -> Service:
    """The service, as a plugin of LocalStack."""
    settings, emulator = machine.read(os.environ), Emulator.read(os.environ)
    own = scratch.folder(settings.images)
    workshop = Workshop(settings, emulator, Spawner(), toolbox.make(settings, own), own)
    line = BuildLine(workshop, announcer(EventBus(emulator)))
    return Service("codebuild", skeleton=Skeleton(load_service("codebuild"), CodeBuild(line).table()))
