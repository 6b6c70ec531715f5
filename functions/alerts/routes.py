"""Alerts over HTTP: every route of this slice is registered by one of these files."""

from functions.alerts import alert_routes, receiver_routes
from functions.alerts.door import routes

__all__ = ["alert_routes", "receiver_routes", "routes"]
