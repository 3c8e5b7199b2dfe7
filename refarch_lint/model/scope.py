"""Which kinds are cluster-scoped, from the Kubernetes API reference and the operators' own definitions."""

from __future__ import annotations

_CALICO = frozenset(
    {
        "BGPConfiguration",
        "BGPPeer",
        "ClusterInformation",
        "FelixConfiguration",
        "GlobalNetworkPolicy",
        "GlobalNetworkSet",
        "HostEndpoint",
        "IPPool",
        "IPReservation",
        "KubeControllersConfiguration",
        "Tier",
    }
)

#: Groups of which every kind is.
_CLUSTER_SCOPED_GROUPS = frozenset(
    {
        "apiextensions.crossplane.io",
        "config.openshift.io",
        "constraints.gatekeeper.sh",
        "karpenter.k8s.aws",
        "karpenter.sh",
        "mutations.gatekeeper.sh",
        "operator.tigera.io",
        "pkg.crossplane.io",
        "templates.gatekeeper.sh",
    }
)

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
    "external-secrets.io": frozenset({"ClusterSecretStore", "ClusterExternalSecret", "ClusterPushSecret"}),
    "generators.external-secrets.io": frozenset({"ClusterGenerator"}),
    "trust.cert-manager.io": frozenset({"Bundle"}),
    "snapshot.storage.k8s.io": frozenset({"VolumeSnapshotClass", "VolumeSnapshotContent"}),
    "cilium.io": frozenset(
        {
            "CiliumBGPAdvertisement",
            "CiliumBGPClusterConfig",
            "CiliumBGPPeerConfig",
            "CiliumBGPPeeringPolicy",
            "CiliumCIDRGroup",
            "CiliumClusterwideEnvoyConfig",
            "CiliumClusterwideNetworkPolicy",
            "CiliumEgressGatewayPolicy",
            "CiliumIdentity",
            "CiliumL2AnnouncementPolicy",
            "CiliumLoadBalancerIPPool",
            "CiliumNode",
        }
    ),
    "crd.projectcalico.org": _CALICO,
    "projectcalico.org": _CALICO,
    "kyverno.io": frozenset({"ClusterPolicy", "ClusterCleanupPolicy"}),
    "postgresql.cnpg.io": frozenset({"ClusterImageCatalog"}),
    "argoproj.io": frozenset({"ClusterWorkflowTemplate", "ClusterAnalysisTemplate"}),
    "keda.sh": frozenset({"ClusterTriggerAuthentication"}),
    "project.openshift.io": frozenset({"Project"}),
    "security.openshift.io": frozenset({"SecurityContextConstraints"}),
    "configuration.konghq.com": frozenset({"KongClusterPlugin"}),
    "elbv2.k8s.aws": frozenset({"IngressClassParams"}),
    "eks.amazonaws.com": frozenset({"NodeClass"}),
    "cloud.google.com": frozenset({"ComputeClass"}),
    "groupsnapshot.storage.k8s.io": frozenset({"VolumeGroupSnapshotClass", "VolumeGroupSnapshotContent"}),
    "kueue.x-k8s.io": frozenset({"ClusterQueue", "ResourceFlavor", "Topology"}),
    "scheduling.volcano.sh": frozenset({"Queue"}),
    "nvidia.com": frozenset({"ClusterPolicy"}),
    "nfd.k8s-sigs.io": frozenset({"NodeFeatureRule"}),
    "tailscale.com": frozenset({"Connector", "ProxyClass", "ProxyGroup"}),
    "tekton.dev": frozenset({"ClusterTask"}),
    "triggers.tekton.dev": frozenset({"ClusterInterceptor", "ClusterTriggerBinding"}),
    "policy.sigstore.dev": frozenset({"ClusterImagePolicy"}),
}


def is_cluster_scoped(group: str, kind: str) -> bool:
    """Tell whether objects of this group and kind live outside any namespace; unknown kinds count as namespaced."""
    return group in _CLUSTER_SCOPED_GROUPS or kind in _CLUSTER_SCOPED_KINDS.get(group, ())
