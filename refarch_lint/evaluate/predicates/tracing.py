"""Requests can be followed from service to service."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.demands import attestation
from refarch_lint.evaluate.subject import Fault, NotApplicable, Outcome, Subject
from refarch_lint.graph.place import Place
from refarch_lint.graph.telemetry import TelemetryIndex
from refarch_lint.model.resource import Resource

_LOOKED_FOR = "no variable such as OTEL_EXPORTER_OTLP_ENDPOINT, no injected agent, no tracing of a mesh"


def configured(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Some workload sends traces, or the mesh does for it; asked once of a unit of microservices."""
    telemetry = context.run.shared.telemetry
    running = [workload for workload in subject.members if not workload.runs_to_completion]
    parts = context.roles.held_against("microservices")
    running = [workload for workload in running if any(part.holds(workload.resource) for part in parts)]
    if not parts:
        yield NotApplicable("asked of microservices only")
    elif (attested := attestation(context)) is not None:
        yield attested
    elif not running:
        yield NotApplicable("nothing runs throughout")
    elif telemetry.mesh_traces is None and not telemetry.patches_trace and not _sends(telemetry, context):
        backend = _backend(context)
        if backend is not None:
            text = f"{backend} takes traces, but no workload of the tree sends any ({_LOOKED_FOR})"
            yield Fault(text, Place(backend, ("metadata", "name")))
            return
        services = [workload for workload in running if not _is_platform(workload.resource, context)] or running
        more = " and the other workloads" if len(services) > 1 else ""
        text = f"requests cannot be followed through {services[0]}{more} ({_LOOKED_FOR})"
        yield Fault(text, Place(services[0].resource, ("metadata", "name")))


def _sends(telemetry: TelemetryIndex, context: RuleContext) -> bool:
    return any(
        telemetry.traces(workload) is not None
        for workload in telemetry.index.workloads
        if not workload.runs_to_completion and "tracing" not in context.roles.traits(workload.resource)
    )


def _backend(context: RuleContext) -> Resource | None:
    """Return what takes traces: a collector that is known to carry something else does not."""
    for resource in context.roles.with_trait("tracing"):
        workload = context.graph.workload(resource)
        signals = context.run.shared.telemetry.signals(workload) if workload is not None else None
        if signals is None or "traces" in signals:
            return resource
    return None


def _is_platform(resource: Resource, context: RuleContext) -> bool:
    return not context.roles.traits(resource).isdisjoint(("platform", "datastore", "cache", "broker"))
