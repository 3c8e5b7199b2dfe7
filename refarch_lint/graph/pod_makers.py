"""Objects of operators and of delivery tools that make pods which no manifest of the tree spells out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from refarch_lint.graph.grouped import grouped
from refarch_lint.model.known import is_known_group
from refarch_lint.model.resource import KUSTOMIZE, Resource, sequence
from refarch_lint.model.workload import POD_TEMPLATES

#: Kinds of known API groups whose controllers make pods; None stands for every kind of the group.
_MAKERS: Mapping[str, frozenset[str] | None] = {
    "argoproj.io": frozenset({"ArgoCD", "CronWorkflow", "EventBus", "EventSource", "Sensor", "Workflow"}),
    "clickhouse.altinity.com": None,
    "clickhouse-keeper.altinity.com": None,
    "elasticsearch.k8s.elastic.co": None,
    "gateway.networking.k8s.io": frozenset({"Gateway"}),
    "grafana.integreatly.org": frozenset({"Grafana"}),
    "helm.toolkit.fluxcd.io": frozenset({"HelmRelease"}),
    "kafka.strimzi.io": frozenset({"Kafka", "KafkaBridge", "KafkaConnect", "KafkaMirrorMaker2", "KafkaNodePool"}),
    "kibana.k8s.elastic.co": None,
    "minio.min.io": frozenset({"Tenant"}),
    "monitoring.coreos.com": frozenset({"Alertmanager", "Prometheus", "PrometheusAgent", "ThanosRuler"}),
    "opentelemetry.io": frozenset({"OpenTelemetryCollector", "TargetAllocator"}),
    "postgresql.cnpg.io": frozenset({"Cluster", "Pooler"}),
    "rabbitmq.com": frozenset({"RabbitmqCluster"}),
    "sparkoperator.k8s.io": None,
    "tekton.dev": None,
    "velero.io": frozenset({"DataUpload", "PodVolumeBackup"}),
}


def makes_pods(resource: Resource) -> bool:
    """Tell whether a controller may make pods for an object, with labels of its own choice.

    An object of an API group that this tool does not know may.
    """
    if (resource.group, resource.kind) in POD_TEMPLATES:
        return False
    if not is_known_group(resource.group):
        return True
    if resource.group not in _MAKERS:
        return resource.group == KUSTOMIZE and bool(sequence(resource.data.get("helmCharts")))
    kinds = _MAKERS[resource.group]
    return kinds is None or resource.kind in kinds


def pod_makers(resources: Iterable[Resource]) -> Mapping[str, tuple[Resource, ...]]:
    """Return the objects that may make pods by the namespace in which they stand, in reading order."""
    return grouped((resource.namespace, resource) for resource in resources if makes_pods(resource))
