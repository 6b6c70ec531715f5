"""The manager's own world in memory behind a real HTTP server; builds succeed and servables serve when looked at."""

import msgspec

from functions.core.ports import Presigned
from functions.manager.contract import signature_key
from functions.manager.finish_build import finish_build
from tests.unit.manager.world import SIGNATURE, Http, World
from tests.unit.sdk.loopback import Answer, LoopbackServer, Request

STORAGE = "/storage/"
API = "/api/v2"


class Platform:
    """An HTTP server on loopback before the manager's routes, and storage beside them."""

    def __init__(self) -> None:
        self.world = World()
        self.http = Http(self.world)
        self.signed: dict[str, Presigned] = {}
        self.server = LoopbackServer(self.answer)
        signing = self.world.payloads.presign
        self.world.payloads.presign = lambda *args: self._reachable(signing(*args))  # type: ignore[method-assign]

    def _reachable(self, presigned: Presigned) -> Presigned:
        number = str(len(self.signed))
        self.signed[number] = presigned
        return Presigned(f"{self.server.url}{STORAGE}{number}", presigned.headers)

    def answer(self, request: Request) -> Answer:
        if request.path.startswith(STORAGE):
            presigned = self.signed[request.path.removeprefix(STORAGE)]
            return Answer(status=self.world.payloads.upload(presigned, request.raw))
        self.go_on()
        answer = self.http.call(request.method, request.target.removeprefix(API), request.raw)
        return Answer(status=answer.status_code, raw=answer.body, headers=dict(answer.headers))

    def go_on(self) -> None:
        """What builder and host would have done in the meantime."""
        for build_id, version in self.world.builder.started.items():
            if version.signature is None:
                self.world.payloads.write(signature_key(version), msgspec.json.encode(SIGNATURE))
            self.world.builder.succeed(build_id)
            finish_build(self.world, build_id)
        self.world.serve(*self.world.host.running)


def outcomes(applied: list[dict[str, str]]) -> list[tuple[str, str, str]]:
    return [(outcome["name"], outcome["action"], outcome["status"]) for outcome in applied]
