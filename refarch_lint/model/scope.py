"""Which kinds are cluster-scoped, from the Kubernetes API reference and the operators' own definitions."""

from __future__ import annotations

_CLUSTER_SCOPED_KINDS: dict[str, frozenset[str]] = {
    "": frozenset({"Namespace", "Node", "PersistentVolume", "ComponentStatus"}),
    "admissionregistration.k8s.io": frozenset(
        {
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        }
    ),
    "apiextensions.k8s.io": frozenset({"CustomResourceDefinition"}),
    "apiregistration.k8s.io": frozenset({"APIService"}),
    "certificates.k8s.io": frozenset({"CertificateSigningRequest", "ClusterTrustBundle"}),
    "flowcontrol.apiserver.k8s.io": frozenset({"FlowSchema", "PriorityLevelConfiguration"}),
    "internal.apiserver.k8s.io": frozenset({"StorageVersion"}),
    "networking.k8s.io": frozenset({"IngressClass", "IPAddress", "ServiceCIDR"}),
    "node.k8s.io": frozenset({"RuntimeClass"}),
    "policy": frozenset({"PodSecurityPolicy"}),
    "rbac.authorization.k8s.io": frozenset({"ClusterRole", "ClusterRoleBinding"}),
    "resource.k8s.io": frozenset({"DeviceClass", "ResourceSlice"}),
    "scheduling.k8s.io": frozenset({"PriorityClass"}),
    "storage.k8s.io": frozenset({"CSIDriver", "CSINode", "StorageClass", "VolumeAttachment", "VolumeAttributesClass"}),
    "storagemigration.k8s.io": frozenset({"StorageVersionMigration"}),
    "policy.networking.k8s.io": frozenset({"AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy"}),
    "gateway.networking.k8s.io": frozenset({"GatewayClass"}),
    "cert-manager.io": frozenset({"ClusterIssuer"}),
    "external-secrets.io": frozenset({"ClusterSecretStore", "ClusterExternalSecret"}),
    "snapshot.storage.k8s.io": frozenset({"VolumeSnapshotClass", "VolumeSnapshotContent"}),
    "cilium.io": frozenset({"CiliumClusterwideNetworkPolicy", "CiliumNode", "CiliumIdentity"}),
    "crd.projectcalico.org": frozenset({"GlobalNetworkPolicy", "GlobalNetworkSet", "IPPool"}),
    "projectcalico.org": frozenset({"GlobalNetworkPolicy", "GlobalNetworkSet", "IPPool"}),
    "kyverno.io": frozenset({"ClusterPolicy", "ClusterCleanupPolicy"}),
    "postgresql.cnpg.io": frozenset({"ClusterImageCatalog"}),
    "argoproj.io": frozenset({"ClusterWorkflowTemplate", "ClusterAnalysisTemplate"}),
    "keda.sh": frozenset({"ClusterTriggerAuthentication"}),
    "project.openshift.io": frozenset({"Project"}),
}


def is_cluster_scoped(group: str, kind: str) -> bool:
    """Tell whether objects of this group and kind live outside any namespace; unknown kinds count as namespaced."""
    return kind in _CLUSTER_SCOPED_KINDS.get(group, ())
