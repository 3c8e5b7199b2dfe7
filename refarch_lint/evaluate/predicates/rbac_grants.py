"""What one rule of a role grants, and which of it leads to rights that nobody meant to give.

Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from refarch_lint.graph.naming import RBAC
from refarch_lint.listing import listed
from refarch_lint.location import Path
from refarch_lint.model.known import is_native_group
from refarch_lint.model.resource import mapping, sequence
from refarch_lint.severity import Severity

_SHOWN = 4
_READING = frozenset({"get", "list", "watch"})
_WRITING = frozenset({"create", "update", "patch"})
_REMOVING = frozenset({"delete", "deletecollection"})

#: Kinds that make pods, by API group: who creates them may use every Secret, account and volume of the namespace.
_POD_MAKERS = {
    "": frozenset({"pods", "replicationcontrollers"}),
    "apps": frozenset({"daemonsets", "deployments", "replicasets", "statefulsets"}),
    "batch": frozenset({"cronjobs", "jobs"}),
}


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """One rule of a role: what may be done (`verbs`) with which `resources` of which API `groups`.

    `names` limit it to named objects; `urls` are paths of the API server that are no resources. Lists keep the order of
    the manifest, so that an item can be pointed at.
    """

    index: int
    listed_verbs: tuple[str, ...]
    listed_resources: tuple[str, ...]
    listed_groups: tuple[str, ...]
    names: tuple[str, ...]
    urls: tuple[str, ...]

    @property
    def verbs(self) -> frozenset[str]:
        return frozenset(self.listed_verbs)

    @property
    def resources(self) -> frozenset[str]:
        return frozenset(self.listed_resources)

    @property
    def groups(self) -> frozenset[str]:
        return frozenset(self.listed_groups)

    @property
    def is_of_operators(self) -> bool:
        """Whether all its API groups are an operator's or the project's own."""
        return bool(self.listed_groups) and not any(group == "*" or is_native_group(group) for group in self.groups)


class Danger(NamedTuple):
    """A right that is too much: what the role may do, the path below the rule, and how bad it is at most."""

    message: str
    path: Path
    severity: Severity | None = None


class _Right(NamedTuple):
    """A right that leads to others: in which group, on what, by which verbs, and in words what it allows.

    A `mild` one leads there only together with something else. Limited to named objects none is told; to names that do
    not exist yet nothing can be limited, so that a rule with names grants no `create` at all.
    """

    group: str
    resources: tuple[str, ...]
    verbs: frozenset[str]
    allows: str
    mild: bool = False


_ADMISSION = "admissionregistration.k8s.io"

_RIGHTS = (
    _Right("", ("pods/exec", "pods/attach"), frozenset({"create", "get"}), "run commands in pods"),
    _Right("", ("pods/portforward",), frozenset({"create", "get"}), "reach every port of pods past NetworkPolicies"),
    _Right("", ("pods/ephemeralcontainers",), frozenset({"update", "patch"}), "put containers into running pods"),
    _Right("", ("nodes/proxy",), _WRITING | {"get"}, "run commands in any pod through the kubelet"),
    _Right("", ("serviceaccounts/token",), frozenset({"create"}), "take the token of any account"),
    _Right("", ("persistentvolumes",), frozenset({"create"}), "mount folders of nodes through a volume"),
    _Right(RBAC, ("roles", "clusterroles"), frozenset({"escalate"}), "give a role rights that it lacks itself"),
    _Right(RBAC, ("roles", "clusterroles"), frozenset({"bind"}), "bind anybody to any role"),
    _Right("", ("users", "groups", "serviceaccounts"), frozenset({"impersonate"}), "act as somebody else"),
    _Right("authentication.k8s.io", ("userextras", "uids"), frozenset({"impersonate"}), "act as somebody else"),
    _Right(
        "certificates.k8s.io",
        ("certificatesigningrequests/approval",),
        frozenset({"update", "patch"}),
        "approve certificates for any user",
    ),
    _Right("certificates.k8s.io", ("signers",), frozenset({"approve", "sign"}), "approve certificates for any user"),
    _Right(
        _ADMISSION,
        ("mutatingwebhookconfigurations", "validatingwebhookconfigurations"),
        _WRITING,
        "read and change every object on its way into the cluster",
    ),
    _Right(
        _ADMISSION,
        ("mutatingadmissionpolicies", "mutatingadmissionpolicybindings"),
        _WRITING,
        "change every object on its way into the cluster",
    ),
    _Right(
        _ADMISSION,
        ("validatingadmissionpolicies", "validatingadmissionpolicybindings"),
        _WRITING | _REMOVING,
        "switch off what guards the way into the cluster",
    ),
    _Right(
        _ADMISSION,
        (
            "mutatingadmissionpolicies",
            "mutatingadmissionpolicybindings",
            "mutatingwebhookconfigurations",
            "validatingwebhookconfigurations",
        ),
        _REMOVING,
        "switch off what guards the way into the cluster",
    ),
    _Right(
        RBAC,
        ("rolebindings", "clusterrolebindings", "roles", "clusterroles"),
        _WRITING,
        "hand on the rights that it has",
        mild=True,
    ),
    _Right("", ("pods",), frozenset({"update", "patch"}), "replace the images of running pods", mild=True),
    _Right("apiregistration.k8s.io", ("apiservices",), _WRITING, "answer for whole API groups", mild=True),
    _Right("", ("namespaces",), frozenset({"update", "patch"}), "lift the Pod Security level of namespaces", mild=True),
    _Right("", ("endpoints",), _WRITING, "lead the traffic of Services elsewhere", mild=True),
    _Right("discovery.k8s.io", ("endpointslices",), _WRITING, "lead the traffic of Services elsewhere", mild=True),
    _Right(
        "networking.k8s.io",
        ("networkpolicies",),
        _WRITING | _REMOVING,
        "open what NetworkPolicies close",
        mild=True,
    ),
)


def policy_rules(value: Any) -> tuple[PolicyRule, ...]:
    """Return the rules of a role's `rules`; what has the wrong type grants nothing."""
    found = []
    for index, item in enumerate(sequence(value)):
        rule = mapping(item)
        lists = [
            tuple(entry for entry in sequence(rule.get(field)) if isinstance(entry, str))
            for field in ("verbs", "resources", "apiGroups", "resourceNames", "nonResourceURLs")
        ]
        found.append(PolicyRule(index, *lists))
    return tuple(found)


