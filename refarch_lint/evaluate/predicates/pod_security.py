"""The Pod Security Standards against namespaces and pod templates.

Who is told what: `namespace-pod-security` reports a namespace whose enforce label is missing or laxer than the profile,
once. Where a namespace of the tree enforces a level, admission refuses what violates it, so that `pod-admitted` reports
each such workload once, with all its violations, and the rules of single controls leave it alone. Elsewhere the single
controls judge by the profile's level. With `--pod-security` they judge every pod by the level given and `pod-admitted`
is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple

from refarch_lint.errors import UsageError
from refarch_lint.evaluate.context import RuleContext, RunContext
from refarch_lint.evaluate.pod_security import (
    Level,
    Policy,
    Violation,
    check_control,
    is_in_force,
    namespace_policy,
    stricter_control,
    violations,
)
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject, Unverifiable
from refarch_lint.graph.grouped import grouped
from refarch_lint.graph.place import Place
from refarch_lint.location import Path
from refarch_lint.model.resource import Resource, dig, mapping
from refarch_lint.model.version import KubernetesVersion, parse_version
from refarch_lint.model.workload import Workload
from refarch_lint.regex import regex

ENFORCE = "pod-security.kubernetes.io/enforce"
ENFORCE_VERSION = "pod-security.kubernetes.io/enforce-version"

_ORDER = tuple(Level)
_VERSION_LABEL = regex(r"latest|v1\.(?:0|[1-9][0-9]{0,2})")

#: Controls that the pod may satisfy for all its containers, so that what several lack is one finding.
_SET_ON_POD = frozenset({"run-as-non-root", "seccomp-restricted"})


class Demand(NamedTuple):
    """A level and version to judge pods by, and in words who asks for it."""

    level: Level
    version: KubernetesVersion
    origin: str


def _target_version(context: RuleContext) -> KubernetesVersion:
    return context.run.once(_version)


def _version(run: RunContext) -> KubernetesVersion:
    return parse_version(run.settings.kubernetes_version)


def _demanded(subject: Subject, context: RuleContext) -> Demand:
    """Return what --pod-security demands, else the profile. Raises UsageError for a level that does not exist."""
    option = context.settings.pod_security
    if option is not None:
        level, _, version = option.partition(":")
        try:
            as_of = parse_version(version) if version else _target_version(context)
            return Demand(Level(level), as_of, "the pod-security setting")
        except ValueError as cause:
            raise UsageError(f"could not judge by --pod-security {option}: {cause}") from cause
    wanted = context.parameter("pod_security", subject)
    try:
        return Demand(Level(wanted.value), _target_version(context), wanted.origin)
    except ValueError as cause:
        raise UsageError(f"could not use parameter pod_security of {wanted.origin}: {cause}") from cause


def _namespace(subject: Subject, context: RuleContext) -> Resource | None:
    return context.graph.index.find("", "Namespace", "", subject.namespace)


def _enforced(namespace: Resource, run: RunContext) -> Policy | None:
    """Return what a namespace enforces on the target version: a later version than that is not known to its server."""
    return run.once(_policies).get(namespace)


def _policies(run: RunContext) -> dict[Resource, Policy]:
    latest = run.once(_version)
    found = {
        namespace: policy
        for namespace in run.graph.index.of_kind("Namespace", "")
        if (policy := namespace_policy(mapping(namespace.metadata.get("labels"))))
    }
    return {namespace: Policy(level, min(version, latest)) for namespace, (level, version) in found.items()}


def namespace_labelled(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A namespace enforces at least the level that the profile asks for; of one outside the tree nothing is known."""
    namespace = subject.resource
    if (namespace.kind, namespace.group) != ("Namespace", ""):
        if _namespace(subject, context) is None:
            yield Unverifiable(f"namespace {subject.namespace} is not in the tree")
        else:
            yield NotApplicable("its Namespace is judged")
        return
    subject = Subject(namespace, (), namespace.data, namespace=namespace.name)
    labels = mapping(namespace.metadata.get("labels"))
    place = subject.place("metadata", "labels", ENFORCE)
    wanted = _demanded(subject, context)
    written = labels.get(ENFORCE)
    if written is None:
        if wanted.level is not Level.PRIVILEGED:
            message = f"{namespace} enforces no Pod Security level, {wanted.level} required by {wanted.origin}"
            yield Fault(message, place)
        return
    if written not in _ORDER:
        yield Fault(f"{namespace} enforces {written}, which is no Pod Security level: {', '.join(_ORDER)}", place)
        return
    level = Level(written)
    if _ORDER.index(level) < _ORDER.index(wanted.level):
        yield Fault(f"{namespace} enforces {level}, {wanted.level} required by {wanted.origin}", place)
    version = labels.get(ENFORCE_VERSION)
    if version is not None and not (isinstance(version, str) and _VERSION_LABEL.fullmatch(version)):
        message = f"{namespace} enforces {level} as of version {version}, which is neither latest nor of the form v1.30"
        yield Fault(message, subject.place("metadata", "labels", ENFORCE_VERSION))


