"""Needed connections against network policies: those that are cut, and names that cannot be resolved."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.predicates.flow_wording import (
    DeniedSide,
    connection,
    denied_sides,
    notes_on,
    rule_to_add,
)
from refarch_lint.evaluate.subject import Fault, NotApplicable, Outcome, Subject, Unverifiable
from refarch_lint.graph.connectivity_rules import Direction
from refarch_lint.graph.flows import FlowBook, FlowKind, FlowVerdict, NeededFlow
from refarch_lint.graph.place import Place
from refarch_lint.severity import Severity


def flow_book(subject: Subject, context: RuleContext) -> FlowBook:
    """Return the needed connections, judged for the namespaces of ingress controllers that the rule is told."""
    value = context.parameter("ingress_namespaces", subject).value
    named = tuple(str(item) for item in value) if isinstance(value, list | tuple) else ()
    return context.graph.flows_where(named) if named else context.graph.flows


def allowed(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Every connection that a resource needs is allowed by the policies at both of its ends."""
    flows = flow_book(subject, context).by_source.get(subject.resource, ())
    if not flows:
        yield NotApplicable("it needs no connection")
    for flow in flows:
        if flow.verdict in (FlowVerdict.PARTIAL, FlowVerdict.UNVERIFIABLE):
            yield Unverifiable(f"{flow.source} to {flow.destination}: {flow.why}")
        elif flow.verdict is FlowVerdict.DENIED:
            yield from _denied(flow, context)


def _denied(flow: NeededFlow, context: RuleContext) -> Iterator[Outcome]:
    """Yield one fault for each policy to edit; one that denies both sides is told once."""
    sides = list(denied_sides(flow, context.graph))
    if len(sides) == 2 and sides[0].policy is sides[1].policy and sides[0].path == sides[1].path:
        rules = [rule_to_add(flow, side, context.graph) for side in sides]
        yield _fault(flow, sides[1], f"{sides[0].policy} denies it at both ends; {rules[0]}, and {rules[1]}", context)
        return
    for side in sides:
        yield _fault(flow, side, _reason(flow, side, context), context)


def _reason(flow: NeededFlow, side: DeniedSide, context: RuleContext) -> str:
    isolated = flow.destination if side.direction is Direction.INGRESS else flow.source
    if side.refused:
        return f"a rule of {side.policy} denies it"
    what = "lets it through on other ports only" if side.near else "does not allow it"
    return f"{side.policy} isolates {isolated} for {side.direction.value} and {what}; " + rule_to_add(
        flow, side, context.graph
    )


def _fault(flow: NeededFlow, side: DeniedSide, reason: str, context: RuleContext) -> Fault:
    unsure = flow.kind is FlowKind.OUTSIDE or (flow.kind is FlowKind.SCRAPE and flow.source.outsider is not None)
    return Fault(
        f"{connection(flow)}: {reason}",
        Place(side.policy, side.path),
        tuple(dict.fromkeys(notes_on(flow, side, context.graph))),
        Severity.WARNING if unsure else None,
    )
