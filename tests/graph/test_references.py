"""What becomes of every name: found, provided, missing, a missing key, or not to be judged from here."""

from __future__ import annotations

import pytest

from refarch_lint.graph.edge import Reference, ReferenceStatus, Relation
from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.graph.references import ExternalName
from tests.graph.trees import graph_of, named, references_of, service, thing, workload

FOUND, PROVIDED = ReferenceStatus.FOUND, ReferenceStatus.PROVIDED
MISSING, KEY_MISSING, UNVERIFIABLE = (
    ReferenceStatus.MISSING,
    ReferenceStatus.KEY_MISSING,
    ReferenceStatus.UNVERIFIABLE,
)


def reads_secret(name: str, key: str = "password", optional: str = "") -> str:
    reference = f"{{name: {name}, key: {key}{optional}}}"
    return workload(container=f"env: [{{name: PASSWORD, valueFrom: {{secretKeyRef: {reference}}}}}]")


def secret_of(graph: ResourceGraph) -> Reference:
    found = [item for item in graph.references if item.kind == "Secret"]
    assert len(found) == 1
    return found[0]


SECRET = thing("v1", "Secret", "db", "stringData: {password: x}\n")


def test_an_object_of_the_tree_is_found_at_both_ends() -> None:
    graph = graph_of(reads_secret("db"), SECRET)
    reference = secret_of(graph)
    assert (reference.status, reference.target, reference.key) == (FOUND, named(graph, "Secret"), "password")
    assert str(reference.place.locate()) == "app.yaml:12:65"
    (edge,) = graph.incoming(named(graph, "Secret"), Relation.READS)
    assert edge.source.resource is named(graph, "Deployment")


def test_a_key_that_the_object_lacks_is_missing() -> None:
    reference = secret_of(graph_of(reads_secret("db", "user"), SECRET))
    assert reference.status is KEY_MISSING
    assert reference.is_broken


@pytest.mark.parametrize("field", ["data", "stringData", "binaryData"])
def test_a_key_may_stand_in_any_of_the_fields(field: str) -> None:
    secret = thing("v1", "Secret", "db", f"{field}: {{password: eA==}}\n")
    assert secret_of(graph_of(reads_secret("db"), secret)).status is FOUND


def test_the_control_plane_fills_secrets_of_service_accounts() -> None:
    secret = thing("v1", "Secret", "db", "type: kubernetes.io/service-account-token\n")
    assert secret_of(graph_of(reads_secret("db", "token"), secret)).status is FOUND


def test_an_object_of_another_namespace_does_not_count() -> None:
    other = thing("v1", "Secret", "db", "stringData: {password: x}\n", namespace="elsewhere")
    assert secret_of(graph_of(reads_secret("db"), other)).status is MISSING


def test_names_are_case_sensitive() -> None:
    assert secret_of(graph_of(reads_secret("DB"), SECRET)).status is MISSING


def test_optional_references_may_dangle() -> None:
    reference = secret_of(graph_of(reads_secret("gone", optional=", optional: true")))
    assert (reference.status, reference.note) == (PROVIDED, "marked optional")
    assert secret_of(graph_of(reads_secret("gone", optional=", optional: false"))).status is MISSING


EXTERNAL = """\
spec:
  secretStoreRef: {name: vault, kind: ClusterSecretStore}
"""


@pytest.mark.parametrize(
    ("spec", "key", "status"),
    [
        ("  data: [{secretKey: password, remoteRef: {key: db}}]\n", "password", PROVIDED),
        ("  data: [{secretKey: password, remoteRef: {key: db}}]\n", "user", KEY_MISSING),
        ("  dataFrom: [{extract: {key: db}}]\n", "anything", PROVIDED),
        ("  data: [{secretKey: p}]\n  target: {template: {data: {url: x}}}\n", "url", PROVIDED),
        ("  data: [{secretKey: p}]\n  target: {template: {data: {url: x}}}\n", "p", KEY_MISSING),
        ("  data: [{secretKey: p}]\n  target: {template: {mergePolicy: Merge, data: {url: x}}}\n", "p", PROVIDED),
        ("  data: [{secretKey: p}]\n  target: {template: {templateFrom: [{literal: x}]}}\n", "q", PROVIDED),
    ],
)
def test_external_secret(spec: str, key: str, status: ReferenceStatus) -> None:
    graph = graph_of(reads_secret("db", key), thing("external-secrets.io/v1", "ExternalSecret", "db", EXTERNAL + spec))
    assert secret_of(graph).status is status


