"""What every stack of the platform has: a name after the environment, and the environment's account and region."""

from aws_cdk import Environment as Target
from aws_cdk import Stack
from constructs import Construct

from cdk.environments import Environment


class PlatformStack(Stack):
    """Named dewpoint-<environment>-<name>; in the AWS CLI's account and region unless the environment names others."""

    def __init__(self, scope: Construct, name: str, environment: Environment) -> None:
        super().__init__(
            scope,
            f"{environment.prefix}-{name}",
            env=Target(account=environment.account, region=environment.region),
            description=f"Dewpoint ({environment.name}): {name}",
            termination_protection=environment.keeps_data,
        )
