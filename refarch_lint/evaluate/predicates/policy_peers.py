"""NetworkPolicies themselves: whether they select pods, and whether their peers mean whom their author meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.predicates.policy_breadth import open_to_everyone
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject, Unverifiable
from refarch_lint.graph.connectivity_pods import NAMESPACE_NAME_LABEL
from refarch_lint.graph.connectivity_rules import Direction, PodPeer, Policy, Rule
from refarch_lint.graph.controller_labels import some_pods_of
from refarch_lint.graph.place import Place
from refarch_lint.graph.workload_places import pod_labels, ports_path
from refarch_lint.location import Path, format_path
from refarch_lint.model.resource import Resource
from refarch_lint.model.selector import LabelSelector, Requirement, SelectorOperator
from refarch_lint.model.workload import Workload

#: Labels by which well-known software of other namespaces is meant: DNS, ingress controllers, monitoring.
_FOREIGN_WORDS = ("dns", "ingress", "prometheus", "grafana", "traefik", "istio")

#: Label keys by which people try to name a namespace.
_NAMING_KEYS = frozenset({"name", "namespace", "ns", "kubernetes.io/name", "kubernetes.io/namespace", "metadata.name"})

_LABELS_SET_BY_PLATFORMS = (
    "pod-security.kubernetes.io/",
    "network.openshift.io/",
    "policy-group.network.openshift.io/",
    "istio",
    "field.cattle.io/",
    "kubernetes.azure.com/",
    "olm.operatorgroup.uid/",
)


def selects_pods(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A policy selects pods of its namespace, and they declare the ports that its rules name."""
    policy = _policy(subject, context)
    beside_others = context.graph.network.faults_beside_others(subject.resource)
    for fault in beside_others:
        yield Fault(f"{subject.resource}: {format_path(fault.path)} {fault.message}", subject.place(*fault.path))
    if policy is None or policy.subject.pods.is_empty:
        if not beside_others:
            yield NotApplicable("it selects every pod of its namespace" if policy else "it is not in force")
        return
    graph, namespace = context.graph, policy.namespace
    neighbours = graph.index.workloads_by_namespace.get(namespace, ())
    workloads = graph.network.workloads_selected_by(policy) or some_pods_of(policy.subject.pods, neighbours)
    if not workloads and not _operated(policy.subject.pods, namespace, context):
        yield from _selects_nothing(policy, neighbours, context)
        return
    if not workloads:
        return
    for rule in policy.ingress or ():
        for name, path in _named_ports(policy, rule):
            if not any(port.name == name for workload in workloads for port in graph.network.pod(workload).ports):
                yield Fault(
                    f"{policy.resource} allows port {name}, which no pod that it selects declares",
                    Place(policy.resource, path),
                    tuple(
                        Note(f"the ports of {workload}", Place(workload.resource, ports_path(workload)))
                        for workload in workloads[:2]
                    ),
                )


def _policy(subject: Subject, context: RuleContext) -> Policy | None:
    return context.graph.network.policy_of(subject.resource)


def _operated(selector: LabelSelector, namespace: str, context: RuleContext) -> bool:
    return any(selector.matches(item.pod.label_mapping) for item in context.graph.operator_pods(namespace))


def _selects_nothing(policy: Policy, neighbours: tuple[Workload, ...], context: RuleContext) -> Iterator[Outcome]:
    graph, namespace = context.graph, policy.namespace
    if (maker := graph.possible_maker(policy.subject.pods, namespace)) is not None:
        yield Unverifiable(f"{policy.resource}: {maker} may make pods with the labels {policy.subject.pods}")
    elif not neighbours:
        yield Unverifiable(f"{policy.resource}: no workload of namespace {namespace} is in the tree")
    else:
        path, notes = _unmet(policy.subject.pods, neighbours, ("spec", "podSelector"))
        yield Fault(
            f"{policy.resource} selects no pods: no pod template of namespace {namespace} "
            f"has the labels {policy.subject.pods}",
            Place(policy.resource, path),
            notes,
        )