def test_an_external_secret_provides_the_name_of_its_target() -> None:
    external = thing("external-secrets.io/v1", "ExternalSecret", "x", EXTERNAL + "  target: {name: db}\n")
    graph = graph_of(reads_secret("db"), external)
    reference = secret_of(graph)
    assert (reference.status, reference.target) == (KEY_MISSING, named(graph, "ExternalSecret"))
    assert secret_of(graph_of(reads_secret("x"), external)).status is MISSING


def test_sealed_secret_provides_its_keys_and_those_of_its_template() -> None:
    sealed = thing(
        "bitnami.com/v1alpha1",
        "SealedSecret",
        "db",
        "spec: {encryptedData: {password: AgB}, template: {data: {url: 'x'}}}\n",
    )
    assert secret_of(graph_of(reads_secret("db"), sealed)).status is PROVIDED
    assert secret_of(graph_of(reads_secret("db", "url"), sealed)).status is PROVIDED
    assert secret_of(graph_of(reads_secret("db", "user"), sealed)).status is KEY_MISSING


def ingress(secret: str = "web-tls", annotation: str = "", hosts: str = "[example.org]") -> str:
    return (
        f"apiVersion: networking.k8s.io/v1\nkind: Ingress\n"
        f"metadata: {{name: web, namespace: shop, annotations: {{{annotation}}}}}\n"
        f"spec:\n  tls: [{{hosts: {hosts}, secretName: {secret}}}]\n"
        "  defaultBackend: {service: {name: api, port: {number: 80}}}\n"
    )


@pytest.mark.parametrize("annotation", ["cert-manager.io/cluster-issuer: le", "cert-manager.io/issuer: le"])
def test_ingress_shim_provides_the_certificate(annotation: str) -> None:
    assert secret_of(graph_of(ingress(annotation=annotation))).status is PROVIDED


def test_ingress_shim_passes_over_entries_without_hosts() -> None:
    assert secret_of(graph_of(ingress(annotation="cert-manager.io/issuer: le", hosts="[]"))).status is MISSING


def test_an_ingress_without_an_issuer_provides_nothing() -> None:
    assert secret_of(graph_of(ingress())).status is MISSING


def test_certificate_provides_its_secret_with_the_keys_of_a_certificate() -> None:
    certificate = thing(
        "cert-manager.io/v1", "Certificate", "x", "spec: {secretName: web-tls, issuerRef: {name: le}}\n"
    )
    assert secret_of(graph_of(ingress(), certificate)).status is PROVIDED
    assert secret_of(graph_of(reads_secret("web-tls", "tls.key"), certificate)).status is PROVIDED
    assert secret_of(graph_of(reads_secret("web-tls", "keystore.p12"), certificate)).status is KEY_MISSING


GATEWAY = """\
spec:
  gatewayClassName: public
  listeners:
  - {name: https, hostname: HOST, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: web-tls}]}}
"""


def gateway(annotation: str = "", host: str = "example.org") -> str:
    metadata = f"metadata: {{name: web, namespace: shop, annotations: {{{annotation}}}}}\n"
    return "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\n" + metadata + GATEWAY.replace("HOST", host)


def test_gateway_shim_provides_the_certificates_of_listeners_with_a_host() -> None:
    issued = "cert-manager.io/cluster-issuer: le"
    assert secret_of(graph_of(gateway(issued))).status is PROVIDED
    assert secret_of(graph_of(gateway(issued, host='""'))).status is MISSING
    assert secret_of(graph_of(gateway())).status is MISSING


def test_generators_provide_names_without_their_suffix() -> None:
    generator = (
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
        "secretGenerator: [{name: db, envs: [.env]}]\nconfigMapGenerator: [{name: settings, literals: [a=b]}]\n"
    )
    graph = graph_of(
        reads_secret("db", "any"),
        workload(name="web", container="envFrom: [{configMapRef: {name: settings}}]"),
        generator,
    )
    assert {item.kind: item.status for item in graph.references if item.kind != "ServiceAccount"} == {
        "Secret": PROVIDED,
        "ConfigMap": PROVIDED,
    }


