"""Why a connection is allowed or denied, in lines for people, each with the place that decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from refarch_lint.graph.connectivity import Endpoint
from refarch_lint.graph.connectivity_decision import Decision, DirectionDecision
from refarch_lint.graph.connectivity_pods import Pod
from refarch_lint.graph.connectivity_rules import Direction
from refarch_lint.graph.flows import NeededFlow
from refarch_lint.location import Location
from refarch_lint.model.workload import Workload


def named(endpoint: Endpoint) -> str:
    """Return an endpoint as people know it: `shop/api[Deployment]`, the pods of a namespace, or addresses."""
    if isinstance(endpoint, Workload):
        return endpoint.resource.id.qualified
    if isinstance(endpoint, Pod):
        labels = ",".join(f"{key}={value}" for key, value in sorted(endpoint.labels))
        what = f"pods {labels}" if labels else "any pod"
        return f"{what} of namespace {endpoint.namespace}" if endpoint.namespace else "a pod of which nothing is known"
    return str(endpoint)


def explanation(
    source: Endpoint,
    destination: Endpoint,
    asked: str,
    decision: Decision,
    needed: Sequence[NeededFlow] = (),
    advice: Sequence[str] = (),
) -> str:
    """Return the verdict on a connection, then each side with the rules or policies that decide it.

    `asked` says which port was asked about, in words; `needed` are the connections of the tree between the two, and
    `advice` says what would allow the connection.
    """
    verdict = "allowed" if decision.allowed else "denied"
    if decision.partial:
        verdict = f"partial ({verdict} by what is evaluated)"
    on = f" on {decision.ports}" if decision.allowed and asked == "any port" else ""
    lines = [f"{named(source)} => {named(destination)}, {asked}: {verdict}{on}"]
    for doubt in decision.doubts:
        place = f"  {doubt.resource.locate(('metadata', 'name'))}" if doubt.resource is not None else ""
        lines.append(f"  not certain: {doubt.reason}{place}")
    for side, end in ((decision.egress, source), (decision.ingress, destination)):
        lines += _side(side, end)
    lines += [f"  to allow it: {item}" for item in advice]
    for flow in needed:
        for item in flow.evidence:
            lines.append(_line("needed", item.reason, item.place.locate()))
    return "\n".join(lines) + "\n"


def _side(side: DirectionDecision, end: Endpoint) -> Iterator[str]:
    verdict = "allowed" if side.allowed else "denied"
    preposition = "out of" if side.direction is Direction.EGRESS else "into"
    yield f"  {side.direction.value}, {preposition} {named(end)}: {verdict}"
    if not side.isolated and not side.rules:
        why = "addresses outside the cluster are isolated by nobody"
        yield f"    {why if not isinstance(end, Workload | Pod) else 'no policy isolates it in this direction'}"
    for rule in side.rules:
        yield "  " + _line(str(rule.policy), f"{rule.action.verb} it", rule.locate())
    if not side.allowed and not side.rules:
        for policy in side.policies:
            path = ("spec", side.direction.value if policy.spec.get(side.direction.value) else "podSelector")
            yield "  " + _line(str(policy), "isolates it and has no rule that allows this", policy.locate(path))
    for rule in dict.fromkeys(side.address_rules):
        text = "would allow it if the address of the pod counted as one of its ipBlock"
        yield "  " + _line(str(rule.policy), text, rule.locate())


def _line(subject: str, text: str, location: Location) -> str:
    return f"  {subject}: {text}  {location}" if subject == "needed" else f"  {subject} {text}  {location}"
