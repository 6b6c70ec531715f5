"""A metric spec and the servable that it names are two records. After each change the one that was left is released,
and the one that was chosen is looked for: somebody may have stopped it (share_servable.py)."""

from msgspec.structs import replace

from functions.core.errors import PreconditionFailed, Unavailable
from functions.core.metric_specs import MetricSpec
from functions.manager.delete_servable import release_servables
from functions.manager.ports import Ports
from functions.manager.share_servable import is_open, share_servable

ATTEMPTS = 20


def write_change(ports: Ports, before: MetricSpec, changed: MetricSpec) -> MetricSpec:
    """`changed` as the revision after `before`. Raises NotFound, PreconditionFailed."""
    written = replace(changed, revision=before.revision + 1)
    moved = written.servable_name != before.servable_name
    try:
        ports.specs.update(written, before.revision)
    except Exception:
        release_servables(ports, [written.servable_name] * moved)
        raise
    release_servables(ports, [before.servable_name] * moved)
    return written


def keep_servable(ports: Ports, spec: MetricSpec) -> MetricSpec:
    """`spec`, with a servable that stays as long as it does. Raises NotFound, Unavailable."""
    for _ in range(ATTEMPTS):
        if is_open(ports.servables.get_many([spec.servable_name]).get(spec.servable_name)):
            return spec
        metric = ports.models.by_id(spec.metric_version_id)
        other = share_servable(ports, metric, spec.deployment_configuration_name)
        try:
            spec = write_change(ports, spec, replace(spec, servable_name=other.name))
        except PreconditionFailed:
            spec = ports.specs.get(spec.id)
    raise Unavailable(f"metric spec {spec.id} is being changed by too many at once")
