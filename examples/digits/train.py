"""Trains a classifier of handwritten digits, 8 by 8 pixels of 0 to 16, and writes it as an ONNX graph.

The graph takes the images themselves ([-1, 8, 8]), so that any server of ONNX can run it.
Writes model.onnx beside this file. Run: python examples/digits/train.py
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import DoubleTensorType
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler

HERE = Path(__file__).parent
SEED = 7
OPSET = {"": 17, "ai.onnx.ml": 3}


def split_digits() -> list[np.ndarray]:
    """Images to learn from, images to test with, and their labels; the data comes with scikit-learn."""
    digits = load_digits()
    parts = train_test_split(digits.images, digits.target, test_size=0.25, random_state=SEED, stratify=digits.target)
    return [np.asarray(part) for part in parts]


def train() -> tuple[Pipeline, float]:
    """The model and its accuracy on images it has not seen."""
    images, unseen, labels, truth = split_digits()
    model = make_pipeline(MinMaxScaler(), LogisticRegression(C=0.3, max_iter=2000, tol=1e-10, random_state=SEED))
    model.fit(images.reshape(len(images), -1), labels)
    return model, float(model.score(unseen.reshape(len(unseen), -1), truth))


def to_graph(model: Pipeline) -> onnx.ModelProto:
    """The model as a graph from `image` to `label` and `probabilities`."""
    types = [("pixels", DoubleTensorType([None, 64]))]
    graph = to_onnx(model, initial_types=types, options={"zipmap": False}, target_opset=OPSET)
    image = helper.make_tensor_value_info("image", TensorProto.DOUBLE, [None, 8, 8])
    flatten = helper.make_node("Flatten", ["image"], ["pixels"], name="flatten", axis=1)
    nodes = [flatten, *graph.graph.node]
    del graph.graph.input[:], graph.graph.node[:]
    graph.graph.input.append(image)
    graph.graph.node.extend(nodes)
    onnx.checker.check_model(graph, full_check=True)
    return graph


def main() -> None:
    model, accuracy = train()
    (HERE / "model.onnx").write_bytes(to_graph(model).SerializeToString(deterministic=True))
    print(f"accuracy {accuracy:.3f} on unseen images; wrote {HERE / 'model.onnx'}")


if __name__ == "__main__":
    main()
