"""Needed connections against network policies: those that are cut, and names that cannot be resolved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from refarch_lint.evaluate.context import RuleContext, RunContext
from refarch_lint.evaluate.predicates.flow_wording import (
    DeniedSide,
    connection,
    denied_sides,
    notes_on,
    rule_to_add,
    source_names,
)
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject, Unverifiable
from refarch_lint.graph.connectivity_rules import Direction
from refarch_lint.graph.flow_ends import FlowEnd
from refarch_lint.graph.flows import FlowBook, FlowKind, FlowVerdict, NeededFlow, denied
from refarch_lint.graph.grouped import grouped
from refarch_lint.graph.name_resolution import WithoutNames
from refarch_lint.graph.outside_sources import Outsider
from refarch_lint.graph.place import Place
from refarch_lint.listing import listed
from refarch_lint.location import Path
from refarch_lint.model.resource import Resource
from refarch_lint.severity import Severity

_NAMES_SHOWN = 3

#: What connections have in common that one ingress rule would let in: all but who of a namespace opens them.
_Wanted = tuple[FlowKind, Outsider | str, FlowEnd, int | None, str, int | None, DeniedSide]


def flow_book(subject: Subject, context: RuleContext) -> FlowBook:
    """Return the needed connections, judged for the namespaces of ingress controllers that the rule is told."""
    value = context.parameter("ingress_namespaces", subject).value
    named = tuple(str(item) for item in value) if isinstance(value, list | tuple) else ()
    return context.graph.flows_where(named) if named else context.graph.flows


def allowed(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Every connection that a resource needs is allowed by the policies at both of its ends."""
    book = flow_book(subject, context)
    flows = book.by_source.get(subject.resource, ())
    if not flows:
        yield NotApplicable("it needs no connection")
    for flow in flows:
        if flow.verdict in (FlowVerdict.PARTIAL, FlowVerdict.UNVERIFIABLE):
            yield Unverifiable(f"{flow.source} to {flow.destination}: {flow.why}")
        elif flow.verdict is FlowVerdict.DENIED:
            yield from _denied(flow, book, context)


def _denied(flow: NeededFlow, book: FlowBook, context: RuleContext) -> Iterator[Outcome]:
    """Yield one fault for each rule to add; one policy that denies both sides is told once.

    Where one rule would let in several sources of a namespace, each of them yields the same fault, which names all.
    """
    sides = tuple(denied_sides(flow, book.graph))
    if _is_twofold(sides):
        rules = [rule_to_add((flow,), side, book.graph) for side in sides]
        reason = f"{sides[0].policy} denies it at both ends; {rules[0]}, and {rules[1]}"
        yield _fault((flow,), sides[1], reason, context)
        return
    for side in sides:
        flows: tuple[NeededFlow, ...] = (flow,)
        if side.direction is Direction.INGRESS:
            flows = context.run.once(_let_in_together, book)[_wanted(flow, side)]
        yield _fault(flows, side, _reason(flows, side, context), context)


def _is_twofold(sides: tuple[DeniedSide, ...]) -> bool:
    """Tell whether one place of one policy denies both sides of a connection."""
    return len(sides) == 2 and sides[0].policy is sides[1].policy and sides[0].path == sides[1].path


def _wanted(flow: NeededFlow, side: DeniedSide) -> _Wanted:
    opened_from = flow.source.outsider or flow.source.pods[0].namespace
    return flow.kind, opened_from, flow.destination, flow.port, flow.protocol, flow.dialled, side


def _let_in_together(_: RunContext, book: FlowBook) -> Mapping[_Wanted, tuple[NeededFlow, ...]]:
    """Return the connections that are denied at their destination, by the rule that would let them in."""
    sided = ((flow, tuple(denied_sides(flow, book.graph))) for flow in denied(book.flows))
    return grouped(
        (_wanted(flow, side), flow)
        for flow, sides in sided
        if not _is_twofold(sides)
        for side in sides
        if side.direction is Direction.INGRESS
    )


def _reason(flows: tuple[NeededFlow, ...], side: DeniedSide, context: RuleContext) -> str:
    isolated = flows[0].destination if side.direction is Direction.INGRESS else flows[0].source
    them = "it" if len(source_names(flows)) == 1 else "them"
    if side.refused:
        return f"a rule of {side.policy} denies {them}"
    what = f"lets {them} through on other ports only" if side.near else f"does not allow {them}"
    return f"{side.policy} isolates {isolated} for {side.direction.value} and {what}; " + rule_to_add(
        flows, side, context.graph
    )


def _fault(flows: tuple[NeededFlow, ...], side: DeniedSide, reason: str, context: RuleContext) -> Fault:
    first = flows[0]
    guessed = first.source.outsider is not None and first.kind is not FlowKind.ENTRANCE
    unsure = first.kind is FlowKind.OUTSIDE or guessed
    return Fault(
        f"{connection(*flows)}: {reason}",
        Place(side.policy, side.path),
        tuple(dict.fromkeys(notes_on(flows, side, context.graph))),
        Severity.WARNING if unsure else None,
    )


def names_resolved(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """The pods that a policy isolates for egress may ask DNS; one fault for all that one change would help."""
    policy = subject.resource
    isolated = context.graph.network.isolates(policy, Direction.EGRESS)
    if not isolated:
        yield NotApplicable("it isolates nothing for egress")
        return
    groups: dict[tuple[Path, tuple[str, ...], bool], list[WithoutNames]] = {}
    for item in context.graph.name_resolution.by_policy.get(policy, ()):
        needed = bool(context.graph.needs_by_source.get(item.workload.resource)) or not item.sealed
        if not needed and _needs_no_names(item, context):
            continue
        if item.doubt:
            yield Unverifiable(f"{item.workload}: {item.doubt}")
            continue
        groups.setdefault((item.path, item.protocols, needed), []).append(item)
    surest: dict[tuple[Path, tuple[str, ...]], list[WithoutNames]] = {}
    for (path, protocols, _), items in sorted(groups.items(), key=lambda entry: not entry[0][2]):
        surest.setdefault((path, protocols), []).extend(items)
    for (path, protocols), items in surest.items():
        certain = (path, protocols, True) in groups and "UDP" in protocols
        yield _without_names(policy, path, protocols, items, certain)


def _needs_no_names(item: WithoutNames, context: RuleContext) -> bool:
    """Tell whether a workload that may connect to nothing, and needs nothing that is known, is meant to be sealed."""
    traits = context.roles.traits(item.workload.resource)
    deliberate = context.graph.network.isolation(item.workload).egress
    return bool({"datastore", "cache"} & traits) or any(policy is not item.policy for policy in deliberate)


def _without_names(
    policy: Resource, path: Path, protocols: tuple[str, ...], items: list[WithoutNames], certain: bool
) -> Fault:
    over = " and ".join(f"{protocol} 53" for protocol in protocols)
    shown = listed([item.workload for item in items])
    other = "" if len(protocols) == 2 else "; long answers need it" if protocols == ("TCP",) else ""
    cannot = "cannot resolve names" if "UDP" in protocols else "gets no long answers"
    return Fault(
        f"{policy} denies DNS on {over} to {shown}{other}; "
        f"add an egress rule to pods k8s-app=kube-dns of namespace kube-system on {over}",
        Place(policy, path),
        tuple(
            Note(f"{item.workload} {cannot}", Place(item.workload.resource, ("metadata", "name")))
            for item in items[:_NAMES_SHOWN]
        ),
        None if certain else Severity.WARNING,
    )
