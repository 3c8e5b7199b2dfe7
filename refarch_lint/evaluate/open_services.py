"""Services by which requests come into the cluster, and what keeps them from everybody."""

from __future__ import annotations

from typing import Final

from refarch_lint.evaluate.roles import RoleBook
from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.model.resource import Resource, sequence

#: Types of a Service that open a port to the outside.
OPEN_TYPES: Final = ("NodePort", "LoadBalancer")

#: Annotations that keep a load balancer inside the provider's private network, with the values that do so.
INTERNAL: Final = {
    "service.beta.kubernetes.io/aws-load-balancer-internal": ("true", "0.0.0.0/0"),
    "service.beta.kubernetes.io/aws-load-balancer-scheme": ("internal",),
    "service.beta.kubernetes.io/azure-load-balancer-internal": ("true",),
    "service.beta.kubernetes.io/openstack-internal-load-balancer": ("true",),
    "service.beta.kubernetes.io/oci-load-balancer-internal": ("true",),
    "networking.gke.io/load-balancer-type": ("Internal",),
    "cloud.google.com/load-balancer-type": ("Internal",),
}

#: Traits of software that users of the application have nothing to do with.
_NOT_FOR_USERS: Final = frozenset({"datastore", "cache", "broker", "platform"})


def limits_of(service: Resource) -> str:
    """Say what keeps a Service from being open to everybody, empty where nothing does."""
    for key, values in INTERNAL.items():
        if service.annotations.get(key) in values:
            return f"if only to the private network ({key.rpartition('/')[2]})"
    ranges = [item for item in sequence(service.spec.get("loadBalancerSourceRanges")) if isinstance(item, str)]
    if ranges and not any(item.endswith("/0") for item in ranges):
        return "if only to loadBalancerSourceRanges"
    return ""


def open_services(graph: ResourceGraph, roles: RoleBook, part: RoleBook) -> tuple[Resource, ...]:
    """Return the Services of a part by which its users may come in, those with a load balancer first.

    A Service of a datastore is none, nor is one of the platform, such as a dashboard for its operators.
    """
    found = [
        service
        for service in graph.index.of_kind("Service", "")
        if service.spec.get("type") in OPEN_TYPES
        and part.holds(service)
        and any(not _NOT_FOR_USERS & roles.traits(workload.resource) for workload in graph.selected(service))
    ]
    return tuple(sorted(found, key=lambda service: service.spec.get("type") != "LoadBalancer"))
