"""Whether objects are what their API defines: schema, values, versions that are served, kinds that are known."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.literals import is_encrypted
from refarch_lint.evaluate.predicates.quantities import unreadable
from refarch_lint.evaluate.subject import Fault, NotApplicable, Outcome, Subject, Unverifiable
from refarch_lint.graph.connectivity_admin import is_admin_policy
from refarch_lint.graph.place import Place
from refarch_lint.listing import listed
from refarch_lint.location import Path, format_path
from refarch_lint.model.api_lifecycle import ApiStatus, lifecycle, replacement, status
from refarch_lint.model.api_schema import SchemaStore
from refarch_lint.model.blank import is_filled_in_later
from refarch_lint.model.field_history import known_from
from refarch_lint.model.field_values import ValueFault, metadata_faults, template_faults, value_faults
from refarch_lint.model.known import (
    is_foreign_core_kind,
    is_known_group,
    is_native_group,
    is_program_configuration,
)
from refarch_lint.model.resource import Resource, dig, mapping

_SHOWN_KINDS = 4
#: Kinds of other APIs from whose template pods are made without a change; Knative and OpenShift fill in fields.
_TAKES_TEMPLATES_AS_THEY_ARE = frozenset({("argoproj.io", "Rollout"), ("keda.sh", "ScaledJob")})
#: Groups that API servers of their own serve, whose objects may have other names.
_AGGREGATED = (".openshift.io", "projectcalico.org")
_CONFIGURES_A_PROGRAM = NotApplicable("it configures a program and is no object of the cluster")


def schema_valid(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """An object has the fields and types that its API defines; each fault is told at its own place."""
    resource, schemas = subject.resource, context.run.schemas
    if schemas.version != schemas.requested_version and resource is context.graph.resources[0]:
        yield Unverifiable(f"no schemas of Kubernetes {schemas.requested_version}: those of {schemas.version} stand in")
    if is_program_configuration(resource.group, resource.kind):
        yield _CONFIGURES_A_PROGRAM
    elif not schemas.knows(resource.api_version, resource.kind):
        yield Unverifiable(f"no schema for {_named(resource)}")
    else:
        strict = context.parameter("strict", subject).value
        for path, message, key in schemas.faults(resource.data):
            if key and (not strict or (path == ("sops",) and is_encrypted(resource))):
                continue
            if not key and is_filled_in_later(dig(resource.data, *path)):  # type: ignore[arg-type]
                yield Unverifiable(f"{format_path(path)} of {resource} is filled in before it is applied")
                continue
            if key and (since := _known_later(resource, path, schemas)):
                message = since
            yield Fault(f"{resource}: {message}", Place(resource, path, key))


def _known_later(resource: Resource, path: Path, schemas: SchemaStore) -> str:
    """Return words for a field that only a newer Kubernetes than the target has, an empty text for any other."""
    if not is_native_group(resource.group):
        return ""
    since = known_from(resource.api_version, resource.kind, path, schemas.version)
    target = schemas.requested_version
    return f"{format_path(path)} is a field from Kubernetes {since} on (target {target})" if since else ""


def field_values_valid(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """An object holds no value that the API server refuses although its type is right.

    Of an object of another API the metadata is looked at, if the API is known, and the pod template, if pods are made
    from it as it is written. What should be an amount of CPU, memory or storage is left to the rule on quantities,
    where that one runs.
    """
    resource = subject.resource
    workload = subject.workload
    if is_native_group(resource.group):
        faults = list(value_faults(resource.data, context.run.schemas.requested_version))
    elif is_admin_policy(resource):
        told_by_network = (fault for fault in context.graph.network.faults_of(resource) if fault.refused)
        faults = [ValueFault(path, f"{format_path(path)} {says}") for _, path, says, _ in told_by_network]
    elif workload is not None and (resource.group, resource.kind) in _TAKES_TEMPLATES_AS_THEY_ARE:
        version = context.run.schemas.requested_version
        faults = list(template_faults(resource.data, workload.template_path, version))
        faults += metadata_faults(resource.data)
    elif _is_defined(resource, context.run.schemas):
        faults = list(metadata_faults(resource.data))
    else:
        yield NotApplicable("not a kind of Kubernetes itself")
        return
    told = unreadable(subject) if faults and context.run.runs("quantity-plausible") else frozenset()
    for path, message in faults:
        if path in told or (context.run.runs("schema-valid") and _is_miswritten(resource, path)):
            continue
        yield Fault(f"{resource}: {message}", Place(resource, path))


def _is_miswritten(resource: Resource, path: Path) -> bool:
    """Tell whether a field is not there because letters of its name are small or large that should not be."""
    holder = mapping(dig(resource.data, *path[:-1]))  # type: ignore[arg-type]
    name = str(path[-1]) if path else ""
    return bool(name) and name not in holder and name.lower() in {str(key).lower() for key in holder}


def _is_defined(resource: Resource, schemas: SchemaStore) -> bool:
    """Tell whether an object is a custom resource of a known definition; OpenShift serves its own kinds otherwise."""
    if is_program_configuration(resource.group, resource.kind) or resource.group.endswith(_AGGREGATED):
        return False
    return schemas.knows(resource.api_version, resource.kind)


def api_served(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """The target version serves the API version of an object."""
    resource, schemas = subject.resource, context.run.schemas
    target = schemas.requested_version
    place = Place(resource, ("apiVersion",))
    known = lifecycle(resource.api_version, resource.kind)
    match status(resource.api_version, resource.kind, target):
        case ApiStatus.REMOVED:
            assert known is not None
            since = f"not served since Kubernetes {known.removed_in} (target {target})"
            yield Fault(f"{resource}: {resource.api_version} is {since}{_use(resource, target)}", place)
        case ApiStatus.NOT_YET_SERVED:
            assert known is not None
            since = f"served from Kubernetes {known.introduced_in} on (target {target})"
            yield Fault(f"{resource}: {_named(resource)} is {since}", place)
        case _ if _is_no_api(resource, schemas):
            yield Fault(f"{resource}: Kubernetes {target} has no {_named(resource)}{_meant(resource, schemas)}", place)


def api_current(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """The API version of an object is not deprecated in the target version."""
    resource, target = subject.resource, context.run.schemas.requested_version
    if status(resource.api_version, resource.kind, target) is not ApiStatus.DEPRECATED:
        return
    known = lifecycle(resource.api_version, resource.kind)
    assert known is not None
    product = known.product
    since = f" since {product} {known.deprecated_in}" if known.deprecated_in else f" by {product}"
    end = f" and removed in {known.removed_in}" if known.removed_in else ""
    shown = _named(resource) if resource.api_version == "v1" else resource.api_version
    yield Fault(
        f"{resource}: {shown} is deprecated{since}{end}{_use(resource, target)}",
        Place(resource, ("apiVersion",)),
    )


def kind_known(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """There is a schema for a kind, or this tool reads it; unknown kinds of an API version are told once."""
    resource, schemas = subject.resource, context.run.schemas
    group, kind = resource.group, resource.kind
    if is_program_configuration(group, kind):
        yield _CONFIGURES_A_PROGRAM
    elif is_native_group(group) and not is_foreign_core_kind(group, kind):
        yield NotApplicable("a kind of Kubernetes itself, which api-served judges")
    elif not (is_known_group(group) and group) and not schemas.knows(resource.api_version, kind):
        alike = (item for item in context.graph.by_api_version[resource.api_version] if _is_unknown(item, schemas))
        if next(alike) is not resource:
            yield NotApplicable("told of the first object of its API version")
            return
        others = list(alike)
        kinds = list(dict.fromkeys([kind, *(item.kind for item in others)]))
        shown = listed(kinds, _SHOWN_KINDS)
        more, whose = (" and others" if others else ""), ("its" if len(kinds) == 1 else "their")
        yield Fault(
            f"{resource}{more}: nothing is known of {resource.api_version} {shown}, so {whose} fields were not checked",
            Place(resource, ("kind",)),
        )


def _is_unknown(resource: Resource, schemas: SchemaStore) -> bool:
    is_ours = is_native_group(resource.group) and not is_foreign_core_kind(resource.group, resource.kind)
    return not is_ours and not schemas.knows(resource.api_version, resource.kind)


def _named(resource: Resource) -> str:
    return f"{resource.api_version} {resource.kind}"


def _use(resource: Resource, target: object) -> str:
    following = replacement(resource.api_version, resource.kind, str(target))
    return f"; use {following}" if following else ""


def _is_no_api(resource: Resource, schemas: SchemaStore) -> bool:
    """Tell whether Kubernetes certainly has no such API: one of its own groups, in a version whose schemas are here."""
    return (
        is_native_group(resource.group)
        and not is_foreign_core_kind(resource.group, resource.kind)
        and schemas.requested_version == schemas.version
        and not schemas.knows(resource.api_version, resource.kind)
    )


def _meant(resource: Resource, schemas: SchemaStore) -> str:
    served = schemas.api_versions(resource.kind)
    if served:
        return f"; it serves {resource.kind} as {', '.join(served)}"
    similar = get_close_matches(resource.kind, schemas.kinds(resource.api_version), n=1, cutoff=0.8)
    return f"; did you mean {similar[0]}?" if similar else ""
