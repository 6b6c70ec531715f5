"""What lasts: the tables, the buckets, and the topic that all alarms go to.

Tables and buckets stay when the stack goes, in environments that keep their data.
"""

from aws_cdk import Aws, CfnOutput, Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from cdk.accepted import accept
from cdk.constructs.table import Key, Table, TableShape
from cdk.environments import Environment
from cdk.stacks.platform_stack import PlatformStack

# the contract with functions/adapters/dynamo: same names, same keys
TABLES = (
    TableShape(
        name="models",
        hash=Key(name="name"),
        range=Key(name="version", number=True),
        indexes=(("by-id", Key(name="id", number=True)),),
    ),
    TableShape(name="uploads", hash=Key(name="upload_id"), expires="expires"),
    TableShape(name="servables", hash=Key(name="name")),
    TableShape(name="applications", hash=Key(name="name")),
    TableShape(
        name="application-revisions",
        hash=Key(name="application_id", number=True),
        range=Key(name="number", number=True),
    ),
    TableShape(name="deployment-configurations", hash=Key(name="name")),
    TableShape(name="api-keys", hash=Key(name="digest")),
    TableShape(name="quotas", hash=Key(name="key"), expires="expires"),
    TableShape(name="events", hash=Key(name="feed"), range=Key(name="id", number=True), expires="expires"),
    TableShape(name="idempotency", hash=Key(name="key"), expires="expires"),
    TableShape(name="counters", hash=Key(name="name")),
    TableShape(name="usage", hash=Key(name="servable"), expires="expires"),
    TableShape(
        name="requests",
        hash=Key(name="request_id"),
        range=Key(name="moment", number=True),
        expires="expires",
    ),
    TableShape(name="commits", hash=Key(name="commit"), expires="expires"),
    TableShape(name="segments", hash=Key(name="version_id", number=True), range=Key(name="place")),
    TableShape(name="batches", hash=Key(name="version_id", number=True), range=Key(name="number", number=True)),
    TableShape(name="log-heads", hash=Key(name="version_id", number=True)),
    TableShape(name="log-litter", hash=Key(name="version_id", number=True), range=Key(name="id")),
    TableShape(
        name="training-files", hash=Key(name="version_id", number=True), range=Key(name="id"), expires="expires"
    ),
    TableShape(
        name="bulletins",
        hash=Key(name="version_id", number=True),
        range=Key(name="first", number=True),
        expires="expires",
    ),
    TableShape(name="watches", hash=Key(name="version_id", number=True)),
    TableShape(
        name="alert-history",
        hash=Key(name="version_id", number=True),
        range=Key(name="number", number=True),
        expires="expires",
    ),
    TableShape(name="receivers", hash=Key(name="name")),
    TableShape(name="metric-specs", hash=Key(name="version_id", number=True), range=Key(name="name")),
)


class Data(PlatformStack):
    """`tables` by their names without prefix; `payloads` takes models in, `observations` what SQS cannot carry,
    `exchange` what a call cannot."""

    def __init__(self, scope: Construct, name: str, *, environment: Environment) -> None:
        super().__init__(scope, name, environment)
        self._environment = environment
        self.table_prefix = environment.prefix
        self.tables = {shape.name: Table(self, shape, environment=environment) for shape in TABLES}
        self.payloads = self._bucket("Payloads")
        self.observations = self._bucket("Observations")
        # complete uploads are copied to models/; what is left here was given up
        self.payloads.add_lifecycle_rule(prefix="uploads/", expiration=Duration.days(8))
        # a message lives at most 14 days, and so does what it stands for
        self.observations.add_lifecycle_rule(prefix="claims/", expiration=Duration.days(29))
        # uploads of training data that nobody completed; an announcement is forgotten after a day
        self.observations.add_lifecycle_rule(
            prefix="training-data/", tag_filters={"dewpoint": "passing"}, expiration=Duration.days(2)
        )
        # a day is over at the next midnight after 24 hours; nobody comes back for these
        self.exchange = self._bucket("Exchange", passing=True)
        self.exchange.add_lifecycle_rule(expiration=Duration.days(1))
        self.alarms = self._topic(environment)
        CfnOutput(self, "TablePrefix", value=environment.prefix)
        CfnOutput(self, "PayloadBucket", value=self.payloads.bucket_name)
        CfnOutput(self, "AlarmTopic", value=self.alarms.topic_arn)

    def _bucket(self, id: str, *, passing: bool = False) -> s3.Bucket:  # noqa: A002
        """What is only `passing` through is not kept when the stack goes, nor in old versions."""
        keeps = self._environment.keeps_data and not passing
        bucket = s3.Bucket(
            self,
            id,
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            versioned=keeps,
            removal_policy=RemovalPolicy.RETAIN if keeps else RemovalPolicy.DESTROY,
        )
        bucket.add_lifecycle_rule(
            abort_incomplete_multipart_upload_after=Duration.days(1),
            noncurrent_version_expiration=Duration.days(30) if keeps else None,
        )
        accept(bucket, "Only this platform's roles reach it, and CloudTrail names them where that is wanted.", "S1")
        return bucket

    def _topic(self, environment: Environment) -> sns.Topic:
        topic = sns.Topic(self, "Alarms", topic_name=f"{environment.prefix}-alarms", enforce_ssl=True)
        # a policy of one's own replaces the default one, which let the account's alarms in
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            )
        )
        if environment.alarm_email:
            topic.add_subscription(subscriptions.EmailSubscription(environment.alarm_email))
        return topic
