"""What the manager's code is told and may do, for both of its functions: the one behind HTTP and the one behind events.

Each still has a role of its own; the parts are handed out in their stacks.
"""

from typing import TYPE_CHECKING

from aws_cdk import Aws, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam

if TYPE_CHECKING:
    from cdk.stacks.data import Data
    from cdk.stacks.network import Network
    from cdk.stacks.serving import Serving


def manager_variables(stack: Stack, *, network: "Network", data: "Data", serving: "Serving") -> dict[str, str]:
    """The environment that functions/core/settings.py reads as ManagerSettings."""
    subnets = network.vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED).subnet_ids
    return {
        "TABLE_PREFIX": data.table_prefix,
        "PAYLOAD_BUCKET": data.payloads.bucket_name,
        "BUILD_PROJECT": serving.project.project_name,
        "MODEL_REPOSITORY": serving.models.repository_uri,
        "RUNTIME_IMAGES": stack.to_json_string({name: asset.image_uri for name, asset in serving.runtimes.items()}),
        "CLUSTER": serving.cluster.cluster_name,
        "SUBNETS": stack.to_json_string(subnets),
        "SECURITY_GROUPS": stack.to_json_string([network.servables.security_group_id]),
        "EXECUTION_ROLE_ARN": serving.execution_role.role_arn,
        "SERVABLE_LOG_GROUP": serving.servable_log.log_group_name,
    }


def may_keep_payloads(role: iam.Role, data: "Data") -> None:
    """Uploads and what became of them. Who may not list a bucket is told 403 for what is not there."""
    objects = [data.payloads.arn_for_objects(f"{prefix}/*") for prefix in ("uploads", "models")]
    allow(role, objects, "s3:PutObject", "s3:GetObject", "s3:DeleteObject")
    allow(role, [data.payloads.bucket_arn], "s3:ListBucket")


def may_finish_payloads(role: iam.Role, data: "Data") -> None:
    """What a build left, and the removal of what belongs to a version that goes."""
    allow(role, [data.payloads.arn_for_objects("models/*")], "s3:GetObject", "s3:DeleteObject")
    allow(role, [data.payloads.bucket_arn], "s3:ListBucket")


def may_read_builds(role: iam.Role, serving: "Serving") -> None:
    """What became of a build, and its log."""
    allow(role, [serving.project.project_arn], "codebuild:BatchGetBuilds")
    allow_log(role, serving.build_log.log_group_arn)


def may_build(role: iam.Role, serving: "Serving") -> None:
    allow(role, [serving.project.project_arn], "codebuild:StartBuild")


def may_read_servables(role: iam.Role, serving: "Serving") -> None:
    """The tasks of servables, and their log."""
    allow(role, [task_arns(serving)], "ecs:DescribeTasks")
    # without container instances the cluster is all that can be asked for
    in_cluster = {"ArnEquals": {"ecs:cluster": serving.cluster.cluster_arn}}
    role.add_to_policy(iam.PolicyStatement(actions=["ecs:ListTasks"], resources=["*"], conditions=in_cluster))
    allow_log(role, serving.servable_log.log_group_arn)


def may_stop_servables(role: iam.Role, serving: "Serving") -> None:
    allow(role, [service_arns(serving)], "ecs:DescribeServices", "ecs:DeleteService")
    allow(role, ["*"], "ecs:DeregisterTaskDefinition")  # AWS knows no narrower resource for it


def may_start_servables(role: iam.Role, serving: "Serving") -> None:
    """Services in the servables' cluster only, and no role handed on but the execution role, to ECS only."""
    arn = ecs_arn("task-definition", f"{serving.cluster.cluster_name}-*:*")
    allow(role, [service_arns(serving), arn], "ecs:TagResource")
    allow(role, [service_arns(serving)], "ecs:CreateService", "ecs:DescribeServices")
    allow(role, ["*"], "ecs:RegisterTaskDefinition")  # AWS knows no narrower resource for it
    role.add_to_policy(
        iam.PolicyStatement(
            actions=["iam:PassRole"],
            resources=[serving.execution_role.role_arn],
            conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        )
    )


def allow(role: iam.Role, resources: list[str], *actions: str) -> None:
    role.add_to_policy(iam.PolicyStatement(actions=list(actions), resources=resources))


def allow_log(role: iam.Role, log_group_arn: str) -> None:
    allow(role, [log_group_arn], "logs:GetLogEvents", "logs:FilterLogEvents")


def service_arns(serving: "Serving") -> str:
    return ecs_arn("service", f"{serving.cluster.cluster_name}/*")


def task_arns(serving: "Serving") -> str:
    return ecs_arn("task", f"{serving.cluster.cluster_name}/*")


def ecs_arn(kind: str, name: str) -> str:
    return f"arn:{Aws.PARTITION}:ecs:{Aws.REGION}:{Aws.ACCOUNT_ID}:{kind}/{name}"
