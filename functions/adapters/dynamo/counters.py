"""Numbers that nobody else gets, however many ask at once: atomic additions in DynamoDB."""

from functions.adapters.dynamo.refusal import refused
from functions.adapters.dynamo.tables import CounterRow, bind


class DynamoCounters:
    """A counter's numbers begin at 1 and are never given twice, even when what they numbered is deleted."""

    def __init__(self, prefix: str) -> None:
        self._row = bind(CounterRow, prefix)

    def next(self, name: str) -> int:
        counter = self._row(name)
        counter.update(actions=[self._row.value.add(1)])
        return int(counter.value)

    def settle(self, name: str, value: int) -> int:
        """Gives `name` the value for good; the first call wins and every call returns the winner."""
        if refused(lambda: self._row(name, value=value).save(self._row.name.does_not_exist())):
            return int(self._row.get(name, consistent_read=True).value)
        return value

    def find(self, name: str) -> int | None:
        try:
            return int(self._row.get(name, consistent_read=True).value)
        except self._row.DoesNotExist:
            return None
