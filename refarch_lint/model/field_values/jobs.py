"""Jobs and CronJobs (kubernetes/pkg/apis/batch/validation)."""

from __future__ import annotations

from itertools import pairwise

from refarch_lint.model.field_values.check import (
    Check,
    Faults,
    Node,
    all_of,
    each,
    exactly_one,
    fields,
    formatted,
    not_empty,
    one_of,
    shown,
    whole_number,
)
from refarch_lint.model.field_values.common import LABELLED, NOT_NEGATIVE, SELECTOR
from refarch_lint.model.field_values.formats import dns_label, domain_path, label_key, time_zone
from refarch_lint.model.field_values.lists import at_most
from refarch_lint.model.field_values.pods import POD_TEMPLATE
from refarch_lint.model.schedule import parse_schedule
from refarch_lint.regex import regex

_RULES_MAX = 20
_EXIT_CODES_MAX = 255
_few_rules: Check = at_most(_RULES_MAX, "rules")
_few_codes: Check = at_most(_EXIT_CODES_MAX)
_INDEXED_PARALLELISM_MAX = 100_000
_MANY_INDEXES_MAX = 10_000
_INTERVAL = regex(r"(?P<first>[0-9]{1,9})(?:-(?P<last>[0-9]{1,9}))?")


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
    completions, parallelism = node["completions"].number, node["parallelism"]
    if node["completionMode"].text == "Indexed":
        if not node.has("completions"):
            faults.append(node.missing("completions", "is required where completionMode is Indexed"))
        if parallelism.number is not None and parallelism.number > _INDEXED_PARALLELISM_MAX:
            says = (
                f"is {parallelism.number}, at most {_INDEXED_PARALLELISM_MAX} is allowed where completions are Indexed"
            )
            faults.append(parallelism.fault(says))
    else:
        for key in ("backoffLimitPerIndex", "maxFailedIndexes", "successPolicy"):
            if node.has(key):
                faults.append(node[key].fault("is allowed only where completionMode is Indexed"))
        return
    failed = node["maxFailedIndexes"]
    if failed.number is not None and not node.has("backoffLimitPerIndex"):
        faults.append(failed.fault("is allowed only together with backoffLimitPerIndex"))
    elif failed.number is not None and completions is not None and failed.number > completions:
        faults.append(failed.fault(f"is {failed.number}, at most the completions ({completions}) is allowed"))


def _never_restarted(node: Node, faults: Faults) -> None:
    """Failures are judged pod by pod, so that the kubelet may not restart the container in its place."""
    policy = node.down("template", "spec", "restartPolicy")
    if node.has("podFailurePolicy") and policy.text == "OnFailure":
        faults.append(policy.fault("is OnFailure, Never is required with a podFailurePolicy"))


def _many_indexes(node: Node, faults: Faults) -> None:
    """What an Indexed Job that counts failures by index remembers of them has to stay small."""
    failed, parallelism, completions = node["maxFailedIndexes"], node["parallelism"], node["completions"].number
    most = _INDEXED_PARALLELISM_MAX
    if node["completionMode"].text == "Indexed" and node.has("backoffLimitPerIndex") and (completions or 0) > most:
        if failed.value is None:
            faults.append(node.missing("maxFailedIndexes", f"is required with more than {most} completions"))
        for count in (failed, parallelism):
            if count.number is not None and count.number > _MANY_INDEXES_MAX:
                says = f"is {count.number}, at most {_MANY_INDEXES_MAX} is allowed with more than {most} completions"
                faults.append(count.fault(says))
    elif failed.number is not None and failed.number > most:
        faults.append(failed.fault(f"is {failed.number}, at most {most} is allowed"))


def _failure_policy(node: Node, faults: Faults) -> None:
    rules = node.down("podFailurePolicy", "rules")
    replacement = node["podReplacementPolicy"]
    if node.has("podFailurePolicy") and replacement.text not in (None, "Failed"):
        faults.append(replacement.fault(f"is {replacement.text}, Failed is required with a podFailurePolicy"))
    _few_rules(rules, faults)
    lists = ("containers", "initContainers")
    names = {
        item["name"].value for key in lists for item in node.down("template", "spec", key).items() if item["name"].text
    }
    for rule in rules.items():
        if rule["action"].value == "FailIndex" and not node.has("backoffLimitPerIndex"):
            faults.append(rule["action"].fault("is FailIndex, which is allowed only with backoffLimitPerIndex"))
        container = rule.down("onExitCodes", "containerName")
        if container.text is not None and names and container.text not in names:
            faults.append(container.fault(f"is {shown(container.text)}, which is no container of the pod"))


def _exit_codes(node: Node, faults: Faults) -> None:
    values = node["values"]
    numbers = [item for item in values.items() if item.number is not None]
    _few_codes(values, faults)
    for item in numbers:
        if item.number == 0 and node["operator"].value == "In":
            faults.append(item.fault("is 0, which is no failure"))
    for before, item in pairwise(numbers):
        if (item.number or 0) <= (before.number or 0):
            says = "stands here twice" if item.number == before.number else "is out of order: ascending is required"
            faults.append(item.fault(says))
            return


