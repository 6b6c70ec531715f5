"""The gRPC door: parse, call, shape; and the one place where an error becomes a status."""

# ruff: noqa: N802, ARG002 - the names and arguments of the methods are the generated base class's

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import NoReturn

import grpc

from servable import __version__
from servable.crew import Crew
from servable.describe import describe
from servable.errors import InvalidInput, ModelFailed, ServableError, UnknownModel, WrongOutput
from servable.infer import check_name, infer
from servable.model import Model
from servable.pb import open_inference_pb2 as pb
from servable.pb import open_inference_pb2_grpc as rpc
from servable.progress import Progress

log = logging.getLogger(__name__)

_STATUS: dict[type[ServableError], grpc.StatusCode] = {
    InvalidInput: grpc.StatusCode.INVALID_ARGUMENT,
    UnknownModel: grpc.StatusCode.NOT_FOUND,
    WrongOutput: grpc.StatusCode.INTERNAL,
    ModelFailed: grpc.StatusCode.INTERNAL,
}
_LONGEST_MESSAGE = 4000  # bytes; a status travels in HTTP/2 headers, which are limited to 8 KiB


class InferenceService(rpc.GRPCInferenceServiceServicer):
    """One model. Its calls run in their own threads, so that health is answered while all of them are busy."""

    def __init__(self, model: Model, crew: Crew, progress: Progress) -> None:
        self._model = model
        self._progress = progress
        # gRPC runs a handler in the pool that the handler carries; a bound method cannot carry one
        handler = partial(self._infer)
        handler.experimental_thread_pool = crew  # type: ignore[attr-defined]
        self.ModelInfer = handler  # type: ignore[method-assign]

    def ServerLive(self, request: pb.ServerLiveRequest, context: grpc.ServicerContext) -> pb.ServerLiveResponse:
        return pb.ServerLiveResponse(live=True)

    def ServerReady(self, request: pb.ServerReadyRequest, context: grpc.ServicerContext) -> pb.ServerReadyResponse:
        return pb.ServerReadyResponse(ready=True)

    def ServerMetadata(
        self, request: pb.ServerMetadataRequest, context: grpc.ServicerContext
    ) -> pb.ServerMetadataResponse:
        return pb.ServerMetadataResponse(name="dewpoint-servable", version=__version__)

    def ModelReady(self, request: pb.ModelReadyRequest, context: grpc.ServicerContext) -> pb.ModelReadyResponse:
        with _status(context):
            check_name(self._model, request.name, request.version)
        return pb.ModelReadyResponse(ready=True)

    def ModelMetadata(
        self, request: pb.ModelMetadataRequest, context: grpc.ServicerContext
    ) -> pb.ModelMetadataResponse:
        with _status(context):
            check_name(self._model, request.name, request.version)
        return describe(self._model)

    def RepositoryIndex(
        self, request: pb.RepositoryIndexRequest, context: grpc.ServicerContext
    ) -> pb.RepositoryIndexResponse:
        contract = self._model.contract
        entry = pb.RepositoryIndexResponse.ModelIndex(name=contract.name, version=str(contract.version), state="READY")
        return pb.RepositoryIndexResponse(models=[entry])

    def _infer(self, request: pb.ModelInferRequest, context: grpc.ServicerContext) -> pb.ModelInferResponse:
        try:
            with self._progress:
                return infer(self._model, request)
        except ServableError as error:
            _refuse(context, error)


@contextmanager
def _status(context: grpc.ServicerContext) -> Iterator[None]:
    try:
        yield
    except ServableError as error:
        _refuse(context, error)


def _refuse(context: grpc.ServicerContext, error: ServableError) -> NoReturn:
    context.abort(_STATUS[type(error)], shortened(str(error)))


def shortened(message: str) -> str:
    """As much of `message` as a header takes, in which everything but printable ASCII takes three times its bytes."""
    message = message.encode(errors="replace").decode()  # a model may say what UTF-8 cannot
    size = 0
    for at, character in enumerate(message):
        size += 1 if " " <= character <= "~" and character != "%" else 3 * len(character.encode())
        if size > _LONGEST_MESSAGE:
            return message[:at]
    return message
