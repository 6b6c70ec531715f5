"""A metric spec checks nothing any more; then the servable stops that only it needed."""

from functions.core.metric_specs import MetricSpec
from functions.manager.delete_servable import release_servables
from functions.manager.ports import Ports


def delete_metric_spec(ports: Ports, spec_id: str, expected_revision: int | None = None) -> MetricSpec:
    """Raises NotFound, and PreconditionFailed when the revision is not the expected one."""
    spec = ports.specs.get(spec_id)
    ports.specs.delete(spec_id, expected_revision)
    release_servables(ports, [spec.servable_name])
    return spec