def _unmet(selector: LabelSelector, neighbours: tuple[Workload, ...], path: Path) -> tuple[Path, tuple[Note, ...]]:
    """Return the place of the one label that nobody has, else of the selector, and the labels that come nearest."""
    unmet = [item for item in selector.requirements if not any(item.matches(w.pod_labels) for w in neighbours)]
    if len(unmet) == 1 and unmet[0].operator is SelectorOperator.IN and len(unmet[0].values) == 1:
        path = (*path, "matchLabels", unmet[0].key)
    scores = [(sum(item.matches(w.pod_labels) for item in selector.requirements), w) for w in neighbours]
    best = max((score for score, _ in scores), default=0)
    nearest = next((w for score, w in scores if score == best), None) if best else None
    return path, (Note(f"the labels of {nearest}", pod_labels(nearest)),) if nearest else ()


def _named_ports(policy: Policy, rule: Rule) -> Iterator[tuple[str, Path]]:
    for index, match in enumerate(rule.ports or ()):
        if match.name:
            yield match.name, (*rule.path, "ports", index, "port")


class _PeerPlace(NamedTuple):
    direction: Direction
    rule: Rule
    path: Path
    peer: PodPeer


def _peers(policy: Policy) -> Iterator[_PeerPlace]:
    for direction in Direction:
        for rule in policy.rules(direction) or ():
            for entry in rule.peers or ():
                if isinstance(entry.peer, PodPeer):
                    yield _PeerPlace(direction, rule, entry.path, entry.peer)


