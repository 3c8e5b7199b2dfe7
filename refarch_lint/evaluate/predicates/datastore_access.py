"""Datastores and the network: closed to those who have no business there, open to the backups that save them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.predicates.flow_wording import connection, denied_sides, labels_of
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject, Unverifiable
from refarch_lint.graph.admission import Admission, admissions
from refarch_lint.graph.connectivity_pods import Pod
from refarch_lint.graph.connectivity_universe import UNKNOWN_POD
from refarch_lint.graph.flows import FlowVerdict, NeededFlow
from refarch_lint.graph.operator_pods import writes_own_policies
from refarch_lint.graph.place import Place
from refarch_lint.graph.traffic import NeedStatus
from refarch_lint.graph.workload_places import pod_labels
from refarch_lint.listing import listed
from refarch_lint.model.resource import Resource, dig, mapping, sequence
from refarch_lint.model.workload import Workload
from refarch_lint.severity import Severity

#: What makes a resource a store of data that only its clients may reach.
STORES = frozenset({"datastore", "cache"})

_METRICS = ("metrics", "exporter", "prometheus", "monitoring")
_NAMES_SHOWN = 3


def closed(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Only workloads that need a datastore can reach the ports on which it serves data."""
    resource, graph = subject.resource, context.graph
    if not STORES & context.roles.traits(resource):
        yield NotApplicable("it keeps no data")
        return
    workload = graph.workload(resource)
    pods = [item.pod for item in graph.operator_pods(resource.namespace) if item.resource is resource]
    pods = [graph.network.pod(workload)] if workload is not None else pods
    if not pods or (workload is not None and (workload.host_network or workload.runs_to_completion)):
        yield NotApplicable("it runs no pods that policies reach")
        return
    if (resource.group, resource.kind) == ("kafka.strimzi.io", "Kafka"):
        yield from _open_listeners(resource)
        return
    if writes_own_policies(resource):
        yield Unverifiable(f"the operator writes NetworkPolicies of its own for {resource}")
        return
    ports = _data_ports(resource, workload, context)
    if not ports:
        yield Unverifiable(f"on which ports {resource} serves its data is not known")
        return
    pod = pods[0]
    decision = graph.network.decide(UNKNOWN_POD, pod, ports[0])
    if decision.doubts:
        yield Unverifiable(f"{resource}: {decision.doubts[0].reason}")
    elif decision.allowed and not decision.ingress.isolated:
        yield Fault(
            f"{resource} is open to every pod on {_shown(ports)}: no NetworkPolicy isolates it for ingress",
            Place(resource, ("metadata", "name")),
        )
    else:
        yield from _too_wide(resource, pod, ports, context)


def _open_listeners(kafka: Resource) -> Iterator[Outcome]:
    """Yield the listeners that the operator's own NetworkPolicy opens to everybody (Strimzi, networkPolicyPeers)."""
    for index, item in enumerate(sequence(dig(kafka.spec, "kafka", "listeners"))):
        listener = mapping(item)
        if listener.get("networkPolicyPeers") is None:
            yield Fault(
                f"{kafka} is open to every pod on TCP {listener.get('port')}: the operator's own NetworkPolicy lets "
                f"everybody reach listener {listener.get('name')}, which names no networkPolicyPeers",
                Place(kafka, ("spec", "kafka", "listeners", index, "name")),
            )


def _data_ports(resource: Resource, workload: Workload | None, context: RuleContext) -> tuple[int, ...]:
    """Return the ports on which data is served: those of the software that are declared, else what clients dial."""
    component = context.roles.component(resource)
    usual = component.ports if component is not None else ()
    declared = tuple(_declared_ports(workload)) if workload is not None else usual
    dialled = tuple(flow.port for flow in context.graph.flows.by_destination.get(resource, ()) if flow.port is not None)
    found = [port for port in usual if port in declared or port in dialled]
    if not found:
        scraped = {flow.port for flow in context.graph.flows.by_destination.get(resource, ()) if flow.kind == "scrape"}
        found = [port for port in dialled if port not in scraped] or list(declared) or list(usual)
    return tuple(sorted(dict.fromkeys(found)))


def _declared_ports(workload: Workload) -> Iterator[int]:
    for container in workload.containers:
        if not container.runs_throughout or any(word in container.name for word in _METRICS):
            continue
        for entry in sequence(container.data.get("ports")):
            number, name = mapping(entry).get("containerPort"), mapping(entry).get("name")
            is_metrics = isinstance(name, str) and any(word in name for word in _METRICS)
            if isinstance(number, int) and not isinstance(number, bool) and not is_metrics:
                yield number


