"""Makes one segment of several: the file, its profile, then the exchange, which alone counts.

Whoever dies before it leaves files that nobody names, and the next run begins anew under another name. Of two who merge
the same segments one comes too late and takes its files away.
"""

import uuid
from collections.abc import Sequence

from functions.core.errors import NotFound
from functions.core.ledger import Segment
from functions.core.log_keeping import Litter, files_of
from functions.numerics.profiles.stored import Profiles, from_bytes, merge_profiles, to_bytes
from functions.sonar.ask import at_once
from functions.sonar.plan_merges import merged
from functions.sonar.ports import Ports


def merge_segments(ports: Ports, sources: Sequence[Segment]) -> bool:
    """False when somebody else changed the log first. Raises NotFound when a file is missing."""
    target = merged(sources, f"m{uuid.uuid4().hex}")
    ports.files.merge([source.key for source in sources], target.key)
    profiles = at_once(lambda source: _profile(ports, source), sources)
    ports.profiles.write(target.profile_key, to_bytes(merge_profiles(profiles)))
    if ports.keeper.replace(sources, target, litter_of(ports, sources)):
        return True
    ports.files.remove(files_of([target]))
    return False


def litter_of(ports: Ports, segments: Sequence[Segment]) -> Litter:
    now = ports.clock.now().timestamp()
    return Litter(version_id=segments[0].version_id, id=uuid.uuid4().hex, since=now, keys=files_of(segments))


def _profile(ports: Ports, segment: Segment) -> Profiles:
    stored = ports.profiles.read(segment.profile_key)
    if stored is None:
        raise NotFound(f"nothing is stored at {segment.profile_key}")
    return from_bytes(stored)
