"""The floor: a grpcio server that gives the right answer to one row without looking at it. MODEL, PORT."""

import os
from concurrent.futures import ThreadPoolExecutor

import grpc
import joblib
import numpy as np

from benchmarks.serving.models import rows
from servable.pb import open_inference_pb2 as pb

labels = np.asarray(joblib.load(os.environ["MODEL"]).predict(rows(1)), np.int64)
answer = pb.ModelInferResponse(model_name="iris", id="1", raw_output_contents=[labels.tobytes()])
answer.outputs.add(name="label", datatype="INT64", shape=labels.shape)
raw = answer.SerializeToString()

method = grpc.unary_unary_rpc_method_handler(lambda request, context: raw)  # noqa: ARG005 - grpcio's two arguments
server = grpc.server(ThreadPoolExecutor(2))
service = grpc.method_handlers_generic_handler("inference.GRPCInferenceService", {"ModelInfer": method})
server.add_generic_rpc_handlers((service,))
server.add_insecure_port(f"127.0.0.1:{os.environ['PORT']}")
server.start()
server.wait_for_termination()
