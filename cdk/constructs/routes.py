"""The routes of the Chalice application as methods of the REST API: what app.py declares is what exists, no more.

Explicit routes, because Chalice dispatches on `resourcePath`, which a catch-all resource would hide from it.
"""

from collections.abc import Iterator, Mapping

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_lambda as lambda_
from chalice.app import Chalice, RouteEntry


def add_routes(
    api: apigateway.RestApi,
    app: Chalice,
    functions: Mapping[str, lambda_.IFunction],
    authorizer: apigateway.IAuthorizer,
) -> None:
    """One method per route of `app`, behind `authorizer`, answered by the function of the slice that owns the view.

    Raises KeyError for a route whose slice has no function.
    """
    integrations = {
        name: apigateway.LambdaIntegration(function, allow_test_invoke=False, scope_permission_to_method=False)
        for name, function in functions.items()
    }
    for entry in entries(app):
        api.root.resource_for_path(entry.uri_pattern).add_method(
            entry.method,
            integrations[slice_of(entry)],
            authorization_type=apigateway.AuthorizationType.CUSTOM,
            authorizer=authorizer,
        )


def entries(app: Chalice) -> Iterator[RouteEntry]:
    """The routes in a stable order."""
    for path in sorted(app.routes):
        methods = app.routes[path]
        yield from (methods[method] for method in sorted(methods))


def slice_of(entry: RouteEntry) -> str:
    """`gateway` for a view in functions.gateway.routes."""
    return str(entry.view_function.__module__).split(".")[1]
