"""A zip function: its slice's code, third-party layers, a role of its own that may write its own log and nothing else.

Whatever else it may do is granted in its stack, where a reader looks for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from cdk.accepted import accept
from cdk.constructs.layers import Layers, runtime
from cdk.environments import Environment
from cdk.staging import Staging

# Lambda makes the network interfaces of a function in a VPC with the function's role; AWS knows no narrower resource.
VPC_ACTIONS = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where in the VPC a function runs."""

    vpc: ec2.IVpc
    security_group: ec2.ISecurityGroup


class ThinFunction(Construct):
    """`name` is the function's and its log group's name, after the environment's prefix; `slice` what its zip holds."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's own name for it
        *,
        environment: Environment,
        staging: Staging,
        layers: Layers,
        layer_names: Sequence[str] = ("web",),
        name: str,
        slice: str,  # noqa: A002 - the word of the design
        handler: str,
        variables: Mapping[str, str],
        memory: int = 512,
        timeout: Duration | None = None,
        place: Place | None = None,
    ) -> None:
        super().__init__(scope, id)
        full_name = f"{environment.prefix}-{name}"
        self.role = function_role(self)
        if place:
            self.role.add_to_policy(iam.PolicyStatement(actions=VPC_ACTIONS, resources=["*"]))
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=full_name,
            code=lambda_.Code.from_asset(staging.slice(slice)),
            handler=handler,
            runtime=runtime(environment),
            layers=[layers.layer(layer) for layer in layer_names],
            environment={"POWERTOOLS_SERVICE_NAME": name, "POWERTOOLS_LOG_LEVEL": "INFO", **variables},
            memory_size=memory,
            timeout=timeout or Duration.seconds(29),
            role=self.role,
            log_group=function_log(self, full_name, environment, self.role),
            tracing=lambda_.Tracing.ACTIVE,
            vpc=place.vpc if place else None,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED) if place else None,
            security_groups=[place.security_group] if place else None,
        )
        accept(self, "The newest Python that every dependency supports; the tests run on this one.", "L1")


def function_role(function: Construct) -> iam.Role:
    """A role of the function's own, with nothing but the right to send traces, which X-Ray cannot narrow."""
    role = iam.Role(function, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    accept(role, "X-Ray knows no narrower resource; test_rights.py lists the actions.", "IAM5[Resource::*]")
    return role


def function_log(function: Construct, name: str, environment: Environment, role: iam.Role) -> logs.LogGroup:
    """The log group that Lambda would make itself, with a retention, and the right to write it."""
    group = logs.LogGroup(
        function,
        "Log",
        log_group_name=f"/aws/lambda/{name}",
        retention=environment.log_retention,
        removal_policy=RemovalPolicy.DESTROY,
    )
    group.grant_write(role)
    return group