def dangers(rule: PolicyRule, is_namespaced: bool) -> Iterator[Danger]:
    """Yield what a rule grants beyond measure; a wildcard stands for all that it contains."""
    everything = next(_wildcards(rule), None)
    if everything is not None:
        yield everything
        return
    made = _made_pods(rule)
    yield from _rights(rule, frozenset(made))
    yield from _pod_makers(rule, made, is_namespaced)


def _listed(items: tuple[str, ...], everything: str) -> str:
    if "*" in items or "*/*" in items:
        return everything
    return listed(items, _SHOWN)


def _wildcards(rule: PolicyRule) -> Iterator[Danger]:
    if any(url in ("*", "/*") for url in rule.urls):
        at = next(index for index, url in enumerate(rule.urls) if url in ("*", "/*"))
        if rule.verbs - _READING:
            yield Danger("may use every path of the API server", ("nonResourceURLs", at))
    if not rule.listed_resources or not rule.listed_verbs:
        return
    verbs = _listed(rule.listed_verbs, "do everything")
    resources = _listed(rule.listed_resources, "every resource")
    groups = tuple(group or "core" for group in rule.listed_groups)
    where = "of every API group" if "*" in groups else f"of API group {_listed(groups, '')}"
    where = "of the core API group" if groups == ("core",) else where
    severity = Severity.INFO if rule.is_of_operators else None
    if "*" in rule.groups and rule.resources & {"*", "*/*"} and "*" in rule.verbs:
        yield Danger("may do everything", ("verbs", rule.listed_verbs.index("*")))
    elif rule.resources & {"*", "*/*"}:
        at = next(index for index, name in enumerate(rule.listed_resources) if name in ("*", "*/*"))
        reads_only = rule.verbs <= _READING and not rule.groups & {"", "*"}
        worst = severity or (Severity.WARNING if reads_only else None)
        doing = f"{verbs} with" if "*" in rule.verbs else verbs
        yield Danger(f"may {doing} every resource {where}", ("resources", at), worst)
    elif "*" in rule.verbs and not rule.names:
        yield Danger(f"may do everything with {resources} {where}", ("verbs", rule.listed_verbs.index("*")), severity)
    elif "*" in rule.groups:
        at = rule.listed_groups.index("*")
        yield Danger(f"may {verbs} {resources} of every API group", ("apiGroups", at))


def _rights(rule: PolicyRule, told: frozenset[str]) -> Iterator[Danger]:
    """Yield what a rule allows with sensitive kinds; of those in `told` something worse is said."""
    worst = set(told)
    for right in () if rule.names else _RIGHTS:
        if right.group not in rule.groups:
            continue
        verbs = [verb for verb in rule.listed_verbs if verb in right.verbs]
        named = [name for name in rule.listed_resources if verbs and _covers(name, right.resources)]
        if not right.mild:
            worst.update(named)
            for name in named:
                at = rule.listed_resources.index(name)
                yield Danger(f"may {right.allows}: {', '.join(verbs)} {name}", ("resources", at))
        elif new := [name for name in named if name not in worst]:
            at = rule.listed_resources.index(new[0])
            message = f"may {right.allows}: {', '.join(verbs)} {', '.join(new)}"
            yield Danger(message, ("resources", at), Severity.WARNING)


def _covers(name: str, resources: tuple[str, ...]) -> bool:
    """Tell whether a rule's resource stands for one of these.

    `*/exec` is that subresource of every resource, and `userextras/scopes` one of the extras of a user.
    """
    if name.startswith("userextras/"):
        return "userextras" in resources
    return name in resources or (name.startswith("*/") and any(item.endswith(name[1:]) for item in resources))


def _made_pods(rule: PolicyRule) -> list[str]:
    """Return the kinds by which whoever has the rule may start pods."""
    writing = [verb for verb in rule.listed_verbs if verb in _WRITING]
    if not writing or rule.names:
        return []
    return [
        name
        for name in rule.listed_resources
        if any(name in _POD_MAKERS.get(group, ()) for group in rule.listed_groups)
        and (name != "pods" or "create" in writing)
    ]


def _pod_makers(rule: PolicyRule, made: list[str], is_namespaced: bool) -> Iterator[Danger]:
    if not made:
        return
    writing = [verb for verb in rule.listed_verbs if verb in _WRITING]
    at = rule.listed_resources.index(made[0])
    scope = "the namespace" if is_namespaced else "every namespace that it is bound in"
    yield Danger(
        f"may start pods that use any Secret and account of {scope}: {', '.join(writing)} {', '.join(made)}",
        ("resources", at),
        Severity.WARNING if is_namespaced else None,
    )
