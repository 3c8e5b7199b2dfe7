"""What objects of operators and of the cluster name: which objects, at which place, and what becomes of the name."""

from __future__ import annotations

import pytest

from refarch_lint.graph.edge import ReferenceStatus, Relation
from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.location import format_path
from refarch_lint.model.resource import Resource
from tests.graph.trees import graph_of


def item(api: str, kind: str, spec: str = "{}", name: str = "main", **metadata: str) -> str:
    more = "".join(f", {key}: {value}" for key, value in metadata.items())
    return f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop{more}}}\nspec: {spec}\n"


def named_by(graph: ResourceGraph, source: Resource) -> list[tuple[str, str, str, str]]:
    """Return what an object names: kind, namespace/name (and key), path of the name, what became of it."""
    return [
        (
            found.kind,
            f"{found.namespace}/{found.name}" + (f"#{found.key}" if found.key is not None else ""),
            format_path(found.place.path),
            found.status.value,
        )
        for found in graph.references_by_source.get(source, ())
    ]


CLUSTER = item("postgresql.cnpg.io/v1", "Cluster", name="pg")
LABELLED = "{strimzi.io/cluster: events}"


@pytest.mark.parametrize(
    ("text", "kind", "name", "path"),
    [
        (
            item("postgresql.cnpg.io/v1", "ScheduledBackup", "{cluster: {name: pg}}"),
            "Cluster",
            "pg",
            "spec.cluster.name",
        ),
        (
            item("kafka.strimzi.io/v1beta2", "KafkaTopic", labels=LABELLED),
            "Kafka",
            "events",
            "metadata.labels['strimzi.io/cluster']",
        ),
        (
            item("rabbitmq.com/v1beta1", "Queue", "{rabbitmqClusterReference: {name: mq}}"),
            "RabbitmqCluster",
            "mq",
            "spec.rabbitmqClusterReference.name",
        ),
        (
            item("argoproj.io/v1alpha1", "Rollout", "{strategy: {blueGreen: {activeService: web}}}"),
            "Service",
            "web",
            "spec.strategy.blueGreen.activeService",
        ),
        (
            item("keda.sh/v1alpha1", "ScaledObject", "{triggers: [{type: kafka}, {authenticationRef: {name: auth}}]}"),
            "TriggerAuthentication",
            "auth",
            "spec.triggers[1].authenticationRef.name",
        ),
        (
            item("snapshot.storage.k8s.io/v1", "VolumeSnapshot", "{source: {persistentVolumeClaimName: data}}"),
            "PersistentVolumeClaim",
            "data",
            "spec.source.persistentVolumeClaimName",
        ),
        (
            item("velero.io/v1", "Restore", "{scheduleName: nightly}"),
            "Schedule",
            "nightly",
            "spec.scheduleName",
        ),
    ],
)
def test_what_is_named_is_missing_where_the_tree_has_none(text: str, kind: str, name: str, path: str) -> None:
    others = (
        item("kafka.strimzi.io/v1beta2", "Kafka", name="a"),
        item("rabbitmq.com/v1beta1", "RabbitmqCluster", name="b"),
    )
    graph = graph_of(*others, text)
    assert named_by(graph, graph.resources[-1]) == [(kind, f"shop/{name}", path, "missing")]


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        (item("kafka.strimzi.io/v1beta2", "KafkaTopic", labels=LABELLED), "Kafka", "events"),
        (item("rabbitmq.com/v1beta1", "Queue", "{rabbitmqClusterReference: {name: mq}}"), "RabbitmqCluster", "mq"),
        (item("cert-manager.io/v1", "Certificate", "{issuerRef: {name: ca}}"), "Issuer", "ca"),
        (item("velero.io/v1", "Schedule", "{template: {storageLocation: far}}"), "BackupStorageLocation", "far"),
    ],
)
def test_what_a_platform_team_may_keep_is_not_judged_where_the_tree_has_none(text: str, kind: str, name: str) -> None:
    graph = graph_of(item("v1", "ConfigMap", name="other"), text)
    assert [(found[0], found[1], found[3]) for found in named_by(graph, graph.resources[-1])] == [
        (kind, f"shop/{name}", "unverifiable")
    ]


def test_a_kafka_cluster_is_named_in_the_namespace_that_its_operator_watches() -> None:
    spec = "{entityOperator: {topicOperator: {watchedNamespace: shop}}}"
    kafka = item("kafka.strimzi.io/v1beta2", "Kafka", spec, name="events").replace(
        "namespace: shop}", "namespace: kafka}"
    )
    graph = graph_of(kafka, item("kafka.strimzi.io/v1beta2", "KafkaTopic", labels=LABELLED))
    assert [found[3] for found in named_by(graph, graph.resources[-1])] == ["provided"]


