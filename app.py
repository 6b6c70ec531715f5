"""The HTTP API: registers the routes of the slices, nothing else.

Each function ships only its own slice, so a slice that is not there is skipped; a developer's machine has them all.
"""

from importlib import import_module
from importlib.util import find_spec

from chalice.app import Chalice

SLICES = ("access", "alerts", "gateway", "manager", "sonar")

app = Chalice(app_name="dewpoint")
app.api.binary_types = []  # doors/http.py encodes what is binary

for name in SLICES:
    if find_spec(f"functions.{name}"):
        app.register_blueprint(import_module(f"functions.{name}.routes").routes)
