"""Pods as network policies see them: namespace, labels and named ports; and workloads by the owner they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from refarch_lint.graph.connectivity_rules import NamedPort
from refarch_lint.graph.ports import FIRST_PORT, LAST_PORT, PROTOCOLS
from refarch_lint.model.resource import Resource, ResourceId, mapping, sequence
from refarch_lint.model.workload import Workload

#: The label that the API server sets on every namespace (since Kubernetes 1.21).
NAMESPACE_NAME_LABEL = "kubernetes.io/metadata.name"

_LONGEST_CHAIN = 8


class Pod(NamedTuple):
    """All pods that no network policy can tell apart.

    `namespace` is empty for a pod of an unknown namespace.
    """

    namespace: str
    labels: frozenset[tuple[str, str]] = frozenset()
    ports: tuple[NamedPort, ...] = ()
    host_network: bool = False

    @property
    def label_mapping(self) -> dict[str, str]:
        return dict(self.labels)


def pod_in(namespace: str, labels: Mapping[str, str] | None = None, ports: Iterable[NamedPort] = ()) -> Pod:
    """Return a pod that need not be in the input; without labels it stands for any pod of the namespace."""
    return Pod(namespace, frozenset((labels or {}).items()), tuple(sorted(set(ports))))


def pod_of(workload: Workload) -> Pod:
    """Return the pods of a workload, with the labels that the Job controller adds."""
    return Pod(
        workload.namespace,
        frozenset({**workload.pod_labels, **_added_labels(workload)}.items()),
        tuple(sorted(set(named_ports(workload)))),
        workload.host_network,
    )


def _added_labels(workload: Workload) -> dict[str, str]:
    if (workload.resource.group, workload.kind) != ("batch", "Job"):
        return {}
    return {"job-name": workload.resource.name, "batch.kubernetes.io/job-name": workload.resource.name}


def named_ports(workload: Workload) -> Iterator[NamedPort]:
    """Yield the named container ports of the containers that run throughout, native sidecars included."""
    for container in workload.containers:
        if not container.runs_throughout:
            continue
        for entry in sequence(container.data.get("ports")):
            port = named_port(mapping(entry))
            if port is not None:
                yield port


def named_port(entry: Mapping[str, Any]) -> NamedPort | None:
    """Return the named port that an entry of a container's `ports` declares, or None if it declares none."""
    name, number, protocol = entry.get("name"), entry.get("containerPort"), entry.get("protocol")
    protocol = "TCP" if protocol is None else protocol
    if not isinstance(name, str) or not name or not isinstance(protocol, str) or protocol not in PROTOCOLS:
        return None
    if not isinstance(number, int) or isinstance(number, bool) or not FIRST_PORT <= number <= LAST_PORT:
        return None
    return NamedPort(name, protocol, number)


class PodGroup(NamedTuple):
    """The workloads that belong to one top owner and so are one thing to a reader: `namespace/name[Kind]`."""

    namespace: str
    name: str
    kind: str
    workloads: tuple[Workload, ...]

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}[{self.kind}]"


def group_by_owner(workloads: Sequence[Workload], resources: Sequence[Resource]) -> tuple[PodGroup, ...]:
    """Return the workloads that run pods, grouped by their top owner, sorted by namespace, name and kind.

    Pods and ReplicaSets belong to what their owner references lead to, whether or not it is in the input; pods
    owned by a Node stand for themselves. Owned ReplicaSets without replicas have no pods and are left out.
    """
    known = {(r.kind, r.namespace, r.name): r for r in resources}
    known.update({(w.kind, w.namespace, w.resource.name): w.resource for w in workloads})
    groups: dict[tuple[str, str, str], list[Workload]] = {}
    for workload in workloads:
        if workload.kind == "PodTemplate" or _is_past_revision(workload):
            continue
        kind, name = _top_owner(workload.resource, known)
        groups.setdefault((workload.namespace, name, kind), []).append(workload)
    return tuple(
        PodGroup(namespace, name, kind, tuple(members)) for (namespace, name, kind), members in sorted(groups.items())
    )


def _is_past_revision(workload: Workload) -> bool:
    return workload.kind == "ReplicaSet" and workload.declared_replicas == 0 and _owner(workload.resource) is not None


def _top_owner(resource: Resource, known: Mapping[tuple[str, str, str], Resource]) -> tuple[str, str]:
    kind, name = resource.kind, resource.name
    current: Resource | None = resource
    for _ in range(_LONGEST_CHAIN):
        owner = _owner(current) if current else None
        if owner is None:
            break
        kind, name = owner
        current = known.get((kind, resource.namespace, name))
    return kind, name


def _owner(resource: Resource) -> tuple[str, str] | None:
    """Return kind and name of the controlling owner, else of the first; a kind left out is the object's own."""
    references = [mapping(item) for item in sequence(resource.metadata.get("ownerReferences"))]
    references.sort(key=lambda reference: reference.get("controller") is not True)
    for reference in references:
        name, kind = reference.get("name"), reference.get("kind")
        if isinstance(name, str) and name:
            kind = kind if isinstance(kind, str) and kind else resource.kind
            return None if kind == "Node" else (kind, name)
    return None


def namespace_labels(resources: Iterable[Resource], others: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return every namespace's labels by its name; outside the input only the automatic label is known."""
    found: dict[str, dict[str, str]] = {name: {} for name in others}
    for resource in resources:
        if resource.id == ResourceId("", "Namespace", "", resource.name):
            found[resource.name] = dict(resource.labels)
    for name, labels in found.items():
        if name:
            labels[NAMESPACE_NAME_LABEL] = name
    return found


def labels_of_namespace(namespaces: Mapping[str, Mapping[str, str]], name: str) -> Mapping[str, str]:
    """Return a namespace's labels; of one that is not in the input, only the automatic label is known."""
    known = namespaces.get(name)
    if known is not None:
        return known
    return {NAMESPACE_NAME_LABEL: name} if name else {}