_FAILURE_RULE: Check = fields(
    {
        "action": one_of("Count", "FailIndex", "FailJob", "Ignore"),
        "onExitCodes": fields({"operator": one_of("In", "NotIn"), "values": not_empty}, _exit_codes),
        "onPodConditions": each(
            fields({"status": one_of("False", "True", "Unknown"), "type": all_of(formatted(label_key), not_empty)})
        ),
    },
    exactly_one("onExitCodes", "onPodConditions"),
)


def _success_policy(node: Node, faults: Faults) -> None:
    rules, completions = node.down("successPolicy", "rules"), node["completions"].number
    _few_rules(rules, faults)
    for rule in rules.items():
        indexes, count = rule["succeededIndexes"], rule["succeededCount"]
        if isinstance(rule.value, dict) and indexes.value is None and count.value is None:
            faults.append(rule.fault("sets none of succeededIndexes, succeededCount; one is required"))
        listed = _listed(indexes, completions, faults)
        if count.number is not None and completions is not None and count.number > completions:
            faults.append(count.fault(f"is {count.number}, at most the completions ({completions}) is allowed"))
        elif count.number is not None and listed is not None and count.number > listed:
            faults.append(count.fault(f"is {count.number}, but succeededIndexes has {listed}"))


def _listed(node: Node, completions: int | None, faults: Faults) -> int | None:
    """Return how many indexes a text in ascending order names (`1,3-5,7`), None where it is none or not set."""
    text, last, count = node.text, -1, 0
    for part in text.split(",") if text is not None else ():
        match = _INTERVAL.fullmatch(part)
        first, end = (int(match["first"]), int(match["last"] or match["first"])) if match else (-1, -1)
        if match is None or first <= last or (match["last"] and end <= first):
            faults.append(node.fault(f"is {shown(text or '')}, ascending indexes such as 1,3-5,7 are required"))
            return None
        last, count = end, count + end - first + 1
    if completions is not None and last >= completions:
        faults.append(node.fault(f"is {shown(text or '')}, indexes below the completions ({completions}) are required"))
        return None
    return count if text is not None else None


_JOB: dict[str, Check] = {
    "activeDeadlineSeconds": NOT_NEGATIVE,
    "backoffLimit": NOT_NEGATIVE,
    "backoffLimitPerIndex": NOT_NEGATIVE,
    "completionMode": one_of("NonIndexed", "Indexed"),
    "completions": NOT_NEGATIVE,
    "managedBy": formatted(domain_path(63)),
    "maxFailedIndexes": NOT_NEGATIVE,
    "parallelism": NOT_NEGATIVE,
    "podFailurePolicy": fields({"rules": each(_FAILURE_RULE)}),
    "podReplacementPolicy": one_of("Failed", "TerminatingOrFailed"),
    "selector": SELECTOR,
    "successPolicy": fields({"rules": not_empty}),
    "template": POD_TEMPLATE,
    "ttlSecondsAfterFinished": NOT_NEGATIVE,
}
_WHOLE: tuple[Check, ...] = (
    _runs_to_its_end,
    _indexed,
    _many_indexes,
    _never_restarted,
    _failure_policy,
    _success_policy,
)


def _own_selector(node: Node, faults: Faults) -> None:
    manual = node["manualSelector"].value is True
    if manual and not node.has("selector"):
        faults.append(node.missing("selector", "is required where manualSelector is true"))
    elif not manual and node["selector"].value:
        faults.append(node["selector"].fault("is not allowed unless manualSelector is true: Kubernetes sets it"))


#: The spec of a Job.
JOB: Check = fields(_JOB, *_WHOLE, _own_selector)


def names_of_pods(node: Node, faults: Faults) -> None:
    """Refuse the name of an Indexed Job that is too long or no label once the index is behind it."""
    name, spec = node.down("metadata", "name"), node["spec"]
    count = spec["completions"].number
    if name.text is None or spec["completionMode"].text != "Indexed" or not count or count < 1:
        return
    if why := dns_label(f"{name.text}-{count - 1}"):
        faults.append(name.fault(f"gives pods names such as {name.text}-{count - 1}, {why}"))


def _no_selector(node: Node, faults: Faults) -> None:
    for key in ("manualSelector", "selector"):
        if node[key].value:
            faults.append(node[key].fault("is not allowed in the template of a CronJob: Kubernetes sets the selector"))


def _schedule(node: Node, faults: Faults) -> None:
    text = node.text
    if text is None:
        return
    try:
        parse_schedule(text)
    except ValueError as error:
        faults.append(node.fault(f"is {shown(text)}, which is no cron schedule: {error}"))


#: The spec of a CronJob.
CRON_JOB: Check = fields(
    {
        "concurrencyPolicy": one_of("Allow", "Forbid", "Replace"),
        "failedJobsHistoryLimit": NOT_NEGATIVE,
        "jobTemplate": fields({"metadata": LABELLED, "spec": fields(_JOB, *_WHOLE, _no_selector)}),
        "schedule": all_of(_schedule, not_empty),
        "startingDeadlineSeconds": whole_number(0),
        "successfulJobsHistoryLimit": NOT_NEGATIVE,
        "timeZone": all_of(formatted(time_zone), not_empty),
    }
)
