"""A function shipped as an image, for code that is too heavy for a zip; apart from that the same as a ThinFunction."""

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from cdk.constructs.thin_function import VPC_ACTIONS, Place, function_log, function_role
from cdk.environments import Environment
from cdk.staging import Staging


class ImageFunction(Construct):
    """`slice` is the folder that holds the code, its Dockerfile and its requirements; `handler` the image's command."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's own name for it
        *,
        environment: Environment,
        staging: Staging,
        name: str,
        slice: str,  # noqa: A002 - the word of the design
        handler: str,
        variables: Mapping[str, str],
        memory: int,
        timeout: Duration,
        place: Place | None = None,
        feeds_itself: bool = False,
    ) -> None:
        """`feeds_itself`: it sends to the queue that it reads, and Lambda is not to stop it for that."""
        super().__init__(scope, id)
        full_name = f"{environment.prefix}-{name}"
        self.role = function_role(self)
        if place:
            self.role.add_to_policy(iam.PolicyStatement(actions=VPC_ACTIONS, resources=["*"]))
        self.function = lambda_.DockerImageFunction(
            self,
            "Function",
            function_name=full_name,
            code=lambda_.DockerImageCode.from_image_asset(
                context(staging, slice),
                cmd=[handler],
                build_args={"PYTHON": environment.functions_python},
                platform=ecr_assets.Platform.LINUX_AMD64,
            ),
            environment={"POWERTOOLS_SERVICE_NAME": name, "POWERTOOLS_LOG_LEVEL": "INFO", **variables},
            memory_size=memory,
            timeout=timeout,
            recursive_loop=lambda_.RecursiveLoop.ALLOW if feeds_itself else None,
            role=self.role,
            log_group=function_log(self, full_name, environment, self.role),
            tracing=lambda_.Tracing.ACTIVE,
            vpc=place.vpc if place else None,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED) if place else None,
            security_groups=[place.security_group] if place else None,
        )


def context(staging: Staging, slice: str) -> str:  # noqa: A002
    """The folder that the image is built from."""
    files = {f"functions/{slice}/{name}": name for name in ("Dockerfile", "requirements.txt")}
    return staging.code(f"{slice}-image", (f"functions/{slice}", "app.py"), files)
