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


_NATIVE_GROUPS = frozenset(
    {
        "",
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "apps",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "autoscaling",
        "batch",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
        "extensions",
        "flowcontrol.apiserver.k8s.io",
        "internal.apiserver.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "policy",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "settings.k8s.io",
        "storage.k8s.io",
        "storagemigration.k8s.io",
    }
)

#: Groups and suffixes of files that configure a program and are never sent to a cluster.
_PROGRAM_GROUPS = frozenset(
    {
        "audit.k8s.io",
        "backstage.io",
        "ctlptl.dev",
        "eksctl.io",
        "k0s.k0sproject.io",
        "k3d.io",
        "kind.x-k8s.io",
        "kubeadm.k8s.io",
        "kustomize.config.k8s.io",
        "mirror.openshift.io",
        "skaffold",
        "tanka.dev",
    }
)
_PROGRAM_SUFFIX = ".config.k8s.io"

#: Kinds of the core group that are no objects of Kubernetes: client configuration, and OpenShift's own of old.
_FOREIGN_CORE_KINDS = frozenset(
    {"Config", "Template", "BuildConfig", "DeploymentConfig", "ImageStream", "ImageStreamTag", "Project", "Route"}
)


#: The group of kinds that nobody confuses with another of the same name, by which a wrong `apiVersion` shows.
_HOMES = {
    kind: group
    for group, kinds in {
        "": (
            "ConfigMap", "LimitRange", "Namespace", "PersistentVolume", "PersistentVolumeClaim", "Pod",
            "ReplicationController", "ResourceQuota", "Secret", "Service", "ServiceAccount",
        ),
        "apps": ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"),
        "autoscaling": ("HorizontalPodAutoscaler",),
        "batch": ("CronJob", "Job"),
        "networking.k8s.io": ("Ingress", "IngressClass", "NetworkPolicy"),
        "policy": ("PodDisruptionBudget",),
        "rbac.authorization.k8s.io": ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"),
        "storage.k8s.io": ("StorageClass",),
    }.items()
    for kind in kinds
}  # fmt: skip


def group_meant(group: str, kind: str) -> str:
    """Return the group of a native kind that stands under a native group which never had it, else the group itself.

    A Deployment of `v1` is refused by the server (`api-served` tells); what selects, protects and scales it is
    judged as it was meant.
    """
    home = _HOMES.get(kind, group)
    return home if group in _NATIVE_GROUPS and group != "extensions" else group


def is_native_group(group: str) -> bool:
    """Tell whether Kubernetes itself serves an API group, so that what its schemas do not know does not exist."""
    return group in _NATIVE_GROUPS


def is_foreign_core_kind(group: str, kind: str) -> bool:
    """Tell whether a kind is written as one of the core group though Kubernetes never had it."""
    return group == "" and kind in _FOREIGN_CORE_KINDS


def is_program_configuration(group: str, kind: str) -> bool:
    """Tell whether a file with this head configures a program (kustomize, kubeadm, kubectl) and is no object."""
    return group in _PROGRAM_GROUPS or group.endswith(_PROGRAM_SUFFIX) or (group == "" and kind == "Config")
