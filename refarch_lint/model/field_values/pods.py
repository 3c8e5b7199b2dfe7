"""Pods: scheduling, volumes against mounts, and everything that holds for all containers of a pod."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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
    unique,
    whole_number,
)
from refarch_lint.model.field_values.common import (
    LABELLED,
    NODE_REQUIREMENT,
    SELECTOR,
)
from refarch_lint.model.field_values.containers import (
    CONTAINER,
    EPHEMERAL_CONTAINER,
    INIT_CONTAINER,
    PROFILE,
    RESOURCES,
    USER_ID,
)
from refarch_lint.model.field_values.formats import (
    dns_label,
    dns_subdomain,
    ip_address,
    label_key,
    label_value,
    sysctl_name,
)
from refarch_lint.model.field_values.volumes import VOLUMES

_CONTAINER_LISTS = ("containers", "initContainers", "ephemeralContainers")


def _toleration(node: Node, faults: Faults) -> None:
    operator, effect = node["operator"].text, node["effect"].text
    if not node["key"].value and isinstance(node.value, dict) and operator != "Exists":
        faults.append(node["operator"].fault("must be Exists where no key is given"))
    if operator == "Exists" and node["value"].value:
        faults.append(node["value"].fault("is not allowed with the operator Exists"))
    if node.has("tolerationSeconds") and effect != "NoExecute":
        faults.append(node["tolerationSeconds"].fault("is allowed only with the effect NoExecute"))


_TOLERATION: Check = fields(
    {
        "key": formatted(label_key),
        "operator": one_of("Exists", "Equal", "Lt", "Gt"),
        "effect": one_of("NoSchedule", "PreferNoSchedule", "NoExecute"),
    },
    _toleration,
)


def _min_domains(node: Node, faults: Faults) -> None:
    if node.has("minDomains") and node["whenUnsatisfiable"].text == "ScheduleAnyway":
        faults.append(node["minDomains"].fault("is allowed only where whenUnsatisfiable is DoNotSchedule"))
    if node["matchLabelKeys"].value and not node.has("labelSelector"):
        faults.append(node["matchLabelKeys"].fault("is allowed only with a labelSelector"))


def _spread_identity(constraint: dict[str, Any]) -> tuple[Any, Any] | None:
    key = constraint.get("topologyKey")
    return (key, constraint.get("whenUnsatisfiable")) if key else None


_SPREAD: Check = each(
    fields(
        {
            "maxSkew": whole_number(1),
            "minDomains": whole_number(1),
            "topologyKey": all_of(formatted(label_key), not_empty),
            "whenUnsatisfiable": one_of("DoNotSchedule", "ScheduleAnyway"),
            "nodeAffinityPolicy": one_of("Honor", "Ignore"),
            "nodeTaintsPolicy": one_of("Honor", "Ignore"),
            "labelSelector": SELECTOR,
        },
        _min_domains,
    ),
    unique(_spread_identity, "topologyKey", "is used twice with the same whenUnsatisfiable"),
)

_NODE_TERM: Check = fields({"matchExpressions": each(NODE_REQUIREMENT), "matchFields": each(NODE_REQUIREMENT)})
_POD_TERM: Check = fields(
    {
        "topologyKey": all_of(formatted(label_key), not_empty),
        "labelSelector": SELECTOR,
        "namespaceSelector": SELECTOR,
        "namespaces": each(formatted(dns_label)),
    }
)
_WEIGHT: Check = whole_number(1, 100)
_POD_AFFINITY: Check = fields(
    {
        "requiredDuringSchedulingIgnoredDuringExecution": each(_POD_TERM),
        "preferredDuringSchedulingIgnoredDuringExecution": each(
            fields({"weight": _WEIGHT, "podAffinityTerm": _POD_TERM})
        ),
    }
)
_AFFINITY: Check = fields(
    {
        "nodeAffinity": fields(
            {
                "requiredDuringSchedulingIgnoredDuringExecution": fields(
                    {"nodeSelectorTerms": all_of(each(_NODE_TERM), not_empty)}
                ),
                "preferredDuringSchedulingIgnoredDuringExecution": each(
                    fields({"weight": _WEIGHT, "preference": _NODE_TERM})
                ),
            }
        ),
        "podAffinity": _POD_AFFINITY,
        "podAntiAffinity": _POD_AFFINITY,
    }
)

_SECURITY_CONTEXT: Check = fields(
    {
        "fsGroup": USER_ID,
        "runAsUser": USER_ID,
        "runAsGroup": USER_ID,
        "supplementalGroups": each(USER_ID),
        "fsGroupChangePolicy": one_of("Always", "OnRootMismatch"),
        "supplementalGroupsPolicy": one_of("Merge", "Strict"),
        "seccompProfile": PROFILE,
        "appArmorProfile": PROFILE,
        "sysctls": each(fields({"name": formatted(sysctl_name)})),
    }
)


def _containers(node: Node) -> Iterator[Node]:
    for key in _CONTAINER_LISTS:
        yield from node[key].items()


def _container_names(node: Node, faults: Faults) -> None:
    seen: set[str] = set()
    for container in _containers(node):
        name = container["name"].text
        if name in seen:
            faults.append(container["name"].fault("names two containers of this pod"))
        if name is not None:
            seen.add(name)


def undeclared_mounts(node: Node, faults: Faults, claims: frozenset[str] = frozenset()) -> None:
    """Refuse mounts and devices that name no volume of the pod; `claims` are a StatefulSet's claim templates."""
    volumes = {volume["name"].value for volume in node["volumes"].items() if isinstance(volume["name"].value, str)}
    for container in _containers(node):
        for key in ("volumeMounts", "volumeDevices"):
            for mount in container[key].items():
                name = mount["name"].text
                if name is not None and name not in volumes and name not in claims:
                    faults.append(mount["name"].fault(f'is "{name}", which is no volume of this pod'))


