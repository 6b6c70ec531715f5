"""Training data: the queue of files that wait for their profile, who makes it, and who may give files."""

from aws_cdk import Aws, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cdk.accepted import accept
from cdk.constructs.gateway_rights import allow
from cdk.constructs.image_function import ImageFunction
from cdk.constructs.worker_queue import WorkerQueue
from cdk.environments import Environment
from cdk.stacks.data import Data
from cdk.staging import Staging

TIMEOUT = Duration.minutes(15)  # Lambda's own limit
HIDDEN = Duration.minutes(16)  # one message at a time and a bounded number of workers: nothing is thrown back


class TrainingData(Construct):
    """`queue` takes the wish that a file is profiled; one function profiles one file at a time, whatever its size. What
    takes longer than a function may run is sent to the queue again, with how far it came."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's own name for it
        *,
        environment: Environment,
        staging: Staging,
        data: Data,
    ) -> None:
        super().__init__(scope, id)
        queue = WorkerQueue(
            self,
            "Files",
            name=f"{environment.prefix}-training-data",
            alarms=data.alarms,
            consumer_timeout=TIMEOUT,
            hidden=HIDDEN,
            patience=Duration.hours(2),
        )
        self.queue: sqs.IQueue = queue.queue
        worker = ImageFunction(
            self,
            "Worker",
            environment=environment,
            staging=staging,
            name="sonar-training",
            slice="sonar",
            handler="functions.sonar.train_handler.handler",
            variables={
                "TABLE_PREFIX": data.table_prefix,
                "OBSERVATIONS_BUCKET": data.observations.bucket_name,
                "TRAINING_QUEUE_URL": queue.queue.queue_url,
            },
            memory=environment.sonar_memory,
            timeout=TIMEOUT,
            feeds_itself=True,
        )
        worker.function.add_event_source(
            sources.SqsEventSource(queue.queue, batch_size=1, max_concurrency=5, report_batch_item_failures=True)
        )
        grant_worker(worker.role, data, environment, queue.queue)


def training_variables(stack: Stack, queue: sqs.IQueue, environment: Environment) -> dict[str, str]:
    """What sonar's API is told of training data."""
    return {
        "TRAINING_QUEUE_URL": queue.queue_url,
        "TRAINING_BUCKETS": stack.to_json_string(list(environment.training_buckets)),
    }


def grant_worker(role: iam.Role, data: Data, environment: Environment, queue: sqs.IQueue) -> None:
    """It reads files and adds profiles, one worker after the other where a file is large."""
    data.tables["training-files"].allow(role, "GetItem", "PutItem", "Query")
    data.tables["models"].allow(role, "Query")
    allow(role, _below(data, "training-data"), "s3:GetObject")
    allow(role, [queue.queue_arn], "sqs:SendMessage")
    may_keep_profiles(role, data)
    may_read_buckets(role, environment)
    accept(role, "Each file has an object of its own below this prefix.", "IAM5[Resource::…/training-data/*]")


def may_take_training_data(role: iam.Role, data: Data, environment: Environment, queue: sqs.IQueue) -> None:
    """Sonar's API takes files, lists them, and merges profiles anew when one is taken back."""
    data.tables["training-files"].allow(role, "GetItem", "PutItem", "Query", "DeleteItem")
    allow(
        role,
        _below(data, "training-data"),
        "s3:GetObject",
        "s3:PutObject",
        "s3:PutObjectTagging",
        "s3:DeleteObject",
        "s3:DeleteObjectTagging",
    )
    allow(role, [queue.queue_arn], "sqs:SendMessage")
    may_keep_profiles(role, data)
    may_read_buckets(role, environment)
    accept(role, "Each file has an object of its own below this prefix.", "IAM5[Resource::…/training-data/*]")


def may_show_profiles(role: iam.Role, data: Data) -> None:
    """Those of production stand beside the log's files, which are not for this role."""
    allow(role, [data.observations.arn_for_objects("log/*.profile")], "s3:GetObject")
    accept(role, "It reads the profile of whichever hour is asked for.", "IAM5[Resource::…/log/*.profile]")


def may_keep_profiles(role: iam.Role, data: Data) -> None:
    allow(role, _below(data, "profiles"), "s3:GetObject", "s3:PutObject", "s3:DeleteObject")
    allow(role, [data.observations.bucket_arn], "s3:ListBucket")  # without it, what is missing is a 403
    accept(role, "Each version has profiles of its own below this prefix.", "IAM5[Resource::…/profiles/*]")


def may_read_buckets(role: iam.Role, environment: Environment) -> None:
    """Buckets of others, as the environment names them; their own policies must agree."""
    for bucket in environment.training_buckets:
        allow(role, [f"arn:{Aws.PARTITION}:s3:::{bucket}/*"], "s3:GetObject")
        allow(role, [f"arn:{Aws.PARTITION}:s3:::{bucket}"], "s3:ListBucket")
        accept(role, "The environment names this bucket for training data.", f"IAM5[Resource::…:s3:::{bucket}/*]")


def _below(data: Data, prefix: str) -> list[str]:
    return [data.observations.arn_for_objects(f"{prefix}/*")]
