"""The servable: the server that stands inside a model image and answers the Open Inference Protocol v2 over gRPC.

A model image's working directory holds `contract.json` (who the model is and what it takes and gives) and `files/`
(the payload). `python -m servable` loads the one, checks it against the other and serves; `python -m servable.probe`
is the health check and `python -m servable.check` the last step of a build. docs/servable.md is the published contract.
"""

__version__ = "0.1.0"
