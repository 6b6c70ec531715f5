"""Monitoring over HTTP: every route of this slice is registered by one of these files."""

from functions.sonar import (
    about_routes,
    aggregate_routes,
    analyze_routes,
    check_routes,
    comparison_routes,
    dead_letter_routes,
    export_routes,
    profile_routes,
    training_routes,
)
from functions.sonar.door import routes

__all__ = [
    "about_routes",
    "aggregate_routes",
    "analyze_routes",
    "check_routes",
    "comparison_routes",
    "dead_letter_routes",
    "export_routes",
    "profile_routes",
    "routes",
    "training_routes",
]
