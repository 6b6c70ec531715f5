"""Deployment configurations: what a servable is given to run with."""

from typing import Any

from functions.core.models import Entity
from functions.core.scaling import Scaling


class Resources(Entity, frozen=True, kw_only=True):
    """What one replica gets: vCPU (1.0 is one core) and memory in MiB."""

    cpu: float = 0.5
    memory: int = 1024


class DeploymentConfiguration(Entity, frozen=True, kw_only=True):
    """Immutable and named. `replicas` is the number of copies that are started; `resources` is what each is given, made
    from the `limits` and `requests` asked for; `autoscaling` says how their number may change. `placement` is kept as
    it was sent and has no effect on the hosts there are."""

    name: str
    resources: Resources = Resources()
    replicas: int = 1
    environment: dict[str, str] = {}
    limits: dict[str, str] = {}
    requests: dict[str, str] = {}
    autoscaling: Scaling | None = None
    placement: dict[str, Any] = {}


DEFAULT_DEPLOYMENT = DeploymentConfiguration(name="default")