@pytest.mark.parametrize(
    ("api", "kind", "secret"),
    [
        ("postgresql.cnpg.io/v1", "Cluster", "db-app"),
        ("kafka.strimzi.io/v1beta2", "KafkaUser", "db"),
        ("rabbitmq.com/v1beta1", "RabbitmqCluster", "db-default-user"),
        ("elasticsearch.k8s.elastic.co/v1", "Elasticsearch", "db-es-elastic-user"),
    ],
)
def test_operators_provide_secrets(api: str, kind: str, secret: str) -> None:
    assert secret_of(graph_of(reads_secret(secret), thing(api, kind, "db"))).status is PROVIDED


def test_an_operator_kind_that_is_unknown_may_provide_what_bears_its_name() -> None:
    unknown = thing("databases.example.org/v1", "Postgres", "db")
    reference = secret_of(graph_of(reads_secret("db-credentials"), unknown))
    assert (reference.status, reference.note) == (UNVERIFIABLE, "Postgres/db may provide it")
    assert secret_of(graph_of(reads_secret("jwt"), unknown)).status is MISSING


def test_an_operator_kind_that_is_unknown_may_provide_what_it_names() -> None:
    unknown = thing("databases.example.org/v1", "Postgres", "main", "spec: {out: [{secretName: jwt}]}\n")
    reference = secret_of(graph_of(reads_secret("jwt"), unknown))
    assert (reference.status, reference.note) == (UNVERIFIABLE, "Postgres/main names it and may provide it")
    assert secret_of(graph_of(reads_secret("jwt-key"), unknown)).status is MISSING


def test_a_declared_external_object_is_provided() -> None:
    external = (ExternalName("Secret", "sh*", "db-*"),)
    reference = secret_of(graph_of(reads_secret("db-main"), external=external))
    assert (reference.status, reference.note) == (PROVIDED, "declared external in the configuration")
    assert secret_of(graph_of(reads_secret("cache-main"), external=external)).status is MISSING


def test_what_the_cluster_makes_itself_is_provided() -> None:
    graph = graph_of(
        workload(container="envFrom: [{configMapRef: {name: kube-root-ca.crt}}]"),
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: b}\n"
        "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: 'system:node'}\n"
        "subjects: [{kind: ServiceAccount, name: default, namespace: shop}]\n",
    )
    assert {item.status for item in graph.references} == {PROVIDED}


def test_a_namespace_that_is_not_in_the_tree_cannot_be_judged() -> None:
    graph = graph_of(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: b}\n"
        "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: own}\n"
        "subjects: [{kind: ServiceAccount, name: robot, namespace: elsewhere}]\n"
    )
    (account,) = references_of(graph, Relation.BINDS)
    assert (account.status, account.note) == (UNVERIFIABLE, "namespace elsewhere is not part of the tree")
    (role,) = references_of(graph, Relation.GRANTS)
    assert role.status is MISSING


@pytest.mark.parametrize(
    ("port", "status"),
    [("number: 80", FOUND), ("name: main", FOUND), ("number: 81", KEY_MISSING), ("name: other", KEY_MISSING)],
)
def test_ports_of_backends(port: str, status: ReferenceStatus) -> None:
    route = ingress().replace("number: 80", port)
    (backend,) = references_of(graph_of(route, service()), Relation.ROUTES_TO)
    assert backend.status is status


def test_a_service_without_a_port_name_is_not_found_by_an_empty_one() -> None:
    unnamed = service().replace("{name: main, port: 80}", "{port: 80}")
    (backend,) = references_of(graph_of(ingress().replace("number: 80", "number: 8080"), unnamed), Relation.ROUTES_TO)
    assert backend.status is KEY_MISSING


def test_old_backends_and_resource_backends() -> None:
    old = "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: old, namespace: shop}\nspec:\n"
    graph = graph_of(
        old + "  backend: {serviceName: api, servicePort: main}\n",
        ingress().replace("service: {name: api, port: {number: 80}}", "resource: {kind: Bucket, name: b}"),
        service(),
    )
    assert [item.status for item in references_of(graph, Relation.ROUTES_TO)] == [FOUND]


