"""Calls between services: what guards them where the service that is called fails or is slow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject, Unverifiable
from refarch_lint.graph.place import Place
from refarch_lint.graph.resilience import (
    Guards,
    ServiceKey,
    breakers,
    destination_rules,
    mesh_object,
    outlier_detections,
    policy_timeouts,
    timeouts,
    untimed,
)
from refarch_lint.model.resource import Resource
from refarch_lint.model.workload import Workload

_ARCHITECTURE = "microservices"
#: Traits of what is no service of the application: calls to it are guarded by its own client.
_NO_SERVICE = frozenset({"datastore", "cache", "broker", "platform", "batch"})


class Call(NamedTuple):
    """A Service that another workload calls, with the first evidence of it."""

    service: Resource
    caller: Workload
    evidence: Place


def broken_circuits(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Where calls go through a mesh, every service that others call is taken out of service while it fails."""
    for rule, _ in destination_rules(context.graph.index):
        for detection, path in outlier_detections(rule):
            if "consecutiveErrors" in detection:
                yield Fault(
                    f"{rule} sets consecutiveErrors, which Istio no longer reads; consecutive5xxErrors took its place",
                    Place(rule, (*path, "consecutiveErrors"), key=True),
                )
    yield from _unguarded(breakers(context.graph.index), "circuit breaker", context)


def timed(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Routes of a mesh or gateway end requests after a time, and so do calls between services that go through it."""
    policies = policy_timeouts(context.graph.index)
    bare = False
    for route in (*context.graph.index.of_kind("VirtualService"), *context.graph.index.of_kind("HTTPRoute")):
        places = [Place(route, path) for path in untimed(route) if not _covered(route, policies, context)]
        if places:
            bare = True
            more = f" (nor do {len(places) - 1} more of its rules)" if len(places) > 1 else ""
            yield Fault(f"{route} sends requests on without a timeout{more}", places[0])
    if not bare:
        yield from _unguarded(timeouts(context.graph.index), "timeout", context)


def _covered(route: Resource, guards: Guards, context: RuleContext) -> bool:
    """Tell whether every Service that a route leads to has its timeout from elsewhere."""
    needs = context.graph.needs_by_source.get(route, ())
    services = [need.service for need in needs if need.service is not None]
    return bool(services) and all(guards.of(service) is not None for service in services)


def _unguarded(guards: Guards, what: str, context: RuleContext) -> Iterator[Outcome]:
    if not context.roles.held_against(_ARCHITECTURE):
        yield NotApplicable(f"asked of the architecture {_ARCHITECTURE} only")
        return
    called = _called(context)
    if not called:
        yield NotApplicable("no service of the tree calls another")
        return
    mesh = mesh_object(context.graph.index)
    if mesh is None and not guards:
        yield Unverifiable(f"no mesh in the tree: a {what} may be part of the services themselves")
        return
    if not guards and mesh is not None:
        service, caller, evidence = called[0]
        more = f" (nor those of {len(called) - 1} more service(s))" if len(called) > 1 else ""
        yield Fault(
            f"{service} is called by {caller}, and no {what} of the mesh guards the calls{more}",
            Place(service, ("metadata", "name")),
            (
                Note(f"{caller} calls it", evidence),
                Note("the mesh is configured here", Place(mesh, ("metadata", "name"))),
            ),
        )
        return
    rules = {key: rule for rule, key in destination_rules(context.graph.index)}
    for service, caller, evidence in called:
        if guards.of(service) is None:
            related = [Note(f"{caller} calls it", evidence)]
            if guards.first is not None:
                related.append(Note(f"other calls have their {what} here", guards.first))
            yield Fault(
                f"{service} is called by {caller}, and no {what} of the mesh guards the calls",
                _blamed(service, rules),
                tuple(related),
            )


def _blamed(service: Resource, rules: Mapping[ServiceKey, Resource]) -> Place:
    rule = rules.get(ServiceKey(service.namespace, service.name))
    return Place(rule, ("spec", "trafficPolicy")) if rule else Place(service, ("metadata", "name"))


def _called(context: RuleContext) -> tuple[Call, ...]:
    """Return the services of the application that its other workloads call, each once, in reading order."""
    found: dict[Resource, Call] = {}
    parts = context.roles.held_against(_ARCHITECTURE)
    for source, target, need in context.graph.connections:
        service = need.service
        if not isinstance(need.source, Workload) or need.source.runs_to_completion or service is None:
            continue
        if service.kind != "Service" or context.roles.traits(target) & _NO_SERVICE:
            continue
        if not any(part.holds(service) for part in parts):
            continue
        if "platform" not in context.roles.traits(source):
            found.setdefault(service, Call(service, need.source, need.place))
    return tuple(found.values())
