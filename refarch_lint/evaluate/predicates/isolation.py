"""Which pods NetworkPolicies isolate: whole namespaces by default, and single workloads that were left out."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.predicates.policy_breadth import undone
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject, Unverifiable
from refarch_lint.graph.connectivity import NetworkModel
from refarch_lint.graph.connectivity_decision import DirectionDecision
from refarch_lint.graph.connectivity_pods import pod_in
from refarch_lint.graph.connectivity_rules import Direction
from refarch_lint.graph.connectivity_universe import UNKNOWN_POD
from refarch_lint.graph.edge import Relation
from refarch_lint.graph.place import Place
from refarch_lint.model.resource import Resource

#: Namespaces of the cluster itself, whose pods are not the application's to isolate.
SYSTEM_NAMESPACES = frozenset({"kube-system", "kube-public", "kube-node-lease"})


def default_deny(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """What no policy allows is denied to every pod of a namespace, in both directions."""
    namespace = subject.namespace
    if namespace in SYSTEM_NAMESPACES:
        yield NotApplicable("a namespace of the cluster itself")
        return
    if all(workload.host_network for workload in subject.members):
        yield NotApplicable("its pods are on the host's network, which policies need not reach")
        return
    model = context.graph.network
    missing, opened = _not_denied(model, namespace)
    if not missing and not opened:
        return
    pod = pod_in(namespace)
    if doubts := model.decide(pod, pod).doubts:
        yield Unverifiable(f"namespace {namespace}: {doubts[0].reason}")
        return
    place = Place(subject.resource, ("metadata", "name"))
    if missing:
        notes = tuple(
            Note(f"{policy.resource} isolates only the pods that it selects", _selector(policy.resource))
            for policy in model.policies_in(namespace)
            if not policy.subject.pods.is_empty and any(policy.rules(item) is not None for item in missing)
        )[:3]
        yield Fault(
            f"namespace {namespace} has no default deny for {_joined(missing)}: "
            "no NetworkPolicy with an empty podSelector isolates all its pods",
            place,
            notes,
        )
    for direction, policy in opened.items():
        yield Fault(
            f"namespace {namespace} denies no {direction.value} by default: {policy} lets everything through",
            place,
            (Note("the policy that lets everything through", Place(policy, ("spec", direction.value))),),
        )


def _not_denied(model: NetworkModel, namespace: str) -> tuple[list[Direction], dict[Direction, Resource]]:
    """Return in which directions nothing isolates a whole namespace, and which policy opens what others close."""
    missing: list[Direction] = []
    opened: dict[Direction, Resource] = {}
    for direction in Direction:
        side = _side(model, namespace, direction)
        isolating = _isolating(model, namespace, direction)
        if side.ports.is_all and isolating:
            opened[direction] = side.rules[0].policy if side.rules else isolating[0]
        elif side.ports.is_all or (side.isolated and not isolating):
            missing.append(direction)
    return missing, opened


def _side(model: NetworkModel, namespace: str, direction: Direction) -> DirectionDecision:
    pod = pod_in(namespace)
    if direction is Direction.INGRESS:
        return model.decide(UNKNOWN_POD, pod).ingress
    return model.decide(pod, UNKNOWN_POD).egress


def _isolating(model: NetworkModel, namespace: str, direction: Direction) -> tuple[Resource, ...]:
    isolation = model.namespace_isolation(namespace)
    return isolation.ingress if direction is Direction.INGRESS else isolation.egress


def _joined(directions: list[Direction]) -> str:
    return " and ".join(direction.value for direction in directions)


def pod_isolated(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A policy isolates the pods of a workload in every direction in which its namespace isolates others.

    Where a namespace isolates nobody, the missing default deny is the one thing to tell, if its rule is asked too.
    """
    workload, namespace = subject.pods, subject.namespace
    model = context.graph.network
    if workload.host_network:
        yield NotApplicable("its pods are on the host's network, which policies need not reach")
        return
    isolation = model.isolation(workload)
    neighbours: dict[Direction, Resource | None] = dict(_isolating_others(namespace, context))
    if not context.run.runs("namespace-default-deny"):
        neighbours = {direction: neighbours.get(direction) for direction in Direction}
    if not neighbours:
        yield NotApplicable("no policy of its namespace isolates any pod; namespace-default-deny tells")
        return
    found = {Direction.INGRESS: isolation.ingress, Direction.EGRESS: isolation.egress}
    left_out = [direction for direction in Direction if direction in neighbours and not found[direction]]
    wide = list(undone(workload, context))
    if not left_out and not wide:
        return
    if doubts := model.decide(workload, workload).doubts:
        yield Unverifiable(f"{workload}: {doubts[0].reason}")
        return
    yield from wide
    if not left_out:
        return
    yield Fault(
        f"{workload} is isolated for neither {' nor '.join(item.value for item in left_out)}: "
        f"no NetworkPolicy of namespace {namespace} selects its pods"
        if len(left_out) == 2
        else f"{workload} is not isolated for {left_out[0].value}: "
        f"no NetworkPolicy of namespace {namespace} for {left_out[0].value} selects its pods",
        subject.place(*workload.pod_labels_path),
        tuple(
            Note(f"{policy} isolates other pods", _selector(policy))
            for policy in dict.fromkeys(neighbours[item] for item in left_out)
            if policy is not None
        ),
    )


def _isolating_others(namespace: str, context: RuleContext) -> dict[Direction, Resource]:
    """Return by direction the first policy that isolates any pod of a namespace."""
    found: dict[Direction, Resource] = {}
    for policy in context.graph.network.policies_in(namespace):
        resource = policy.resource
        if resource.kind == "NetworkPolicy" and not context.graph.selected(resource, Relation.ISOLATES):
            continue
        for direction in Direction:
            if policy.rules(direction) is not None:
                found.setdefault(direction, resource)
    return found


def _selector(policy: Resource) -> Place:
    return Place(policy, ("spec", "podSelector"))
