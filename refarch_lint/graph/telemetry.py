"""Logs and traces: which workloads collect the logs of pods, and who sends traces, over all resources of a run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from refarch_lint.graph.index import ResourceIndex
from refarch_lint.graph.place import Place
from refarch_lint.graph.scrape_config import embedded
from refarch_lint.graph.traffic_environment import Variable, environment_of
from refarch_lint.model.resource import Resource, dig, mapping, sequence
from refarch_lint.model.workload import Container, Workload
from refarch_lint.regex import regex

#: Objects of operators that collect logs, by kind and group.
LOG_OBJECTS = frozenset(
    {
        ("ClusterFlow", "logging.banzaicloud.io"), ("Flow", "logging.banzaicloud.io"),
        ("FluentbitAgent", "logging.banzaicloud.io"), ("Logging", "logging.banzaicloud.io"),
        ("FluentBit", "fluentbit.fluent.io"), ("ClusterFluentBitConfig", "fluentbit.fluent.io"),
        ("Fluentd", "fluentd.fluent.io"), ("ClusterLogForwarder", "logging.openshift.io"),
        ("ClusterLogForwarder", "observability.openshift.io"), ("ClusterLogging", "logging.openshift.io"),
        ("Beat", "beat.k8s.elastic.co"), ("Agent", "agent.k8s.elastic.co"), ("PodLogs", "monitoring.grafana.com"),
        ("LogsInstance", "monitoring.grafana.com"), ("Vector", "observability.kaasops.io"),
        ("VectorPipeline", "observability.kaasops.io"), ("ClusterVectorPipeline", "observability.kaasops.io"),
        ("DatadogAgent", "datadoghq.com"),
    }
)  # fmt: skip

#: Annotations by which pods speak to a collector that is deployed elsewhere.
_LOG_ANNOTATIONS = ("co.elastic.logs/", "fluentbit.io/", "ad.datadoghq.com/", "logs.cattle.io/", "sumologic.com/")
_READS_PODS = regex(
    r"loki\.source\.(?:kubernetes|podlogs|file)|kubernetes_logs|\bfilelog\b|podlogs|/var/log/(?:pods|containers)"
)
_SENDS_LOGS = regex(r"loki\.(?:source|write)|filelog|otelcol\.exporter\.\w*loki|\blogs\s*[:{]")
#: Components that carry several signals: only their configuration tells whether logs are among them.
_MANY_SIGNALS = frozenset({"otel-collector", "alloy"})

_TRACE_VARIABLES = regex(
    r"OTEL_TRACES_EXPORTER|OTEL_EXPORTER_OTLP(?:_TRACES)?_ENDPOINT|OTEL_EXPORTER_(?:JAEGER|ZIPKIN)_\w*ENDPOINT"
    r"|JAEGER_(?:AGENT_HOST|ENDPOINT|COLLECTOR_\w+|SERVICE_NAME)|ZIPKIN(?:_\w+)?|(?:SPRING|MANAGEMENT)_ZIPKIN_\w+"
    r"|DD_AGENT_HOST|DD_TRACE_AGENT_URL|DD_TRACE_ENABLED|SW_AGENT_COLLECTOR_BACKEND_SERVICES|ELASTIC_APM_SERVER_URLS?"
    r"|NEW_RELIC_LICENSE_KEY|ENABLE_TRACING|TRACING_(?:ENABLED|ENDPOINT|HOST)|MANAGEMENT_OTLP_TRACING_ENDPOINT"
    r"|AWS_XRAY_DAEMON_ADDRESS|SIGNALFX_\w*ENDPOINT\w*"
)
_TRACE_ANNOTATIONS = regex(
    r"instrumentation\.opentelemetry\.io/inject-|sidecar\.(?:jaegertracing|opentelemetry)\.io/inject"
    r"|config\.linkerd\.io/trace-collector|dapr\.io/config|admission\.datadoghq\.com/\w+-lib"
)
#: Folders of a node that hold nothing but the logs of containers.
_LOG_FOLDERS = frozenset({"/var/log/pods", "/var/log/containers", "/var/lib/docker/containers"})
_OFF = frozenset({"", "none", "false", "0", "disabled", "off", "no"})
_SWITCHED_OFF = regex(r"(?:zipkin|tracing|jaeger)\.enabled=false", re.IGNORECASE)


class TelemetryIndex:
    """Answers what collects logs and who sends traces."""

    def __init__(self, index: ResourceIndex) -> None:
        self.index = index

    @cached_property
    def _texts(self) -> Mapping[str, Mapping[tuple[str, str], Resource]]:
        return {
            kind: {(item.namespace, item.name): item for item in self.index.of_kind(kind, "")}
            for kind in ("ConfigMap", "Secret")
        }

    def environment(self, workload: Workload, container: Container) -> Mapping[str, Variable]:
        """Return the variables that a container starts with."""
        return environment_of(workload, container, self._texts["ConfigMap"], self._texts["Secret"])

    def configurations(self, workload: Workload) -> Iterator[str]:
        """Yield the texts of the ConfigMaps that a workload mounts, and its command lines."""
        for volume in sequence(workload.pod_spec.get("volumes")):
            sources = [mapping(volume), *(mapping(item) for item in sequence(dig(volume, "projected", "sources")))]
            for source in sources:
                name = dig(source, "configMap", "name")
                config_map = self._texts["ConfigMap"].get((workload.namespace, name)) if isinstance(name, str) else None
                if config_map is not None:
                    yield from (text for text in mapping(config_map.data.get("data")).values() if isinstance(text, str))
        for container in workload.containers:
            for key in ("command", "args"):
                yield from (word for word in sequence(container.data.get(key)) if isinstance(word, str))

    def signals(self, workload: Workload) -> frozenset[str] | None:
        """Return what an OpenTelemetry Collector has pipelines for, None where its configuration is not in the tree."""
        found: set[str] = set()
        known = False
        for text in self.configurations(workload):
            if "pipelines:" in text and (document := embedded(text)) is not None:
                known = True
                found |= pipelines(document.data)
        return frozenset(found) if known else None

    def collects_logs(self, workload: Workload, component: str) -> bool:
        """Tell whether a workload that runs a log collector reads the logs of pods.

        One per node, or beside the application, does; a Deployment only where it reads through the Kubernetes API.
        """
        texts = list(self.configurations(workload))
        if component in _MANY_SIGNALS and texts and not any(_SENDS_LOGS.search(text) for text in texts):
            return False
        if component == "otel-collector":
            signals = self.signals(workload)
            if signals is not None and "logs" not in signals:
                return False
        if workload.kind == "DaemonSet":
            return component not in _MANY_SIGNALS or bool(texts)
        return any(_READS_PODS.search(text) for text in texts)

    def asks_for_collection(self, workload: Workload) -> bool:
        """Tell whether a workload sends its logs itself, or speaks by annotation to a collector deployed elsewhere."""
        if any(key.startswith(_LOG_ANNOTATIONS) for key in workload.pod_annotations):
            return True
        for container in workload.containers:
            exporter = self.environment(workload, container).get("OTEL_LOGS_EXPORTER")
            if exporter is not None and (exporter.value or "").lower() not in _OFF:
                return True
        return False

    def traces(self, workload: Workload) -> Place | None:
        """Return the place by which a workload is told to send traces, or None."""
        for annotation, value in workload.pod_annotations.items():
            if _TRACE_ANNOTATIONS.match(annotation) and value.lower() not in _OFF:
                return Place(workload.resource, (*workload.template_path, "metadata", "annotations", annotation))
        for container in workload.containers:
            variables = self.environment(workload, container)
            if any(item.value is not None and _SWITCHED_OFF.search(item.value) for item in variables.values()):
                continue
            exporter = variables.get("OTEL_TRACES_EXPORTER")
            disabled = variables.get("OTEL_SDK_DISABLED")
            if (exporter is not None and exporter.value == "none") or (
                disabled is not None and disabled.value == "true"
            ):
                continue
            for name, variable in variables.items():
                if _TRACE_VARIABLES.fullmatch(name) and (variable.value is None or variable.value.lower() not in _OFF):
                    return variable.via or variable.place
        return None

    @cached_property
    def patches_trace(self) -> bool:
        """Whether a kustomization of the run patches workloads so that they send traces."""
        found = (*self.index.of_kind("Kustomization"), *self.index.of_kind("Component"))
        texts = [text for resource in found if "kustomize" in resource.group for text in _texts_in(resource.data)]
        return any(_TRACE_VARIABLES.search(text) is not None for text in texts)

    @cached_property
    def mesh_traces(self) -> Resource | None:
        """The object by which a mesh or an operator traces the calls of workloads, or None."""
        for kind, group in (("Instrumentation", "opentelemetry.io"), ("Telemetry", "telemetry.istio.io")):
            for resource in self.index.of_kind(kind, group):
                if kind == "Instrumentation" or sequence(resource.spec.get("tracing")):
                    return resource
        for resource in self.index.of_kind("Configuration", "dapr.io"):
            if resource.spec.get("tracing"):
                return resource
        for kind in ("IstioOperator", "EnvoyProxy", "ServiceMesh", "ServiceMeshControlPlane"):
            for resource in self.index.of_kind(kind):
                if _mentions_tracing(resource.spec):
                    return resource
        return None


def reads_logs_of_pods(workload: Workload) -> bool:
    """Tell whether a workload of one pod a node reads the folders in which the kubelet and the runtime keep logs."""
    paths = (dig(volume, "hostPath", "path") for volume in sequence(workload.pod_spec.get("volumes")))
    folders = {path.rstrip("/") for path in paths if isinstance(path, str)}
    return workload.kind == "DaemonSet" and not _LOG_FOLDERS.isdisjoint(folders)


def pipelines(configuration: Any) -> frozenset[str]:
    """Return the signals for which an OpenTelemetry Collector's configuration has pipelines."""
    names = mapping(dig(configuration, "service", "pipelines"))
    return frozenset(name.partition("/")[0] for name in names if isinstance(name, str))


def object_pipelines(resource: Resource) -> frozenset[str]:
    """Return the signals of an OpenTelemetryCollector object, whose configuration is a mapping or a text."""
    configuration = resource.spec.get("config")
    if isinstance(configuration, str):
        document = embedded(configuration)
        configuration = document.data if document is not None else None
    return pipelines(configuration)


def _mentions_tracing(data: Any, depth: int = 0) -> bool:
    if depth > 8 or not isinstance(data, (dict, list)):
        return False
    items: Iterable[Any] = data.values() if isinstance(data, dict) else data
    if isinstance(data, dict) and any(
        isinstance(key, str) and "tracing" in key.lower() and value not in (None, False, {})
        for key, value in data.items()
    ):
        return True
    return any(_mentions_tracing(item, depth + 1) for item in items)


def _texts_in(data: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif depth < 12:
        for item in data.values() if isinstance(data, dict) else sequence(data):
            yield from _texts_in(item, depth + 1)
