"""Logs leave the node: something collects what every pod writes."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.demands import attestation
from refarch_lint.evaluate.subject import Fault, NotApplicable, Outcome, Subject, Unverifiable
from refarch_lint.graph.installers import installations
from refarch_lint.graph.place import Place
from refarch_lint.graph.telemetry import LOG_OBJECTS, object_pipelines, reads_logs_of_pods
from refarch_lint.model.resource import Resource
from refarch_lint.model.workload import ContainerType, Workload

_LOOKED_FOR = "no collector as DaemonSet or sidecar, no object of a logging operator"
_INSTALLED = (
    "fluent",
    "promtail",
    "alloy",
    "vector",
    "filebeat",
    "logging",
    "loki",
    "k8s-monitoring",
    "datadog",
    "elastic",
)


def collected(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A collector, an operator or the workloads themselves send logs to a central place; asked once for a unit."""
    running = [workload for workload in subject.members if not workload.runs_to_completion]
    if (attested := attestation(context)) is not None:
        yield attested
    elif not running:
        yield NotApplicable("nothing runs throughout")
    elif not _is_collected(context):
        if release := installer(context, _INSTALLED):
            yield Unverifiable(f"{release} may install a log collector")
        elif store := _log_store(context):
            text = f"{store} stores logs, but nothing in the tree collects any ({_LOOKED_FOR})"
            yield Fault(text, Place(store, ("metadata", "name")))
        else:
            text = f"nothing in the tree collects the logs of {running[0]}{others(running)} ({_LOOKED_FOR})"
            yield Fault(text, Place(running[0].resource, ("metadata", "name")))


def others(workloads: list[Workload]) -> str:
    """Return in words that further workloads are meant beside the first."""
    return " and the other workloads" if len(workloads) > 1 else ""


def installer(context: RuleContext, words: tuple[str, ...]) -> Resource | None:
    """Return what installs a chart with one of these words in its name, whose objects the tree does not show."""
    found = installations(context.run.shared.scraping.index)
    return next((item.resource for item in found if item.is_about(words)), None)


def _is_collected(context: RuleContext) -> bool:
    telemetry = context.run.shared.telemetry
    for workload in telemetry.index.workloads:
        if workload.runs_to_completion:
            continue
        if telemetry.asks_for_collection(workload) or _collects(workload, context) or reads_logs_of_pods(workload):
            return True
    for resource in telemetry.index.of_kind("OpenTelemetryCollector", "opentelemetry.io"):
        if "logs" in object_pipelines(resource):
            return True
    return any(telemetry.index.of_kind(kind, group) for kind, group in LOG_OBJECTS)


def _collects(workload: Workload, context: RuleContext) -> bool:
    telemetry, components = context.run.shared.telemetry, context.run.components
    throughout = [container for container in workload.containers if container.runs_throughout]
    for container in throughout:
        component = components.of_image(container.data.get("image"))
        if component is None or "log-collector" not in component.traits or component.id == "logstash":
            continue
        beside = len(throughout) > 1 and (container.type is ContainerType.SIDECAR or container is not throughout[0])
        is_plain = component.id not in ("otel-collector", "alloy")
        if telemetry.collects_logs(workload, component.id) or (beside and is_plain):
            return True
    return False


def _log_store(context: RuleContext) -> Resource | None:
    return next(iter(context.roles.with_trait("log-store")), None)
