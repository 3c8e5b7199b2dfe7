"""Whatever stands where an object's fields should stand, no rule breaks down."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from refarch_lint.catalogue.catalogue import load_catalogue
from refarch_lint.config import Settings
from refarch_lint.evaluate.lint import lint
from refarch_lint.model.workload import POD_TEMPLATES

OTHERS = [
    ("v1", "ConfigMap"),
    ("v1", "LimitRange"),
    ("v1", "List"),
    ("v1", "Namespace"),
    ("v1", "PersistentVolumeClaim"),
    ("v1", "ResourceQuota"),
    ("v1", "Secret"),
    ("v1", "Service"),
    ("v1", "ServiceAccount"),
    ("argoproj.io/v1alpha1", "Application"),
    ("argoproj.io/v1alpha1", "AppProject"),
    ("autoscaling/v2", "HorizontalPodAutoscaler"),
    ("cert-manager.io/v1", "Certificate"),
    ("external-secrets.io/v1", "ExternalSecret"),
    ("gateway.networking.k8s.io/v1", "Gateway"),
    ("gateway.networking.k8s.io/v1", "HTTPRoute"),
    ("kafka.strimzi.io/v1", "Kafka"),
    ("keda.sh/v1alpha1", "ScaledObject"),
    ("kustomize.config.k8s.io/v1beta1", "Kustomization"),
    ("monitoring.coreos.com/v1", "PodMonitor"),
    ("monitoring.coreos.com/v1", "Prometheus"),
    ("monitoring.coreos.com/v1", "PrometheusRule"),
    ("monitoring.coreos.com/v1", "ServiceMonitor"),
    ("networking.istio.io/v1", "DestinationRule"),
    ("networking.istio.io/v1", "VirtualService"),
    ("networking.k8s.io/v1", "Ingress"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("policy/v1", "PodDisruptionBudget"),
    ("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy"),
    ("postgresql.cnpg.io/v1", "Cluster"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("velero.io/v1", "Schedule"),
]
KINDS = [(f"{group}/v1" if group else "v1", kind) for group, kind in POD_TEMPLATES] + OTHERS
FIELDS = ("spec", "data", "stringData", "rules", "subjects", "roleRef", "items", "metadata", "resources", "template")
VALUES: list[object] = [None, [], {}, "text", 5, True, [None], [[]], {"": None}, [{"name": 3}]]
GOOD = {
    "apiVersion": "apps/v1",
    "kind": "StatefulSet",
    "metadata": {"name": "postgres", "labels": {"app": "postgres"}},
    "spec": {
        "serviceName": "postgres",
        "template": {
            "metadata": {"labels": {"app": "postgres"}},
            "spec": {"containers": [{"name": "postgres", "image": "postgres:17.6"}]},
        },
    },
}


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_no_rule_breaks_down_on_a_field_of_any_type(value: object, tmp_path: Path) -> None:
    documents = [GOOD]
    for index, (api_version, kind) in enumerate(KINDS):
        for field in FIELDS:
            shell = {"apiVersion": api_version, "kind": kind, "metadata": {"name": f"n{index}-{field.lower()}"}}
            documents.append({**shell, field: value})
    (tmp_path / "all.yaml").write_text("\n---\n".join(json.dumps(document) for document in documents))
    report = lint([str(tmp_path)], Settings(architecture="full-stack"), load_catalogue())
    assert report.coverage.documents == len(documents)


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize(
    ("api_version", "kind"), sorted({pair for pair in KINDS if pair[1] in ("Deployment", "CronJob")})
)
def test_no_rule_breaks_down_inside_a_pod(value: object, api_version: str, kind: str, tmp_path: Path) -> None:
    documents: list[object] = [GOOD]
    fields = ("containers", "initContainers", "volumes", "affinity", "topologySpreadConstraints", "securityContext")
    for field in (*fields, "serviceAccountName", "imagePullSecrets", "resources", "tolerations", "hostAliases"):
        documents.append(workload(api_version, kind, f"pod-{field.lower()}", {field: value}))
    container = ("env", "envFrom", "ports", "image", "command", "args", "resources", "livenessProbe", "readinessProbe")
    for field in (*container, "lifecycle", "securityContext", "volumeMounts", "imagePullPolicy", "name"):
        spec = {"containers": [{"name": "app", "image": "registry.example.com/app:1", field: value}]}
        documents.append(workload(api_version, kind, f"container-{field.lower()}", spec))
    (tmp_path / "all.yaml").write_text("\n---\n".join(json.dumps(document) for document in documents))
    report = lint([str(tmp_path)], Settings(architecture="web-app"), load_catalogue())
    assert report.coverage.documents == len(documents)


def workload(api_version: str, kind: str, name: str, pod: dict[str, object]) -> dict[str, object]:
    template: dict[str, object] = {"metadata": {"labels": {"app": name}}, "spec": pod}
    spec: dict[str, object] = {"template": template}
    if kind == "CronJob":
        spec = {"schedule": "0 2 * * *", "jobTemplate": {"spec": spec}}
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, "spec": spec}
