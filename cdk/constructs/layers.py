"""The third-party layers, one set per stack.

A layer's ARN changes with its content, and a value that another stack imports cannot change: sharing one layer across
stacks would make every upgrade of a package fail. The same asset in two layer versions costs nothing.
"""

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from cdk.environments import Environment
from cdk.staging import Staging


class Layers(Construct):
    """`web` is every function's; `grpc` is for those that call servables."""

    def __init__(self, scope: Construct, *, environment: Environment, staging: Staging) -> None:
        super().__init__(scope, "Layers")
        self._runtime = runtime(environment)
        self._staging = staging

    def layer(self, name: str) -> lambda_.ILayerVersion:
        """The layer layers/<name>, made on first use."""
        made = self.node.try_find_child(name)
        if isinstance(made, lambda_.LayerVersion):
            return made
        return lambda_.LayerVersion(
            self,
            name,
            code=lambda_.Code.from_asset(self._staging.layer(name)),
            compatible_runtimes=[self._runtime],
            compatible_architectures=[lambda_.Architecture.X86_64],
        )


def runtime(environment: Environment) -> lambda_.Runtime:
    return lambda_.Runtime(f"python{environment.functions_python}", lambda_.RuntimeFamily.PYTHON)