def test_what_is_named_is_found_with_a_place_at_both_ends() -> None:
    graph = graph_of(CLUSTER, item("postgresql.cnpg.io/v1", "Pooler", "{cluster: {name: pg}}"))
    (edge,) = graph.edges
    assert (edge.relation, str(edge.source.locate()), str(edge.target.locate())) == (
        Relation.USES,
        "app.yaml:10:24",
        "app.yaml:3:18",
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            item(
                "postgresql.cnpg.io/v1",
                "Cluster",
                "{backup: {barmanObjectStore: {s3Credentials: {accessKeyId: {name: s3, key: ID}}}}, "
                "bootstrap: {initdb: {secret: {name: owner}}}, certificates: {serverTLSSecret: tls}}",
            ),
            ["owner", "tls", "s3#ID"],
        ),
        (item("minio.min.io/v2", "Tenant", "{configuration: {name: env}, users: [{name: user}]}"), ["env", "user"]),
        (
            item(
                "monitoring.coreos.com/v1",
                "ServiceMonitor",
                "{endpoints: [{port: http, basicAuth: {username: {name: auth, key: user}}}]}",
            ),
            ["auth#user"],
        ),
        (item("monitoring.coreos.com/v1", "Alertmanager", "{configSecret: receivers}"), ["receivers"]),
        (
            item("keda.sh/v1alpha1", "TriggerAuthentication", "{secretTargetRef: [{parameter: p, name: s, key: k}]}"),
            ["s#k"],
        ),
        (item("cert-manager.io/v1", "Issuer", "{ca: {secretName: root}}"), ["root"]),
        (
            item(
                "cert-manager.io/v1",
                "Issuer",
                "{acme: {privateKeySecretRef: {name: made}, solvers: "
                "[{dns01: {cloudflare: {apiTokenSecretRef: {name: dns, key: token}}}}]}}",
            ),
            ["dns#token"],
        ),
        (
            item("external-secrets.io/v1", "SecretStore", "{provider: {x: {auth: {tokenSecretRef: {name: vault}}}}}"),
            ["vault"],
        ),
        (item("kafka.strimzi.io/v1beta2", "KafkaConnect", "{tls: {trustedCertificates: [{secretName: ca}]}}"), ["ca"]),
        (item("velero.io/v1", "BackupStorageLocation", "{credential: {name: cloud, key: aws}}"), ["cloud#aws"]),
    ],
)
def test_secrets_that_operators_read(text: str, names: list[str]) -> None:
    graph = graph_of(text)
    found = named_by(graph, graph.resources[0])
    assert [(kind, name.removeprefix("shop/"), status) for kind, name, _, status in found if kind == "Secret"] == [
        ("Secret", name, "missing") for name in names
    ]


def test_a_config_map_that_an_operator_reads_is_no_secret() -> None:
    metrics = "{kafka: {metricsConfig: {valueFrom: {configMapKeyRef: {name: metrics, key: rules}}}}}"
    graph = graph_of(item("kafka.strimzi.io/v1beta2", "Kafka", metrics))
    assert [kind for kind, *_ in named_by(graph, graph.resources[0])] == ["ConfigMap"]


@pytest.mark.parametrize(
    "text",
    [
        item("external-secrets.io/v1", "ExternalSecret", "{data: [{secretKey: a, remoteRef: {name: x, key: y}}]}"),
        item("cert-manager.io/v1", "ClusterIssuer", "{ca: {secretName: root}}"),
        item("cert-manager.io/v1", "Certificate", "{secretName: made}"),
        item("example.com/v1", "Thing", "{secretRef: {name: x, key: y}}"),
        item("argoproj.io/v1alpha1", "Rollout", "{strategy: [], template: 3}"),
        item("keda.sh/v1alpha1", "ScaledObject", "{triggers: {authenticationRef: {name: [a]}}}"),
        item("postgresql.cnpg.io/v1", "Pooler", "{cluster: pg}"),
    ],
)
def test_what_names_nothing_here(text: str) -> None:
    graph = graph_of(text)
    assert named_by(graph, graph.resources[0]) == []


def test_what_other_teams_keep_is_not_missing() -> None:
    text = item("v1", "PersistentVolumeClaim", "{storageClassName: fast}")
    graph = graph_of(text, item("argoproj.io/v1alpha1", "Application", "{project: shop}"))
    assert {reference.status for reference in graph.references} == {ReferenceStatus.UNVERIFIABLE}


def test_gateways_of_the_mesh_are_named_with_their_namespace() -> None:
    graph = graph_of(item("networking.istio.io/v1", "VirtualService", "{gateways: [mesh, edge, infra/public]}"))
    assert [name for _, name, *_ in named_by(graph, graph.resources[0])] == ["shop/edge", "infra/public"]
