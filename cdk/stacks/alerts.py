"""Who keeps watch over the request log, and who tells of it.

Sonar's word that a log grew, and a clock, come through one queue to the watch; notices go through another one to their
receivers. Both functions are outside of the network: receivers are on the internet.
"""

from aws_cdk import CfnOutput, Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cdk.constructs.alert_rights import alert_variables, grant_delivery, grant_watch
from cdk.constructs.layers import Layers
from cdk.constructs.thin_function import ThinFunction
from cdk.constructs.worker_queue import WorkerQueue
from cdk.environments import Environment
from cdk.stacks.data import Data
from cdk.stacks.platform_stack import PlatformStack
from cdk.staging import Staging

TIMEOUT = Duration.seconds(30)
LOOK = {"type": "LookAround"}  # functions/core/messages.py
EVERY = Duration.minutes(5)
GATHERED = 5  # seconds, at most, that word of growing logs is gathered
AT_ONCE = 2  # a version's watch has one writer at a time; two suffice for all of them


class Alerts(PlatformStack):
    """`news` is where sonar says that logs grew, `topic` what subscriptions listen to, `signing_secrets` what the names
    of the secrets begin with that sign webhooks."""

    def __init__(self, scope: Construct, name: str, *, environment: Environment, staging: Staging, data: Data) -> None:
        super().__init__(scope, name, environment)
        self._environment = environment
        self._staging = staging
        self._data = data
        self._layers = Layers(self, environment=environment, staging=staging)
        self.signing_secrets = f"{environment.prefix}/webhook/"
        self.topic = sns.Topic(self, "Topic", topic_name=f"{environment.prefix}-model-alerts", enforce_ssl=True)
        watch, deliveries = self._queue("News", "alert-watch"), self._queue("Deliveries", "alert-deliveries")
        self.news: sqs.IQueue = watch.queue
        self.deliveries: sqs.IQueue = deliveries.queue
        watcher = self._function("alert-watch", "functions.alerts.handler.handler", watch, batch=100)
        grant_watch(watcher.role, data, self)
        courier = self._function("alert-delivery", "functions.alerts.delivery_handler.handler", deliveries, batch=1)
        grant_delivery(courier.role, data, self)
        self._clock(watch)
        CfnOutput(self, "AlertTopic", value=self.topic.topic_arn)
        CfnOutput(self, "SigningSecrets", value=self.signing_secrets)

    def _queue(self, id: str, name: str) -> WorkerQueue:  # noqa: A002 - the CDK's own name for it
        return WorkerQueue(
            self,
            id,
            name=f"{self._environment.prefix}-{name}",
            alarms=self._data.alarms,
            consumer_timeout=TIMEOUT,
            patience=Duration.minutes(20),  # a receiver that is away is tried for a quarter of an hour
        )

    def _function(self, name: str, handler: str, queue: WorkerQueue, *, batch: int) -> ThinFunction:
        made = ThinFunction(
            self,
            name.title().replace("-", ""),
            environment=self._environment,
            staging=self._staging,
            layers=self._layers,
            name=name,
            slice="alerts",
            handler=handler,
            variables=alert_variables(self._environment, self._data, self),
            timeout=TIMEOUT,
        )
        window = min(GATHERED, self._environment.observation_window) if batch > 1 else 0
        made.function.add_event_source(
            sources.SqsEventSource(
                queue.queue,
                batch_size=batch,
                max_batching_window=Duration.seconds(window) if window else None,
                max_concurrency=AT_ONCE,
                report_batch_item_failures=True,
            )
        )
        return made

    def _clock(self, watch: WorkerQueue) -> None:
        """Finds logs of which word was lost, and alerts that end because nothing happens any more."""
        target = targets.SqsQueue(
            watch.queue, dead_letter_queue=watch.dead_letters, message=events.RuleTargetInput.from_object(LOOK)
        )
        events.Rule(self, "Looks", schedule=events.Schedule.rate(EVERY)).add_target(target)
