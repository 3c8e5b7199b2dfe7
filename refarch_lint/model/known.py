"""Which API groups this tool understands well enough to say that something is missing."""

from __future__ import annotations

_KNOWN_GROUPS = frozenset(
    {
        "",
        "apps",
        "argoproj.io",
        "apps.openshift.io",
        "autoscaling",
        "autoscaling.k8s.io",
        "batch",
        "bitnami.com",
        "cert-manager.io",
        "cilium.io",
        "clickhouse.altinity.com",
        "clickhouse-keeper.altinity.com",
        "crd.projectcalico.org",
        "elasticsearch.k8s.elastic.co",
        "extensions",
        "external-secrets.io",
        "fluxcd.io",
        "gateway.networking.k8s.io",
        "grafana.integreatly.org",
        "helm.toolkit.fluxcd.io",
        "image.toolkit.fluxcd.io",
        "kafka.strimzi.io",
        "keda.sh",
        "kibana.k8s.elastic.co",
        "kustomize.config.k8s.io",
        "kustomize.toolkit.fluxcd.io",
        "kyverno.io",
        "metallb.io",
        "minio.min.io",
        "monitoring.coreos.com",
        "networking.istio.io",
        "notification.toolkit.fluxcd.io",
        "opentelemetry.io",
        "policy",
        "postgresql.cnpg.io",
        "projectcalico.org",
        "rabbitmq.com",
        "secrets-store.csi.x-k8s.io",
        "security.istio.io",
        "serving.knative.dev",
        "snapshot.storage.k8s.io",
        "source.toolkit.fluxcd.io",
        "sparkoperator.k8s.io",
        "tekton.dev",
        "telemetry.istio.io",
        "velero.io",
    }
)


def is_known_group(group: str) -> bool:
    """Tell whether an API group is Kubernetes' own or one of the operators whose objects this tool reads."""
    native = group.endswith(".k8s.io") and not group.endswith(".x-k8s.io")
    return native or group in _KNOWN_GROUPS
