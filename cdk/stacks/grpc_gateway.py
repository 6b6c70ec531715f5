"""The gRPC address: the gateway as a container behind a network load balancer, because API Gateway speaks no gRPC.

With a certificate the balancer is public and speaks TLS; without one it is reachable from inside the network only.
"""

from aws_cdk import CfnOutput, Duration, RemovalPolicy
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_logs as logs
from constructs import Construct

from cdk.accepted import accept
from cdk.constructs.alarms import UNHEALTHY, Watched, ring
from cdk.constructs.dashboard import GRPC_METRICS, grpc_metric
from cdk.constructs.gateway_rights import Queues, gateway_variables, grant_gateway
from cdk.environments import Environment
from cdk.stacks.data import Data
from cdk.stacks.network import ISOLATED, SERVABLE_PORT, Network, grpc_port
from cdk.stacks.platform_stack import PlatformStack
from cdk.staging import Staging

DRAIN = Duration.seconds(30)
# statuses that are not the caller's doing: what is 5xx over HTTP
FAILED = ("UNKNOWN", "INTERNAL", "UNAVAILABLE", "DEADLINE_EXCEEDED")


class GrpcGateway(PlatformStack):
    """A cluster of its own, so that the manager's rights on the servables' cluster do not reach the gateway."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        environment: Environment,
        staging: Staging,
        network: Network,
        data: Data,
        queues: Queues,
    ) -> None:
        super().__init__(scope, name, environment)
        self._environment = environment
        service = self._service(network, self._task(staging, data, queues))
        balancer = elbv2.NetworkLoadBalancer(
            self,
            "Balancer",
            load_balancer_name=f"{environment.prefix}-grpc",
            vpc=network.vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC) if network.is_public else ISOLATED,
            internet_facing=network.is_public,
            security_groups=[network.balancer],
            cross_zone_enabled=True,
        )
        group = self._listener(balancer).add_targets(
            "Gateways",
            port=SERVABLE_PORT,
            protocol=elbv2.Protocol.TCP,
            targets=[service],
            deregistration_delay=DRAIN,
            health_check=elbv2.HealthCheck(protocol=elbv2.Protocol.TCP, interval=Duration.seconds(10)),
        )
        ring(self, targets(environment.prefix, balancer, group), UNHEALTHY, data.alarms)
        accept(balancer, "It logs TLS handshakes only; the gateway itself says what was called.", "ELB2")
        port = grpc_port(environment.grpc_certificate)
        CfnOutput(self, "GrpcEndpoint", value=f"{balancer.load_balancer_dns_name}:{port}")

    def _task(self, staging: Staging, data: Data, queues: Queues) -> ecs.FargateTaskDefinition:
        environment = self._environment
        task = ecs.FargateTaskDefinition(
            self,
            "Task",
            family=f"{environment.prefix}-grpc-gateway",
            cpu=environment.grpc_cpu,
            memory_limit_mib=environment.grpc_memory,
            runtime_platform=ecs.RuntimePlatform(cpu_architecture=ecs.CpuArchitecture.X86_64),
        )
        log_group = logs.LogGroup(
            self,
            "Log",
            log_group_name=f"/dewpoint/{environment.name}/grpc-gateway",
            retention=environment.log_retention,
            removal_policy=RemovalPolicy.DESTROY,
        )
        count_calls(log_group, environment.prefix)
        task.add_container(
            "gateway",
            image=ecs.ContainerImage.from_docker_image_asset(self._image(staging)),
            environment={
                "APP_PORT": str(SERVABLE_PORT),
                "AWS_DEFAULT_REGION": self.region,
                "POWERTOOLS_SERVICE_NAME": "grpc-gateway",
                **gateway_variables(data, queues),
            },
            port_mappings=[ecs.PortMapping(container_port=SERVABLE_PORT)],
            health_check=ecs.HealthCheck(
                command=["CMD", "python", "-m", "functions.gateway.probe"],
                interval=Duration.seconds(10),
                start_period=Duration.seconds(60),
            ),
            logging=ecs.LogDriver.aws_logs(stream_prefix="gateway", log_group=log_group),
            readonly_root_filesystem=True,
            stop_timeout=DRAIN,
        )
        grant_gateway(task.task_role, data, queues)
        data.tables["api-keys"].allow(task.task_role, "GetItem")
        accept_task(task)
        return task

    def _image(self, staging: Staging) -> ecr_assets.DockerImageAsset:
        files = {f"functions/gateway/{name}": name for name in ("Dockerfile", "requirements.txt")}
        return ecr_assets.DockerImageAsset(
            self,
            "Image",
            directory=staging.code("grpc-gateway", ("functions/gateway",), files),
            build_args={"PYTHON": self._environment.functions_python},
            platform=ecr_assets.Platform.LINUX_AMD64,
        )

    def _service(self, network: Network, task: ecs.FargateTaskDefinition) -> ecs.FargateService:
        cluster = ecs.Cluster(
            self,
            "Cluster",
            cluster_name=f"{self._environment.prefix}-gateways",
            vpc=network.vpc,
            container_insights_v2=self._environment.insights,
        )
        if not self._environment.container_insights:
            accept(cluster, "Container Insights is paid by the metric; this environment does without.", "ECS4")
        return ecs.FargateService(
            self,
            "Service",
            service_name=f"{self._environment.prefix}-grpc-gateway",
            cluster=cluster,
            task_definition=task,
            desired_count=self._environment.grpc_replicas,
            vpc_subnets=ISOLATED,
            security_groups=[network.gateway],
            min_healthy_percent=100,
            max_healthy_percent=200,
            circuit_breaker=ecs.DeploymentCircuitBreaker(enable=True, rollback=True),
        )

    def _listener(self, balancer: elbv2.NetworkLoadBalancer) -> elbv2.NetworkListener:
        certificate = self._environment.grpc_certificate
        if not certificate:
            return balancer.add_listener("Grpc", port=grpc_port(None), protocol=elbv2.Protocol.TCP)
        return balancer.add_listener(
            "Grpc",
            port=grpc_port(certificate),
            protocol=elbv2.Protocol.TLS,
            certificates=[acm.Certificate.from_certificate_arn(self, "Tls", certificate)],
            ssl_policy=elbv2.SslPolicy.RECOMMENDED_TLS,
            alpn_policy=elbv2.AlpnPolicy.HTTP2_ONLY,  # gRPC clients insist that the server names h2
        )


def accept_task(task: ecs.FargateTaskDefinition) -> None:
    accept(task, "The variables are names of tables and queues, no secrets.", "ECS2")
    accept(task, "Signing in to the image registry knows no narrower resource.", "IAM5[Resource::*]")


def targets(prefix: str, balancer: elbv2.NetworkLoadBalancer, group: elbv2.NetworkTargetGroup) -> Watched:
    """The gateways as the balancer sees them."""
    dimensions = {"TargetGroup": group.target_group_full_name, "LoadBalancer": balancer.load_balancer_full_name}
    return Watched(name=f"{prefix}-grpc-gateway", namespace="AWS/NetworkELB", dimensions=dimensions)


def count_calls(log_group: logs.LogGroup, prefix: str) -> None:
    """Metrics of the gRPC door from the lines that functions/doors/access_log.py writes: AWS has none of its own."""
    call = '$.message = "called"'
    failed = " || ".join(f'$.status = "{status}"' for status in FAILED)
    for kind, pattern, value in (
        ("calls", f"{{ {call} }}", "1"),
        ("errors", f"{{ {call} && ({failed}) }}", "1"),
        ("latency", f"{{ {call} }}", "$.milliseconds"),
    ):
        log_group.add_metric_filter(
            kind.title(),
            metric_namespace=GRPC_METRICS,
            metric_name=grpc_metric(prefix, kind),
            metric_value=value,
            filter_pattern=logs.FilterPattern.literal(pattern),
        )
