"""`AWS::URLSuffix` is AWS's own: the CDK command line pushes images under that name, and templates refer to them by it.

The engine puts this machine's name there, and into every URL of an API in a template. Here those stay what AWS would
say; who wants to call an API of the local cloud knows its endpoint.
"""
# ruff: noqa: SLF001 - reaches into the engine of the pinned version, which has no interface for this

import re

URL_SUFFIX = "amazonaws.com"
NOTHING = re.compile(r"(?!)")


def install() -> None:
    """Replace the engine's suffix and the pattern of the URLs that it rewrites."""
    from localstack.services.cloudformation.engine.v2 import change_set_model_executor, change_set_model_preproc

    for module in (change_set_model_executor, change_set_model_preproc):
        module._AWS_URL_SUFFIX = URL_SUFFIX
        module.REGEX_OUTPUT_APIGATEWAY = NOTHING
