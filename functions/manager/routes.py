"""The management API: every route of this slice is registered by one of these files."""

from functions.manager import (
    about_routes,
    application_routes,
    deployment_routes,
    description_routes,
    event_routes,
    metric_spec_routes,
    model_routes,
    servable_routes,
)
from functions.manager.door import routes

__all__ = [
    "about_routes",
    "application_routes",
    "deployment_routes",
    "description_routes",
    "event_routes",
    "metric_spec_routes",
    "model_routes",
    "routes",
    "servable_routes",
]
