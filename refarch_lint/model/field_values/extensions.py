"""What a cluster is set up with: priorities, runtimes, drivers, leases and services of the API."""

from __future__ import annotations

from refarch_lint.model.field_values.check import (
    Check,
    Faults,
    Node,
    all_of,
    each,
    entries,
    fields,
    formatted,
    not_empty,
    one_of,
    whole_number,
)
from refarch_lint.model.field_values.common import NOT_NEGATIVE, PORT_NUMBER, QUANTITIES
from refarch_lint.model.field_values.formats import dns_label, label_key, label_value
from refarch_lint.model.field_values.lists import unique
from refarch_lint.model.field_values.scheduling import TOLERATIONS

_PRIORITY_MAX = 1_000_000_000
_SYSTEM = {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}

#: A PriorityClass.
PRIORITY_CLASS: dict[str, Check] = {"preemptionPolicy": one_of("Never", "PreemptLowerPriority")}


def priority_of_users(node: Node, faults: Faults) -> None:
    """Refuse the names and numbers that Kubernetes keeps for its own priority classes."""
    name, value = node.down("metadata", "name"), node["value"]
    if name.text in _SYSTEM and value.number == _SYSTEM[name.text]:
        return
    if name.text is not None and name.text.startswith("system-"):
        faults.append(name.fault(f"is {name.text}; names that begin with system- are those of Kubernetes itself"))
    if value.number is not None and value.number > _PRIORITY_MAX:
        faults.append(value.fault(f"is {value.number}, at most {_PRIORITY_MAX} is allowed"))


#: A RuntimeClass.
RUNTIME_CLASS: dict[str, Check] = {
    "handler": all_of(formatted(dns_label), not_empty),
    "overhead": fields({"podFixed": QUANTITIES}),
    "scheduling": fields({"nodeSelector": entries(formatted(label_value), label_key), "tolerations": TOLERATIONS}),
}

#: The spec of a Lease.
LEASE: Check = fields({"leaseDurationSeconds": whole_number(1), "leaseTransitions": NOT_NEGATIVE})

#: The spec of a CSIDriver.
CSI_DRIVER: Check = fields(
    {
        "tokenRequests": each(
            fields({"expirationSeconds": whole_number(600, 2**32)}),
            unique(lambda request: request.get("audience"), "audience", "is asked for twice"),
        ),
        "fsGroupPolicy": one_of("File", "None", "ReadWriteOnceWithFSType"),
        "volumeLifecycleModes": each(one_of("Ephemeral", "Persistent")),
    }
)


def _trusted(node: Node, faults: Faults) -> None:
    """What the API server itself serves is not asked over TLS, and what is verified is verified by the bundle."""
    unverified, bundle = node["insecureSkipTLSVerify"], node["caBundle"]
    for field in (unverified, bundle):
        if field.value and not node.has("service"):
            faults.append(field.fault("is allowed only with a service"))
    if unverified.value is True and bundle.value and node.has("service"):
        faults.append(unverified.fault("is not allowed together with caBundle"))


#: The spec of an APIService.
API_SERVICE: Check = fields(
    {
        "groupPriorityMinimum": whole_number(1, 20000),
        "service": fields({"name": not_empty, "namespace": not_empty, "port": PORT_NUMBER}),
        "versionPriority": whole_number(1, 1000),
    },
    _trusted,
)


def api_service_name(node: Node, faults: Faults) -> None:
    """Refuse an APIService whose name is not put together from its version and its group."""
    name = node.down("metadata", "name")
    version, group = node.down("spec", "version").text, node.down("spec", "group").value
    if name.text is None or version is None or not isinstance(group, str | None):
        return
    wanted = f"{version}.{group or ''}"
    if name.text != wanted:
        faults.append(name.fault(f"is {name.text}, {wanted} is required"))
