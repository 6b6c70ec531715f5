"""What the manager's code is told and may do, for both of its functions: the one behind HTTP and the one behind events.

Each still has a role of its own; the parts are handed out in their stacks.
"""

from typing import TYPE_CHECKING

from aws_cdk import Aws, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam

from cdk.accepted import accept

if TYPE_CHECKING:
    from cdk.stacks.data import Data
    from cdk.stacks.network import Network
    from cdk.stacks.serving import Serving


READ_LOG = "logs:FilterLogEvents"  # a page at a time, from all streams of a servable or build
READ_TAIL = "logs:GetLogEvents"  # the last lines of one stream
SCALING_ROLE = "AWSServiceRoleForApplicationAutoScaling_ECSService"


def manager_variables(stack: Stack, *, network: "Network", data: "Data", serving: "Serving") -> dict[str, str]:
    """The environment that functions/core/settings.py reads as ManagerSettings."""
    subnets = network.vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED).subnet_ids
    return {
        "TABLE_PREFIX": data.table_prefix,
        "PAYLOAD_BUCKET": data.payloads.bucket_name,
        "BUILD_PROJECT": serving.project.project_name,
        "MODEL_REPOSITORY": serving.models.repository_uri,
        "RUNTIME_IMAGES": stack.to_json_string({name: asset.image_uri for name, asset in serving.runtimes.items()}),
        "PACKAGE_INDEXES": serving.package_indexes,
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
    accept(
        role,
        "Each upload and each model version has objects of its own below these two prefixes.",
        "IAM5[Resource::…/uploads/*]",
        "IAM5[Resource::…/models/*]",
    )


def may_finish_payloads(role: iam.Role, data: "Data") -> None:
    """What a build left, and the removal of what belongs to a version that goes."""
    allow(role, [data.payloads.arn_for_objects("models/*")], "s3:GetObject", "s3:DeleteObject")
    allow(role, [data.payloads.bucket_arn], "s3:ListBucket")
    accept(
        role,
        "Each model version has objects of its own below this prefix.",
        "IAM5[Resource::…/models/*]",
    )


def may_read_builds(role: iam.Role, serving: "Serving", log: str) -> None:
    """What became of a build, and its log: `log` is READ_LOG or READ_TAIL."""
    allow(role, [serving.project.project_arn], "codebuild:BatchGetBuilds")
    allow(role, [serving.build_log.log_group_arn], log)


def may_remove_images(role: iam.Role, serving: "Serving") -> None:
    """The image of a version that goes."""
    allow(role, [serving.models.repository_arn], "ecr:BatchDeleteImage")


def may_build(role: iam.Role, serving: "Serving") -> None:
    allow(role, [serving.project.project_arn], "codebuild:StartBuild")


def may_read_servables(role: iam.Role, serving: "Serving", log: str) -> None:
    """The log of servables: `log` is READ_LOG or READ_TAIL."""
    allow(role, [serving.servable_log.log_group_arn], log)


def may_find_tasks(role: iam.Role, serving: "Serving") -> None:
    allow(role, [task_arns(serving)], "ecs:DescribeTasks")
    # without container instances the cluster is all that can be asked for
    in_cluster = {"ArnEquals": {"ecs:cluster": serving.cluster.cluster_arn}}
    role.add_to_policy(iam.PolicyStatement(actions=["ecs:ListTasks"], resources=["*"], conditions=in_cluster))
    accept(role, "Any task of the servables' own cluster: ECS names them.", "IAM5[Resource::…:task/…/*]")


def may_stop_servables(role: iam.Role, serving: "Serving") -> None:
    allow(role, [service_arns(serving)], "ecs:DescribeServices", "ecs:DeleteService")
    allow(role, ["*"], "ecs:DeregisterTaskDefinition")  # AWS knows no narrower resource for it
    may_set_targets(role, "DeregisterScalableTarget")
    accept(role, "Any service of the servables' own cluster: users name them.", "IAM5[Resource::…:service/…/*]")


def may_start_servables(role: iam.Role, serving: "Serving") -> None:
    """Services in the servables' cluster only, and no role handed on but the execution role, to ECS only."""
    arn = ecs_arn("task-definition", f"{serving.cluster.cluster_name}-*:*")
    allow(role, [service_arns(serving), arn], "ecs:TagResource")
    allow(role, [service_arns(serving)], "ecs:CreateService", "ecs:DescribeServices")
    allow(role, ["*"], "ecs:RegisterTaskDefinition")  # AWS knows no narrower resource for it
    accept(role, "Task definitions of servables only: their names begin so.", "IAM5[Resource::…:task-definition/…-*:*]")
    may_set_targets(role, "RegisterScalableTarget", "PutScalingPolicy")
    may_let_services_scale(role)
    role.add_to_policy(
        iam.PolicyStatement(
            actions=["iam:PassRole"],
            resources=[serving.execution_role.role_arn],
            conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        )
    )


def may_scale_servables(role: iam.Role, serving: "Serving") -> None:
    allow(role, [service_arns(serving)], "ecs:UpdateService")
    may_set_targets(role, "RegisterScalableTarget")
    may_let_services_scale(role)


def may_set_targets(role: iam.Role, *actions: str) -> None:
    """Application Auto Scaling names its targets itself; the conditions say of what they are."""
    statement = iam.PolicyStatement(
        actions=[f"application-autoscaling:{action}" for action in actions],
        resources=[f"arn:{Aws.PARTITION}:application-autoscaling:{Aws.REGION}:{Aws.ACCOUNT_ID}:scalable-target/*"],
        conditions={
            "StringEquals": {
                "application-autoscaling:service-namespace": "ecs",
                "application-autoscaling:scalable-dimension": "ecs:service:DesiredCount",
            }
        },
    )
    role.add_to_policy(statement)
    accept(role, "The scaling of ECS services only: see the conditions.", "IAM5[Resource::…:scalable-target/*]")


def may_let_services_scale(role: iam.Role) -> None:
    """The first target of an account makes the role with which AWS itself changes task counts."""
    principal = "ecs.application-autoscaling.amazonaws.com"
    arn = f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:role/aws-service-role/{principal}/{SCALING_ROLE}"
    made_by = {"StringEquals": {"iam:AWSServiceName": principal}}
    role.add_to_policy(
        iam.PolicyStatement(actions=["iam:CreateServiceLinkedRole"], resources=[arn], conditions=made_by)
    )


def allow(role: iam.Role, resources: list[str], *actions: str) -> None:
    role.add_to_policy(iam.PolicyStatement(actions=list(actions), resources=resources))


def service_arns(serving: "Serving") -> str:
    return ecs_arn("service", f"{serving.cluster.cluster_name}/*")


def task_arns(serving: "Serving") -> str:
    return ecs_arn("task", f"{serving.cluster.cluster_name}/*")


def ecs_arn(kind: str, name: str) -> str:
    return f"arn:{Aws.PARTITION}:ecs:{Aws.REGION}:{Aws.ACCOUNT_ID}:{kind}/{name}"
