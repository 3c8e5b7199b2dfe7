"""Claims that only one node may attach: nobody else mounts them, and no second replica does."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject, Unverifiable
from refarch_lint.graph.claims import ONE_POD, ClaimMount
from refarch_lint.graph.placement import pinned_node
from refarch_lint.graph.rollout import surge
from refarch_lint.model.workload import Workload
from refarch_lint.severity import Severity


def attachable(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A claim with an exclusive access mode is mounted by one pod at a time."""
    workload, mounts = subject.pods, context.graph.claims_of(subject.resource)
    if not mounts:
        yield NotApplicable("it mounts no claim by name")
    for mount in mounts:
        if mount.modes is None:
            if _most_pods(workload, context)[0] > 1:
                yield Unverifiable(f"the access modes of claim {mount.claim.name} are not in the tree")
        elif mount.exclusive_mode:
            yield from _exclusive(workload, mount, context)


def _exclusive(workload: Workload, mount: ClaimMount, context: RuleContext) -> Iterator[Outcome]:
    if mount.exclusive_mode != ONE_POD and pinned_node(workload) is not None:
        return
    mode, name = mount.exclusive_mode, mount.claim.name
    whom = "pod can mount it" if mode == ONE_POD else "node can attach it"
    related = (Note(f"claim {name} is {mode}", mount.modes_place),) if mount.modes_place else ()
    most, reason = _most_pods(workload, context)
    alone = mode != ONE_POD and context.graph.stands_with(workload, workload)
    if most > 1 and not alone:
        yield Fault(f"{workload} mounts {mode} claim {name} in {reason}, but only one {whom}", mount.place, related)
        return
    if most == 1 and not alone and surge(workload, 1) > 0:
        yield Fault(
            f"a rolling update of {workload} starts a second pod that mounts {mode} claim {name}, but only one {whom}",
            mount.place,
            related,
            Severity.WARNING,
        )
    yield from _shared(workload, mount, related, context)


def _most_pods(workload: Workload, context: RuleContext) -> tuple[int, str]:
    if workload.kind == "DaemonSet":
        return 2, "one pod on each node"
    replicas = context.graph.replicas(workload)
    if replicas is None:
        return 1, ""
    if replicas.maximum > replicas.minimum:
        return replicas.maximum, f"up to {replicas.maximum} replicas (the maximum of {replicas.autoscaler})"
    return replicas.maximum, f"{replicas.maximum} replicas ({replicas.reason})"


def _shared(
    workload: Workload, mount: ClaimMount, related: tuple[Note, ...], context: RuleContext
) -> Iterator[Outcome]:
    """Blame a workload for a claim that one read before it, or the StatefulSet that makes it, mounts as well."""
    others = [(mount.owner, mount.modes_place)] if mount.owner else []
    for other in context.graph.mounts_of(mount.claim):
        if other.resource is workload.resource:
            break
        others.append((other.resource, other.place))
    for resource, place in others:
        other_workload = context.graph.workload(resource)
        if other_workload is None or place is None or resource is workload.resource:
            continue
        if workload.runs_to_completion and other_workload.runs_to_completion:
            continue
        pins = pinned_node(workload), pinned_node(other_workload)
        near = context.graph.stands_with(workload, other_workload) or context.graph.stands_with(
            other_workload, workload
        )
        if mount.exclusive_mode != ONE_POD and (near or (pins[0] is not None and pins[0] == pins[1])):
            continue
        yield Fault(
            f"{workload} mounts {mount.exclusive_mode} claim {mount.claim.name}, which {resource} mounts too; "
            "pods on two nodes cannot both attach it",
            mount.place,
            (Note(f"{resource} mounts it here", place), *related),
            Severity.WARNING,
        )
        return
