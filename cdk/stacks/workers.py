"""The queues between the gateway and those who work after the answer has gone out."""

from aws_cdk import CfnOutput, Duration
from constructs import Construct

from cdk.constructs.worker_queue import WorkerQueue
from cdk.environments import Environment
from cdk.stacks.data import Data
from cdk.stacks.platform_stack import PlatformStack

OBSERVER_TIMEOUT = Duration.seconds(60)


class Workers(PlatformStack):
    """`observations` takes one PredictionMade per prediction; monitoring will read it."""

    def __init__(self, scope: Construct, name: str, *, environment: Environment, data: Data) -> None:
        super().__init__(scope, name, environment)
        self.observations = WorkerQueue(
            self,
            "Observations",
            name=f"{environment.prefix}-observations",
            alarms=data.alarms,
            consumer_timeout=OBSERVER_TIMEOUT,
            patience=None,
            retention=Duration.hours(environment.observation_hours),
        ).queue
        CfnOutput(self, "ObservationsQueueUrl", value=self.observations.queue_url)