def peer_exists(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """The pods that a peer names by label exist, where their namespace is in the tree."""
    policy = _policy(subject, context)
    judged = False
    for fault in context.graph.network.faults_of(subject.resource):
        if not fault.refused and "ports" in fault.path:
            judged = True
            yield Fault(f"{subject.resource}: port {fault.message}", subject.place(*fault.path))
    for item in _peers(policy) if policy is not None else ():
        assert policy is not None
        if item.peer.pods.is_empty or item.peer.pods.faults:
            continue
        namespaces = _namespaces_meant(item.peer, policy, context)
        if not namespaces:
            continue
        judged = True
        yield from _peer_without_pods(policy, item, namespaces, context)
    if not judged:
        yield NotApplicable("it names no pods of a namespace that the tree shows")


def _namespaces_meant(peer: PodPeer, policy: Policy, context: RuleContext) -> tuple[str, ...]:
    """Return the namespaces that a peer means, if all of them have workloads in the tree; none if that is not sure."""
    by_namespace = context.graph.index.workloads_by_namespace
    if peer.namespaces is None:
        return (policy.namespace,) if policy.namespace in by_namespace else ()
    names = [
        name
        for item in peer.namespaces.requirements
        if item.key == NAMESPACE_NAME_LABEL and item.operator is SelectorOperator.IN
        for name in item.values
    ]
    return tuple(names) if names and all(name in by_namespace for name in names) else ()


def _peer_without_pods(
    policy: Policy, item: _PeerPlace, namespaces: tuple[str, ...], context: RuleContext
) -> Iterator[Outcome]:
    graph = context.graph
    members = graph.network.workloads_of(graph.network.universe.peers(item.peer, policy.namespace))
    resource = policy.resource
    if members:
        for name, path in _named_ports(policy, item.rule) if item.direction is Direction.EGRESS else ():
            if not any(port.name == name for member in members for port in graph.network.pod(member).ports):
                yield Fault(
                    f"{resource} allows port {name}, which no pod of the peer declares",
                    Place(resource, path),
                    (Note(f"the ports of {members[0]}", Place(members[0].resource, ports_path(members[0]))),),
                )
        return
    if any(_operated(item.peer.pods, namespace, context) for namespace in namespaces):
        return
    if any(graph.possible_maker(item.peer.pods, namespace) is not None for namespace in namespaces):
        yield Unverifiable(f"{resource}: an operator may make pods with the labels {item.peer.pods}")
        return
    if context.run.runs("policy-peer-intended") and _is_split(policy, item, context) is not None:
        yield NotApplicable("policy-peer-intended tells")
        return
    neighbours = tuple(w for name in namespaces for w in graph.index.workloads_by_namespace[name])
    if some_pods_of(item.peer.pods, neighbours):
        return
    path, notes = _unmet(item.peer.pods, neighbours, (*item.path, "podSelector"))
    yield Fault(
        f"{resource} lets pods {item.peer.pods} of namespace {' or '.join(namespaces)} "
        f"{'in' if item.direction is Direction.INGRESS else 'be reached'}, but there are none",
        Place(resource, path),
        notes,
    )


def peer_intended(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Rules let in those who were meant: selectors that belong together stand in one item; not everyone may come."""
    policy = _policy(subject, context)
    if policy is None:
        yield NotApplicable("it is not in force")
        return
    wide = list(open_to_everyone(policy, context))
    yield from wide
    if not wide and not any(True for _ in _peers(policy)):
        yield NotApplicable("it has no peers by label")
        return
    for item in _peers(policy):
        other = _is_split(policy, item, context)
        if other is None:
            continue
        yield Fault(
            f"{policy.resource} means pods {item.peer.pods} of its own namespace, where there are none, or else every "
            "pod of the namespaces beside; two items are alternatives, so write both selectors in one",
            Place(policy.resource, (*item.path, "podSelector")),
            (Note("the namespaces are selected here", Place(policy.resource, (*other, "namespaceSelector"))),),
        )


def _is_split(policy: Policy, item: _PeerPlace, context: RuleContext) -> Path | None:
    """Return the path of the neighbouring item with which a podSelector was meant to be one, or None.

    That is so where no pod of the policy's own namespace has the labels, and the tree shows that namespace or the
    labels are those of software that runs elsewhere.
    """
    if item.peer.namespaces is not None or item.peer.pods.is_empty:
        return None
    graph = context.graph
    if graph.network.workloads_of(graph.network.universe.peers(item.peer, policy.namespace)):
        return None
    if _operated(item.peer.pods, policy.namespace, context) or graph.possible_maker(item.peer.pods, policy.namespace):
        return None
    foreign = any(word in str(item.peer.pods).lower() for word in _FOREIGN_WORDS)
    if not foreign and policy.namespace not in graph.index.workloads_by_namespace:
        return None
    entries = item.rule.peers or ()
    position = next(index for index, entry in enumerate(entries) if entry.path == item.path)
    for index in (position - 1, position + 1):
        if 0 <= index < len(entries):
            other = entries[index]
            if isinstance(other.peer, PodPeer) and other.peer.namespaces is not None and other.peer.pods.is_empty:
                return other.path
    return None


def namespace_label(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A namespaceSelector asks for labels that namespaces have: by themselves, or in the tree."""
    policy = _policy(subject, context)
    judged = False
    seen: set[tuple[Direction, Requirement]] = set()
    for item in _peers(policy) if policy is not None else ():
        for requirement in item.peer.namespaces.requirements if item.peer.namespaces is not None else ():
            if (item.direction, requirement) in seen:
                continue
            seen.add((item.direction, requirement))
            judged = True
            assert policy is not None
            yield from _label(policy.resource, item, requirement, context)
    if not judged:
        yield NotApplicable("it selects no namespaces by label")


def _label(resource: Resource, item: _PeerPlace, requirement: Requirement, context: RuleContext) -> Iterator[Outcome]:
    key, operator = requirement.key, requirement.operator
    if key == NAMESPACE_NAME_LABEL or operator in (SelectorOperator.NOT_IN, SelectorOperator.DOES_NOT_EXIST):
        return
    index = context.graph.index
    carried = context.graph.namespace_label_values.get(key, frozenset())
    is_carried = not carried.isdisjoint(requirement.values) if operator is SelectorOperator.IN else bool(carried)
    if is_carried or key.startswith(_LABELS_SET_BY_PLATFORMS):
        return
    found = (index.find("", "Namespace", "", name) for name in requirement.values)
    named = [other for other in found if other is not None]
    if key not in _NAMING_KEYS and not named:
        yield Unverifiable(f"{resource}: which namespaces have the label {requirement} is not known")
        return
    values = " or ".join(requirement.values)
    wanted = f"{NAMESPACE_NAME_LABEL}: {values}" if values else NAMESPACE_NAME_LABEL
    simple = operator is SelectorOperator.IN and len(requirement.values) == 1
    path: Path = (*item.path, "namespaceSelector", *(("matchLabels", key) if simple else ()))
    yield Fault(
        f"{resource} selects namespaces by the label {requirement}, which no namespace has by itself; use {wanted}",
        Place(resource, path),
        tuple(Note(f"{other} has no such label", Place(other, ("metadata", "name"))) for other in named[:2]),
    )
