"""A queue that cannot lose a message quietly: dead-letter queue, and alarms when one lands there or waits too long."""

from aws_cdk import Duration
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cdk.constructs.alarms import DEAD_LETTERS, Threshold, Watched, ring

MAX_MESSAGE = 1024 * 1024  # bytes; what SQS itself allows
ATTEMPTS = 5


class WorkerQueue(Construct):
    """`consumer_timeout` is the timeout of the function that will read it; `patience` how old a message may get.

    `hidden` is how long a message that was received stays hidden, six timeouts unless told otherwise.
    Without `patience` there is no alarm on age: a queue whose consumer does not exist yet would ring all day.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's own name for it
        *,
        name: str,
        alarms: sns.ITopic,
        consumer_timeout: Duration,
        patience: Duration | None,
        retention: Duration | None = None,
        hidden: Duration | None = None,
    ) -> None:
        super().__init__(scope, id)
        self.dead_letters = self._queue("DeadLetters", f"{name}-dead-letters", retention=Duration.days(14))
        self.queue = self._queue(
            "Queue",
            name,
            retention=retention or Duration.days(4),
            # a batch that is thrown back by throttling needs room: six times, as AWS advises for event sources
            visibility_timeout=hidden or Duration.seconds(6 * consumer_timeout.to_seconds()),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=ATTEMPTS),
        )
        ring(self, watched(name, self.dead_letters), DEAD_LETTERS, alarms)
        if patience:
            ring(self, watched(name, self.queue), age(patience), alarms)

    def _queue(
        self,
        id: str,  # noqa: A002
        name: str,
        *,
        retention: Duration,
        visibility_timeout: Duration | None = None,
        dead_letter_queue: sqs.DeadLetterQueue | None = None,
    ) -> sqs.Queue:
        return sqs.Queue(
            self,
            id,
            queue_name=name,
            retention_period=retention,
            visibility_timeout=visibility_timeout,
            dead_letter_queue=dead_letter_queue,
            max_message_size_bytes=MAX_MESSAGE,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
        )


def watched(name: str, queue: sqs.Queue) -> Watched:
    return Watched(name=name, namespace="AWS/SQS", dimensions={"QueueName": queue.queue_name})


def age(patience: Duration) -> Threshold:
    return Threshold(
        name="age",
        metric="ApproximateAgeOfOldestMessage",
        statistic="Maximum",
        value=patience.to_seconds(),
        minutes=1,
        means="Messages wait longer than they should: the consumer is throttled, too slow or broken.",
    )
