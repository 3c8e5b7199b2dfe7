"""Names that objects of operators and of the cluster itself use for other objects, as a table of paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from refarch_lint.graph.edge import Relation
from refarch_lint.graph.naming import Naming
from refarch_lint.graph.place import Place
from refarch_lint.location import Path
from refarch_lint.model.resource import Resource, mapping
from refarch_lint.model.scope import is_cluster_scoped


class Mention(NamedTuple):
    """Where an object names another: the path to a mapping with a name, or to the name itself where `name` is empty.

    `*` in a path is every item of a list. `kind` and `group` are what is named where the mapping does not say by the
    entry `kind`; an entry `namespace` is the namespace, else it is the object's own.
    `key` is where the mapping says which entry of a Secret or ConfigMap it means.
    """

    path: str
    group: str
    kind: str
    name: str = "name"
    relation: Relation = Relation.USES
    optional: bool = False
    key: str = ""


_ARGO: Final = "argoproj.io"
_CNPG: Final = "postgresql.cnpg.io"
_FLINK: Final = "flink.apache.org"
_FLUX: Final = "source.toolkit.fluxcd.io"
_ISTIO: Final = "networking.istio.io"
_MARIADB: Final = "k8s.mariadb.com"
_SPARK: Final = "sparkoperator.k8s.io"
_STRIMZI: Final = "kafka.strimzi.io"
_VELERO: Final = "velero.io"

_STRIMZI_CLUSTER: Final = Mention("metadata/labels/strimzi.io~1cluster", _STRIMZI, "Kafka", "")
_CNPG_CLUSTER: Final = Mention("spec/cluster", _CNPG, "Cluster")
_RABBITMQ_CLUSTER: Final = Mention("spec/rabbitmqClusterReference", "rabbitmq.com", "RabbitmqCluster")
_SPARK_PODS: Final = ("driver", "executor")
#: Of each of Percona's operators: its group, what its backups and restores are named after, its cluster, their field.
_PERCONA: Final = (
    ("pgv2.percona.com", "PerconaPG", "PerconaPGCluster", "pgCluster"),
    ("psmdb.percona.com", "PerconaServerMongoDB", "PerconaServerMongoDB", "clusterName"),
    ("pxc.percona.com", "PerconaXtraDBCluster", "PerconaXtraDBCluster", "pxcCluster"),
)
_WEBHOOK: Final = Mention("webhooks/*/clientConfig/service", "", "Service")
_POLICY_TARGETS: Final = (
    Mention("spec/targetRef", "gateway.networking.k8s.io", "Gateway"),
    Mention("spec/targetRefs/*", "gateway.networking.k8s.io", "Gateway"),
)

#: Group and kind of an object -> what it names (the projects' own API references).
MENTIONS: Final[Mapping[tuple[str, str], tuple[Mention, ...]]] = {
    ("", "PersistentVolumeClaim"): (
        Mention("spec/volumeName", "", "PersistentVolume", ""),
        Mention("spec/storageClassName", "storage.k8s.io", "StorageClass", ""),
        Mention("spec/dataSource", "", "PersistentVolumeClaim"),
    ),
    ("", "PersistentVolume"): (
        Mention("spec/claimRef", "", "PersistentVolumeClaim"),
        Mention("spec/storageClassName", "storage.k8s.io", "StorageClass", ""),
    ),
    ("", "Secret"): (
        Mention("metadata/annotations/kubernetes.io~1service-account.name", "", "ServiceAccount", "", Relation.ISSUES),
    ),
    ("discovery.k8s.io", "EndpointSlice"): (
        Mention("metadata/labels/kubernetes.io~1service-name", "", "Service", "", optional=True),
    ),
    ("networking.k8s.io", "Ingress"): (
        Mention("spec/ingressClassName", "networking.k8s.io", "IngressClass", ""),
        Mention("metadata/annotations/cert-manager.io~1issuer", "cert-manager.io", "Issuer", ""),
        Mention("metadata/annotations/cert-manager.io~1cluster-issuer", "cert-manager.io", "ClusterIssuer", ""),
    ),
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"): (_WEBHOOK,),
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"): (_WEBHOOK,),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"): (
        Mention("spec/policyName", "admissionregistration.k8s.io", "ValidatingAdmissionPolicy", ""),
    ),
    ("apiregistration.k8s.io", "APIService"): (Mention("spec/service", "", "Service"),),
    ("apiextensions.k8s.io", "CustomResourceDefinition"): (
        Mention("spec/conversion/webhook/clientConfig/service", "", "Service"),
    ),
    ("snapshot.storage.k8s.io", "VolumeSnapshot"): (
        Mention("spec/source/persistentVolumeClaimName", "", "PersistentVolumeClaim", ""),
        Mention("spec/volumeSnapshotClassName", "snapshot.storage.k8s.io", "VolumeSnapshotClass", ""),
    ),
    ("gateway.networking.k8s.io", "Gateway"): (
        Mention("spec/gatewayClassName", "gateway.networking.k8s.io", "GatewayClass", ""),
        Mention("metadata/annotations/cert-manager.io~1issuer", "cert-manager.io", "Issuer", ""),
        Mention("metadata/annotations/cert-manager.io~1cluster-issuer", "cert-manager.io", "ClusterIssuer", ""),
    ),
    ("gateway.networking.k8s.io", "BackendTLSPolicy"): (Mention("spec/targetRefs/*", "", "Service"),),
    ("gateway.envoyproxy.io", "BackendTrafficPolicy"): _POLICY_TARGETS,
    ("gateway.envoyproxy.io", "ClientTrafficPolicy"): _POLICY_TARGETS,
    ("gateway.envoyproxy.io", "SecurityPolicy"): _POLICY_TARGETS,
    (_ISTIO, "Gateway"): (Mention("spec/servers/*/tls/credentialName", "", "Secret", "", optional=True),),
    (_ISTIO, "VirtualService"): (Mention("spec/gateways/*", _ISTIO, "Gateway", ""),),
    ("keda.sh", "ScaledObject"): (Mention("spec/triggers/*/authenticationRef", "keda.sh", "TriggerAuthentication"),),
    ("keda.sh", "ScaledJob"): (Mention("spec/triggers/*/authenticationRef", "keda.sh", "TriggerAuthentication"),),
    ("keda.sh", "TriggerAuthentication"): (
        Mention("spec/secretTargetRef/*", "", "Secret", relation=Relation.READS, key="key"),
        Mention("spec/configMapTargetRef/*", "", "ConfigMap", relation=Relation.READS, key="key"),
    ),
    ("external-secrets.io", "PushSecret"): (
        Mention("spec/secretStoreRefs/*", "external-secrets.io", "SecretStore"),
    ),
    (_ARGO, "Sensor"): (Mention("spec/dependencies/*/eventSourceName", _ARGO, "EventSource", ""),),
    (_ARGO, "Application"): (Mention("spec/project", _ARGO, "AppProject", ""),),
    (_ARGO, "ApplicationSet"): (Mention("spec/template/spec/project", _ARGO, "AppProject", ""),),
    (_ARGO, "CronWorkflow"): (Mention("spec/workflowSpec/workflowTemplateRef", _ARGO, "WorkflowTemplate"),),
    (_ARGO, "Workflow"): (Mention("spec/workflowTemplateRef", _ARGO, "WorkflowTemplate"),),
    (_ARGO, "Rollout"): (
        Mention("spec/strategy/blueGreen/activeService", "", "Service", ""),
        Mention("spec/strategy/blueGreen/previewService", "", "Service", ""),
        Mention("spec/strategy/blueGreen/prePromotionAnalysis/templates/*", _ARGO, "AnalysisTemplate", "templateName"),
        Mention("spec/strategy/blueGreen/postPromotionAnalysis/templates/*", _ARGO, "AnalysisTemplate", "templateName"),
        Mention("spec/strategy/canary/stableService", "", "Service", ""),
        Mention("spec/strategy/canary/canaryService", "", "Service", ""),
        Mention("spec/strategy/canary/analysis/templates/*", _ARGO, "AnalysisTemplate", "templateName"),
        Mention("spec/strategy/canary/steps/*/analysis/templates/*", _ARGO, "AnalysisTemplate", "templateName"),
        Mention("spec/strategy/canary/trafficRouting/nginx/stableIngress", "networking.k8s.io", "Ingress", ""),
        Mention("spec/strategy/canary/trafficRouting/alb/ingress", "networking.k8s.io", "Ingress", ""),
        Mention("spec/strategy/canary/trafficRouting/istio/virtualService", _ISTIO, "VirtualService"),
        Mention("spec/strategy/canary/trafficRouting/istio/virtualServices/*", _ISTIO, "VirtualService"),
        Mention("spec/strategy/canary/trafficRouting/istio/destinationRule", _ISTIO, "DestinationRule"),
    ),
    ("monitoring.coreos.com", "Prometheus"): (
        Mention("spec/alerting/alertmanagers/*", "", "Service"),
        Mention("spec/secrets/*", "", "Secret", "", Relation.MOUNTS),
        Mention("spec/configMaps/*", "", "ConfigMap", "", Relation.MOUNTS),
    ),
    ("monitoring.coreos.com", "Alertmanager"): (
        Mention("spec/configSecret", "", "Secret", "", Relation.READS),
        Mention("spec/secrets/*", "", "Secret", "", Relation.MOUNTS),
        Mention("spec/configMaps/*", "", "ConfigMap", "", Relation.MOUNTS),
    ),
    (_VELERO, "Schedule"): (
        Mention("spec/template/storageLocation", _VELERO, "BackupStorageLocation", ""),
        Mention("spec/template/volumeSnapshotLocations/*", _VELERO, "VolumeSnapshotLocation", ""),
    ),
    (_VELERO, "Backup"): (
        Mention("spec/storageLocation", _VELERO, "BackupStorageLocation", ""),
        Mention("spec/volumeSnapshotLocations/*", _VELERO, "VolumeSnapshotLocation", ""),
    ),
    (_VELERO, "Restore"): (
        Mention("spec/scheduleName", _VELERO, "Schedule", ""),
        Mention("spec/backupName", _VELERO, "Backup", "", optional=True),
    ),
    (_CNPG, "ScheduledBackup"): (_CNPG_CLUSTER,),
    (_CNPG, "Backup"): (_CNPG_CLUSTER,),
    (_CNPG, "Pooler"): (
        _CNPG_CLUSTER,
        Mention("spec/pgbouncer/authQuerySecret", "", "Secret", relation=Relation.READS),
    ),
    (_CNPG, "Database"): (_CNPG_CLUSTER,),
    (_CNPG, "Publication"): (_CNPG_CLUSTER,),
    (_CNPG, "Subscription"): (_CNPG_CLUSTER,),
    (_CNPG, "Cluster"): (
        Mention("spec/plugins/*/parameters/barmanObjectName", "barmancloud.cnpg.io", "ObjectStore", ""),
        Mention("spec/imageCatalogRef", _CNPG, "ImageCatalog"),
        Mention("spec/bootstrap/recovery/backup", _CNPG, "Backup"),
        *(
            Mention(path, "", "Secret", relation=Relation.READS)
            for path in (
                "spec/superuserSecret", "spec/bootstrap/initdb/secret", "spec/bootstrap/recovery/secret",
                "spec/bootstrap/pg_basebackup/secret", "spec/managed/roles/*/passwordSecret", "spec/imagePullSecrets/*",
            )
        ),
        *(
            Mention(f"spec/certificates/{field}", "", "Secret", "", Relation.READS)
            for field in ("serverCASecret", "serverTLSSecret", "clientCASecret", "replicationTLSSecret")
        ),
    ),
    (_STRIMZI, "KafkaNodePool"): (_STRIMZI_CLUSTER,),
    (_STRIMZI, "KafkaTopic"): (_STRIMZI_CLUSTER,),
    (_STRIMZI, "KafkaUser"): (_STRIMZI_CLUSTER,),
    (_STRIMZI, "KafkaRebalance"): (_STRIMZI_CLUSTER,),
    (_STRIMZI, "KafkaConnector"): (Mention("metadata/labels/strimzi.io~1cluster", _STRIMZI, "KafkaConnect", ""),),
    (_FLINK, "FlinkDeployment"): (Mention("spec/serviceAccount", "", "ServiceAccount", "", Relation.RUNS_AS),),
    (_FLINK, "FlinkSessionJob"): (Mention("spec/deploymentName", _FLINK, "FlinkDeployment", ""),),
    (_FLINK, "FlinkStateSnapshot"): (Mention("spec/jobReference", _FLINK, "FlinkDeployment"),),
    (_SPARK, "SparkApplication"): tuple(
        Mention(f"spec/{pod}/serviceAccount", "", "ServiceAccount", "", Relation.RUNS_AS) for pod in _SPARK_PODS
    ),
    (_SPARK, "ScheduledSparkApplication"): tuple(
        Mention(f"spec/template/{pod}/serviceAccount", "", "ServiceAccount", "", Relation.RUNS_AS)
        for pod in _SPARK_PODS
    ),
    **{
        (_MARIADB, kind): (Mention("spec/mariaDbRef", _MARIADB, "MariaDB"),)
        for kind in ("Backup", "Connection", "Database", "Grant", "Restore", "SqlJob", "User")
    },
    **{
        (group, f"{stem}{act}"): (Mention(f"spec/{field}", group, cluster, ""),)
        for group, stem, cluster, field in _PERCONA
        for act in ("Backup", "Restore")
    },
    ("minio.min.io", "Tenant"): tuple(
        Mention(path, "", "Secret", relation=Relation.READS)
        for path in (
            "spec/configuration", "spec/credsSecret", "spec/users/*", "spec/externalCertSecret/*",
            "spec/externalCaCertSecret/*", "spec/externalClientCertSecret", "spec/imagePullSecret",
        )
    ),
    ("rabbitmq.com", "RabbitmqCluster"): (
        Mention("spec/secretBackend/externalSecret", "", "Secret", relation=Relation.READS),
        Mention("spec/imagePullSecrets/*", "", "Secret"),
    ),
    **{
        ("rabbitmq.com", kind): (_RABBITMQ_CLUSTER,)
        for kind in (
            "Binding", "Exchange", "Federation", "OperatorPolicy", "Permission", "Policy", "Queue", "SchemaReplication",
            "Shovel", "SuperStream", "TopicPermission", "Vhost",
        )
    },
    ("rabbitmq.com", "User"): (
        _RABBITMQ_CLUSTER,
        Mention("spec/importCredentialsSecret", "", "Secret", relation=Relation.READS),
    ),
    ("kustomize.toolkit.fluxcd.io", "Kustomization"): (Mention("spec/sourceRef", _FLUX, "GitRepository"),),
    ("helm.toolkit.fluxcd.io", "HelmRelease"): (Mention("spec/chart/spec/sourceRef", _FLUX, "HelmRepository"),),
    ("metallb.io", "L2Advertisement"): (Mention("spec/ipAddressPools/*", "metallb.io", "IPAddressPool", ""),),
    ("metallb.io", "BGPAdvertisement"): (Mention("spec/ipAddressPools/*", "metallb.io", "IPAddressPool", ""),),
}  # fmt: skip


#: Groups and kinds that the table names, and so are known even where the rest of their group is not.
MENTIONED: Final = frozenset((mention.group, mention.kind) for known in MENTIONS.values() for mention in known)


def operator_namings(resource: Resource) -> Iterator[Naming]:
    """Yield what the table says that an object names."""
    for mention in MENTIONS.get((resource.group, resource.kind), ()):
        for path, value in _walk(resource.data, (), mention.path.split("/")):
            yield from _naming(resource, mention, path, value)


def _walk(value: Any, path: Path, rest: list[str]) -> Iterator[tuple[Path, Any]]:
    if not rest:
        yield path, value
        return
    step, *others = rest
    if step == "*":
        for index, item in enumerate(value if isinstance(value, list) else ()):
            yield from _walk(item, (*path, index), others)
        return
    key = step.replace("~1", "/")
    if isinstance(value, dict) and key in value:
        yield from _walk(value[key], (*path, key), others)


def _naming(resource: Resource, mention: Mention, path: Path, value: Any) -> Iterator[Naming]:
    fields = mapping(value) if mention.name else {}
    name = fields.get(mention.name) if mention.name else value
    if not isinstance(name, str) or not name:
        return
    group, kind, namespace = mention.group, mention.kind, resource.namespace
    if isinstance(given := fields.get("kind"), str) and given:
        kind = given
        group = _group(fields, group)
    elif fields.get("clusterScope") is True:
        kind = f"Cluster{kind}"
    if isinstance(given := fields.get("namespace"), str) and given:
        namespace = given
    elif (group, kind) == (_ISTIO, "Gateway"):
        if name == "mesh":
            return
        before, slash, after = name.partition("/")
        namespace, name = (before, after) if slash else (namespace, name)
    if is_cluster_scoped(group, kind):
        namespace = ""
    place = Place(resource, (*path, mention.name) if mention.name else path)
    key = fields.get(mention.key) if mention.key else None
    entry = key if isinstance(key, str) and key else None
    yield Naming(mention.relation, place, group, kind, namespace, name, entry, mention.optional)


def _group(fields: Mapping[str, Any], default: str) -> str:
    """Return the group that a reference names, by itself or in front of a version; the kind's own where it does not."""
    for key in ("group", "apiGroup"):
        if isinstance(given := fields.get(key), str):
            return given
    version = fields.get("apiVersion")
    return version.rpartition("/")[0] if isinstance(version, str) else default