def _host_ports(node: Node, faults: Faults) -> None:
    """Two containers cannot hold one port of the node; on the node's network the port is the container's."""
    shared = node["hostNetwork"].value is True
    seen: set[tuple[int, str, str]] = set()
    for key in ("containers", "initContainers"):
        for container in node[key].items():
            restarts = container["restartPolicy"].value == "Always"
            for port in container["ports"].items():
                number, inside = port["hostPort"].number, port["containerPort"].number
                if not number:
                    continue
                if shared and number != inside:
                    faults.append(port["hostPort"].fault("must equal containerPort on the node's network"))
                identity = (number, port["protocol"].text or "TCP", port["hostIP"].text or "")
                if key == "containers" or restarts:
                    if identity in seen:
                        faults.append(port["hostPort"].fault("is taken twice by this pod"))
                    seen.add(identity)


def _dns(node: Node, faults: Faults) -> None:
    if node["dnsPolicy"].text == "None" and not node.down("dnsConfig", "nameservers").value:
        faults.append(node["dnsConfig"].missing("nameservers", "is required where dnsPolicy is None"))


def _shared_processes(node: Node, faults: Faults) -> None:
    if node["hostPID"].value is True and node["shareProcessNamespace"].value is True:
        faults.append(node["shareProcessNamespace"].fault("is not allowed together with hostPID"))


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
        "hostAliases": each(
            fields({"ip": all_of(formatted(ip_address), not_empty), "hostnames": each(formatted(dns_subdomain))})
        ),
        "dnsConfig": fields({"nameservers": each(formatted(ip_address))}),
        "tolerations": each(_TOLERATION),
        "topologySpreadConstraints": _SPREAD,
        "affinity": _AFFINITY,
        "securityContext": _SECURITY_CONTEXT,
        "resources": RESOURCES,
        "os": fields({"name": one_of("linux", "windows")}),
        "readinessGates": each(fields({"conditionType": formatted(label_key)})),
        "schedulingGates": each(fields({"name": formatted(label_key)})),
    },
    _container_names,
    _host_ports,
    _dns,
    _shared_processes,
)

#: A pod template: its metadata and its spec, mounts held against the template's own volumes.
POD_TEMPLATE: Check = fields({"metadata": LABELLED, "spec": all_of(POD_SPEC, undeclared_mounts)})