def admitted(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """The namespace's own level admits the pods; else the workload is accepted and never runs."""
    if context.settings.pod_security is not None:
        yield NotApplicable("--pod-security judges instead of the namespace")
        return
    workload = subject.pods
    namespace = _namespace(subject, context)
    if namespace is None:
        yield Unverifiable(f"namespace {subject.namespace} is not in the tree")
        return
    policy = _enforced(namespace, context.run)
    if policy is None:
        yield NotApplicable(f"namespace {subject.namespace} enforces no level")
        return
    found = tuple(chain.from_iterable(context.run.once(_violations, workload, *policy).values()))
    if found:
        first, *others = _grouped(found, workload)
        controls = ", ".join(dict.fromkeys(violation.control for violation in found))
        fate = "is refused" if workload.kind == "Pod" else "is accepted while its pods are not"
        label = Note(
            f"namespace {namespace.name} enforces {_named(policy, context)}",
            Place(namespace, ("metadata", "labels", ENFORCE)),
        )
        yield Fault(
            f"{workload} {fate}: namespace {namespace.name} enforces {policy.level}; violated: {controls}",
            _place(first, workload),
            (label, *(Note(violation.message, _place(violation, workload)) for violation in (first, *others))),
        )


def control(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A pod template keeps to one control of the standards, named by the rule's argument `control`.

    A baseline control that a stricter one replaces is left to that one, where its rule runs.
    """
    workload = subject.pods
    name = str(context.arguments["control"])
    demand = _demanded(subject, context)
    if context.settings.pod_security is None:
        policy, version = context.run.once(_asked_by_namespace, subject.namespace)
        if policy is not None:
            origin = f"namespace {subject.namespace}"
            demand = Demand(policy.level, policy.version, origin)
            if context.run.runs("pod-admitted"):
                yield from _told_by_admission(name, workload, demand, context)
                return
        elif version is not None:
            demand = demand._replace(version=version)
    stricter = stricter_control(name, demand.level, demand.version)
    if stricter is not None and not context.run.runs(f"pod-security/{stricter}"):
        found = check_control(name, workload.pod_metadata, workload.pod_spec, demand.version)
    elif not is_in_force(name, demand.level, demand.version):
        yield NotApplicable(f"{demand.level} at {demand.version.label} does not ask for it")
        return
    else:
        found = context.run.once(_violations, workload, demand.level, demand.version).get(name, ())
    for violation in _grouped(found, workload):
        message = f"{workload}: {violation.message} ({demand.level} required by {demand.origin})"
        yield Fault(message, _place(violation, workload))


def _told_by_admission(name: str, workload: Workload, demand: Demand, context: RuleContext) -> Iterator[Outcome]:
    """Stay silent about what the namespace enforces by itself; what is kept to counts as a pass."""
    in_force = is_in_force(name, demand.level, demand.version)
    if not in_force or name in context.run.once(_violations, workload, demand.level, demand.version):
        yield NotApplicable(f"{demand.origin} enforces {demand.level} by itself; pod-admitted tells")


def _violations(
    run: RunContext, workload: Workload, level: Level, version: KubernetesVersion
) -> dict[str, tuple[Violation, ...]]:
    """Return everything in which the pods of a workload violate a level, by control."""
    found = violations(workload.pod_metadata, workload.pod_spec, level, version)
    return grouped((violation.control, violation) for violation in found)


def _asked_by_namespace(run: RunContext, name: str) -> tuple[Policy | None, KubernetesVersion | None]:
    """Return what a namespace enforces, and the version that one without a level asks for, if it is one."""
    namespace = run.graph.index.find("", "Namespace", "", name)
    if namespace is None:
        return None, None
    version = mapping(namespace.metadata.get("labels")).get(ENFORCE_VERSION)
    is_version = isinstance(version, str) and _VERSION_LABEL.fullmatch(version)
    return _enforced(namespace, run), min(parse_version(version), run.once(_version)) if is_version else None


def _named(policy: Policy, context: RuleContext) -> str:
    is_latest = policy.version >= _target_version(context)
    return policy.level.value if is_latest else f"{policy.level.value} as of {policy.version.label}"


def _grouped(found: tuple[Violation, ...], workload: Workload) -> list[Violation]:
    """Return violations with what several containers lack, and the pod could say for all, told once."""
    kept: list[Violation] = []
    lacking: dict[str, list[Violation]] = {}
    for violation in found:
        is_absent = dig(workload.template, *violation.path) is None  # type: ignore[arg-type]
        if violation.control in _SET_ON_POD and is_absent:
            lacking.setdefault(violation.control, []).append(violation)
            if len(lacking[violation.control]) > 1:
                continue
        kept.append(violation)
    return [_for_all(violation, lacking.get(violation.control, [])) for violation in kept]


def _for_all(violation: Violation, group: list[Violation]) -> Violation:
    if len(group) < 2 or violation is not group[0]:
        return violation
    return violation._replace(
        message=f"{violation.message}; the same holds for {len(group) - 1} more of its containers"
    )


def _place(violation: Violation, workload: Workload) -> Place:
    """Return the field that violates a control, or the name of the container that lacks one."""
    path = violation.path
    if len(path) > 3 and str(path[1]).lower().endswith("containers"):
        path = _field_or_name(workload.template, path, path[:3])
    return Place(workload.resource, (*workload.template_path, *path))


def _field_or_name(data: Any, path: Path, container: Path) -> Path:
    is_there = dig(data, *path) is not None  # type: ignore[arg-type]
    return path if is_there else (*container, "name")


def read_only_root(subject: Subject, _: RuleContext) -> Iterator[Outcome]:
    """The root file system of a container cannot be written; Windows has no such thing."""
    container, workload = subject.container, subject.pods
    assert container is not None
    if dig(workload.pod_spec, "os", "name") == "windows":
        yield NotApplicable("Windows containers have no read-only root file system")
        return
    value = dig(container.data, "securityContext", "readOnlyRootFilesystem")
    if value is not True:
        what = "is false" if value is False else "is not true"
        message = f"{workload}: {container.type.value} {container.name} can write its root file system"
        path = _field_or_name(container.data, ("securityContext", "readOnlyRootFilesystem"), ())
        yield Fault(f"{message}: readOnlyRootFilesystem {what}", subject.place(*path))
