"""ECS operations on services."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from localstack.aws.api import RequestContext

from . import mirror
from .announce import Announcer
from .requests import Lookup, Request, check_network, page, refused
from .scheduler import Scheduler
from .service import KEPT, Deployment, Service, to_api
from .state import State, service_arn

DEFAULT_PAGE = 10


class ServiceApi:
    """CreateService, UpdateService, DeleteService, DescribeServices, ListServices."""

    def __init__(self, state: State, lookup: Lookup, scheduler: Scheduler, announcer: Announcer) -> None:
        self._state = state
        self._lookup = lookup
        self._scheduler = scheduler
        self._announcer = announcer

    def table(self) -> dict[str, Callable[[RequestContext, Request], Any]]:
        """Handlers by operation."""
        return {
            "CreateService": self.create,
            "UpdateService": self.update,
            "DeleteService": self.delete,
            "DescribeServices": self.describe,
            "ListServices": self.list,
        }

    def create(self, context: RequestContext, request: Request) -> Any:
        """CreateService"""
        cluster, name = self._lookup.cluster(context, request), request["serviceName"]
        if request.get("serviceRegistries"):
            raise refused("InvalidParameterException", "serviceRegistries are not served by the local cloud.")
        if not request.get("taskDefinition"):
            raise refused("InvalidParameterException", "TaskDefinition cannot be blank.")
        definition = self._lookup.definition(context, request["taskDefinition"])
        network = request.get("networkConfiguration", {})
        check_network(definition, network)
        with self._state.lock:
            present = self._state.service(cluster, name)
            if present and present.status != "INACTIVE":
                raise refused("InvalidParameterException", "Creation of service was not idempotent.")
            service = Service(
                service_arn(cluster, name),
                cluster,
                name,
                copy.deepcopy(dict(request)),
                int(request.get("desiredCount", 1)),
                [Deployment(definition, network)],
            )
            self._state.services[service.arn] = service
            self._state.tags[service.arn] = list(request.get("tags", []))
        return self._begun(service)

    def update(self, context: RequestContext, request: Request) -> Any:
        """UpdateService: another task definition, network or the wish for it begins a new deployment."""
        service = self._active(context, request)
        definition = service.primary.definition
        if request.get("taskDefinition"):
            definition = self._lookup.definition(context, request["taskDefinition"])
        with self._state.lock:
            network = request.get("networkConfiguration", service.primary.network)
            check_network(definition, network)
            changes = {key: request[key] for key in (*KEPT, "deploymentConfiguration") if key in request}
            service.request |= copy.deepcopy(changes)
            if request.get("desiredCount") is not None:
                service.desired = int(request["desiredCount"])
            is_other = definition["taskDefinitionArn"] != service.primary.definition["taskDefinitionArn"]
            is_new = is_other or network != service.primary.network or request.get("forceNewDeployment")
            if is_new:
                service.deployments.insert(0, Deployment(definition, network))
        if is_new:
            return self._begun(service)
        mirror.put(service)
        self._scheduler.wake()
        return {"service": self._shown(service)}

    def delete(self, context: RequestContext, request: Request) -> Any:
        """DeleteService: it drains, then it is INACTIVE."""
        service = self._active(context, request)
        if service.desired > 0 and not request.get("force"):
            message = "The service cannot be stopped while it is scaled above 0."
            raise refused("InvalidParameterException", message)
        with self._state.lock:
            service.status, service.desired = "DRAINING", 0
        mirror.remove(service)
        self._scheduler.wake()
        return {"service": self._shown(service)}

    def describe(self, context: RequestContext, request: Request) -> Any:
        """DescribeServices"""
        cluster = self._lookup.cluster(context, request)
        found = {reference: self._state.service(cluster, reference) for reference in request["services"]}
        with_tags = "TAGS" in request.get("include", [])
        return {
            "services": [self._shown(service, with_tags) for service in found.values() if service],
            "failures": [
                {"arn": service_arn(cluster, reference.rpartition("/")[2]), "reason": "MISSING"}
                for reference, service in found.items()
                if not service
            ],
        }

    def list(self, context: RequestContext, request: Request) -> Any:
        """ListServices"""
        services = self._state.in_cluster(self._lookup.cluster(context, request))
        arns, more = page([service.arn for service in services], request, DEFAULT_PAGE)
        return {"serviceArns": arns, **more}

    def _active(self, context: RequestContext, request: Request) -> Service:
        service = self._state.service(self._lookup.cluster(context, request), request["service"])
        if service is None:
            raise refused("ServiceNotFoundException", "Service not found.")
        if service.status != "ACTIVE":
            raise refused("ServiceNotActiveException", "Service was not ACTIVE.")
        return service

    def _begun(self, service: Service) -> Any:
        primary = service.primary
        primary.reason = f"ECS deployment {primary.id} in progress."
        self._announcer.deployment_changed(service, primary)
        mirror.put(service)
        self._scheduler.wake()
        return {"service": self._shown(service)}

    def _shown(self, service: Service, with_tags: bool = False) -> Mapping[str, Any]:
        with self._state.lock:
            tags = {"tags": self._state.tags.get(service.arn, [])} if with_tags else {}
            return {**to_api(service, self._state.counts(service)), **tags}
