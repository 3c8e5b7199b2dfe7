"""Edges that labels make: what Services select, budgets protect, policies isolate and monitors scrape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from refarch_lint.graph.connectivity_pods import labels_of_namespace, namespace_labels
from refarch_lint.graph.controller_labels import some_pods
from refarch_lint.graph.edge import Edge, Relation
from refarch_lint.graph.index import ResourceIndex
from refarch_lint.graph.place import Place
from refarch_lint.graph.workload_places import pod_labels
from refarch_lint.model.resource import Resource, mapping, sequence
from refarch_lint.model.selector import LabelIndex, LabelSelector, equality_selector, parse_selector
from refarch_lint.model.workload import Workload
from refarch_lint.model.written import selector_as_written

#: Kinds that select pods of their own namespace: relation, path to the selector, whether it is a plain mapping.
_POD_SELECTORS: dict[tuple[str, str], tuple[Relation, tuple[str, ...], bool]] = {
    ("", "Service"): (Relation.SELECTS, ("spec", "selector"), True),
    ("policy", "PodDisruptionBudget"): (Relation.PROTECTS, ("spec", "selector"), False),
    ("networking.k8s.io", "NetworkPolicy"): (Relation.ISOLATES, ("spec", "podSelector"), False),
    ("extensions", "NetworkPolicy"): (Relation.ISOLATES, ("spec", "podSelector"), False),
    ("cilium.io", "CiliumNetworkPolicy"): (Relation.ISOLATES, ("spec", "endpointSelector"), False),
    ("security.istio.io", "AuthorizationPolicy"): (Relation.ISOLATES, ("spec", "selector"), False),
}


def pod_selector_of(resource: Resource) -> LabelSelector | None:
    """Return the selector by which a Service, budget or NetworkPolicy picks pods; None where it has none."""
    entry = _POD_SELECTORS.get((resource.group, resource.kind))
    if entry is None:
        return None
    _, path, plain = entry
    value = selector_as_written(resource, path, resource.spec.get(path[-1]))
    if plain:
        return equality_selector(value)
    selector = parse_selector(value)
    if selector is not None and selector.is_empty and resource.api_version == "policy/v1beta1":
        return None
    return selector


def selection_edges(index: ResourceIndex) -> Iterator[Edge]:
    """Yield an edge from every selecting object to every workload whose pod template labels it matches.

    Labels of the pod template decide, never the controller's own selector (Kubernetes API reference,
    PodDisruptionBudgetSpec and ServiceSpec).
    """
    pods: dict[str, LabelIndex[Workload]] = {
        namespace: LabelIndex((workload, workload.pod_labels) for workload in workloads)
        for namespace, workloads in index.workloads_by_namespace.items()
    }
    for resource in index.resources:
        entry = _POD_SELECTORS.get((resource.group, resource.kind))
        if entry is None or resource.namespace not in pods:
            continue
        relation, path, _ = entry
        selector = pod_selector_of(resource)
        if selector is None:
            continue
        for workload in some_pods(selector, pods[resource.namespace]):
            yield Edge(relation, Place(resource, path), pod_labels(workload))
    yield from _monitor_edges(index, pods)
    yield from _collector_edges(index)


#: What the Prometheus operator's collectors pick by label: their kind, field, and what they pick.
_PICKED: dict[str, tuple[tuple[str, str], ...]] = {
    "Prometheus": (
        ("serviceMonitor", "ServiceMonitor"),
        ("podMonitor", "PodMonitor"),
        ("probe", "Probe"),
        ("scrapeConfig", "ScrapeConfig"),
        ("rule", "PrometheusRule"),
    ),
    "Alertmanager": (("alertmanagerConfig", "AlertmanagerConfig"),),
    "ThanosRuler": (("rule", "PrometheusRule"),),
}
_PROMETHEUS_OPERATOR = "monitoring.coreos.com"


def _collector_edges(index: ResourceIndex) -> Iterator[Edge]:
    """Yield an edge from each Prometheus and Alertmanager to the monitors, rules and routes that it picks.

    No selector picks nothing; no namespace selector means its own namespace (API reference, PrometheusSpec).
    """
    namespaces = namespace_labels(index.of_kind("Namespace", ""), ())
    for kind, picked in _PICKED.items():
        for collector in index.of_kind(kind, _PROMETHEUS_OPERATOR):
            for field, wanted in picked:
                selector = parse_selector(collector.spec.get(f"{field}Selector"))
                where = parse_selector(collector.spec.get(f"{field}NamespaceSelector"))
                for other in index.of_kind(wanted, _PROMETHEUS_OPERATOR) if selector is not None else ():
                    labels = labels_of_namespace(namespaces, other.namespace)
                    near = other.namespace == collector.namespace if where is None else where.matches(labels)
                    if near and selector is not None and selector.matches(other.labels):
                        place = Place(collector, ("spec", f"{field}Selector"))
                        yield Edge(Relation.SELECTS, place, Place(other, ("metadata", "labels")))


def _monitor_edges(index: ResourceIndex, pods: Mapping[str, LabelIndex[Workload]]) -> Iterator[Edge]:
    services: dict[str, list[Resource]] = {}
    for service in index.of_kind("Service", ""):
        services.setdefault(service.namespace, []).append(service)
    labelled = {
        namespace: LabelIndex((service, service.labels) for service in found) for namespace, found in services.items()
    }
    for kind in ("ServiceMonitor", "PodMonitor"):
        for monitor in index.of_kind(kind, "monitoring.coreos.com"):
            selector = parse_selector(monitor.spec.get("selector"))
            if selector is None:
                continue
            for namespace in monitored_namespaces(monitor, labelled if kind == "ServiceMonitor" else pods):
                place = Place(monitor, ("spec", "selector"))
                if kind == "ServiceMonitor" and namespace in labelled:
                    for service in labelled[namespace].matching(selector):
                        yield Edge(Relation.SCRAPES, place, Place(service, ("metadata", "labels")))
                elif kind == "PodMonitor" and namespace in pods:
                    for workload in pods[namespace].matching(selector):
                        yield Edge(Relation.SCRAPES, place, pod_labels(workload))


def monitored_namespaces(monitor: Resource, known: Mapping[str, object]) -> tuple[str, ...]:
    """Return the namespaces in which a monitor looks: its own unless `namespaceSelector` says any or names some."""
    selector = mapping(monitor.spec.get("namespaceSelector"))
    if selector.get("any") is True:
        return tuple(known)
    names = [name for name in sequence(selector.get("matchNames")) if isinstance(name, str)]
    return tuple(names) if names else (monitor.namespace,)


#: Kinds that find their pods by a selector of their own, and whether it is a plain mapping.
_SELECTING: dict[tuple[str, str], bool] = {
    ("apps", "Deployment"): False,
    ("apps", "StatefulSet"): False,
    ("apps", "DaemonSet"): False,
    ("apps", "ReplicaSet"): False,
    ("", "ReplicationController"): True,
    ("argoproj.io", "Rollout"): False,
    ("apps.openshift.io", "DeploymentConfig"): True,
}


def rivals(index: ResourceIndex) -> dict[Resource, tuple[Workload, ...]]:
    """Return, for each workload with a selector, the other ones of its namespace whose pods that selector matches.

    Controllers that own pods by selector must not overlap (Kubernetes documentation, Deployment, selector). Jobs tell
    their pods apart by themselves; what has an owner is managed by it. Two workloads that match each other are told at
    the first.
    """
    found: dict[Resource, tuple[Workload, ...]] = {}
    for workloads in index.workloads_by_namespace.values():
        candidates = [
            workload
            for workload in workloads
            if (workload.resource.group, workload.kind) in (*_SELECTING, ("", "Pod"))
            and not sequence(workload.resource.metadata.get("ownerReferences"))
        ]
        pods = LabelIndex((workload, workload.pod_labels) for workload in candidates)
        for workload in candidates:
            plain = _SELECTING.get((workload.resource.group, workload.kind))
            if plain is None:
                continue
            value = selector_as_written(workload.resource, ("spec", "selector"), workload.resource.spec.get("selector"))
            selector = equality_selector(value) if plain else parse_selector(value)
            if selector is None or selector.is_empty:
                continue
            found[workload.resource] = tuple(
                other
                for other in pods.matching(selector)
                if other.resource.id != workload.resource.id and workload not in found.get(other.resource, ())
            )
    return found
