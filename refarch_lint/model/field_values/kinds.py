"""Which checks an object of a native kind must pass: its metadata and the parts that its kind defines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from refarch_lint.model.field_values import (
    access,
    admission_policies,
    claims,
    cluster,
    configuration,
    definitions,
    devices,
    extensions,
    flow_control,
    jobs,
    network,
    pods,
    quotas,
    scaling,
    service_ranges,
    services,
    volumes,
    webhooks,
    workloads,
)
from refarch_lint.model.field_values.check import Check, Faults, Node, all_of, fields, since
from refarch_lint.model.field_values.common import LABELLED, domain_finalizer, metadata, metadata_present
from refarch_lint.model.field_values.formats import (
    Format,
    dns_label,
    dns_label_1035,
    dns_subdomain,
    driver_name,
    label_key,
    path_segment,
)
from refarch_lint.model.field_values.mounts import undeclared_mounts
from refarch_lint.model.field_values.pod_annotations import annotations_fit

_CRON_JOB_NAME_MAX = 52


class Kind(NamedTuple):
    """What a kind demands: the format and greatest length of its name, and checks of its fields and of the whole.

    `earlier` is the format of its name before a release.
    """

    fields: Mapping[str, Check]
    name: Format = dns_subdomain
    longest: int | None = None
    whole: tuple[Check, ...] = ()
    earlier: tuple[str, Format] | None = None


def _spec(check: Check, name: Format = dns_subdomain, longest: int | None = None) -> Kind:
    return Kind({"spec": check}, name, longest)


def _whole(check: Check, name: Format = dns_subdomain) -> Kind:
    return Kind({}, name, whole=(check,))


def _any_name(_: str) -> str | None:
    return None


_NAMED = Kind({})
_KINDS: dict[tuple[str, str], Kind] = {
    ("", "Binding"): Kind(cluster.BINDING),
    ("", "ConfigMap"): _whole(configuration.CONFIG_MAP),
    ("", "Endpoints"): Kind(services.ENDPOINTS),
    ("", "LimitRange"): _spec(quotas.LIMIT_RANGE),
    ("", "Namespace"): _spec(cluster.NAMESPACE, dns_label),
    ("", "Node"): _spec(cluster.NODE),
    ("", "PersistentVolume"): _spec(volumes.VOLUME_SPEC),
    ("", "PersistentVolumeClaim"): _spec(claims.CLAIM_SPEC),
    ("", "Pod"): Kind({"spec": all_of(pods.POD_SPEC, undeclared_mounts)}, whole=(annotations_fit,)),
    ("", "PodTemplate"): Kind({"template": pods.POD_TEMPLATE}),
    ("", "ReplicationController"): _spec(workloads.REPLICATION_CONTROLLER),
    ("", "ResourceQuota"): _spec(quotas.RESOURCE_QUOTA),
    ("", "Secret"): _whole(configuration.SECRET),
    ("", "Service"): Kind({"spec": services.SERVICE}, dns_label, earlier=("1.36", dns_label_1035)),
    ("", "ServiceAccount"): _NAMED,
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"): _spec(admission_policies.MUTATING),
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"): _spec(admission_policies.MUTATING_BINDING),
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"): Kind(webhooks.WEBHOOKS),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"): _spec(admission_policies.VALIDATING),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"): Kind(
        {"spec": admission_policies.VALIDATING_BINDING}, whole=(admission_policies.parameters_missing,)
    ),
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"): Kind(webhooks.WEBHOOKS),
    ("apiextensions.k8s.io", "CustomResourceDefinition"): Kind(
        {"spec": definitions.DEFINITION}, whole=(definitions.definition_name, definitions.approved)
    ),
    ("apiregistration.k8s.io", "APIService"): Kind(
        {"spec": extensions.API_SERVICE}, path_segment, whole=(extensions.api_service_name,)
    ),
    ("apps", "ControllerRevision"): _NAMED,
    ("apps", "DaemonSet"): _spec(workloads.DAEMON_SET),
    ("apps", "Deployment"): _spec(workloads.DEPLOYMENT),
    ("apps", "ReplicaSet"): _spec(workloads.REPLICA_SET),
    ("apps", "StatefulSet"): _spec(workloads.STATEFUL_SET, dns_label),
    ("autoscaling", "HorizontalPodAutoscaler"): _spec(scaling.AUTOSCALER),
    ("batch", "CronJob"): _spec(jobs.CRON_JOB, longest=_CRON_JOB_NAME_MAX),
    ("batch", "Job"): Kind({"spec": jobs.JOB}, whole=(jobs.names_of_pods,)),
    ("certificates.k8s.io", "CertificateSigningRequest"): _spec(cluster.SIGNING_REQUEST, _any_name),
    ("coordination.k8s.io", "Lease"): _spec(extensions.LEASE),
    ("discovery.k8s.io", "EndpointSlice"): Kind(services.ENDPOINT_SLICE, whole=(services.endpoint_addresses,)),
    ("flowcontrol.apiserver.k8s.io", "FlowSchema"): Kind(
        {"spec": flow_control.FLOW_SCHEMA}, whole=(flow_control.first_is_exempt,)
    ),
    ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"): Kind(
        {"spec": flow_control.PRIORITY_LEVEL}, whole=(flow_control.exempt_by_name,)
    ),
    ("networking.k8s.io", "IPAddress"): Kind({}, service_ranges.canonical_address),
    ("networking.k8s.io", "ServiceCIDR"): _spec(service_ranges.SERVICE_CIDR),
    ("networking.k8s.io", "Ingress"): Kind({"spec": network.INGRESS}, whole=(network.one_class,)),
    ("networking.k8s.io", "IngressClass"): _spec(network.INGRESS_CLASS),
    ("networking.k8s.io", "NetworkPolicy"): _spec(network.NETWORK_POLICY),
    ("node.k8s.io", "RuntimeClass"): Kind(extensions.RUNTIME_CLASS),
    ("policy", "PodDisruptionBudget"): _spec(scaling.DISRUPTION_BUDGET),
    ("rbac.authorization.k8s.io", "ClusterRole"): _whole(access.CLUSTER_ROLE, path_segment),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): _whole(access.CLUSTER_ROLE_BINDING, path_segment),
    ("rbac.authorization.k8s.io", "Role"): _whole(access.ROLE, path_segment),
    ("rbac.authorization.k8s.io", "RoleBinding"): _whole(access.ROLE_BINDING, path_segment),
    ("resource.k8s.io", "DeviceClass"): _spec(devices.DEVICE_CLASS),
    ("resource.k8s.io", "ResourceClaim"): _spec(devices.DEVICE_CLAIM),
    ("resource.k8s.io", "ResourceClaimTemplate"): _spec(devices.DEVICE_CLAIM_TEMPLATE),
    ("scheduling.k8s.io", "PriorityClass"): Kind(extensions.PRIORITY_CLASS, whole=(extensions.priority_of_users,)),
    ("storage.k8s.io", "CSIDriver"): _spec(extensions.CSI_DRIVER, driver_name),
    ("storage.k8s.io", "CSINode"): _spec(cluster.DRIVERS_OF_NODE),
    ("storage.k8s.io", "CSIStorageCapacity"): Kind(cluster.STORAGE_CAPACITY),
    ("storage.k8s.io", "StorageClass"): Kind(volumes.STORAGE_CLASS),
    ("storage.k8s.io", "VolumeAttachment"): _spec(cluster.ATTACHMENT),
    ("storage.k8s.io", "VolumeAttributesClass"): Kind(volumes.ATTRIBUTES_CLASS, whole=(volumes.parameters_given,)),
}

#: Versions whose fields differ from those above; only the metadata of such objects is looked at.
_OTHER_SHAPES = frozenset(
    {
        "apiextensions.k8s.io/v1beta1",
        "autoscaling/v2beta1",
        "networking.k8s.io/v1beta1",
        "resource.k8s.io/v1alpha3",
        "resource.k8s.io/v1beta1",
    }
)


#: Groups whose finalizers need no domain, as their API server has another library behind it.
_ANY_FINALIZER = frozenset({"admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io"})


def _object_check(group: str, kind: Kind) -> Check:
    finalizer = label_key if group in _ANY_FINALIZER else domain_finalizer
    named = metadata_present(metadata(kind.name, kind.longest, finalizer))
    if kind.earlier is not None:
        release, name = kind.earlier
        named = since(release, named, before=metadata_present(metadata(name, kind.longest, finalizer)))

    def head(node: Node, faults: Faults) -> None:
        named(node["metadata"], faults)

    return all_of(head, fields(kind.fields), *kind.whole)


_CHECKS: dict[tuple[str, str], Check] = {key: _object_check(key[0], kind) for key, kind in _KINDS.items()}
_METADATA_ONLY: Check = fields({"metadata": LABELLED})


def check_for(api_version: str, kind: str) -> Check | None:
    """Return the check of a kind's objects, None for kinds that are not Kubernetes' own."""
    group = api_version.rpartition("/")[0]
    check = _CHECKS.get((group, kind))
    return _METADATA_ONLY if check is not None and api_version in _OTHER_SHAPES else check
