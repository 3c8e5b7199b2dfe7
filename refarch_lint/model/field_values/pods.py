"""Pods: scheduling, volumes against mounts, and everything that holds for all containers of a pod."""

from __future__ import annotations

from refarch_lint.model.field_values.check import (
    Check,
    Faults,
    Node,
    all_of,
    each,
    entries,
    fields,
    formatted,
    not_empty,
    one_of,
    required,
    since,
    whole_number,
)
from refarch_lint.model.field_values.common import ADDRESS, LABELLED, containers_of
from refarch_lint.model.field_values.containers import CONTAINER, EPHEMERAL_CONTAINER, INIT_CONTAINER
from refarch_lint.model.field_values.formats import dns_label, dns_subdomain, label_key, label_value
from refarch_lint.model.field_values.handlers import signals_fit_system, sleeps_end_in_time
from refarch_lint.model.field_values.lists import at_most, unique_field
from refarch_lint.model.field_values.mounts import undeclared_mounts
from refarch_lint.model.field_values.pod_annotations import annotations_fit
from refarch_lint.model.field_values.resources import POD_RESOURCES, RESOURCE_CLAIMS, RESOURCES_IN_POD
from refarch_lint.model.field_values.scheduling import SCHEDULING
from refarch_lint.model.field_values.security import POD_CONTEXT, SECURITY_IN_POD
from refarch_lint.model.field_values.volumes import VOLUMES


def _container_names(node: Node, faults: Faults) -> None:
    seen: set[str] = set()
    for container in containers_of(node):
        name = container["name"].text
        if name in seen:
            faults.append(container["name"].fault("names two containers of this pod"))
        if name is not None:
            seen.add(name)


def _host_ports(node: Node, faults: Faults) -> None:
    """Containers cannot hold one port of the node twice; on the node's network the port is the container's.

    Each init container is looked at alone, as the API server does.
    """
    shared = node["hostNetwork"].value is True
    seen: set[tuple[int, str, str]] = set()
    for key in ("containers", "initContainers"):
        for container in node[key].items():
            taken = seen if key == "containers" else set()
            for port in container["ports"].items():
                number, inside = port["hostPort"].number, port["containerPort"].number
                if not number:
                    continue
                if shared and number != inside:
                    faults.append(port["hostPort"].fault("must equal containerPort on the node's network"))
                identity = (number, port["protocol"].text or "TCP", port["hostIP"].text or "")
                if identity in taken:
                    faults.append(port["hostPort"].fault("is taken twice by this pod"))
                taken.add(identity)


_DNS_SERVERS_MAX = 3
_DNS_SEARCHES_MAX = 32
_DNS_SEARCH_LENGTH = 2048


def _search_path(text: str) -> str | None:
    """A DNS name in which underscores count as letters, with or without the dot at its end; or that dot alone."""
    return None if text == "." else dns_subdomain(text.removesuffix(".").replace("_", "a"))


def _plain_search_path(text: str) -> str | None:
    return dns_subdomain(text.removesuffix("."))


_SEARCH: Check = since("1.33", formatted(_search_path), before=formatted(_plain_search_path))


def _short_in_all(node: Node, faults: Faults) -> None:
    length = len(" ".join(item.value for item in node.items() if isinstance(item.value, str)))
    if length > _DNS_SEARCH_LENGTH:
        faults.append(node.fault(f"is {length} characters long, at most {_DNS_SEARCH_LENGTH} are allowed"))


_DNS_CONFIG: Check = fields(
    {
        "nameservers": all_of(each(ADDRESS), at_most(_DNS_SERVERS_MAX)),
        "options": each(required("name")),
        "searches": all_of(each(_SEARCH), at_most(_DNS_SEARCHES_MAX), _short_in_all),
    }
)


def _dns(node: Node, faults: Faults) -> None:
    if node["dnsPolicy"].text == "None" and not node.down("dnsConfig", "nameservers").value:
        faults.append(node["dnsConfig"].missing("nameservers", "is required where dnsPolicy is None"))


def _no_ephemeral(node: Node, faults: Faults) -> None:
    """Ephemeral containers are added to a pod that runs; no pod is created with them."""
    if node["ephemeralContainers"].value:
        faults.append(node["ephemeralContainers"].fault("is not allowed when a pod is created; use kubectl debug"))


def _gated(node: Node, faults: Faults) -> None:
    if node["nodeName"].value and node["schedulingGates"].value:
        faults.append(node["nodeName"].fault("is not allowed together with schedulingGates"))


#: The fields of a pod spec that need no other part of the object.
POD_SPEC: Check = fields(
    {
        "containers": all_of(each(CONTAINER), not_empty),
        "initContainers": each(INIT_CONTAINER),
        "ephemeralContainers": each(EPHEMERAL_CONTAINER),
        "volumes": VOLUMES,
        "restartPolicy": one_of("Always", "OnFailure", "Never"),
        "dnsPolicy": one_of("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"),
        "preemptionPolicy": one_of("Never", "PreemptLowerPriority"),
        "activeDeadlineSeconds": whole_number(1, 2**31 - 1),
        "hostname": formatted(dns_label),
        "subdomain": formatted(dns_label),
        "serviceAccountName": formatted(dns_subdomain),
        "schedulerName": formatted(dns_subdomain),
        "nodeName": formatted(dns_subdomain),
        "runtimeClassName": formatted(dns_subdomain),
        "nodeSelector": entries(formatted(label_value), label_key),
        "hostAliases": each(fields({"ip": all_of(ADDRESS, not_empty), "hostnames": each(formatted(dns_subdomain))})),
        "dnsConfig": _DNS_CONFIG,
        "securityContext": POD_CONTEXT,
        "resources": POD_RESOURCES,
        "resourceClaims": RESOURCE_CLAIMS,
        "priorityClassName": formatted(dns_subdomain),
        **SCHEDULING,
        "os": fields({"name": one_of("linux", "windows")}),
        "readinessGates": each(fields({"conditionType": formatted(label_key)})),
        "schedulingGates": each(fields({"name": formatted(label_key)}), unique_field("name")),
    },
    _container_names,
    _host_ports,
    _dns,
    _no_ephemeral,
    _gated,
    signals_fit_system,
    sleeps_end_in_time,
    *SECURITY_IN_POD,
    *RESOURCES_IN_POD,
)

#: A pod template: its metadata and its spec, mounts held against the template's own volumes.
POD_TEMPLATE: Check = fields({"metadata": LABELLED, "spec": all_of(POD_SPEC, undeclared_mounts)}, annotations_fit)
