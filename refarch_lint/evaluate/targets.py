"""From a rule's target to the subjects that it is asked about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from refarch_lint.catalogue.rule import Each, Scope, Target, WorkloadClass
from refarch_lint.evaluate.assertions import satisfied
from refarch_lint.evaluate.context import RuleContext, RunContext
from refarch_lint.evaluate.roles import RoleBook
from refarch_lint.evaluate.subject import Area, Subject
from refarch_lint.model.resource import Resource, ResourceId
from refarch_lint.model.workload import REPLICATED, RUN_TO_COMPLETION, Workload
from refarch_lint.source.document import Document


def subjects(context: RuleContext) -> Iterable[Subject]:
    """Return the subjects of a rule, in reading order, those that its `where` conditions admit."""
    target = context.rule.target
    found = context.run.once(_selected, target._replace(where=()))
    if not target.where:
        return found
    return (subject for subject in found if all(satisfied(condition, subject, context) for condition in target.where))


def _selected(run: RunContext, target: Target) -> tuple[Subject, ...]:
    """Return the subjects of a target, whatever its conditions; rules with the same target share them."""
    match target.scope:
        case Scope.FILE:
            return tuple(_files(run))
        case Scope.UNIT:
            return tuple(_unit(run))
        case Scope.NAMESPACE:
            return tuple(_namespaces(run))
        case Scope.RESOURCE:
            return tuple(_resources(target, run))


def _files(run: RunContext) -> Iterator[Subject]:
    """Yield one subject for each file read; its data is the FileContent, its resource a stand-in for the file."""
    for content in run.files:
        stand_in = Document(content.name, 0, content.text, 1, {})
        resource = Resource(stand_in, (), {}, ResourceId("", "File", "", content.name), "")
        yield Subject(resource, (), content)


def _unit(run: RunContext) -> Iterator[Subject]:
    """Yield the unit, blamed at its first workload; a unit in which nothing runs is asked for nothing."""
    workloads = run.graph.workloads
    if workloads:
        first = workloads[0].resource
        yield Subject(first, (), first.data, namespace=first.namespace, members=workloads)


def _namespaces(run: RunContext) -> Iterator[Subject]:
    """Yield one subject for each namespace in which something runs, blamed at its Namespace object if there is one."""
    index = run.graph.index
    for namespace, workloads in index.workloads_by_namespace.items():
        declared = index.find("", "Namespace", "", namespace)
        resource = declared or workloads[0].resource
        area = Area(namespace or _own_namespace(resource))
        yield Subject(resource, (), resource.data, namespace=namespace, members=workloads, area=area)


def _resources(target: Target, run: RunContext) -> Iterator[Subject]:
    """Yield what a rule looks at in each resource that its class, role and kinds admit."""
    kinds = _groups_by_kind(target.kinds)
    if target.workloads is not None:
        for workload in run.graph.workloads:
            if in_class(workload, target.workloads) and _admitted(workload.resource, kinds, target.role, run.roles):
                yield from _within(workload.resource, workload, target.each, run.roles)
        return
    for resource in _candidates(kinds, target.role, run):
        if not resource.is_generated and _admitted(resource, kinds, target.role, run.roles):
            yield from _within(resource, run.graph.workload(resource), target.each, run.roles)


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


def _candidates(kinds: Mapping[str, tuple[str, ...]], role: str | None, run: RunContext) -> Iterable[Resource]:
    index = run.graph.index
    if kinds:
        present = [kind for kind in kinds if kind in index.by_kind]
        if len(present) < 2:
            return index.of_kind(present[0]) if present else ()
    if kinds or role is None:
        return run.graph.resources
    return run.roles.players(role)


def _admitted(resource: Resource, kinds: Mapping[str, tuple[str, ...]], role: str | None, roles: RoleBook) -> bool:
    if kinds:
        groups = kinds.get(resource.kind)
        if groups is None or (groups and resource.group not in groups):
            return False
    return role is None or roles.plays(resource, role)


def _within(resource: Resource, workload: Workload | None, each: Each, roles: RoleBook) -> Iterator[Subject]:
    namespace, area = resource.namespace, _area(resource, roles)
    if each is Each.RESOURCE:
        yield Subject(resource, (), resource.data, workload, None, namespace, (), area)
    elif workload is not None and each is Each.POD:
        yield Subject(resource, workload.pod_spec_path, workload.pod_spec, workload, None, namespace, (), area)
    elif workload is not None:
        for container in workload.containers:
            if each is Each.ANY_CONTAINER or container.runs_throughout:
                yield Subject(resource, container.path, container.data, workload, container, namespace, (), area)


def _area(resource: Resource, roles: RoleBook) -> Area:
    name = resource.namespace or _own_namespace(resource)
    is_in_part = roles.members and name == resource.namespace
    return roles.area(resource.document.file, name) if is_in_part else Area(name)


def _own_namespace(resource: Resource) -> str:
    """Return the namespace that an object outside all namespaces is about: itself, or none."""
    return resource.name if resource.kind == "Namespace" and resource.group == "" else ""
