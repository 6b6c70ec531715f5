"""The private network: where servables run, and the only two who may call them.

No NAT: servables run other people's code and need no internet, and what they and the gateways need of AWS comes through
endpoints. The endpoints serve this account only, so a model cannot carry data to a bucket of its own.
"""

from aws_cdk import Aws
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk.accepted import accept
from cdk.constructs.thin_function import Place
from cdk.environments import Environment
from cdk.stacks.platform_stack import PlatformStack

SERVABLE_PORT = 9091  # of a servable, and of the gRPC gateway's container
ISOLATED = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)


class Network(PlatformStack):
    """VPC in two zones, endpoints, and a security group per role in the system."""

    def __init__(self, scope: Construct, name: str, *, environment: Environment) -> None:
        super().__init__(scope, name, environment)
        self.is_public = environment.grpc_certificate is not None
        self.vpc = self._vpc(environment)
        self.balancer = self._group("Balancer", "the gRPC load balancer")
        self.gateway = self._group("Gateway", "who may call servables")
        self.servables = self._group("Servables", "model servers")
        self.endpoints = self._group("Endpoints", "AWS, from inside")
        self._add_rules(environment.grpc_certificate)
        self._add_endpoints(environment)
        accept(self.vpc, "There is no way out of it to watch, and flow logs are paid by the prediction.", "VPC7")
        accept(self.balancer, "Clients come from the whole network, or with TLS and a key from the internet.", "EC23")

    @property
    def gateway_place(self) -> Place:
        return Place(vpc=self.vpc, security_group=self.gateway)

    def _vpc(self, environment: Environment) -> ec2.Vpc:
        subnets = [
            ec2.SubnetConfiguration(name="inside", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=20),
        ]
        if self.is_public:
            subnets.append(ec2.SubnetConfiguration(name="public", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=24))
        return ec2.Vpc(
            self,
            "Vpc",
            vpc_name=environment.prefix,
            ip_addresses=ec2.IpAddresses.cidr("10.60.0.0/16"),
            max_azs=2,
            nat_gateways=0,
            subnet_configuration=subnets,
            restrict_default_security_group=False,  # would bring in a Node function to run once; nothing uses the group
        )

    def _group(self, id: str, description: str) -> ec2.SecurityGroup:  # noqa: A002
        return ec2.SecurityGroup(self, id, vpc=self.vpc, description=description, allow_all_outbound=False)

    def _add_rules(self, certificate: str | None) -> None:
        servable = ec2.Port.tcp(SERVABLE_PORT)
        callers = ec2.Peer.any_ipv4() if certificate else ec2.Peer.ipv4(self.vpc.vpc_cidr_block)
        self.balancer.add_ingress_rule(callers, ec2.Port.tcp(grpc_port(certificate)), "gRPC clients")
        self.gateway.connections.allow_from(self.balancer, servable, "gRPC calls")
        self.servables.connections.allow_from(self.gateway, servable, "predictions")
        self.endpoints.add_ingress_rule(self.gateway, ec2.Port.HTTPS, "the gateways")
        self.endpoints.add_ingress_rule(self.servables, ec2.Port.HTTPS, "image pulls and logs")
        # S3 and DynamoDB are reached by their public addresses through gateway endpoints; nothing else has a route
        for group in (self.gateway, self.servables):
            group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.HTTPS, "AWS, by way of the endpoints")

    def _add_endpoints(self, environment: Environment) -> None:
        s3 = self.vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3, subnets=[ISOLATED])
        s3.add_to_policy(this_account_only())
        s3.add_to_policy(image_layers())
        tables = ec2.GatewayVpcEndpointAwsService.DYNAMODB
        self.vpc.add_gateway_endpoint("DynamoDb", service=tables, subnets=[ISOLATED]).add_to_policy(this_account_only())
        zones = self.vpc.availability_zones[: environment.endpoint_zones]
        for name in environment.interface_endpoints:
            endpoint = self.vpc.add_interface_endpoint(
                name.replace(".", "-"),
                service=ec2.InterfaceVpcEndpointAwsService(name),
                subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, availability_zones=zones),
                security_groups=[self.endpoints],
                open=False,
            )
            if not name.startswith("ecr."):  # registries let nobody in unsigned anyway
                endpoint.add_to_policy(this_account_only())


def grpc_port(certificate: str | None) -> int:
    """443 where clients come over TLS, the reference system's 9090 inside."""
    return 443 if certificate else 9090


def this_account_only() -> iam.PolicyStatement:
    """Calls signed by this account's principals; anonymous ones and other accounts' credentials do not get through."""
    return iam.PolicyStatement(
        principals=[iam.AnyPrincipal()],
        actions=["*"],
        resources=["*"],
        conditions={"StringEquals": {"aws:PrincipalAccount": Aws.ACCOUNT_ID}},
    )


def image_layers() -> iam.PolicyStatement:
    """ECR hands out image layers from a bucket of its own.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-minimum-s3-perms
    """
    bucket = f"arn:{Aws.PARTITION}:s3:::prod-{Aws.REGION}-starport-layer-bucket/*"
    return iam.PolicyStatement(principals=[iam.AnyPrincipal()], actions=["s3:GetObject"], resources=[bucket])