def _shown(ports: Sequence[int]) -> str:
    return f"TCP {', '.join(str(port) for port in ports)}"


def _too_wide(resource: Resource, pod: Pod, ports: tuple[int, ...], context: RuleContext) -> Iterator[Outcome]:
    clients = {
        flow.source.resource for flow in context.graph.flows.by_destination.get(resource, ()) if flow.source.resource
    }
    clients |= {flow.asked_by for flow in context.graph.flows.by_destination.get(resource, ())} | {resource}
    ways: dict[Place, tuple[Admission, list[int]]] = {}
    for port in ports:
        for admission in admissions(context.graph, pod, port):
            ways.setdefault(admission.place, (admission, []))[1].append(port)
    for admission, open_ports in ways.values():
        strangers = [
            member
            for member in admission.members
            if member.resource not in clients
            and not _may_be_client(member, admission, context)
            and context.graph.network.decide(member, pod, open_ports[0]).allowed
        ]
        if admission.everyone or strangers:
            yield _wide(resource, admission, open_ports, strangers, context)


def _may_be_client(workload: Workload, admission: Admission, context: RuleContext) -> bool:
    """Tell whether a workload may need the datastore although nothing that can be read says so.

    A rule that names a workload is taken at its word unless everything that the workload needs is known.
    """
    needs = context.graph.needs_by_source.get(workload.resource, ())
    if any(need.status is NeedStatus.UNVERIFIABLE for need in needs):
        return True
    return admission.by_label and not needs


def _wide(
    resource: Resource,
    admission: Admission,
    ports: Sequence[int],
    strangers: Sequence[Workload],
    context: RuleContext,
) -> Fault:
    policy = admission.place.resource
    who = f", such as {listed(strangers)}" if strangers else ""
    notes = [Note(f"the rule lets {admission.whom} reach it", Place(resource, ("metadata", "name")))]
    notes += [Note(f"{other} has no flow to it", pod_labels(other)) for other in strangers[:_NAMES_SHOWN]]
    return Fault(
        f"{resource} can be reached on {_shown(ports)} by those that have no flow to it{who}: "
        f"{policy} lets in {admission.whom}",
        admission.place,
        tuple(notes),
        Severity.WARNING if admission.by_label else None,
    )


def backup_reaches(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """The datastores that a backup names exist, and the network policies let it reach them."""
    resource = subject.resource
    if resource not in context.run.backup_jobs:
        yield NotApplicable("it is no backup")
        return
    needs = [
        need
        for need in context.graph.needs_by_source.get(resource, ())
        if need.status in (NeedStatus.MISSING_SERVICE, NeedStatus.MISSING_PORT)
    ]
    flows = [
        flow
        for flow in context.graph.flows.by_source.get(resource, ())
        if flow.destination.resource is not None and STORES & context.roles.traits(flow.destination.resource)
    ]
    if not needs and not flows:
        yield NotApplicable("it reaches no datastore over the network that the tree shows")
    for need in needs:
        what = (
            f"port {need.port} of {need.service}, which does not offer it"
            if need.status is NeedStatus.MISSING_PORT
            else f"{need.host}, which is no Service of the tree"
        )
        yield Fault(f"{resource} saves nothing: it connects to {what} ({need.reason})", need.place)
    for flow in flows:
        if flow.verdict in (FlowVerdict.PARTIAL, FlowVerdict.UNVERIFIABLE):
            yield Unverifiable(f"{flow.source} to {flow.destination}: {flow.why}")
        elif flow.verdict is FlowVerdict.DENIED:
            yield _cut_off(flow, context)


def _cut_off(flow: NeededFlow, context: RuleContext) -> Fault:
    sides = list(denied_sides(flow, context.graph))
    policies = " and ".join(dict.fromkeys(str(side.policy) for side in sides))
    notes = [Note(f"denies its {side.direction.value}", Place(side.policy, side.path)) for side in sides]
    if (place := labels_of(flow.destination, context.graph)) is not None:
        notes.append(Note(f"the pods of {flow.destination}", place))
    verb = "denies" if len({side.policy for side in sides}) == 1 else "deny"
    return Fault(
        f"{connection(flow)}, so it saves nothing: {policies} {verb} it",
        flow.evidence[0].place,
        tuple(notes),
    )
