"""Monitoring over HTTP: every route of this slice is registered by one of these files."""

from functions.sonar import aggregate_routes
from functions.sonar.door import routes

__all__ = ["aggregate_routes", "routes"]
