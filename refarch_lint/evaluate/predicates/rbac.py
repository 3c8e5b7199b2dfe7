"""Roles and bindings: what they grant beyond need, to whom, and whether what they name is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.predicates.rbac_grants import Danger, PolicyRule, dangers, policy_rules
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject, Unverifiable
from refarch_lint.graph.accounts import ALL_ACCOUNTS, DEFAULT_ACCOUNT
from refarch_lint.graph.edge import Reference, ReferenceStatus, Relation
from refarch_lint.listing import listed
from refarch_lint.model.resource import Resource, mapping, sequence
from refarch_lint.severity import Severity

_OF_THE_CLUSTER = "system:"
_READING = ("get", "list", "watch")
#: Verbs that change any Secret; `create` is none of them, because no rule can limit it to names.
_CHANGING = ("update", "patch", "delete", "deletecollection")

#: Roles that the API server, or kubeadm for the configuration of new nodes, binds to everybody.
_PUBLIC_ROLES = frozenset(
    {"kubeadm:bootstrap-signer-clusterinfo", "system:basic-user", "system:discovery", "system:public-info-viewer"}
)
#: Roles that the API server brings along for people who run one namespace.
_WIDE_ROLES = ("admin", "edit")
#: The group that may do everything without any role.
_MASTERS = ("Group", "system:masters")
#: The namespace whose accounts are the platform's own.
_PLATFORM = "kube-system"

#: Who is everybody: users and groups that need no account of their own.
_ANYBODY = {
    ("User", "system:anonymous"): "whoever can reach the API server",
    ("Group", "system:unauthenticated"): "whoever can reach the API server",
    ("Group", "system:authenticated"): "everybody with any account, those of all pods included",
}


def _is_of_the_cluster(role: Resource, context: RuleContext) -> bool:
    """Tell whether every API server brings a role along, and the project binds nobody to it."""
    if role.labels.get("kubernetes.io/bootstrapping") == "rbac-defaults":
        return True
    bindings = [edge.source.resource for edge in context.graph.incoming(role, Relation.GRANTS)]
    return role.name.startswith(_OF_THE_CLUSTER) and all(_binds_the_platform(binding) for binding in bindings)


def _binds_the_platform(binding: Resource) -> bool:
    """Tell whether a binding is named as the cluster's own are, and binds accounts of the platform alone."""
    return binding.name.startswith(_OF_THE_CLUSTER) and all(
        item.get("namespace") == _PLATFORM if item.get("kind") == "ServiceAccount" else _is_of_the_platform(*_who(item))
        for item in map(mapping, sequence(binding.data.get("subjects")))
    )


def _is_of_the_platform(kind: str, name: str) -> bool:
    if (kind, name) in _ANYBODY or (name.startswith(ALL_ACCOUNTS) and name != f"{ALL_ACCOUNTS}:{_PLATFORM}"):
        return False
    return name.startswith(_OF_THE_CLUSTER)


def _who(subject: Mapping[str, Any]) -> tuple[str, str]:
    return str(subject.get("kind")), str(subject.get("name"))


def _rules(subject: Subject, context: RuleContext) -> tuple[PolicyRule, ...]:
    """Return the rules that a role states itself; those of the cluster, and aggregated ones, are not the project's."""
    if subject.resource.data.get("aggregationRule") or _is_of_the_cluster(subject.resource, context):
        return ()
    return policy_rules(subject.resource.data.get("rules"))


