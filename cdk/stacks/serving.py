"""Where models become images and images become servables, and how the platform hears of it.

The runtime images are built when the stack is deployed; a model image is built on one of them by CodeBuild.
"""

from aws_cdk import ArnFormat, CfnOutput, Duration, RemovalPolicy
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from cdk.accepted import accept
from cdk.environments import Environment
from cdk.stacks.data import Data
from cdk.stacks.network import Network
from cdk.stacks.platform_stack import PlatformStack
from cdk.staging import Staging

RUNTIMES = ("python", "sklearn", "onnx", "mlflow")


class Serving(PlatformStack):
    """The build project, the runtimes, and the cluster that the manager starts servables in."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        environment: Environment,
        staging: Staging,
        network: Network,
        data: Data,
    ) -> None:
        super().__init__(scope, name, environment)
        self._environment = environment
        self.prefix = environment.prefix
        self.package_indexes = f"{self.prefix}/package-index/"
        context = staging.unit("servable", (), {"servable": "."})
        self.runtimes = {name: self._runtime(name, context) for name in RUNTIMES}
        self.models = self._repository()
        self.build_log = self._log("BuildLog", "builds")
        self.servable_log = self._log("ServableLog", "servables")
        self.project = self._project(context, data)
        self.cluster = ecs.Cluster(
            self,
            "Cluster",
            cluster_name=f"{self.prefix}-servables",
            vpc=network.vpc,
            container_insights_v2=environment.insights,
        )
        if not environment.container_insights:
            accept(self.cluster, "Container Insights is paid by the metric; this environment does without.", "ECS4")
        self.execution_role = self._execution_role()
        CfnOutput(self, "ModelRepository", value=self.models.repository_uri)
        CfnOutput(self, "PackageIndexes", value=self.package_indexes)

    def _runtime(self, name: str, context: str) -> ecr_assets.DockerImageAsset:
        return ecr_assets.DockerImageAsset(
            self,
            f"Runtime-{name}",
            directory=context,
            file=f"runtimes/{name}/Dockerfile",
            build_args={"PYTHON": self._environment.functions_python},
            platform=ecr_assets.Platform.LINUX_AMD64,
        )

    def _repository(self) -> ecr.Repository:
        keep = self._environment.keeps_data
        repository = ecr.Repository(
            self,
            "Models",
            repository_name=f"{self.prefix}/models",
            image_scan_on_push=True,
            # a second build of a version cannot take the tag from the image that was released, which would go untagged
            image_tag_mutability=ecr.TagMutability.IMMUTABLE,
            removal_policy=RemovalPolicy.RETAIN if keep else RemovalPolicy.DESTROY,
            empty_on_delete=not keep,
        )
        repository.add_lifecycle_rule(
            tag_status=ecr.TagStatus.UNTAGGED, max_image_age=Duration.days(14), description="left by deleted versions"
        )
        return repository

    def _log(self, id: str, name: str) -> logs.LogGroup:  # noqa: A002
        return logs.LogGroup(
            self,
            id,
            log_group_name=f"/dewpoint/{self._environment.name}/{name}",
            retention=self._environment.log_retention,
            removal_policy=RemovalPolicy.DESTROY,
        )

    def _project(self, context: str, data: Data) -> codebuild.Project:
        source = s3_assets.Asset(self, "BuildSource", path=context)
        project = codebuild.Project(
            self,
            "ModelBuild",
            project_name=f"{self.prefix}-model-build",
            source=codebuild.Source.s3(bucket=source.bucket, path=source.s3_object_key),
            build_spec=codebuild.BuildSpec.from_source_filename("buildspec.yml"),
            environment=codebuild.BuildEnvironment(
                build_image=codebuild.LinuxBuildImage.STANDARD_7_0,
                compute_type=codebuild.ComputeType.SMALL,
                privileged=True,  # docker build needs it; the project is this account's and runs one version at a time
            ),
            logging=codebuild.LoggingOptions(cloud_watch=codebuild.CloudWatchLoggingOptions(log_group=self.build_log)),
            timeout=Duration.minutes(30),
            queued_timeout=Duration.hours(2),
            grant_report_group_permissions=False,
        )
        built_from = data.payloads.arn_for_objects("models/*")
        project.add_to_role_policy(iam.PolicyStatement(actions=["s3:GetObject"], resources=[built_from]))
        inferred = data.payloads.arn_for_objects("models/*/signature.json")  # nothing else may a build put there
        project.add_to_role_policy(iam.PolicyStatement(actions=["s3:PutObject"], resources=[inferred]))
        indexes = self.format_arn(
            service="secretsmanager",
            resource="secret",
            resource_name=f"{self.package_indexes}*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        project.add_to_role_policy(iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[indexes]))
        self.models.grant_pull_push(project)
        for runtime in self.runtimes.values():
            runtime.repository.grant_pull(project)
        accept_build(project)
        return project

    def _execution_role(self) -> iam.Role:
        """What ECS itself uses to start a servable. The servable has no role at all."""
        role = iam.Role(self, "Execution", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"))
        self.models.grant_pull(role)
        self.servable_log.grant_write(role)
        accept(role, "Signing in to the image registry knows no narrower resource.", "IAM5[Resource::*]")
        return role


def accept_build(project: codebuild.Project) -> None:
    accept(project, "It leaves no artifacts: images go to the registry, which encrypts them.", "CB4")
    accept(project, "Signing in to the image registry knows no narrower resource.", "IAM5[Resource::*]")
    accept(
        project,
        "The CDK's grant to read the bucket of its assets, where the build's source lies, and nothing else.",
        "IAM5[Action::s3:GetBucket*]",
        "IAM5[Action::s3:GetObject*]",
        "IAM5[Action::s3:List*]",
    )
    accept(project, "A build reads the payload of whichever model it is started for.", "IAM5[Resource::…/models/*]")
    accept(
        project,
        "A build may leave the signature that it inferred beside the payload of whichever model it is started for.",
        "IAM5[Resource::…/models/*/signature.json]",
    )
    accept(
        project,
        "A build may read the pip.conf of whichever package index its model names; secrets' names end at random.",
        "IAM5[Resource::…:secret:…/package-index/*]",
    )
    accept(project, "The streams of its own log group.", "IAM5[Resource::…:log-group:/aws/codebuild/…:*]")
