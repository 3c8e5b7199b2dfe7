"""Workloads that run for ever: selectors, restart policies, rollout strategies (kubernetes/pkg/apis/apps)."""

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
    one_of,
    required,
    since,
)
from refarch_lint.model.field_values.claims import CLAIM_SPEC
from refarch_lint.model.field_values.common import (
    LABELLED,
    NOT_NEGATIVE,
    WORKLOAD_SELECTOR,
    count_or_share,
    is_zero,
)
from refarch_lint.model.field_values.formats import dns_label, label_key, label_value
from refarch_lint.model.field_values.mounts import undeclared_mounts
from refarch_lint.model.field_values.pod_annotations import annotations_fit
from refarch_lint.model.field_values.pods import POD_SPEC, POD_TEMPLATE

_DEADLINE_DEFAULT = 600
_SHARE: Check = count_or_share()
_SHARE_OF_ALL: Check = count_or_share(100)


def _always_restarted(node: Node, faults: Faults) -> None:
    spec = node.down("template", "spec")
    policy = spec["restartPolicy"]
    if policy.text in ("OnFailure", "Never"):
        faults.append(policy.fault(f"is {policy.text}, Always is required for this kind"))
    if spec.has("activeDeadlineSeconds"):
        faults.append(spec["activeDeadlineSeconds"].fault("is not allowed for pods that run for ever"))


def _recreate_alone(node: Node, faults: Faults) -> None:
    kind = node["type"].text
    if kind in ("Recreate", "OnDelete") and node.has("rollingUpdate"):
        faults.append(node["rollingUpdate"].fault(f"is not allowed with the type {kind}"))


def _some_progress(node: Node, faults: Faults) -> None:
    if is_zero(node["maxSurge"]) and is_zero(node["maxUnavailable"]):
        faults.append(node["maxUnavailable"].fault("is 0 as maxSurge is; no pod could ever be replaced"))


def _deadline(node: Node, faults: Faults) -> None:
    ready = node["minReadySeconds"].number or 0
    deadline = node["progressDeadlineSeconds"]
    seconds = _DEADLINE_DEFAULT if deadline.value is None else deadline.number
    if seconds is None or not 0 <= seconds <= ready:
        return
    if deadline.value is None:
        faults.append(
            node["minReadySeconds"].fault(f"is {ready}, less than progressDeadlineSeconds ({seconds}) is required")
        )
    else:
        faults.append(deadline.fault(f"is {seconds}, more than minReadySeconds ({ready}) is required"))


_REPLICATED: dict[str, Check] = {
    "replicas": NOT_NEGATIVE,
    "minReadySeconds": NOT_NEGATIVE,
    "revisionHistoryLimit": NOT_NEGATIVE,
    "selector": WORKLOAD_SELECTOR,
    "template": POD_TEMPLATE,
}

DEPLOYMENT: Check = fields(
    _REPLICATED
    | {
        "progressDeadlineSeconds": NOT_NEGATIVE,
        "strategy": fields(
            {
                "type": one_of("Recreate", "RollingUpdate"),
                "rollingUpdate": fields({"maxSurge": _SHARE, "maxUnavailable": _SHARE_OF_ALL}, _some_progress),
            },
            _recreate_alone,
        ),
    },
    _always_restarted,
    _deadline,
)


def _one_of_two(node: Node, faults: Faults) -> None:
    """A DaemonSet replaces pods either by surge or by taking them down."""
    surge, down = node["maxSurge"], node["maxUnavailable"]
    if surge.value is not None and not is_zero(surge) and not is_zero(down):
        faults.append(surge.fault("is allowed only where maxUnavailable is 0 (unset, it is 1)"))
    elif is_zero(down) and (surge.value is None or is_zero(surge)):
        faults.append(down.fault("is 0 as maxSurge is; no pod could ever be replaced"))


DAEMON_SET: Check = fields(
    _REPLICATED
    | {
        "updateStrategy": fields(
            {
                "type": one_of("RollingUpdate", "OnDelete"),
                "rollingUpdate": fields({"maxSurge": _SHARE_OF_ALL, "maxUnavailable": _SHARE_OF_ALL}, _one_of_two),
            }
        ),
    },
    _always_restarted,
)
REPLICA_SET: Check = fields(_REPLICATED, _always_restarted)
REPLICATION_CONTROLLER: Check = fields(
    _REPLICATED | {"selector": entries(formatted(label_value), label_key)}, required("template"), _always_restarted
)


def _some(node: Node, faults: Faults) -> None:
    if is_zero(node):
        faults.append(node.fault("is 0, at least 1 is required: no pod could ever be replaced"))


def _stateful_mounts(node: Node, faults: Faults) -> None:
    claims = (claim.down("metadata", "name").value for claim in node["volumeClaimTemplates"].items())
    declared = frozenset(name for name in claims if isinstance(name, str))
    undeclared_mounts(node.down("template", "spec"), faults, declared)


STATEFUL_SET: Check = fields(
    _REPLICATED
    | {
        "template": fields({"metadata": LABELLED, "spec": POD_SPEC}, annotations_fit),
        "ordinals": fields({"start": NOT_NEGATIVE}),
        "podManagementPolicy": one_of("OrderedReady", "Parallel"),
        "serviceName": since("1.34", formatted(dns_label)),
        "updateStrategy": fields(
            {
                "type": one_of("RollingUpdate", "OnDelete"),
                "rollingUpdate": fields({"partition": NOT_NEGATIVE, "maxUnavailable": all_of(_SHARE_OF_ALL, _some)}),
            },
            _recreate_alone,
        ),
        "persistentVolumeClaimRetentionPolicy": fields(
            {"whenDeleted": one_of("Retain", "Delete"), "whenScaled": one_of("Retain", "Delete")}
        ),
        "volumeClaimTemplates": each(fields({"metadata": fields({"name": formatted(dns_label)}), "spec": CLAIM_SPEC})),
    },
    _always_restarted,
    _stateful_mounts,
)
