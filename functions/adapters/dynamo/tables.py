"""The tables as PynamoDB sees them. The infrastructure creates them with exactly these keys (cdk/stacks).

An item holds its key, the few attributes that conditions need, and the entity as JSON in `document`: a new field of an
entity needs no migration, and nothing can be half written.
"""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from functions.adapters.dynamo.alert_tables import AlertRow, BulletinRow, ReceiverRow, WatchRow
from functions.adapters.dynamo.table import ExactNumberAttribute as ExactNumberAttribute
from functions.adapters.dynamo.table import NamedRow as NamedRow
from functions.adapters.dynamo.table import Row as Row
from functions.adapters.dynamo.table import SharedConnection as SharedConnection
from functions.adapters.dynamo.table import Table as Table
from functions.adapters.dynamo.table import bind as bind
from functions.adapters.dynamo.table import connection as connection


class ServableRow(NamedRow):
    class Meta:
        table_name = "servables"


class ApplicationRow(NamedRow):
    class Meta:
        table_name = "applications"


class RevisionRow(Row):
    """What an application was asked to be. Ids are never given twice, names are."""

    class Meta:
        table_name = "application-revisions"

    application_id = NumberAttribute(hash_key=True)
    number = NumberAttribute(range_key=True)


class DeploymentRow(NamedRow):
    class Meta:
        table_name = "deployment-configurations"


class VersionById(GlobalSecondaryIndex["VersionRow"]):  # type: ignore[no-untyped-call]
    class Meta:
        index_name = "by-id"
        projection = AllProjection()

    id = NumberAttribute(hash_key=True)


class VersionRow(Row):
    class Meta:
        table_name = "models"

    name = UnicodeAttribute(hash_key=True)
    version = NumberAttribute(range_key=True)
    id = NumberAttribute()
    status = UnicodeAttribute()
    by_id = VersionById()


class UploadRow(Row):
    """`expires` (seconds since the epoch) is the table's time to live."""

    class Meta:
        table_name = "uploads"

    upload_id = UnicodeAttribute(hash_key=True)
    expires = NumberAttribute()


class KeyRow(Row):
    class Meta:
        table_name = "api-keys"

    digest = UnicodeAttribute(hash_key=True)


class QuotaRow(Table):
    """A key's bucket: when it is full again, and when it may be forgotten, in seconds since the epoch."""

    class Meta:
        table_name = "quotas"

    key = UnicodeAttribute(hash_key=True)
    full_at = NumberAttribute()
    expires = NumberAttribute()


class EventRow(Table):
    """One event of the feed (journal.py). `at` is ISO 8601; `document` is the entity, empty for a removed one."""

    class Meta:
        table_name = "events"

    feed = UnicodeAttribute(hash_key=True)
    id = NumberAttribute(range_key=True)
    type = UnicodeAttribute()
    subject = UnicodeAttribute()
    at = UnicodeAttribute()
    expires = NumberAttribute()
    document = UnicodeAttribute()


class IdempotencyRow(Table):
    """A request that was sent with a key. `busy_until` and `expires` are seconds since the epoch; `answer` is JSON and
    not there while the request is worked on."""

    class Meta:
        table_name = "idempotency"

    key = UnicodeAttribute(hash_key=True)
    owner = UnicodeAttribute()
    fingerprint = UnicodeAttribute()
    busy_until = NumberAttribute()
    expires = NumberAttribute()
    answer = UnicodeAttribute(null=True)


class CounterRow(Table):
    class Meta:
        table_name = "counters"

    name = UnicodeAttribute(hash_key=True)
    value = NumberAttribute()


class UsageRow(Table):
    """A servable's last call, as far as it was noted (usage.py). Seconds since the epoch."""

    class Meta:
        table_name = "usage"

    servable = UnicodeAttribute(hash_key=True)
    called = NumberAttribute()
    expires = NumberAttribute()


class RequestRow(Table):
    """A prediction that a worker claimed for its commit (core/ledger.py): `claimed` and `expires` in seconds since the
    epoch. `place` is the microsecond, with the version behind the point when another system told of it."""

    class Meta:
        table_name = "requests"

    request_id = UnicodeAttribute(hash_key=True)
    place = ExactNumberAttribute(range_key=True, attr_name="moment")
    commit = UnicodeAttribute()
    claimed = NumberAttribute()
    expires = NumberAttribute()
    versions = UnicodeAttribute(null=True)  # ids, with commas between them


class CommitRow(Table):
    """`status` is "published" or "aborted", for good; a commit under way has no row."""

    class Meta:
        table_name = "commits"

    commit = UnicodeAttribute(hash_key=True)
    status = UnicodeAttribute()
    expires = NumberAttribute()


class SegmentRow(Table):
    """`place` sorts by hour, then by the number of the first row."""

    class Meta:
        table_name = "segments"

    version_id = NumberAttribute(hash_key=True)
    place = UnicodeAttribute(range_key=True)
    document = UnicodeAttribute()


class BatchRow(Table):
    class Meta:
        table_name = "batches"

    version_id = NumberAttribute(hash_key=True)
    number = NumberAttribute(range_key=True)
    document = UnicodeAttribute()


class HeadRow(Table):
    """Where a version's log ends; `rows` only grows."""

    class Meta:
        table_name = "log-heads"

    version_id = NumberAttribute(hash_key=True)
    rows = NumberAttribute()
    document = UnicodeAttribute()


class LitterRow(Table):
    """Files that no segment names any more (core/log_keeping.py)."""

    class Meta:
        table_name = "log-litter"

    version_id = NumberAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)
    document = UnicodeAttribute()


class MetricSpecRow(Row):
    """`version_id` is the watched version; it has one metric of a name."""

    class Meta:
        table_name = "metric-specs"

    version_id = NumberAttribute(hash_key=True)
    name = UnicodeAttribute(range_key=True)
    id = UnicodeAttribute()


class TrainingFileRow(Row):
    """A file of a version's training data. Only one that was announced, and never came, `expires`."""

    class Meta:
        table_name = "training-files"

    version_id = NumberAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)
    expires = NumberAttribute(null=True)


TABLES: tuple[type[Table], ...] = (
    VersionRow,
    UploadRow,
    ServableRow,
    ApplicationRow,
    RevisionRow,
    DeploymentRow,
    KeyRow,
    QuotaRow,
    CounterRow,
    EventRow,
    IdempotencyRow,
    UsageRow,
    RequestRow,
    CommitRow,
    SegmentRow,
    BatchRow,
    HeadRow,
    LitterRow,
    BulletinRow,
    WatchRow,
    AlertRow,
    ReceiverRow,
    MetricSpecRow,
    TrainingFileRow,
)
