"""What objects make exist beside themselves: Secrets, Services and claims of operators, generators and sets."""

from __future__ import annotations

import pytest

from refarch_lint.graph.provision import ProvisionIndex
from tests.graph.trees import graph_of, thing, workload


def provisions(*texts: str) -> ProvisionIndex:
    return graph_of(*texts).provisions


@pytest.mark.parametrize(
    ("api", "kind", "services"),
    [
        ("postgresql.cnpg.io/v1", "Cluster", ["app-rw", "app-ro", "app-r"]),
        ("postgresql.cnpg.io/v1", "Pooler", ["app"]),
        ("kafka.strimzi.io/v1beta2", "Kafka", ["app-kafka-bootstrap", "app-kafka-brokers"]),
        ("rabbitmq.com/v1beta1", "RabbitmqCluster", ["app", "app-nodes"]),
        ("minio.min.io/v2", "Tenant", ["app-hl", "app-console", "minio"]),
        ("monitoring.coreos.com/v1", "Prometheus", ["prometheus-operated"]),
        ("monitoring.coreos.com/v1", "Alertmanager", ["alertmanager-operated"]),
        ("clickhouse.altinity.com/v1", "ClickHouseInstallation", ["clickhouse-app", "chi-app-main-0-0"]),
    ],
)
def test_operators_make_services(api: str, kind: str, services: list[str]) -> None:
    index = provisions(thing(api, kind, "app"))
    assert [name for name in services if index.find("Service", "shop", name) is None] == []
    assert index.find("Service", "elsewhere", services[0]) is None


def test_the_same_kind_of_another_group_makes_nothing() -> None:
    assert provisions(thing("cluster.x-k8s.io/v1", "Cluster", "app")).find("Service", "shop", "app-rw") is None


def test_a_provision_names_the_place_that_makes_it() -> None:
    external = thing("external-secrets.io/v1", "ExternalSecret", "x", "spec: {target: {name: db}}\n")
    found = provisions(external).find("Secret", "shop", "db")
    assert found is not None
    assert str(found.place.locate()) == "app.yaml:4:23"


def test_claims_are_named_by_template_set_and_ordinal() -> None:
    index = provisions(workload("StatefulSet", "db", spec="volumeClaimTemplates: [{metadata: {name: data}}]"))
    assert index.find("PersistentVolumeClaim", "shop", "data-db-2") is not None
    assert index.find("PersistentVolumeClaim", "shop", "data-other-2") is None


def test_generated_names_are_found_in_any_namespace() -> None:
    index = provisions(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nsecretGenerator: [{name: s}]\n"
    )
    assert index.find("Secret", "anywhere", "s") is not None
    assert index.find("ConfigMap", "anywhere", "s") is None


@pytest.mark.parametrize(
    ("api", "kind", "spec"),
    [
        ("secrets-store.csi.x-k8s.io/v1", "SecretProviderClass", "{secretObjects: [{secretName: db}]}"),
        ("secrets.hashicorp.com/v1beta1", "VaultStaticSecret", "{destination: {name: db, create: true}}"),
        ("onepassword.com/v1", "OnePasswordItem", "{itemPath: vaults/x}"),
    ],
)
def test_other_makers_of_secrets(api: str, kind: str, spec: str) -> None:
    index = provisions(thing(api, kind, "db", f"spec: {spec}\n"))
    found = index.find("Secret", "shop", "db")
    assert found is not None
    assert found.keys is None


@pytest.mark.parametrize("spec", ["5", "[]", "{target: 5, data: {a: b}}", "{target: {name: 5, template: []}}"])
def test_specifications_of_any_type_are_read(spec: str) -> None:
    index = provisions(thing("external-secrets.io/v1", "ExternalSecret", "x", f"spec: {spec}\n"))
    assert index.find("Secret", "shop", "x") is not None


def test_a_monitor_of_the_same_name_does_not_stand_for_a_missing_service() -> None:
    reader = workload(container="env: [{name: CACHE_HOST, value: cache}, {name: CACHE_PORT, value: '6379'}]")
    monitor = thing(
        "monitoring.coreos.com/v1", "PodMonitor", "cache", "spec: {selector: {matchLabels: {app: cache}}}\n"
    )
    assert [(need.host, need.status) for need in graph_of(reader, monitor).needs] == [("cache", "missing-service")]


MIRRORED = (
    "apiVersion: v1\nkind: {kind}\nmetadata:\n  name: registry\n  namespace: platform\n"
    "  annotations: {{reflector.v1.k8s.emberstack.com/reflection-auto-enabled: '{value}'}}\n"
)
GENERATING = "spec: {rules: [{name: a, generate: {apiVersion: v1, kind: Secret, name: %s, namespace: x}}]}\n"


@pytest.mark.parametrize(
    "text",
    [
        thing("external-secrets.io/v1", "ClusterExternalSecret", "registry"),
        thing("external-secrets.io/v1", "ClusterExternalSecret", "x", "spec: {externalSecretName: registry}\n"),
        thing("kyverno.io/v1", "ClusterPolicy", "x", GENERATING % "registry"),
        MIRRORED.format(kind="Secret", value="true"),
    ],
)
def test_what_is_made_in_many_namespaces(text: str) -> None:
    assert provisions(text).find("Secret", "shop", "registry") is not None


@pytest.mark.parametrize(
    "text",
    [
        thing("rabbitmq.com/v1beta1", "Policy", "x", GENERATING % "registry"),
        thing("kyverno.io/v1", "ClusterPolicy", "x", GENERATING % '"{{request.name}}"'),
        thing("kyverno.io/v1", "ClusterPolicy", "x", "spec: {rules: [3, {generate: [a]}]}\n"),
        MIRRORED.format(kind="Secret", value="false"),
        MIRRORED.format(kind="ConfigMap", value="true"),
    ],
)
def test_what_is_made_in_no_other_namespace(text: str) -> None:
    assert provisions(text).find("Secret", "shop", "registry") is None
