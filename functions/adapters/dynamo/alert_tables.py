"""The tables of alerts, as tables.py has the others."""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from functions.adapters.dynamo.table import NamedRow, Row, Table


class BulletinRow(Table):
    """What a commit says to whoever keeps watch (core/bulletins.py); `expires` in seconds since the epoch."""

    class Meta:
        table_name = "bulletins"

    version_id = NumberAttribute(hash_key=True)
    first = NumberAttribute(range_key=True)
    document = UnicodeAttribute()
    expires = NumberAttribute()


class WatchRow(Row):
    class Meta:
        table_name = "watches"

    version_id = NumberAttribute(hash_key=True)


class AlertRow(Table):
    """An alert that is over; those that go on are in the version's watch."""

    class Meta:
        table_name = "alert-history"

    version_id = NumberAttribute(hash_key=True)
    number = NumberAttribute(range_key=True)
    document = UnicodeAttribute()
    expires = NumberAttribute()


class ReceiverRow(NamedRow):
    """`outcome` is that of the last delivery, JSON; not there before the first."""

    class Meta:
        table_name = "receivers"

    outcome = UnicodeAttribute(null=True)
