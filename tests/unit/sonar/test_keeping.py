"""Whatever happens to the log, in any order: whoever reads it sees every row that is kept once."""

import random
from collections.abc import Callable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from functions.core.log_keeping import GRACE
from functions.core.request_log import Wanted
from functions.sonar.locate_rows import rows_numbered, rows_of_batch, rows_of_request
from functions.sonar.log_parts import part_of
from functions.sonar.sample_rows import sample_rows
from functions.sonar.tend_log import tend_logs
from tests.unit.sonar.old_log import DAY, HOUR, found
from tests.unit.sonar.world import World, prediction


class Keeping(RuleBasedStateMachine):
    """Predictions, rounds, time and a reader with old segments in hand, in any order; held against a list of rows."""

    @initialize(seed=st.integers(0, 1000))
    def begin(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.world = World()
        self.world.models.update(
            replace(self.world.models.by_id(1), monitoring={"batchSize": 4, "logDays": 2}), "Released"
        )
        self.rows: list[tuple[str, float]] = []  # by number
        self.gone: set[int] = set()
        self.read: Callable[[], list[str]] | None = None
        self.read_at = 0.0

    @property
    def now(self) -> float:
        return self.world.clock.now().timestamp()

    @rule(count=st.integers(1, 5), back=st.sampled_from([0.0, 0.5, 1.0, 3.0, 30.0]))
    def observe(self, count: int, back: float) -> None:
        made = [
            prediction(f"r{len(self.rows) + n}", round(self.now - back * HOUR) + n * 600.0, x=float(n))
            for n in range(count)
        ]
        assert self.world.observe(*made) == {}
        known = len(self.rows)
        self.rows += [("", 0.0)] * count
        for spot, row in rows_numbered(self.world, self.world.models.by_id(1), known, known + count):
            self.rows[spot.number] = (row.observation.request_id, row.observation.at)
        assert sorted(name for name, _ in self.rows[known:]) == sorted(one.request_id for one in made)

    @rule(sweeps=st.booleans())
    def tend(self, sweeps: bool) -> None:
        before = {number for _, number in found(self.world)}
        cutoff = self.now - 2 * DAY
        tend_logs(self.world, sweeps=sweeps)
        lost = before - {number for _, number in found(self.world)}
        assert all(self.rows[number][1] < cutoff for number in lost)
        self.gone |= lost
        kept = {number for number in range(len(self.rows)) if self.rows[number][1] >= cutoff}
        assert not kept & self.gone

    @rule(hours=st.sampled_from([0.2, 1.0, 2.5, 20.0]))
    def wait(self, hours: float) -> None:
        self.world.clock.advance(hours * HOUR)

    @rule()
    def begin_reading(self) -> None:
        """Somebody has read the segments, and goes on to the files later."""
        version = self.world.models.by_id(1)
        part = part_of(self.world, version, Wanted())
        self.read_at = self.now
        self.expected = sorted(name for name, _ in found(self.world))
        self.read = lambda: sorted(
            row.observation.request_id for row in self.world.reader.read(part, range(len(self.rows) + 1)).values()
        )

    @precondition(lambda self: self.read is not None and self.now - self.read_at < GRACE)
    @rule()
    def end_reading(self) -> None:
        assert self.read is not None
        assert self.read() == self.expected

    @invariant()
    def every_question_is_answered_from_the_same_rows(self) -> None:
        if not hasattr(self, "rows"):
            return
        version = self.world.models.by_id(1)
        left = [(at, number, name) for number, (name, at) in enumerate(self.rows) if number not in self.gone]
        newest = [(name, number) for _, number, name in sorted(left, reverse=True)]
        assert found(self.world) == newest
        sample = sample_rows(self.world, version, Wanted(), 3, 7)
        assert len(sample) == min(3, len(left))
        if newest:
            name, number = self.chance.choice(newest)
            assert [spot.number for spot, _ in rows_of_request(self.world, name)] == [number]
        for batch in self.world.ledger.batches(1, limit=3):
            rows = {spot.number for spot, _ in rows_of_batch(self.world, version, batch.number)}
            numbers = set(range(batch.first_row, batch.first_row + batch.tally.requests))
            assert rows == numbers - self.gone


TestAnyOrder = Keeping.TestCase
TestAnyOrder.settings = settings(stateful_step_count=20)