def least_privilege(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """No rule of a role grants everything, or a right that leads to every other."""
    role = subject.resource
    rules = _rules(subject, context)
    if not rules:
        yield NotApplicable("it states no rules")
    for rule in rules:
        for danger in dangers(rule, is_namespaced=role.kind == "Role"):
            yield _excess(subject, rule, danger)


def _excess(subject: Subject, rule: PolicyRule, danger: Danger) -> Fault:
    place = subject.place("rules", rule.index, *danger.path)
    return Fault(f"{subject.resource} {danger.message}", place, severity=danger.severity)


def secrets_scoped(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Secrets are read and changed by name, not all at once."""
    role = subject.resource
    rules = [rule for rule in _rules(subject, context) if rule.resources & {"secrets", "*"} and rule.groups & {"", "*"}]
    if not rules:
        yield NotApplicable("it grants nothing on Secrets")
    for rule in rules:
        reading = [verb for verb in _READING if verb in rule.verbs or "*" in rule.verbs]
        verbs = reading or [verb for verb in _CHANGING if verb in rule.verbs]
        if not verbs or rule.names:
            continue
        is_wild = "*" in rule.verbs or "secrets" not in rule.resources
        if is_wild and context.run.runs("rbac-least-privilege"):
            yield NotApplicable("rbac-least-privilege tells that everything may be done with them")
            continue
        scope = "of its namespace" if role.kind == "Role" else "of every namespace that it is bound in"
        at = next(index for index, verb in enumerate(rule.listed_verbs) if verb in (*verbs, "*"))
        yield Fault(
            f"{role} may {', '.join(verbs)} {'all Secrets' if reading else 'any Secret'} {scope}",
            subject.place("rules", rule.index, "verbs", at),
            severity=None if reading else Severity.WARNING,
        )


def no_cluster_admin(subject: Subject, _: RuleContext) -> Iterator[Outcome]:
    """Nobody is bound to the role that may do everything, or to one meant for a namespace in every namespace."""
    binding = subject.resource
    role = mapping(binding.data.get("roleRef"))
    bound = [_who(item) for item in map(mapping, sequence(binding.data.get("subjects")))]
    if bound and all(who == _MASTERS for who in bound):
        yield NotApplicable("its subjects may do everything without it")
    elif role.get("kind") == "ClusterRole" and role.get("name") == "cluster-admin":
        scope = "everything in the cluster" if binding.kind == "ClusterRoleBinding" else "everything in its namespace"
        yield Fault(f"{binding} lets {_subjects(binding)} do {scope}: cluster-admin", subject.place("roleRef", "name"))
    elif binding.kind == "ClusterRoleBinding" and role.get("kind") == "ClusterRole" and role.get("name") in _WIDE_ROLES:
        yield Fault(
            f"{binding} lets {_subjects(binding)} read every Secret and start pods in every namespace: {role['name']}",
            subject.place("roleRef", "name"),
            severity=Severity.WARNING,
        )


def _subjects(binding: Resource) -> str:
    names = [
        f"{item.get('kind')} {item.get('name')}"
        for item in map(mapping, sequence(binding.data.get("subjects")))
        if item.get("name")
    ]
    return listed(names) or "its subjects"


def no_anonymous(subject: Subject, _: RuleContext) -> Iterator[Outcome]:
    """Nobody gets rights without being known."""
    binding = subject.resource
    role = mapping(binding.data.get("roleRef")).get("name")
    for index, item in enumerate(map(mapping, sequence(binding.data.get("subjects")))):
        kind, name = _who(item)
        if str(role) in _PUBLIC_ROLES:
            continue
        place = subject.place("subjects", index, "name")
        gives = f"{binding} gives role {role} to"
        if (who := _ANYBODY.get((kind, name))) is not None:
            is_known = name == "system:authenticated"
            yield Fault(f"{gives} {name}: {who}", place, severity=Severity.WARNING if is_known else None)
        elif (right := next((other for other, it in _ANYBODY if it == name), None)) is not None:
            message = f"{gives} {kind} {name}, which is nobody: whom the name means is a {right}"
            yield Fault(message, place, severity=Severity.WARNING)


def default_account_unbound(subject: Subject, _: RuleContext) -> Iterator[Outcome]:
    """The account that pods get without asking has no rights of its own."""
    binding = subject.resource
    role = mapping(binding.data.get("roleRef")).get("name")
    for index, item in enumerate(map(mapping, sequence(binding.data.get("subjects")))):
        place = subject.place("subjects", index, "name")
        name = item.get("name")
        if item.get("kind") == "ServiceAccount" and name == DEFAULT_ACCOUNT:
            namespace = item.get("namespace") or binding.namespace
            message = f"{binding} gives role {role} to the default account of namespace {namespace}"
            yield Fault(f"{message}, which every pod without an account of its own runs as", place)
        elif item.get("kind") == "Group" and isinstance(name, str) and name.startswith(ALL_ACCOUNTS):
            where = name.removeprefix(ALL_ACCOUNTS).lstrip(":")
            whose = f"every account of namespace {where}" if where else "every account of the cluster"
            yield Fault(f"{binding} gives role {role} to {whose}", place)


def references_exist(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """The role and the accounts that a binding names exist, and the account that a pod runs as."""
    references = [
        reference
        for reference in context.graph.references_by_source.get(subject.resource, ())
        if reference.relation in (Relation.GRANTS, Relation.BINDS, Relation.RUNS_AS)
    ]
    if not references:
        yield NotApplicable("it names neither role nor account")
    for reference in references:
        if reference.status is ReferenceStatus.UNVERIFIABLE:
            yield Unverifiable(f"{subject.resource}: {reference.kind}/{reference.name}: {reference.note}")
        elif reference.is_broken:
            yield _missing(reference, context)


def _missing(reference: Reference, context: RuleContext) -> Outcome:
    """Return the fault of a name that leads nowhere: at a workload that cannot run, else at the first who names it."""
    key = (reference.group, reference.kind, reference.namespace, reference.name)
    uses = sorted(context.graph.missing_objects.get(key, (reference,)), key=_weight)
    if uses[0].place != reference.place:
        return NotApplicable(f"told at {uses[0].place.resource}")
    source = reference.place.resource
    named = f"{reference.kind}/{reference.name}"
    where = f" in namespace {reference.namespace}" if reference.namespace else ""
    match reference.relation:
        case Relation.GRANTS:
            message = f"{source} grants {named}, which does not exist{where}, so that it grants nothing"
        case Relation.BINDS:
            message = f"{source} binds {named}, which does not exist{where}"
        case _:
            fate = "it is refused" if source.kind == "Pod" else "none of its pods is created"
            message = f"{source} runs as {named}, which does not exist{where}, so that {fate}"
    notes = tuple(Note(f"{use.place.resource} names it too", use.place) for use in uses[1:])
    is_kept_by_the_platform = reference.kind == "ClusterRole"
    return Fault(message, reference.place, notes, Severity.WARNING if is_kept_by_the_platform else None)


def _weight(reference: Reference) -> int:
    return 0 if reference.relation is Relation.RUNS_AS else 1
