"""Whether the LimitRanges and ResourceQuotas of a namespace let the pods of its accepted workloads start."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject, Unverifiable
from refarch_lint.graph.compute import Amount, ComputeIndex, LimitItem, is_pod_level, pod_amount, quantity_or_none
from refarch_lint.graph.place import Place
from refarch_lint.model.quantity import format_amount
from refarch_lint.model.resource import Resource, mapping
from refarch_lint.model.workload import Container, ContainerType, Workload


class Demand(NamedTuple):
    """One entry of a quota: as written, the field of a container it counts (empty for pods), and the resource."""

    key: str
    field: str
    name: str


_COMPUTE = ("cpu", "memory", "ephemeral-storage")


def admits(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """No LimitRange and no ResourceQuota of a namespace refuses the pods that its workloads make."""
    compute, namespace = context.graph.compute, subject.namespace
    quotas = compute.quotas(namespace)
    items = [*compute.limit_items(namespace, "Container"), *compute.limit_items(namespace, "Pod")]
    if not quotas and not items:
        yield NotApplicable("it has no LimitRange and no ResourceQuota")
        return
    for workload in subject.members:
        for item in items:
            yield from _item_refuses(workload, item, compute)
            if item.type == "Container":
                yield from _ratio_refuses(workload, item, compute)
        yield from _default_refuses(workload, compute)
        for quota in quotas:
            if _is_scoped(quota):
                yield Unverifiable(f"{quota} holds for some pods only")
            else:
                yield from _quota_refuses(workload, quota, compute, context)
    for quota in quotas:
        if not _is_scoped(quota):
            yield from _too_small(subject, quota, context)


def _is_scoped(quota: Resource) -> bool:
    return bool(quota.spec.get("scopes")) or bool(quota.spec.get("scopeSelector"))


def _admitted(workload: Workload) -> tuple[Container, ...]:
    return tuple(item for item in workload.containers if item.type is not ContainerType.EPHEMERAL)


def _item_refuses(workload: Workload, item: LimitItem, compute: ComputeIndex) -> Iterator[Fault]:
    """Hold containers, or the pod as a whole, against `min` and `max` of a LimitRange (LimitRanger admission)."""
    for field, bound in (("min", "requests"), ("max", "limits")):
        for name in mapping(item.data.get(field)):
            amount = item.amount(field, name) if isinstance(name, str) else None
            if amount is None or amount.number is None:
                continue
            if item.type == "Pod":
                total = compute.pod_total(workload, bound, name)
                if total is None or _beyond(field, total, amount.number):
                    given = f"no {bound[:-1]}" if total is None else f"{bound} of {format_amount(name, total)}"
                    told = f"its containers together have {given} of {name}, {field} for a pod is {amount.value}"
                    place = Place(workload.resource, workload.pod_spec_path)
                    yield _refusal(workload, item.resource, told, place, amount)
                continue
            for container in _admitted(workload):
                ask = compute.container_request if field == "min" else compute.container_limit
                given_amount = ask(workload, container, name)
                number = given_amount.number if given_amount else None
                if given_amount is not None and number is not None and _beyond(field, number, amount.number):
                    verb = "requests" if field == "min" else "is limited to"
                    told = (
                        f"container {container.name} {verb} {given_amount.value} of {name}, {field} is {amount.value}"
                    )
                    yield _refusal(workload, item.resource, told, given_amount.place, amount)


def _beyond(field: str, number: Fraction, bound: Fraction) -> bool:
    return number < bound if field == "min" else number > bound


def _ratio_refuses(workload: Workload, item: LimitItem, compute: ComputeIndex) -> Iterator[Fault]:
    """Hold limit over request of every container against `maxLimitRequestRatio`."""
    for name in mapping(item.data.get("maxLimitRequestRatio")):
        most = item.amount("maxLimitRequestRatio", name) if isinstance(name, str) else None
        for container in _admitted(workload) if most is not None and most.number is not None else ():
            request = compute.container_request(workload, container, name)
            limit = compute.container_limit(workload, container, name)
            if request is None or limit is None or not request.number or limit.number is None:
                continue
            if most is not None and most.number is not None and limit.number / request.number > most.number:
                told = (
                    f"container {container.name} has a limit of {limit.value} of {name} over a request of "
                    f"{request.value}, maxLimitRequestRatio is {most.value}"
                )
                place = limit.place if not limit.origin else request.place
                yield _refusal(workload, item.resource, told, place, most)


def _default_refuses(workload: Workload, compute: ComputeIndex) -> Iterator[Fault]:
    """Blame a request above the limit that a LimitRange gives the container: the pod is then invalid."""
    for container in _admitted(workload):
        for name in _COMPUTE:
            request = compute.container_request(workload, container, name)
            limit = compute.container_limit(workload, container, name)
            if request is None or limit is None or not limit.origin or request.origin:
                continue
            if request.number is not None and limit.number is not None and request.number > limit.number:
                told = (
                    f"container {container.name} requests {request.value} of {name}, more than the limit of "
                    f"{limit.value} that it is given"
                )
                yield _refusal(workload, limit.place.resource, told, request.place, limit)


def _refusal(workload: Workload, by: Resource, why: str, place: Place, bound: Amount) -> Fault:
    return Fault(
        f"{by} of namespace {workload.namespace} refuses the pods of {workload}: {why}",
        place,
        (Note(f"{by} says so", bound.place),),
    )


def _demands(quota: Resource) -> Iterator[Demand]:
    for key in mapping(quota.spec.get("hard")):
        if key == "pods":
            yield Demand(key, "", "pods")
        elif key in _COMPUTE:
            yield Demand(key, "requests", key)
        else:
            for field in ("requests", "limits"):
                name = key.removeprefix(f"{field}.") if isinstance(key, str) else ""
                if name != key and name in _COMPUTE:
                    yield Demand(key, field, name)


def _quota_refuses(workload: Workload, quota: Resource, compute: ComputeIndex, context: RuleContext) -> Iterator[Fault]:
    """A quota on a resource of compute asks every container for it, and has room for the replicas of the workload."""
    for demand in _demands(quota):
        hard = _hard(quota, demand)
        place = Place(quota, ("spec", "hard", demand.key))
        if demand.field and not (is_pod_level(demand.name) and _pod_states(workload, demand)):
            ask = compute.container_request if demand.field == "requests" else compute.container_limit
            for container in _admitted(workload):
                if ask(workload, container, demand.name) is None:
                    kind = "request" if demand.field == "requests" else "limit"
                    yield Fault(
                        f"{quota} of namespace {workload.namespace} refuses the pods of {workload}: container "
                        f"{container.name} has no {kind} of {demand.name}, which hard.{demand.key} demands",
                        Place(workload.resource, (*container.path, "resources", demand.field, demand.name)),
                        (Note(f"{quota} demands it", place),),
                    )
        needed = _needed(workload, demand, context)
        if hard is not None and needed is not None and needed > hard:
            yield Fault(
                f"{quota} of namespace {workload.namespace} refuses pods of {workload}: its {_pods(workload, context)} "
                f"need {_amount(demand, needed)}, {format_amount(demand.name, hard)} is the most",
                Place(workload.resource, ("metadata", "name")),
                (Note(f"{quota} allows no more", place),),
            )


def _pod_states(workload: Workload, demand: Demand) -> bool:
    own = pod_amount(workload, demand.field, demand.name)
    return own is not None or (demand.field == "requests" and pod_amount(workload, "limits", demand.name) is not None)


def _hard(quota: Resource, demand: Demand) -> Fraction | None:
    return quantity_or_none(mapping(quota.spec.get("hard")).get(demand.key))


def _count(workload: Workload, context: RuleContext) -> int:
    """Return how many pods of a workload there are at least; of a DaemonSet one, of work that ends none for long."""
    if workload.runs_to_completion:
        return 0
    replicas = context.graph.replicas(workload)
    return 1 if replicas is None else replicas.minimum


def _amount(demand: Demand, number: Fraction) -> str:
    return f"{number} pods" if not demand.field else f"{format_amount(demand.name, number)} of {demand.key}"


def _pods(workload: Workload, context: RuleContext) -> str:
    count = _count(workload, context)
    return f"{count} replica(s)" if count and context.graph.replicas(workload) else "pods"


def _needed(workload: Workload, demand: Demand, context: RuleContext) -> Fraction | None:
    count = _count(workload, context)
    if not demand.field:
        return Fraction(count)
    total = context.graph.compute.pod_total(workload, demand.field, demand.name)
    return None if total is None else total * max(count, 1)


def _too_small(subject: Subject, quota: Resource, context: RuleContext) -> Iterator[Fault]:
    """Blame a quota that admits each workload of the namespace but not all of them at their least replicas."""
    running = [workload for workload in subject.members if _count(workload, context) > 0]
    for demand in _demands(quota):
        hard = _hard(quota, demand)
        needs = [needed for workload in running if (needed := _needed(workload, demand, context)) is not None]
        if hard is None or not needs or max(needs) > hard or sum(needs) <= hard:
            continue
        yield Fault(
            f"{quota} is too small for namespace {subject.namespace}: its workloads need "
            f"{_amount(demand, sum(needs, Fraction(0)))} at their least replicas, "
            f"{format_amount(demand.name, hard)} is the most",
            Place(quota, ("spec", "hard", demand.key)),
        )
