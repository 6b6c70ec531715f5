"""CodeBuild's client as the builder uses it: StartBuild is idempotent on its token, and a build's environment is the
project's with the overrides. (moto forgets the overrides.)"""

from typing import Any


class FakeCodeBuildClient:
    def __init__(self) -> None:
        self.builds: dict[str, dict[str, Any]] = {}
        self._by_token: dict[str, str] = {}

    def start_build(self, **request: Any) -> dict[str, Any]:
        build_id = self._by_token.setdefault(
            request["idempotencyToken"], f"{request['projectName']}:{len(self._by_token)}"
        )
        if build_id not in self.builds:
            self.builds[build_id] = {
                "id": build_id,
                "buildStatus": "IN_PROGRESS",
                "environment": {"environmentVariables": request["environmentVariablesOverride"]},
                "phases": [{"phaseType": "SUBMITTED", "phaseStatus": "SUCCEEDED"}],
                "logs": {},
            }
        return {"build": self.builds[build_id]}

    def batch_get_builds(self, ids: list[str]) -> dict[str, Any]:
        return {"builds": [self.builds[build_id] for build_id in ids if build_id in self.builds]}
