"""Workload kinds: selectors, restart policies, rollout strategies, jobs (kubernetes/pkg/apis/apps and batch)."""

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
    shown,
    whole_number,
)
from refarch_lint.model.field_values.common import (
    LABELLED,
    NOT_NEGATIVE,
    WORKLOAD_SELECTOR,
    count_or_share,
    is_zero,
)
from refarch_lint.model.field_values.formats import dns_label, label_key, label_value, time_zone
from refarch_lint.model.field_values.mounts import undeclared_mounts
from refarch_lint.model.field_values.pod_annotations import annotations_fit
from refarch_lint.model.field_values.pods import POD_SPEC, POD_TEMPLATE
from refarch_lint.model.field_values.volumes import CLAIM_SPEC
from refarch_lint.model.schedule import parse_schedule

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
    _REPLICATED | {"selector": entries(formatted(label_value), label_key)}, _always_restarted
)


def _stateful_mounts(node: Node, faults: Faults) -> None:
    claims = (claim.down("metadata", "name").value for claim in node["volumeClaimTemplates"].items())
    declared = frozenset(name for name in claims if isinstance(name, str))
    undeclared_mounts(node.down("template", "spec"), faults, declared)


STATEFUL_SET: Check = fields(
    _REPLICATED
    | {
        "template": fields({"metadata": LABELLED, "spec": POD_SPEC}, annotations_fit),
        "podManagementPolicy": one_of("OrderedReady", "Parallel"),
        "serviceName": formatted(dns_label),
        "updateStrategy": fields(
            {
                "type": one_of("RollingUpdate", "OnDelete"),
                "rollingUpdate": fields({"partition": NOT_NEGATIVE, "maxUnavailable": _SHARE_OF_ALL}),
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


def _runs_to_its_end(node: Node, faults: Faults) -> None:
    spec = node.down("template", "spec")
    if not isinstance(spec.value, dict):
        return
    policy = spec["restartPolicy"]
    if policy.value in (None, ""):
        faults.append(spec.missing("restartPolicy", "must be Never or OnFailure in a Job"))
    elif policy.text == "Always":
        faults.append(policy.fault("is Always, Never or OnFailure is required in a Job"))


def _indexed(node: Node, faults: Faults) -> None:
    if node["completionMode"].text == "Indexed":
        if not node.has("completions"):
            faults.append(node.missing("completions", "is required where completionMode is Indexed"))
    else:
        for key in ("backoffLimitPerIndex", "maxFailedIndexes"):
            if node.has(key):
                faults.append(node[key].fault("is allowed only where completionMode is Indexed"))


def _failure_policy(node: Node, faults: Faults) -> None:
    policy = node.down("template", "spec", "restartPolicy")
    if node.has("podFailurePolicy") and policy.text == "OnFailure":
        faults.append(policy.fault("is OnFailure, Never is required with a podFailurePolicy"))


JOB: Check = fields(
    {
        "activeDeadlineSeconds": NOT_NEGATIVE,
        "backoffLimit": NOT_NEGATIVE,
        "backoffLimitPerIndex": NOT_NEGATIVE,
        "completionMode": one_of("NonIndexed", "Indexed"),
        "completions": NOT_NEGATIVE,
        "parallelism": NOT_NEGATIVE,
        "podReplacementPolicy": one_of("Failed", "TerminatingOrFailed"),
        "template": POD_TEMPLATE,
        "ttlSecondsAfterFinished": NOT_NEGATIVE,
    },
    _runs_to_its_end,
    _indexed,
    _failure_policy,
)


def _schedule(node: Node, faults: Faults) -> None:
    text = node.text
    if text is None:
        return
    try:
        parse_schedule(text)
    except ValueError as error:
        faults.append(node.fault(f"is {shown(text)}, which is no cron schedule: {error}"))


CRON_JOB: Check = fields(
    {
        "concurrencyPolicy": one_of("Allow", "Forbid", "Replace"),
        "failedJobsHistoryLimit": NOT_NEGATIVE,
        "jobTemplate": fields({"metadata": LABELLED, "spec": JOB}),
        "schedule": all_of(_schedule, not_empty),
        "startingDeadlineSeconds": whole_number(0),
        "successfulJobsHistoryLimit": NOT_NEGATIVE,
        "timeZone": formatted(time_zone),
    }
)
