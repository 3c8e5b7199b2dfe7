"""Fields, annotations and labels that Kubernetes deprecated or no longer reads, with what took their place.

The versions are those of the API server's own warnings (kubernetes/pkg/api/{pod,service,node,persistentvolume}), of the
release notes and of the reference of well-known labels, annotations and taints.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from refarch_lint.model.version import KubernetesVersion, parse_version

#: Stands for every version that is still in use.
ALWAYS = "always"


class Life(NamedTuple):
    """When something was deprecated, since when it has no effect (`ALWAYS`, a version, or empty), and its successor."""

    deprecated: str
    ignored: str
    instead: str


def told(life: Life, target: KubernetesVersion, without_effect: str = "is ignored") -> str | None:
    """Return what is to be said of it in a version: that it has no effect, that it is deprecated, or nothing."""
    use = f"; use {life.instead}" if life.instead else ""
    for since, what in ((life.ignored, without_effect), (life.deprecated, "is deprecated")):
        if since == ALWAYS:
            return f"{what}{use}"
        if since and target >= parse_version(since):
            return f"{what} since Kubernetes {since}{use}"
    return None


#: Annotations of pods; the field of the security context that replaces the first two is looked at before they are told.
SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"
APPARMOR_CONTAINER = "container.apparmor.security.beta.kubernetes.io/"
SECCOMP = Life("1.19", "1.27", "securityContext.seccompProfile")
APPARMOR = Life("1.30", "", "securityContext.appArmorProfile")
POD_ANNOTATIONS: Mapping[str, Life] = {
    "scheduler.alpha.kubernetes.io/critical-pod": Life("", "1.16", "priorityClassName"),
    "security.alpha.kubernetes.io/sysctls": Life("", "1.11", "securityContext.sysctls"),
    "security.alpha.kubernetes.io/unsafe-sysctls": Life("", "1.11", "securityContext.sysctls"),
    "scheduler.alpha.kubernetes.io/affinity": Life("", ALWAYS, "affinity"),
    "scheduler.alpha.kubernetes.io/tolerations": Life("", ALWAYS, "tolerations"),
    "pod.alpha.kubernetes.io/init-containers": Life("", "1.8", "initContainers"),
    "pod.beta.kubernetes.io/init-containers": Life("", "1.8", "initContainers"),
    "pod.alpha.kubernetes.io/initialized": Life("", "1.8", ""),
}

#: Annotations of other kinds, by group and kind.
OBJECT_ANNOTATIONS: Mapping[tuple[str, str], Mapping[str, Life]] = {
    ("", "Namespace"): {"net.beta.kubernetes.io/network-policy": Life("", "1.7", "a NetworkPolicy")},
    ("", "Service"): {
        "service.alpha.kubernetes.io/tolerate-unready-endpoints": Life("1.11", "1.24", "spec.publishNotReadyAddresses"),
        "service.kubernetes.io/topology-aware-hints": Life("1.27", "", "spec.trafficDistribution"),
        "service.beta.kubernetes.io/external-traffic": Life("", ALWAYS, "spec.externalTrafficPolicy"),
        "service.beta.kubernetes.io/healthcheck-nodeport": Life("", ALWAYS, "spec.healthCheckNodePort"),
    },
    ("", "PersistentVolumeClaim"): {
        "volume.beta.kubernetes.io/storage-class": Life("1.8", "", "spec.storageClassName"),
        "volume.alpha.kubernetes.io/storage-class": Life("", ALWAYS, "spec.storageClassName"),
    },
    ("", "PersistentVolume"): {
        "volume.beta.kubernetes.io/storage-class": Life("1.8", "", "spec.storageClassName"),
        "volume.beta.kubernetes.io/mount-options": Life("1.31", "", "spec.mountOptions"),
    },
    ("storage.k8s.io", "StorageClass"): {
        "storageclass.beta.kubernetes.io/is-default-class": Life(
            ALWAYS, "", "annotation storageclass.kubernetes.io/is-default-class"
        ),
    },
    ("", "Node"): {"scheduler.alpha.kubernetes.io/preferAvoidPods": Life("", "1.22", "a taint")},
}

INGRESS_CLASS_ANNOTATION = "kubernetes.io/ingress.class"
INGRESS_CLASS = Life("1.18", "", "spec.ingressClassName")
#: Classes of controllers that read the annotation and no field.
ANNOTATED_CLASSES = frozenset({"gce", "gce-internal"})

#: Labels that nodes carry.
NODE_LABELS: Mapping[str, Life] = {
    "beta.kubernetes.io/arch": Life("1.14", "", "kubernetes.io/arch"),
    "beta.kubernetes.io/os": Life("1.14", "", "kubernetes.io/os"),
    "beta.kubernetes.io/instance-type": Life("1.17", "", "node.kubernetes.io/instance-type"),
    "failure-domain.beta.kubernetes.io/region": Life("1.17", "", "topology.kubernetes.io/region"),
    "failure-domain.beta.kubernetes.io/zone": Life("1.17", "", "topology.kubernetes.io/zone"),
}

#: Volume plugins inside Kubernetes, by the field that asks for them.
VOLUMES: Mapping[str, Life] = {
    "photonPersistentDisk": Life("1.11", "1.16", "a CSI driver"),
    "scaleIO": Life("1.16", "1.22", "a CSI driver"),
    "flocker": Life("1.22", "1.25", "a CSI driver"),
    "storageos": Life("1.22", "1.25", "a CSI driver"),
    "quobyte": Life("1.22", "1.25", "a CSI driver"),
    "glusterfs": Life("1.25", "1.26", "a CSI driver"),
    "cephfs": Life("1.28", "1.31", "the CSI driver cephfs.csi.ceph.com"),
    "rbd": Life("1.28", "1.31", "the CSI driver rbd.csi.ceph.com"),
    "gitRepo": Life("1.11", "1.33", "an init container that clones into an emptyDir"),
    "flexVolume": Life("1.23", "", "a CSI driver"),
    "awsElasticBlockStore": Life("1.17", "", "the CSI driver ebs.csi.aws.com"),
    "azureDisk": Life("1.19", "", "the CSI driver disk.csi.azure.com"),
    "azureFile": Life("1.21", "", "the CSI driver file.csi.azure.com"),
    "cinder": Life(ALWAYS, "", "the CSI driver cinder.csi.openstack.org"),
    "gcePersistentDisk": Life("1.17", "", "the CSI driver pd.csi.storage.gke.io"),
    "portworxVolume": Life("1.25", "", "the CSI driver pxd.portworx.com"),
    "vsphereVolume": Life(ALWAYS, "", "the CSI driver csi.vsphere.vmware.com"),
}

#: Resources that are served in another API group (deprecation guide: removed in 1.16 and 1.22), by group and name.
MOVED_RESOURCES: Mapping[tuple[str, str], Life] = {
    ("extensions", "daemonsets"): Life("", "1.16", "apps"),
    ("extensions", "deployments"): Life("", "1.16", "apps"),
    ("extensions", "ingresses"): Life("", "1.22", "networking.k8s.io"),
    ("extensions", "networkpolicies"): Life("", "1.16", "networking.k8s.io"),
    ("extensions", "replicasets"): Life("", "1.16", "apps"),
}
