"""Which pods the scheduler keeps apart or together: affinity terms and topology spread constraints of a pod."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from refarch_lint.graph.connectivity_pods import labels_of_namespace
from refarch_lint.graph.place import Place
from refarch_lint.location import Path
from refarch_lint.model.resource import dig, mapping, sequence, text_of
from refarch_lint.model.selector import parse_selector
from refarch_lint.model.workload import Workload

HOSTNAME = "kubernetes.io/hostname"
ZONE_KEYS = frozenset({"topology.kubernetes.io/zone", "topology.kubernetes.io/region"})

#: Labels that nodes no longer carry (removed in Kubernetes 1.24 and by cloud providers since).
RETIRED_KEYS: Mapping[str, str] = {
    "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
    "beta.kubernetes.io/hostname": HOSTNAME,
}

#: Labels that nodes carry and that say nothing about where they stand.
_PROPERTY_KEYS = frozenset(
    {
        "kubernetes.io/arch",
        "kubernetes.io/os",
        "node.kubernetes.io/instance-type",
        "node-role.kubernetes.io/worker",
        "node-role.kubernetes.io/control-plane",
    }
)

Namespaces = Mapping[str, Mapping[str, str]]


class SpreadTerm(NamedTuple):
    """One wish that the replicas of a workload stand apart.

    `place` is the term itself. `selects_itself` is None where labels of a namespace outside the tree decide; `fault`
    says in words why it is False and `fault_field` which field of the term makes it so. `max_skew` is set for hard
    topology spread constraints only.
    """

    place: Place
    topology_key: str
    selects_itself: bool | None
    fault: str
    fault_field: str
    max_skew: int | None = None

    @property
    def is_known_topology(self) -> bool:
        """Whether every node of a cluster carries the label, by its own or its cloud provider's account."""
        return self.topology_key == HOSTNAME or self.topology_key in ZONE_KEYS

    @property
    def is_no_topology(self) -> bool:
        """Whether nodes that share the label's value say nothing about standing apart, or no node carries it."""
        return not self.topology_key or self.topology_key in RETIRED_KEYS or self.topology_key in _PROPERTY_KEYS


def spread_terms(workload: Workload, namespaces: Namespaces) -> tuple[SpreadTerm, ...]:
    """Return the anti-affinity terms and topology spread constraints of a workload, hard ones first, as written."""
    return (*_anti_affinity(workload, namespaces), *_constraints(workload))


def stands_with(workload: Workload, other: Workload, namespaces: Namespaces) -> bool:
    """Tell whether the pods of a workload must run on the node of another's: hard pod affinity by host name."""
    for term, _ in _terms(workload, "podAffinity", hard_only=True):
        if term.get("topologyKey") == HOSTNAME and _selects(term, workload, other, namespaces)[0] is True:
            return True
    return False


def pinned_node(workload: Workload) -> str | None:
    """Return the one node on which every pod of a workload runs, by `nodeName` or host name selector, or None."""
    for value in (workload.pod_spec.get("nodeName"), dig(workload.pod_spec, "nodeSelector", HOSTNAME)):
        if isinstance(value, str) and value:
            return value
    return None


def takes_host_port(workload: Workload) -> bool:
    """Tell whether a container takes a port of its node, so that no two replicas fit on one."""
    return any(
        isinstance(number := mapping(port).get("hostPort"), int) and number > 0
        for container in workload.containers
        if container.runs_throughout
        for port in sequence(container.data.get("ports"))
    )


def _terms(workload: Workload, kind: str, *, hard_only: bool = False) -> Iterator[tuple[dict[str, Any], Path]]:
    root = (*workload.pod_spec_path, "affinity", kind)
    affinity = mapping(dig(workload.pod_spec, "affinity", kind))
    hard = "requiredDuringSchedulingIgnoredDuringExecution"
    for index, term in enumerate(sequence(affinity.get(hard))):
        yield mapping(term), (*root, hard, index)
    soft = "preferredDuringSchedulingIgnoredDuringExecution"
    for index, item in enumerate(() if hard_only else sequence(affinity.get(soft))):
        yield mapping(mapping(item).get("podAffinityTerm")), (*root, soft, index, "podAffinityTerm")


def _anti_affinity(workload: Workload, namespaces: Namespaces) -> Iterator[SpreadTerm]:
    for term, path in _terms(workload, "podAntiAffinity"):
        selects, fault = _selects(term, workload, workload, namespaces)
        field = "namespaceSelector" if "namespaceSelector" in term else "namespaces"
        if not _matches(term, workload, workload)[0]:
            field = "labelSelector"
        yield SpreadTerm(Place(workload.resource, path), text_of(term.get("topologyKey")), selects, fault, field)


def _constraints(workload: Workload) -> Iterator[SpreadTerm]:
    for index, item in enumerate(sequence(workload.pod_spec.get("topologySpreadConstraints"))):
        term = mapping(item)
        path = (*workload.pod_spec_path, "topologySpreadConstraints", index)
        selects, fault = _matches(term, workload, workload)
        skew = term.get("maxSkew")
        hard = term.get("whenUnsatisfiable") != "ScheduleAnyway"
        max_skew = skew if hard and isinstance(skew, int) and not isinstance(skew, bool) else None
        place = Place(workload.resource, path)
        yield SpreadTerm(place, text_of(term.get("topologyKey")), selects, fault, "labelSelector", max_skew)


def _selects(
    term: dict[str, Any], source: Workload, target: Workload, namespaces: Namespaces
) -> tuple[bool | None, str]:
    """Tell whether an affinity term of `source` selects the pods of `target`, and if not why.

    No `namespaces` and no `namespaceSelector` mean the pod's own namespace, an empty selector means all of them (API
    reference, PodAffinityTerm).
    """
    matches, fault = _matches(term, source, target)
    if not matches:
        return matches, fault
    listed = [name for name in sequence(term.get("namespaces")) if isinstance(name, str)]
    selector = parse_selector(term.get("namespaceSelector"))
    if selector is None:
        found = target.namespace in (listed or [source.namespace])
    elif target.namespace in listed or selector.matches(labels_of_namespace(namespaces, target.namespace)):
        found = True
    elif target.namespace not in namespaces:
        return None, ""
    else:
        found = False
    return found, "" if found else f"does not look into namespace {target.namespace}"


def _matches(term: dict[str, Any], source: Workload, target: Workload) -> tuple[bool, str]:
    """Tell whether the label selector of a term, with its label keys, matches pods of `target`."""
    selector = parse_selector(term.get("labelSelector"))
    if selector is None:
        return False, "has no labelSelector, so it selects no pods"
    own, labels = source.pod_labels, target.pod_labels
    same = all(labels.get(key) == own[key] for key in _keys(term, "matchLabelKeys") if key in own)
    apart = any(labels.get(key) == own[key] for key in _keys(term, "mismatchLabelKeys") if key in own)
    if selector.matches(labels) and same and not apart:
        return True, ""
    return False, "does not select its own pods"


def _keys(term: dict[str, Any], field: str) -> Iterator[str]:
    return (key for key in sequence(term.get(field)) if isinstance(key, str))
