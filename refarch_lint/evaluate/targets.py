"""From a rule's target to the subjects that it is asked about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from refarch_lint.catalogue.rule import Each, Scope, Target, WorkloadClass
from refarch_lint.evaluate.assertions import satisfied
from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Subject
from refarch_lint.model.resource import Resource, ResourceId
from refarch_lint.model.workload import REPLICATED, RUN_TO_COMPLETION, Workload
from refarch_lint.source.document import Document


def subjects(context: RuleContext) -> Iterator[Subject]:
    """Return the subjects of a rule, in reading order, those that its `where` conditions admit."""
    target = context.rule.target
    match target.scope:
        case Scope.FILE:
            found = _files(context)
        case Scope.UNIT:
            found = _unit(context)
        case Scope.NAMESPACE:
            found = _namespaces(context)
        case Scope.RESOURCE:
            found = _resources(target, context)
    if not target.where:
        return found
    return (subject for subject in found if all(satisfied(condition, subject, context) for condition in target.where))


def _files(context: RuleContext) -> Iterator[Subject]:
    """Yield one subject for each file read; its data is the FileContent, its resource a stand-in for the file."""
    for content in context.run.files:
        stand_in = Document(content.name, 0, content.text, 1, {})
        resource = Resource(stand_in, (), {}, ResourceId("", "File", "", content.name), "")
        yield Subject(resource, (), content)


def _unit(context: RuleContext) -> Iterator[Subject]:
    """Yield the unit, blamed at its first workload; a unit in which nothing runs is asked for nothing."""
    if context.graph.workloads:
        first = context.graph.workloads[0].resource
        yield Subject(first, (), first.data, namespace=first.namespace, members=context.graph.workloads)


def _namespaces(context: RuleContext) -> Iterator[Subject]:
    """Yield one subject for each namespace in which something runs, blamed at its Namespace object if there is one."""
    index = context.graph.index
    for namespace, workloads in index.workloads_by_namespace.items():
        declared = index.find("", "Namespace", "", namespace)
        resource = declared or workloads[0].resource
        yield Subject(resource, (), resource.data, namespace=namespace, members=workloads)


def _resources(target: Target, context: RuleContext) -> Iterator[Subject]:
    """Yield what a rule looks at in each resource that its class, role and kinds admit."""
    kinds = _groups_by_kind(target.kinds)
    if target.workloads is not None:
        for workload in context.graph.workloads:
            if in_class(workload, target.workloads) and _admitted(workload.resource, kinds, target.role, context):
                yield from _within(workload.resource, workload, target.each)
        return
    for resource in _candidates(kinds, target.role, context):
        if _admitted(resource, kinds, target.role, context):
            yield from _within(resource, context.graph.workload(resource), target.each)


def _groups_by_kind(names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return the API groups meant by each kind of `Kind` and `Kind.group` names; none for any group."""
    kinds = dict.fromkeys(name.partition(".")[0] for name in names)
    return {
        kind: () if kind in names else tuple(name.partition(".")[2] for name in names if name.startswith(f"{kind}."))
        for kind in kinds
    }


def in_class(workload: Workload, wanted: WorkloadClass) -> bool:
    """Tell whether a workload belongs to a named class of workloads."""
    match wanted:
        case WorkloadClass.ALL:
            return True
        case WorkloadClass.REPLICATED:
            return workload.kind in REPLICATED
        case WorkloadClass.LONG_RUNNING:
            return not workload.runs_to_completion
        case WorkloadClass.COMPLETING:
            return workload.kind in RUN_TO_COMPLETION


def _candidates(kinds: dict[str, tuple[str, ...]], role: str | None, context: RuleContext) -> Iterable[Resource]:
    if len(kinds) == 1:
        return context.graph.index.of_kind(next(iter(kinds)))
    if kinds or role is None:
        return context.graph.resources
    return context.roles.players(role)


def _admitted(resource: Resource, kinds: dict[str, tuple[str, ...]], role: str | None, context: RuleContext) -> bool:
    if kinds:
        groups = kinds.get(resource.kind)
        if groups is None or (groups and resource.group not in groups):
            return False
    return role is None or context.roles.plays(resource, role)


def _within(resource: Resource, workload: Workload | None, each: Each) -> Iterator[Subject]:
    namespace = resource.namespace
    if each is Each.RESOURCE:
        yield Subject(resource, (), resource.data, workload, None, namespace)
    elif workload is not None and each is Each.POD:
        yield Subject(resource, workload.pod_spec_path, workload.pod_spec, workload, None, namespace)
    elif workload is not None:
        for container in workload.containers:
            if each is Each.ANY_CONTAINER or container.runs_throughout:
                yield Subject(resource, container.path, container.data, workload, container, namespace)
