"""Dewpoint's Python client.

from dewpoint import Dewpoint

dewpoint = Dewpoint.from_context()
dewpoint.predictions.predict("penguins", {"island": "Biscoe", ...})
"""

from dewpoint.client import Dewpoint
from dewpoint.errors import DewpointError
from dewpoint.metrics import MetricSpec
from dewpoint.models import ModelSpec
from dewpoint.signatures import Signature, SignatureBuilder
from dewpoint.version import __version__

__all__ = ["Dewpoint", "DewpointError", "MetricSpec", "ModelSpec", "Signature", "SignatureBuilder", "__version__"]
