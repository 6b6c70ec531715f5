"""The queues between the gateway and those who work after the answer has gone out, and sonar, who does."""

from aws_cdk import CfnOutput, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cdk.accepted import accept
from cdk.constructs.gateway_rights import Queues, allow
from cdk.constructs.image_function import ImageFunction
from cdk.constructs.log_care import LogCare
from cdk.constructs.training_data import TrainingData
from cdk.constructs.worker_queue import WorkerQueue
from cdk.environments import Environment
from cdk.stacks.alerts import Alerts
from cdk.stacks.data import Data
from cdk.stacks.network import Network
from cdk.stacks.platform_stack import PlatformStack
from cdk.staging import Staging

OBSERVER_TIMEOUT = Duration.seconds(60)
LEASE = 2 * 60  # seconds: a worker older than that is dead, and its messages are still hidden


class Workers(PlatformStack):
    """The queue of observations takes one PredictionMade per prediction, and sonar records it. Through `events` it
    wakes whom it needs for that. `training` profiles files of training data."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        environment: Environment,
        staging: Staging,
        network: Network,
        data: Data,
        events: sqs.IQueue,
        alerts: Alerts,
    ) -> None:
        super().__init__(scope, name, environment)
        self._environment = environment
        queue = WorkerQueue(
            self,
            "Observations",
            name=f"{environment.prefix}-observations",
            alarms=data.alarms,
            consumer_timeout=OBSERVER_TIMEOUT,
            patience=Duration.minutes(15),
            retention=Duration.hours(environment.observation_hours),
        )
        observer = self._observer(staging, network, data, queue, events, alerts.news)
        grant_observer(observer.role, data, queue)
        may_wake(observer.role, data, events)
        allow(observer.role, [alerts.news.queue_arn], "sqs:SendMessage")
        self.training = TrainingData(self, "TrainingData", environment=environment, staging=staging, data=data)
        care = LogCare(self, "LogCare", environment=environment, staging=staging, data=data)
        self.queues = Queues(
            observations=queue.queue, events=events, dead_observations=queue.dead_letters, care=care.queue
        )
        CfnOutput(self, "ObservationsQueueUrl", value=queue.queue.queue_url)

    def _observer(
        self, staging: Staging, network: Network, data: Data, queue: WorkerQueue, events: sqs.IQueue, news: sqs.IQueue
    ) -> ImageFunction:
        """In the network, because it calls shadows and metric models."""
        made = ImageFunction(
            self,
            "Sonar",
            environment=self._environment,
            staging=staging,
            name="sonar",
            slice="sonar",
            handler="functions.sonar.handler.handler",
            variables={
                "TABLE_PREFIX": data.table_prefix,
                "OBSERVATIONS_BUCKET": data.observations.bucket_name,
                "DEAD_LETTERS_URL": queue.dead_letters.queue_url,
                "ALERTS_QUEUE_URL": news.queue_url,
                "LEASE": str(LEASE),
                "OBSERVATIONS_QUEUE_URL": queue.queue.queue_url,
                "EVENTS_QUEUE_URL": events.queue_url,
            },
            memory=self._environment.sonar_memory,
            timeout=OBSERVER_TIMEOUT,
            place=network.gateway_place,
        )
        made.function.add_event_source(
            sources.SqsEventSource(
                queue.queue,
                batch_size=self._environment.observation_batch,
                max_batching_window=Duration.seconds(self._environment.observation_window),
                max_concurrency=10,
                report_batch_item_failures=True,
            )
        )
        return made


def grant_observer(role: iam.Role, data: Data, queue: WorkerQueue) -> None:
    """It reads what is watched and by what, and adds to the request log."""
    tables = data.tables
    for name in ("requests", "commits", "log-heads"):
        tables[name].allow(role, "GetItem", "PutItem")
    for name in ("segments", "batches", "bulletins"):
        tables[name].allow(role, "PutItem")
    tables["models"].allow(role, "Query")
    tables["servables"].allow(role, "BatchGetItem")
    tables["metric-specs"].allow(role, "Query")
    allow(role, [data.observations.arn_for_objects("log/*")], "s3:PutObject")
    allow(role, [data.observations.arn_for_objects(f"{place}/*") for place in ("claims", "profiles")], "s3:GetObject")
    allow(role, [data.observations.bucket_arn], "s3:ListBucket")  # without it, what is missing is a 403
    allow(role, [queue.dead_letters.queue_arn], "sqs:SendMessage")
    accept(role, "It writes new objects, whose names nobody knows before.", "IAM5[Resource::…/log/*]")
    accept(role, "It reads whichever message was too large for the queue.", "IAM5[Resource::…/claims/*]")
    accept(role, "It reads what the training data of whichever version say.", "IAM5[Resource::…/profiles/*]")


def may_wake(role: iam.Role, data: Data, events: sqs.IQueue) -> None:
    """Metric models and shadows that sleep, and whose calls it notes."""
    data.tables["usage"].allow(role, "UpdateItem")
    allow(role, [events.queue_arn], "sqs:SendMessage")
