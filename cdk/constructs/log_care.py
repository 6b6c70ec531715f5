"""Those who keep the request log, and those who read it: the hourly rounds with their queue, and the rights of both."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
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

ROUND = Duration.minutes(10)  # longer than a round begins anything (functions/sonar/tend_log.py)


class LogCare(Construct):
    """An hour has passed, or somebody wants a log forgotten -> queue -> a round through the logs."""

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
        made = WorkerQueue(
            self,
            "Wishes",
            name=f"{environment.prefix}-log-care",
            alarms=data.alarms,
            consumer_timeout=ROUND,
            patience=Duration.hours(3),
        )
        self.queue: sqs.IQueue = made.queue
        hours = events.Rule(self, "Hours", schedule=events.Schedule.rate(Duration.hours(1)))
        hours.add_target(targets.SqsQueue(made.queue, dead_letter_queue=made.dead_letters))
        keeper = ImageFunction(
            self,
            "Keeper",
            environment=environment,
            staging=staging,
            name="log-care",
            slice="sonar",
            handler="functions.sonar.care_handler.handler",
            variables={"TABLE_PREFIX": data.table_prefix, "OBSERVATIONS_BUCKET": data.observations.bucket_name},
            memory=environment.sonar_memory,
            timeout=ROUND,
        )
        grant_keeper(keeper.role, data)
        # one wish at a time, and two rounds side by side at most: they only get in one another's way
        keeper.function.add_event_source(
            sources.SqsEventSource(made.queue, batch_size=1, max_concurrency=2, report_batch_item_failures=True)
        )


def grant_keeper(role: iam.Role, data: Data) -> None:
    """It exchanges segments, removes what is too old, and deletes files that nothing names."""
    tables = data.tables
    tables["models"].allow(role, "Query")
    tables["log-heads"].allow(role, "GetItem", "Scan", "PutItem", "DeleteItem")
    tables["segments"].allow(role, "Query", "PutItem", "DeleteItem")
    tables["log-litter"].allow(role, "Query", "PutItem", "DeleteItem")
    tables["batches"].allow(role, "Query", "BatchWriteItem")
    allow(role, [data.observations.arn_for_objects("log/*")], "s3:GetObject", "s3:PutObject", "s3:DeleteObject")
    allow(role, [data.observations.bucket_arn], "s3:ListBucket")
    accept(role, "It merges and deletes whichever files are due.", "IAM5[Resource::…/log/*]")


def may_read_log(role: iam.Role, data: Data, care: sqs.IQueue) -> None:
    """What monitoring over HTTP reads; Polars fetches ranges of the same objects (functions/adapters/log_reader.py)."""
    for name in ("requests", "segments", "log-litter", "batches"):
        data.tables[name].allow(role, "Query")
    data.tables["log-heads"].allow(role, "GetItem")
    allow(role, [data.observations.arn_for_objects("log/*")], "s3:GetObject")
    allow(role, [data.observations.bucket_arn], "s3:ListBucket")  # without it, what is missing is a 403
    allow(role, [care.queue_arn], "sqs:SendMessage")
    accept(role, "It reads whichever rows are asked for.", "IAM5[Resource::…/log/*]")
