"""docs/openapi.json: the routes of app.py with what is declared about them, written down at build time.

Written beforehand rather than on request, so that no function carries the declarations and every change of the
interface shows in a diff.
"""