def test_routes_reach_across_namespaces_where_they_say_so() -> None:
    route = thing(
        "gateway.networking.k8s.io/v1",
        "HTTPRoute",
        "web",
        "spec: {parentRefs: [{name: edge, namespace: infra}], rules: [{backendRefs: "
        "[{name: api, namespace: other, port: 80}, {name: api, port: 80}]}]}\n",
    )
    graph = graph_of(route, service(namespace="other"))
    assert [item.status for item in references_of(graph, Relation.ROUTES_TO)] == [FOUND, MISSING]
    (parent,) = references_of(graph, Relation.USES)
    assert parent.status is UNVERIFIABLE


@pytest.mark.parametrize(
    ("volume", "status"),
    [
        ("secret: {secretName: db}", FOUND),
        ("secret: {secretName: db, items: [{key: password, path: p}]}", FOUND),
        ("secret: {secretName: db, items: [{key: other, path: p}]}", KEY_MISSING),
        ("secret: {secretName: gone}", MISSING),
        ("secret: {secretName: gone, optional: true}", PROVIDED),
        ("projected: {sources: [{secret: {name: db}}]}", FOUND),
        ("projected: {sources: [{secret: {name: gone}}]}", MISSING),
        ("csi: {driver: x, nodePublishSecretRef: {name: gone}}", MISSING),
    ],
)
def test_volumes(volume: str, status: ReferenceStatus) -> None:
    graph = graph_of(workload(pod=f"volumes: [{{name: v, {volume}}}]"), SECRET)
    assert secret_of(graph).status is status


def test_claims_of_a_stateful_set_are_provided_by_its_templates() -> None:
    graph = graph_of(
        workload("StatefulSet", "db", spec="volumeClaimTemplates: [{metadata: {name: data}, spec: {}}]"),
        workload(name="reader", pod="volumes: [{name: v, persistentVolumeClaim: {claimName: data-db-0}}]"),
        workload(name="lost", pod="volumes: [{name: v, persistentVolumeClaim: {claimName: data-dbs-0}}]"),
    )
    claims = [item for item in graph.references if item.kind == "PersistentVolumeClaim"]
    assert [item.status for item in claims] == [PROVIDED, MISSING]


def test_accounts_governing_services_and_pull_secrets() -> None:
    graph = graph_of(
        workload(
            "StatefulSet",
            "db",
            spec="serviceName: db",
            pod="serviceAccountName: robot\nimagePullSecrets: [{name: registry}]",
        ),
        thing("v1", "ServiceAccount", "robot", "imagePullSecrets: [{name: registry}]\n"),
    )
    assert [(item.relation, item.kind, item.status) for item in graph.references] == [
        (Relation.USES, "Secret", MISSING),
        (Relation.RUNS_AS, "ServiceAccount", FOUND),
        (Relation.GOVERNED_BY, "Service", MISSING),
        (Relation.USES, "Secret", MISSING),
    ]


def test_missing_objects_are_told_once_with_everybody_who_names_them() -> None:
    graph = graph_of(reads_secret("jwt"), workload(name="web", container="envFrom: [{secretRef: {name: jwt}}]"))
    ((key, items),) = graph.missing_objects.items()
    assert key == ("", "Secret", "shop", "jwt")
    assert [item.place.resource.name for item in items] == ["api", "web"]


@pytest.mark.parametrize("value", ["5", "[1, 2]", "{a: b}", "null", "true", '""'])
def test_names_of_any_type_are_passed_over(value: str) -> None:
    graph = graph_of(
        workload(
            container=f"env: [{{name: A, valueFrom: {{secretKeyRef: {{name: {value}, key: {value}}}}}}}]\n"
            f"envFrom: [{value}, {{secretRef: {value}}}]",
            pod=f"volumes: [{value}, {{secret: {value}}}, {{projected: {{sources: {value}}}}}]\n"
            f"imagePullSecrets: [{value}]\nserviceAccountName: {value}",
        ),
        ingress(secret=value, hosts=value).replace("name: api", f"name: {value}"),
    )
    assert [item.kind for item in graph.references if item.kind != "ServiceAccount"] == []
